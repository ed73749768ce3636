//! From the first byte of the page to the app: what is sent, what is seen, and what is said where something does not come.

use std::time::Duration;

use anyhow::{Result, ensure};
use app_tests::pages::{Alert, Callback, Home, SignIn};
use app_tests::stand::{Files, Front, Options, Stand};
use sandbox::{Endpoint, Fault, Times};

use crate::support::{EMAIL, FAILED_LOAD, show_in_frame};

const NOT_LOADED: &str = "This page did not load completely";

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
const HOLD_THE_APP: &str = "{
        const fetch = window.fetch;
        const signal = new Promise(go => { window.go = go; });
        window.fetch = (url, ...rest) =>
            String(url).endsWith('.wasm') ? signal.then(() => fetch(url, ...rest)) : fetch(url, ...rest);
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

#[tokio::test]
async fn where_the_boot_step_does_not_run_the_app_signs_in_by_itself() -> Result<()> {
    let stand = Stand::start().await?;
    // The app is compiled while it streams in, and does not need this.
    stand.browser.before_every_page("WebAssembly.Module = function () { throw new Error('refused'); };").await?;
    stand.sign_in(EMAIL).await?;
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
        ensure!(early == "Loading…", "{fault:?}: {early}");
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
