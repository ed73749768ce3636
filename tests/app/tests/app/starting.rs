//! From the first byte of the page to the app: what is sent, what is seen, and what is said where something does not come.

use std::time::Duration;

use anyhow::{Result, ensure};
use app_tests::browser::Browser;
use app_tests::pages::{Alert, Callback, Home, SignIn};
use app_tests::stand::{Files, Front, Options, Stand};
use sandbox::{Endpoint, Fault, Times};

use crate::support::{EMAIL, FAILED_LOAD, show_in_frame};

const NOT_LOADED: &str = "This page did not load completely";
const SLOW: &str = "This takes longer than usual. Please stay on this page.";

/// The sum of all layout shifts so far.
const SHIFTS: &str = "
    new PerformanceObserver(list => {
        for (const entry of list.getEntries()) window.shifts = (window.shifts ?? 0) + entry.value;
    }).observe({ type: 'layout-shift', buffered: true });";

/// Every heading that was ever there.
const HEADINGS: &str = "
    window.headings = [];
    new MutationObserver(() => {
        for (const heading of document.querySelectorAll('h1')) window.headings.push(heading.textContent);
    }).observe(document, { childList: true, subtree: true });";

/// The heading of each frame from now on.
const FRAMES: &str = "
    window.frames = new Set();
    const look = () => {
        window.frames.add(document.querySelector('h1')?.textContent ?? '');
        requestAnimationFrame(look);
    };
    look();";

/// Lets the app's wasm wait for `go`.
pub(crate) const HOLD_THE_APP: &str = "{
        const fetch = window.fetch;
        const signal = new Promise(go => { window.go = go; });
        window.fetch = (url, ...rest) =>
            String(url).endsWith('.wasm') ? signal.then(() => fetch(url, ...rest)) : fetch(url, ...rest);
    }";

/// The page's clock runs five times as fast: its timers, and its age. At which age it said that it gave up
/// is kept.
const FAST_CLOCK: &str = "{
        const { setTimeout, performance } = window;
        const now = performance.now.bind(performance);
        window.setTimeout = (then, delay = 0, ...rest) => setTimeout(then, delay / 5, ...rest);
        performance.now = () => 5 * now();
        new MutationObserver(() => {
            if (document.querySelector('main[role=alert]')) window.gaveUpAt ??= performance.now();
        }).observe(document, { childList: true, subtree: true });
    }";

#[tokio::test]
async fn the_login_request_waits_for_nothing_but_the_page() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    let provider = stand.reach_provider("/login", EMAIL).await?;
    browser.devtools("Network.clearBrowserCache", serde_json::json!({})).await?;
    stand.set_files(Files::Held);
    let before = stand.site_requests().len();
    provider.sign_in_soon().await?;
    browser.until("the login request", async || Ok(stand.api_requests(Endpoint::Login).pop())).await?;
    // Of what was asked so far only the page has come. It was asked once, and its address is clean already.
    let requests = stand.site_requests();
    let pages = requests[before..].iter().filter(|request| request.target.starts_with("/login/")).count();
    ensure!(pages == 1, "{pages} pages");
    stand.set_files(Files::There);
    Home::shown(browser).await?;
    stand.assert_calls(1, 1, 0)?;

    // Before anything could be seen, too.
    let script = "
        const login = performance.getEntriesByType('resource').find(entry => entry.name.endsWith('/sso/login'));
        const paint = performance.getEntriesByName('first-paint')[0];
        return paint && [login.startTime, paint.startTime];";
    let times = browser.until("a first paint", async || {
        Ok(Some(browser.script(script, Vec::new()).await?).filter(|times| times.is_array()))
    });
    let times = times.await?;
    ensure!(times[0].as_f64() < times[1].as_f64(), "login and first paint: {times}");
    stand.finish().await
}

#[tokio::test]
async fn an_app_that_is_there_before_the_page_waits_for_it() -> Result<()> {
    let stand = Stand::start().await?;
    stand.set_files(Files::AheadOfThePage);
    // The second time the files come from the cache.
    for _ in 0..2 {
        stand.open("/login").await?;
        SignIn::shown(&stand.browser).await?;
    }
    stand.sign_in(EMAIL).await?;
    stand.finish().await
}

/// The app is compiled while it streams in, and does not need this.
pub(crate) const NO_BOOT_STEP: &str = "WebAssembly.Module = function () { throw new Error('refused'); };";

