//! Reload, Back and Forward.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use app_tests::browser::BrowserOptions;
use app_tests::pages::{Callback, Home, Provider, SignIn};
use app_tests::stand::{Options, Stand};
use sandbox::Fault;
use serde_json::json;

use crate::support::{EMAIL, NOTE_PAGESHOW, PENDING, stored};

#[tokio::test]
async fn a_reload_ends_the_session_and_keeps_the_email() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    stand.sign_in(EMAIL).await?;
    browser.client().refresh().await?;
    let form = SignIn::shown(browser).await?;
    assert_eq!(browser.address().await?, "/login?return_to=%2F");
    assert_eq!(form.email().await?, EMAIL);
    let says = browser.text_of("document.querySelector('main').innerText").await?;
    assert!(says.contains("after a reload you have to sign in again"), "{says}");
    assert!(stored(&stand, PENDING).await?.is_none());
    stand.assert_calls(1, 1, 0)?;
    form.press().await?;
    Provider::shown(browser).await?.sign_in().await?;
    Home::shown(browser).await?;
    stand.assert_calls(2, 2, 0)?;
    stand.finish().await
}

#[tokio::test]
async fn a_reload_of_a_failure_leads_to_the_form() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    stand.reach_provider("/login", EMAIL).await?.sign_in_with(Fault::WrongState).await?;
    Callback::failed(browser, "state_mismatch").await?;
    // The address is bare, so this visit is no callback (contract §4.5): nothing is sent, and nothing accuses anybody.
    browser.client().refresh().await?;
    let form = SignIn::shown(browser).await?;
    assert_eq!(browser.address().await?, "/login");
    assert_eq!(form.email().await?, EMAIL);
    stand.assert_calls(1, 0, 0)?;
    stand.finish().await
}

/// The form works again after this long in any case (contract §4.4); Back is not to wait for that.
const GIVEN_BACK_ANYWAY: Duration = Duration::from_secs(15);

#[tokio::test]
async fn back_from_the_provider_shows_a_form_that_works_as_the_browser_kept_it() -> Result<()> {
    back_from_the_provider(true).await
}

#[tokio::test]
async fn back_from_the_provider_shows_a_form_that_works_when_loaded_anew() -> Result<()> {
    back_from_the_provider(false).await
}

async fn back_from_the_provider(is_kept: bool) -> Result<()> {
    let arguments = if is_kept { vec![] } else { vec!["--disable-features=BackForwardCache"] };
    let browser = BrowserOptions { arguments, ..BrowserOptions::default() };
    let stand = Stand::start_with(Options { browser, ..Options::default() }).await?;
    let browser = &stand.browser;
    browser.before_every_page(NOTE_PAGESHOW).await?;
    stand.reach_provider("/login?return_to=%2Fdeep", EMAIL).await?;

    let start = Instant::now();
    browser.client().back().await?;
    let form = SignIn::shown(browser).await?;
    form.wait_until_ready().await?;
    ensure!(start.elapsed() < GIVEN_BACK_ANYWAY / 2, "ready only after {:?}", start.elapsed());
    let was_persisted = browser.script("return window.wasPersisted;", Vec::new()).await?;
    ensure!(was_persisted == is_kept, "from the back/forward cache: {was_persisted}");
    assert_eq!(form.email().await?, EMAIL);
    assert_eq!(browser.address().await?, "/login?return_to=%2Fdeep");

    // A new sign-in, with a state of its own, replaces the one that was left.
    form.press().await?;
    Provider::shown(browser).await?.sign_in().await?;
    browser.wait_for("heading", "Page not found").await?;
    stand.assert_calls(2, 1, 0)?;
    stand.finish().await
}

#[tokio::test]
async fn back_after_the_sign_in_never_lands_on_a_callback() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    stand.sign_in(EMAIL).await?;
    let history = browser.devtools("Page.getNavigationHistory", json!({})).await?;
    for entry in history["entries"].as_array().into_iter().flatten() {
        assert!(!entry["url"].to_string().contains("/login/sso_callback"), "{entry}");
    }

    browser.client().back().await?;
    Provider::shown(browser).await?;
    browser.client().back().await?;
    SignIn::shown(browser).await?.wait_until_ready().await?;
    stand.assert_calls(1, 1, 0)?;
    // The provider's old page can still be used, but its state was used: the tab has no pending sign-in for it.
    browser.client().forward().await?;
    Provider::shown(browser).await?.sign_in().await?;
    Callback::failed(browser, "no_pending_login").await?;
    stand.assert_calls(1, 1, 0)?;
    stand.finish().await
}
