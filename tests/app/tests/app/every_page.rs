//! What holds for every page: enlarged, and with motion reduced (contract §6).

use anyhow::{Context as _, Result, ensure};
use app_tests::pages::{Alert, Callback, Home, SignIn};
use app_tests::stand::{Files, Stand};
use fantoccini::key::Key;
use sandbox::{Endpoint, Fault, Times};
use serde_json::json;

use crate::support::{EMAIL, FAILED_LOAD};

/// Lets the app's wasm wait for ever.
const HOLD_THE_APP: &str = "{
        const fetch = window.fetch;
        window.fetch = (url, ...rest) => String(url).endsWith('.wasm') ? new Promise(() => {}) : fetch(url, ...rest);
    }";

/// As long as an email may be, and a name that breaks nowhere.
fn long_email() -> String {
    format!("{}@example.com", "averylongname".repeat(18))
}

/// Shows each page that there is, and looks at it.
async fn every_page(look: impl AsyncFn(&Stand) -> Result<()>) -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    let check = async |page: &str| look(&stand).await.with_context(|| page.to_owned());

    stand.open("/login").await?;
    let form = SignIn::shown(browser).await?;
    check("the form").await?;
    form.type_email("nobody").await?;
    browser.press([Key::Enter.into()]).await?;
    let is_said = "return document.querySelector('#email-error').innerText !== '';";
    browser
        .until("a message at the field", async || Ok((browser.script(is_said, vec![]).await? == true).then_some(())))
        .await?;
    check("a message at the field").await?;
    stand.sandbox.set_fault(Endpoint::Initiate, Fault::Markup, Times::Once)?;
    form.submit(&long_email()).await?;
    Alert::shown(browser, "login_rejected").await?;
    check("a failure above the form").await?;
    stand.sandbox.set_fault(Endpoint::Initiate, Fault::Hang, Times::Once)?;
    form.press().await?;
    form.wait_until_busy().await?;
    check("the form while it waits").await?;

    stand.sandbox.set_fault(Endpoint::Login, Fault::Hang, Times::Once)?;
    stand.reach_provider("/login", EMAIL).await?.sign_in().await?;
    Callback::waiting(browser).await?;
    let is_slow = async || {
        Ok(browser.text_of("document.querySelector('.slow').innerText").await?.contains("longer").then_some(()))
    };
    browser.until("that it takes longer than usual", is_slow).await?;
    check("a callback that waits").await?;
    stand.sandbox.set_fault(Endpoint::Login, Fault::ServerError, Times::Once)?;
    stand.reach_provider("/login", EMAIL).await?.sign_in().await?;
    Callback::failed(browser, "server_error").await?;
    check("a failure with two buttons").await?;
    stand.reach_provider("/login", EMAIL).await?.sign_in_with(Fault::Markup).await?;
    Callback::failed(browser, "provider_error").await?;
    check("a failure in the words of others").await?;

    stand.sandbox.set_fault(Endpoint::Projects, Fault::Hang, Times::Once)?;
    stand.sign_in(&long_email()).await?;
    check("signed in, and the projects on their way").await?;
    stand.sign_in(&long_email()).await?.wait_for_projects().await?;
    check("signed in").await?;
    stand.sandbox.set_fault(Endpoint::Projects, Fault::ServerError, Times::Once)?;
    stand.sign_in(EMAIL).await?;
    browser.wait_for("button", "Load the projects again").await?;
    check("signed in, without projects").await?;
    stand.reach_provider("/not/there", EMAIL).await?.sign_in().await?;
    browser.wait_for("heading", "Page not found").await?;
    check("not found").await?;

    stand.sandbox.set_lifetimes(std::time::Duration::from_secs(7), std::time::Duration::from_secs(3_600));
    stand.sandbox.set_fault(Endpoint::Refresh, Fault::ServerError, Times::Always)?;
    stand.sign_in(EMAIL).await?.wait_for_status("Reconnecting…").await?;
    check("signed in, and reconnecting").await?;
    stand.sandbox.clear_faults();
    Home::shown(browser).await?.wait_for_status("").await?;
    stand.sandbox.revoke_sessions();
    Alert::shown(browser, "session_ended").await?;
    check("a session that has ended").await?;

    // The static pages.
    browser.devtools("Network.clearBrowserCache", json!({})).await?;
    stand.set_files(Files::Missing(".wasm"));
    stand.open("/login").await?;
    browser.wait_for("button", "Reload").await?;
    check("not loaded").await?;
    stand.set_files(Files::There);
    let templates =
        browser.script("return [...document.querySelectorAll('template')].map(each => each.id);", vec![]).await?;
    ensure!(templates.as_array().is_some_and(|ids| ids.len() >= 3), "{templates}");
    for id in templates.as_array().into_iter().flatten() {
        let show = "
            const message = document.getElementById(arguments[0]).content.cloneNode(true);
            const main = document.querySelector('main');
            if (message.querySelector('main')) main.replaceWith(message); else main.replaceChildren(message);";
        browser.script(show, vec![id.clone()]).await?;
        check(&format!("the static page {id}")).await?;
    }
    browser.before_every_page(HOLD_THE_APP).await?;
    stand.open("/login").await?;
    let is_seen = "return getComputedStyle(document.querySelector('#starting > p')).opacity === '1';";
    browser.until("that it loads", async || Ok((browser.script(is_seen, vec![]).await? == true).then_some(()))).await?;
    check("the app on its way").await?;
    browser.devtools("Emulation.setScriptExecutionDisabled", json!({"value": true})).await?;
    stand.open("/login").await?;
    browser.wait_for("heading", "Scripts are switched off").await?;
    check("without scripts").await?;
    browser.devtools("Emulation.setScriptExecutionDisabled", json!({"value": false})).await?;
    stand.finish_although(&[FAILED_LOAD, "integrity"]).await
}

