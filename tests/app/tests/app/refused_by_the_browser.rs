//! Browsers that refuse storage, scripts, WebAssembly or history, and a page that has stopped.

use std::time::Duration;

use anyhow::{Result, ensure};
use app_tests::browser::BrowserOptions;
use app_tests::pages::{Alert, Callback, Home, Provider, SignIn};
use app_tests::stand::{Options, Stand};
use fantoccini::Locator;
use sandbox::{Endpoint, Fault, Times};
use serde_json::json;

use crate::support::EMAIL;

const CALLBACK: &str = "/login/sso_callback?code=the-code-of-this-test&state=the-state-of-this-test";

async fn stays(stand: &Stand) -> Result<()> {
    stand.open("/login").await?;
    let form = SignIn::shown(&stand.browser).await?;
    form.submit(EMAIL).await?;
    Alert::shown(&stand.browser, "storage_unavailable").await?;
    ensure!(stand.browser.address().await? == "/login");
    form.wait_until_ready().await?;
    let went = stand.sandbox.received().into_iter().find(|request| request.path == "/authorize");
    ensure!(went.is_none(), "{went:?}");
    stand.assert_calls(1, 0, 0)
}

#[tokio::test]
async fn blocked_storage_is_said_and_the_browser_stays() -> Result<()> {
    let preferences = vec![("profile.default_content_setting_values.cookies", json!(2))];
    let browser = BrowserOptions { preferences, ..BrowserOptions::default() };
    let stand = Stand::start_with(Options { browser, ..Options::default() }).await?;
    stays(&stand).await?;
    stand.open(CALLBACK).await?;
    Callback::failed(&stand.browser, "storage_unavailable").await?;
    stand.assert_calls(1, 0, 0)?;
    stand.finish().await
}

#[tokio::test]
async fn full_storage_is_said_and_the_browser_stays() -> Result<()> {
    let stand = Stand::start().await?;
    let full = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };";
    stand.browser.before_every_page(full).await?;
    stays(&stand).await?;
    stand.finish().await
}

/// The text that a person sees, without scripts.
async fn visible_text(stand: &Stand) -> Result<String> {
    Ok(stand.browser.client().find(Locator::Css("body")).await?.text().await?)
}

#[tokio::test]
async fn without_scripts_a_static_message_says_so() -> Result<()> {
    let stand = Stand::start().await?;
    stand.browser.devtools("Emulation.setScriptExecutionDisabled", json!({"value": true})).await?;
    for path in ["/login", "/"] {
        stand.open(path).await?;
        stand.browser.wait_for("heading", "Scripts are switched off").await?;
        let headings = stand.browser.tree().await?.names("heading").len();
        ensure!(headings == 1, "{headings} headings");
    }
    stand.browser.photograph("no-scripts").await?;
    stand.assert_calls(0, 0, 0)?;
    // For the search for leftovers.
    stand.browser.devtools("Emulation.setScriptExecutionDisabled", json!({"value": false})).await?;
    stand.finish().await
}

#[tokio::test]
async fn without_webassembly_a_static_message_says_so() -> Result<()> {
    let stand = Stand::start().await?;
    stand.browser.before_every_page("delete window.WebAssembly;").await?;
    stand.open("/login").await?;
    stand.browser.wait_for("heading", "This browser cannot run the sign-in").await?;
    let text = visible_text(&stand).await?;
    ensure!(text.contains("WebAssembly"), "{text}");
    ensure!(!text.contains("stopped working"), "{text}");
    stand.browser.photograph("no-wasm").await?;
    stand.assert_calls(0, 0, 0)?;
    stand.finish_although(&["WebAssembly"]).await
}

/// The browser refuses to write the history, as some do where that is asked too often. On the callback the first time it does
/// not, so that the code is out of the address.
const NO_HISTORY: &str = "
    window.refused = 0;
    let isAllowed = location.search.includes('code=');
    for (const name of ['pushState', 'replaceState']) {
        const write = history[name];
        History.prototype[name] = function (...entry) {
            if (!isAllowed) {
                window.refused++;
                throw new DOMException('too many', 'SecurityError');
            }
            isAllowed = false;
            write.apply(this, entry);
        };
    }";

