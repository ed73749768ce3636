//! Browsers that refuse storage, scripts or WebAssembly.

use anyhow::{Result, ensure};
use app_tests::browser::BrowserOptions;
use app_tests::pages::{Alert, Callback, SignIn};
use app_tests::stand::{Options, Stand};
use fantoccini::Locator;
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

#[tokio::test]
async fn a_page_that_stopped_says_so_and_nothing_else() -> Result<()> {
    let stand = Stand::start().await?;
    stand.open("/login").await?;
    SignIn::shown(&stand.browser).await?;
    // What the panic hook does; a panic itself cannot be asked for from outside.
    let stop = "document.querySelector('main').replaceWith(document.getElementById('stopped').content);";
    stand.browser.script(stop, Vec::new()).await?;
    stand.browser.wait_for("heading", "This page has stopped working").await?;
    let text = visible_text(&stand).await?;
    ensure!(!text.contains("Work email"), "{text}");
    stand.browser.photograph("stopped").await?;
    stand.browser.click("link", "Go to the sign-in form").await?;
    SignIn::shown(&stand.browser).await?;
    stand.finish().await
}