#[tokio::test]
async fn where_the_boot_step_does_not_run_the_app_signs_in_by_itself() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    browser.before_every_page(NO_BOOT_STEP).await?;
    let provider = stand.reach_provider("/login", EMAIL).await?;
    browser.before_every_page(HOLD_THE_APP).await?;
    provider.sign_in().await?;
    Callback::waiting(browser).await?;
    // The page has seen to the address, and the app gets what was in it.
    ensure!(browser.address().await? == "/login/sso_callback");
    browser.script("window.go();", Vec::new()).await?;
    Home::shown(browser).await?;
    stand.assert_calls(1, 1, 0)?;
    stand.finish().await
}

#[tokio::test]
async fn while_the_app_is_on_its_way_its_place_is_there_and_nothing_jumps() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    browser.before_every_page(SHIFTS).await?;
    browser.before_every_page(HOLD_THE_APP).await?;
    stand.open("/login").await?;
    browser.wait_for("StaticText", "Loading…").await?;
    let shifts = browser.script("return window.shifts ?? 0;", Vec::new()).await?;
    ensure!(shifts.as_f64() < Some(0.01), "layout shifts: {shifts}");
    browser.photograph("starting").await?;
    // Pictures are taken of windows of other sizes.
    browser.script("window.shifts = 0;", Vec::new()).await?;
    let tree = browser.tree().await?;
    ensure!(tree.names("heading").is_empty(), "{tree}");
    let shell = browser.script("return document.querySelector('.card').getBoundingClientRect();", Vec::new()).await?;
    browser.script("window.go();", Vec::new()).await?;
    SignIn::shown(browser).await?;
    let form = browser.script("return document.querySelector('.card').getBoundingClientRect();", Vec::new()).await?;
    ensure!(shell["top"] == form["top"] && shell["left"] == form["left"], "{shell} {form}");
    let shifts = browser.script("return window.shifts ?? 0;", Vec::new()).await?;
    ensure!(shifts.as_f64() < Some(0.01), "layout shifts: {shifts}");
    stand.finish().await
}

/// Where they stand.
const CARD_AND_HEADING: &str = "
    return ['.card', 'h1', '.email'].map(part => {
        const { top, left } = document.querySelector(part).getBoundingClientRect();
        return [top, left];
    });";

#[tokio::test]
async fn who_has_signed_in_is_told_before_the_app_is_there() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    let provider = stand.reach_provider("/login", EMAIL).await?;
    browser.before_every_page(HOLD_THE_APP).await?;
    provider.sign_in().await?;
    browser.wait_for("heading", "Signed in").await?;
    let early = browser.text_of("document.querySelector('main').innerText").await?;
    ensure!(early.contains(&format!("You are signed in as {EMAIL}.")) && early.contains("Loading…"), "{early}");
    let look = "
        const { opacity, color } = getComputedStyle(document.querySelector('.email').parentElement);
        return opacity === '1' && color === getComputedStyle(document.body).color;";
    ensure!(browser.script(look, Vec::new()).await? == true, "it cannot be seen, or not well");
    ensure!(browser.client().title().await? == "Signed in · Indee Admin");
    ensure!(browser.tree().await?.names("button").is_empty(), "a button of an app that is not there");
    stand.assert_nothing_left().await?;
    let places = browser.script(CARD_AND_HEADING, Vec::new()).await?;
    browser.photograph("signed-in-early").await?;
    browser.script(FRAMES, Vec::new()).await?;
    browser.script("window.go();", Vec::new()).await?;
    let home = Home::shown(browser).await?;
    home.wait_for_projects().await?;
    let text = home.text().await?;
    ensure!(text.contains(&format!("You are signed in as {EMAIL}.")) && !text.contains("Loading…"), "{text}");
    // The app's own wait for the answer, which is there already, is never seen.
    let frames = browser.script("return [...window.frames];", Vec::new()).await?;
    ensure!(frames == serde_json::json!(["Signed in"]), "{frames}");
    let tree = browser.tree().await?;
    let headings = tree.names("heading");
    ensure!(headings == ["Signed in", "Projects"], "{headings:?}");
    // What was there stays where it is.
    let same = browser.script(CARD_AND_HEADING, Vec::new()).await?;
    ensure!(places == same, "{places} {same}");
    stand.assert_calls(1, 1, 0)?;
    stand.finish().await
}