#[tokio::test]
async fn a_history_that_cannot_be_written_keeps_no_page_away() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    browser.before_every_page(NO_HISTORY).await?;
    // The form has another address than it should have, and leads to the right place all the same.
    stand.open("/elsewhere?q=1").await?;
    let form = SignIn::shown(browser).await?;
    ensure!(browser.address().await? == "/elsewhere?q=1");
    form.submit(EMAIL).await?;
    Provider::shown(browser).await?.sign_in().await?;
    browser.wait_for("heading", "Page not found").await?;
    let address = browser.address().await?;
    ensure!(address == "/login/sso_callback", "{address}");
    browser.click("link", "Go to the start page").await?;
    let home = Home::shown(browser).await?;
    home.wait_for_projects().await?;
    home.sign_out().await?;
    SignIn::shown(browser).await?;
    stand.assert_calls(1, 1, 1)?;
    let refused = browser.script("return window.refused;", Vec::new()).await?;
    ensure!(refused.as_u64() >= Some(3), "refused: {refused}");
    stand.finish().await
}

const STOPPED: &str = "This page has stopped working";

/// A session that is renewed after five seconds.
async fn sign_in_for_a_short_time(stand: &Stand) -> Result<Home<'_>> {
    stand.sandbox.set_lifetimes(Duration::from_secs(7), Duration::from_secs(24 * 60 * 60));
    stand.sign_in(EMAIL).await
}

/// The browser does what no browser does: the next page cannot be made. In that state the app cannot go on.
async fn panic(stand: &Stand) -> Result<()> {
    let script = "
        Document.prototype.createElement = () => { throw new DOMException('no element', 'NotSupportedError'); };
        history.pushState(null, '', '/elsewhere');
        dispatchEvent(new PopStateEvent('popstate'));";
    stand.browser.script(script, Vec::new()).await?;
    stand.browser.wait_for("heading", STOPPED).await
}

#[tokio::test]
async fn a_page_that_stopped_says_so_and_sends_nothing_any_more() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    sign_in_for_a_short_time(&stand).await?.wait_for_projects().await?;
    panic(&stand).await?;
    ensure!(stand.api_requests(Endpoint::Refresh).is_empty(), "renewed before the panic: this test proves nothing");
    let before = stand.site_requests().len();
    let text = visible_text(&stand).await?;
    ensure!(!text.contains("Signed in") && !text.contains("Sign out"), "{text}");
    browser.photograph("stopped").await?;

    // Whatever makes the app look at its clock, its network or its address, and two renewals' time.
    for event in ["online", "pageshow", "visibilitychange", "popstate", "hashchange", "focus"] {
        browser.script("dispatchEvent(new Event(arguments[0]));", vec![event.into()]).await?;
    }
    browser.script("history.back();", Vec::new()).await?;
    tokio::time::sleep(Duration::from_secs(12)).await;
    browser.script("new BroadcastChannel('indee.sso').postMessage('signed_out');", Vec::new()).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let sent = stand.site_requests().split_off(before);
    ensure!(sent.is_empty(), "sent: {:?}", sent.iter().map(|request| &request.target).collect::<Vec<_>>());
    let tree = browser.tree().await?;
    ensure!(tree.names("heading") == [STOPPED], "{tree}");
    ensure!(browser.client().title().await? == format!("{STOPPED} · Indee Admin"));

    browser.click("link", "Go to the sign-in form").await?;
    SignIn::shown(browser).await?;
    // That the wasm has trapped the browser tells the console.
    stand.finish_although(&["unreachable"]).await
}

#[tokio::test]
async fn a_renewal_on_its_way_when_the_page_stops_is_aborted() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    let record = "
        const { fetch } = window;
        window.fetch = (...request) => {
            const answer = fetch(...request);
            answer.then(() => (window.end = 'answered'), () => (window.end = 'aborted'));
            return answer;
        };";
    browser.before_every_page(&format!("{{ {record} }}")).await?;
    stand.sandbox.set_fault(Endpoint::Refresh, Fault::Hang, Times::Always)?;
    sign_in_for_a_short_time(&stand).await?.wait_for_projects().await?;
    browser.until("a renewal", async || Ok(stand.api_requests(Endpoint::Refresh).pop())).await?;
    ensure!(browser.text_of("window.end").await? == "answered");
    panic(&stand).await?;
    browser.until("its end", async || Ok((browser.text_of("window.end").await? == "aborted").then_some(()))).await?;
    ensure!(stand.api_requests(Endpoint::Refresh).len() == 1);
    stand.finish_although(&["unreachable"]).await
}