/// What is cut off, or hangs over an edge: of everything that has text, or can be used.
const CUT_OFF: &str = "
    const describe = (element, how) => `${how}: <${element.localName} class=${element.className}> ${element.innerText?.slice(0, 40)}`;
    const found = [];
    const page = document.scrollingElement;
    if (page.scrollWidth > innerWidth) found.push(`scrolls sideways: ${page.scrollWidth} > ${innerWidth}`);
    for (const element of document.body.querySelectorAll('*')) {
        const style = getComputedStyle(element);
        const hasText = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
        if (!hasText && !element.matches('input, button, a')) continue;
        if (element.closest('script, style, template, noscript')) continue;
        const range = document.createRange();
        range.selectNodeContents(element);
        for (const box of [element.getBoundingClientRect(), ...range.getClientRects()]) {
            if (box.left < 0 || box.right > innerWidth + 0.5) found.push(describe(element, 'beside the page'));
            if (box.top + scrollY < 0 || box.bottom + scrollY > page.scrollHeight + 0.5) found.push(describe(element, 'out of reach'));
        }
        // The value of a field scrolls in it.
        const isFuller = element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight;
        const isClipped = style.overflow !== 'visible' && style.display !== 'inline' && !element.matches('input');
        if (isFuller && isClipped) found.push(describe(element, 'cut off'));
    }
    return [innerWidth, devicePixelRatio, found];";

#[tokio::test]
async fn enlarged_to_200_and_400_percent_nothing_is_cut_off_and_nothing_scrolls_sideways() -> Result<()> {
    every_page(async |stand| {
        for (percent, width, ratio) in [(200, 640, 2), (400, 320, 4)] {
            stand.browser.zoom(percent).await?;
            let found = stand.browser.script(CUT_OFF, vec![]).await?;
            ensure!(found == json!([width, ratio, []]), "at {percent} %: {found}");
        }
        stand.browser.devtools("Emulation.clearDeviceMetricsOverride", json!({})).await?;
        Ok(())
    })
    .await
}

/// What moves: animations and transitions that last, and what would move when it changes.
const MOVES: &str = "
    const found = document.getAnimations()
        .filter(animation => animation.effect.getComputedTiming().activeDuration > 0)
        .map(animation => animation.animationName ?? animation.transitionProperty ?? 'an animation');
    for (const element of document.querySelectorAll('*')) {
        for (const part of [undefined, '::before', '::after']) {
            const { transitionDuration, scrollBehavior } = getComputedStyle(element, part);
            if (transitionDuration.split(', ').some(each => parseFloat(each) > 0)) found.push(`transition of ${element.localName}`);
            if (scrollBehavior === 'smooth') found.push(`scrolling of ${element.localName}`);
        }
    }
    return found;";

#[tokio::test]
async fn with_reduced_motion_nothing_moves() -> Result<()> {
    // That what moves is found at all: without the wish there is something.
    let seen = std::sync::atomic::AtomicUsize::new(0);
    every_page(async |stand| {
        let media = |value: &str| json!({"features": [{"name": "prefers-reduced-motion", "value": value}]});
        for wish in ["no-preference", "reduce"] {
            stand.browser.devtools("Emulation.setEmulatedMedia", media(wish)).await?;
            let found = stand.browser.script(MOVES, vec![]).await?;
            let count = found.as_array().map_or(0, Vec::len);
            if wish == "reduce" {
                ensure!(count == 0, "moves: {found}");
            } else {
                seen.fetch_add(count, std::sync::atomic::Ordering::Relaxed);
            }
        }
        Ok(())
    })
    .await?;
    ensure!(seen.into_inner() > 0, "nothing ever moves");
    Ok(())
}