#[tokio::test]
async fn nobody_is_welcomed_by_an_answer_that_signs_nobody_in_or_leads_elsewhere() -> Result<()> {
    // Failures of the login call, and at last a refusal that the API answers with a success.
    let faults = [
        Fault::Rejected,
        Fault::ServerError,
        Fault::Oversized,
        Fault::Truncated,
        Fault::MissingField,
        Fault::Redirected,
    ];
    for fault in faults.map(Some).into_iter().chain([None]) {
        let stand = Stand::start().await?;
        let browser = &stand.browser;
        let provider = stand.reach_provider("/login", EMAIL).await?;
        browser.before_every_page(HOLD_THE_APP).await?;
        browser.before_every_page(HEADINGS).await?;
        if let Some(fault) = fault {
            stand.sandbox.set_fault(Endpoint::Login, fault, Times::Once)?;
            provider.sign_in().await?;
        } else {
            provider.refuse().await?;
        }
        browser.until("the login request", async || Ok(stand.api_requests(Endpoint::Login).pop())).await?;
        // The answer is there by then.
        tokio::time::sleep(Duration::from_millis(500)).await;
        let early = browser.text_of("document.querySelector('main').innerText").await?;
        ensure!(early == "Single sign-on\n\nCompleting sign-in…", "{fault:?}: {early:?}");
        browser.script("window.go();", Vec::new()).await?;
        browser.until("a failure", async || Ok(Alert::is_shown(browser).await?.then_some(()))).await?;
        let headings = browser.script("return window.headings;", Vec::new()).await?;
        ensure!(!headings.to_string().contains("Signed in"), "{fault:?}: {headings}");
        stand.finish_although(&[FAILED_LOAD, "net::ERR"]).await?;
    }

    let stand = Stand::start().await?;
    let browser = &stand.browser;
    let provider = stand.reach_provider("/login?return_to=%2Felsewhere", EMAIL).await?;
    browser.before_every_page(HOLD_THE_APP).await?;
    browser.before_every_page(HEADINGS).await?;
    provider.sign_in().await?;
    browser.until("the login request", async || Ok(stand.api_requests(Endpoint::Login).pop())).await?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    browser.script("window.go();", Vec::new()).await?;
    browser.wait_for("heading", "Page not found").await?;
    let headings = browser.script("return window.headings;", Vec::new()).await?;
    ensure!(!headings.to_string().contains("Signed in"), "{headings}");
    stand.finish().await
}

/// The card of the wait, and what is in it: where, how large, and which words.
const WAITING_CARD: &str = "
    const card = [...document.querySelectorAll('main .card')].find(card => card.checkVisibility());
    return [card, ...card.querySelectorAll('*')].filter(part => part.checkVisibility()).map(part => {
        const { top, left, width, height } = part.getBoundingClientRect();
        return [part.localName, part.role, part.innerText, top, left, width, height, getComputedStyle(part).color];
    });";

#[tokio::test]
async fn a_callback_says_what_it_waits_for_before_the_app_is_there_and_nothing_jumps() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    stand.sandbox.set_fault(Endpoint::Login, Fault::Hang, Times::Always)?;
    let provider = stand.reach_provider("/login", EMAIL).await?;
    browser.before_every_page(&[SHIFTS, HOLD_THE_APP, FRAMES].concat()).await?;
    browser
        .before_every_page(
            "window.words = new Set(); new PerformanceObserver(() => {
        window.words.add(document.querySelector('main')?.innerText);
    }).observe({ type: 'paint', buffered: true });",
        )
        .await?;
    provider.sign_in().await?;
    let callback = Callback::waiting(browser).await?;
    ensure!(browser.client().title().await? == "Completing sign-in · Indee Admin");
    let tree = browser.tree().await?;
    ensure!(tree.names("heading") == ["Single sign-on"] && tree.all("status").count() == 1, "{tree}");
    let words = browser.until("a first paint", async || {
        let words = browser.script("return [...window.words];", Vec::new()).await?;
        Ok((words != serde_json::json!([])).then_some(words))
    });
    let words = words.await?;
    ensure!(words == serde_json::json!(["Single sign-on\n\nCompleting sign-in…"]), "at the first paint: {words}");
    browser.photograph("callback-early").await?;

    // Before and after the notice the app's page is the same.
    let early = browser.script(WAITING_CARD, Vec::new()).await?;
    browser.until("the notice", async || Ok(callback.status().await?.contains(SLOW).then_some(()))).await?;
    browser.photograph("callback-early-slow").await?;
    browser.script("window.shifts = 0; window.frames.clear();", Vec::new()).await?;
    let slow = browser.script(WAITING_CARD, Vec::new()).await?;
    ensure!(early != slow, "{slow}");
    browser.script("window.go();", Vec::new()).await?;
    browser.until("the app", async || Ok(find_place(browser).await?.then_some(()))).await?;
    let app = browser.script(WAITING_CARD, Vec::new()).await?;
    ensure!(slow == app, "early: {slow}; the app: {app}");
    let shifts = browser.script("return window.shifts ?? 0;", Vec::new()).await?;
    ensure!(shifts.as_f64() < Some(0.01), "layout shifts: {shifts}");
    let frames = browser.script("return [...window.frames];", Vec::new()).await?;
    ensure!(frames == serde_json::json!(["Single sign-on"]), "{frames}");
    stand.finish().await
}

/// Is the app's own page there? Its heading can take the focus.
async fn find_place(browser: &Browser) -> Result<bool> {
    Ok(browser.script("return !!document.querySelector('h1[tabindex]');", Vec::new()).await? == true)
}

#[tokio::test]
async fn the_8_seconds_of_a_slow_sign_in_count_from_the_start_of_the_page() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    stand.sandbox.set_fault(Endpoint::Login, Fault::Hang, Times::Always)?;
    let provider = stand.reach_provider("/login", EMAIL).await?;
    browser.before_every_page(HOLD_THE_APP).await?;
    // The app comes after five seconds; the age of the page when the notice does is kept.
    let script = "
        setTimeout(() => window.go(), 5000);
        const look = () => {
            if (document.querySelector('[role=status]')?.innerText.includes('longer')) window.slowAt ??= performance.now();
            else requestAnimationFrame(look);
        };
        look();";
    browser.before_every_page(script).await?;
    provider.sign_in().await?;
    let callback = Callback::waiting(browser).await?;
    browser.until("the notice", async || Ok(callback.status().await?.contains(SLOW).then_some(()))).await?;
    ensure!(find_place(browser).await?, "the page itself says it, not the app");
    let at = browser.script("return window.slowAt;", Vec::new()).await?;
    ensure!(at.as_f64().is_some_and(|at| (7_900.0..11_000.0).contains(&at)), "after {at} ms");
    stand.finish().await
}

#[tokio::test]
async fn a_file_that_does_not_come_is_asked_for_once_more() -> Result<()> {
    let rows = [
        Files::MissingAtFirst(".js"),
        Files::MissingAtFirst(".wasm"),
        Files::HeldAtFirst(".js"),
        Files::HeldAtFirst(".wasm"),
    ];
    for files in rows {
        let stand = Stand::start().await?;
        stand.browser.before_every_page(FAST_CLOCK).await?;
        stand.set_files(files);
        stand.open("/login").await?;
        SignIn::shown(&stand.browser).await?;
        let (Files::MissingAtFirst(end) | Files::HeldAtFirst(end)) = files else { continue };
        let requests = stand.site_requests();
        let asked: Vec<_> =
            requests.iter().map(|request| &request.target).filter(|target| target.starts_with("/app")).collect();
        let count = |end: &str| asked.iter().filter(|target| target.ends_with(end)).count();
        ensure!((count(end), count(&format!("{end}?again")), asked.len()) == (1, 1, 3), "{files:?}: {asked:?}");
        stand.finish_although(&[FAILED_LOAD, "integrity"]).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_file_that_never_comes_is_given_up_after_two_times_20_seconds() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    let provider = stand.reach_provider("/login", EMAIL).await?;
    browser.devtools("Network.clearBrowserCache", serde_json::json!({})).await?;
    browser.before_every_page(FAST_CLOCK).await?;
    // A module that is stuck would keep the driver waiting for the page.
    stand.set_files(Files::Stuck(".wasm"));
    provider.sign_in().await?;
    // The sign-in itself succeeds; what the page says of it does not stay for ever.
    browser.wait_for("heading", "Signed in").await?;
    let words = async || browser.text_of("document.querySelector('main').innerText").await;
    browser.until("the notice", async || Ok(words().await?.contains(SLOW).then_some(()))).await?;
    browser.photograph("signed-in-early-slow").await?;
    browser.wait_for("heading", NOT_LOADED).await?;
    let at = browser.script("return window.gaveUpAt;", Vec::new()).await?;
    ensure!(at.as_f64().is_some_and(|at| (40_000.0..60_000.0).contains(&at)), "after {at} ms");
    let words = words().await?;
    ensure!(!words.contains("Signed in") && !words.contains("Loading…"), "{words}");
    stand.assert_calls(1, 1, 0)?;
    stand.assert_nothing_left().await?;
    says_so_and_reloads(&stand).await?;
    stand.finish_although(&[FAILED_LOAD, "integrity"]).await
}

/// Whoever reads it reloads, and gets the form: on the callback, too, since there the address is clean already.
async fn says_so_and_reloads(stand: &Stand) -> Result<()> {
    let browser = &stand.browser;
    browser.wait_for("heading", NOT_LOADED).await?;
    let headings = browser.tree().await?.names("heading").len();
    ensure!(headings == 1, "{headings} headings");
    ensure!(browser.client().title().await? == format!("{NOT_LOADED} · Indee Admin"));
    stand.set_files(Files::There);
    browser.click("button", "Reload").await?;
    SignIn::shown(browser).await?;
    Ok(())
}

#[tokio::test]
async fn what_does_not_load_is_said_and_a_reload_helps() -> Result<()> {
    for files in [Files::Missing(".wasm"), Files::Missing(".js"), Files::Altered(".wasm")] {
        let stand = Stand::start().await?;
        stand.set_files(files);
        stand.open("/login").await?;
        stand.browser.wait_for("heading", NOT_LOADED).await?;
        if files == Files::Missing(".wasm") {
            stand.browser.photograph("not-loaded").await?;
        }
        stand.browser.devtools("Network.clearBrowserCache", serde_json::json!({})).await?;
        says_so_and_reloads(&stand).await?;
        stand.finish_although(&[FAILED_LOAD, "integrity"]).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_callback_whose_app_does_not_load_leaves_nothing_behind() -> Result<()> {
    let stand = Stand::start().await?;
    let provider = stand.reach_provider("/login", EMAIL).await?;
    stand.browser.devtools("Network.clearBrowserCache", serde_json::json!({})).await?;
    stand.set_files(Files::Missing(".wasm"));
    provider.sign_in().await?;
    stand.browser.wait_for("heading", NOT_LOADED).await?;
    stand.assert_calls(1, 1, 0)?;
    stand.assert_nothing_left().await?;
    says_so_and_reloads(&stand).await?;
    stand.assert_calls(1, 1, 0)?;
    // Of an answer that is no wasm the browser says so as well, and where: the address is clean already.
    stand.finish_although(&[FAILED_LOAD, "integrity"]).await
}

/// A host that can send no headers: the policy of the page itself is in force, and the app keeps out of frames by itself.
#[tokio::test]
async fn without_headers_the_page_protects_itself() -> Result<()> {
    let stand = Stand::start_with(Options { front: Front::Bare, ..Options::default() }).await?;
    let browser = &stand.browser;
    stand.sign_in(EMAIL).await?.wait_for_projects().await?;
    stand.reach_provider("/login", EMAIL).await?.refuse().await?;
    Callback::failed(browser, "provider_error").await?;
    let intruder = "
        const script = document.createElement('script');
        try { script.textContent = 'window.ran = true'; document.body.append(script); } catch { }";
    browser.script(intruder, Vec::new()).await?;
    ensure!(browser.script("return window.ran ?? false;", Vec::new()).await? == false, "an inline script ran");

    stand.open("/login").await?;
    SignIn::shown(browser).await?;
    show_in_frame(browser, &format!("{}/login", stand.origin)).await?;
    browser.client().enter_frame(0).await?;
    let shown = browser.until("the refusal", async || {
        let shown = browser.text_of("document.body.innerText").await?;
        Ok(shown.contains("The sign-in does not run inside another page").then_some(shown))
    });
    let shown = shown.await?;
    ensure!(!shown.contains("Work email"), "{shown}");
    browser.client().enter_parent_frame().await?;
    stand.open("/login").await?;
    SignIn::shown(browser).await?;
    stand.finish_although(&[FAILED_LOAD, "Content Security Policy", "This document requires"]).await
}
