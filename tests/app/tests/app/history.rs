//! Reload, Back and Forward.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use app_tests::browser::BrowserOptions;
use app_tests::pages::{Callback, Home, Provider, SignIn};
use app_tests::stand::{Options, Stand};
use sandbox::Fault;
use serde_json::json;

use crate::support::{EMAIL, FAILED_LOAD, NOTE_PAGESHOW, PENDING, stored};

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

/// The history of this tab: paths and queries, oldest first, without what a new window starts with.
async fn history(stand: &Stand) -> Result<Vec<String>> {
    let history = stand.browser.devtools("Page.getNavigationHistory", json!({})).await?;
    let entries = history["entries"].as_array().context("no history")?;
    let current = history["currentIndex"].as_u64();
    ensure!(current == Some(entries.len() as u64 - 1), "not at the end: {history}");
    let urls = entries.iter().filter_map(|entry| entry["url"].as_str());
    Ok(urls.filter(|url| url.starts_with("http")).map(|url| url.replacen(&stand.origin, "", 1)).collect())
}

/// Follows a link within the page.
async fn follow(stand: &Stand, path: &str) -> Result<()> {
    let script = "
        const link = document.createElement('a');
        link.href = arguments[0];
        document.querySelector('main').append(link);
        link.click();";
    stand.browser.script(script, vec![path.into()]).await?;
    Ok(())
}

#[tokio::test]
async fn every_redirect_of_a_visit_replaces_its_history_entry() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    let mut expected: Vec<String> = Vec::new();
    for (path, target) in [
        ("/", "/login?return_to=%2F"),
        ("/deep?x=1", "/login?return_to=%2Fdeep%3Fx%3D1"),
        ("/login/sso_callback", "/login"),
        ("/login/sso_callback/", "/login"),
        ("/login/other", "/login?return_to=%2Flogin%2Fother"),
    ] {
        stand.open(path).await?;
        SignIn::shown(browser).await?;
        browser.wait_for_address(target).await?;
        expected.push(target.to_owned());
        assert_eq!(history(&stand).await?, expected, "{path}");
    }
    // A failure's way out is a redirect between routes, too.
    stand.open("/login/sso_callback?code=c").await?;
    let (callback, _) = Callback::failed(browser, "no_pending_login").await?;
    expected.push("/login/sso_callback".to_owned());
    assert_eq!(history(&stand).await?, expected);
    callback.start_over().await?;
    browser.wait_for_address("/login").await?;
    expected.pop();
    expected.push("/login".to_owned());
    assert_eq!(history(&stand).await?, expected);
    stand.finish().await
}

#[tokio::test]
async fn every_redirect_of_a_session_replaces_its_history_entry() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    let (first, client) = (browser.client().window().await?, browser.client());
    // The form, the provider, and in the place of the callback where the sign-in leads.
    stand.reach_provider("/login?return_to=%2Fdeep", EMAIL).await?.sign_in().await?;
    browser.wait_for("heading", "Page not found").await?;
    let length = history(&stand).await?.len();
    assert_eq!(length, 3);
    assert_eq!(history(&stand).await?[2], "/deep");
    // A link is an entry of its own; where it is redirected, that stays one.
    browser.client().find(fantoccini::Locator::Css("main a")).await?.click().await?;
    Home::shown(browser).await?;
    let mut expected = history(&stand).await?;
    assert_eq!(expected[2..], ["/deep", "/"]);
    for path in ["/login", "/login/sso_callback", "/login?return_to=%2Fdeep"] {
        follow(&stand, path).await?;
        expected.push("/".to_owned());
        let look = async || Ok((history(&stand).await? == expected).then_some(()));
        browser.until(&format!("home in the place of {path}"), look).await?;
        Home::shown(browser).await?;
    }
    // A sign-out: here, in another tab, and by the API.
    Home::shown(browser).await?.sign_out().await?;
    browser.wait_for_address("/login").await?;
    expected.pop();
    expected.push("/login".to_owned());
    assert_eq!(history(&stand).await?, expected);

    stand.sign_in(EMAIL).await?;
    let mut expected = history(&stand).await?;
    let second = client.new_window(true).await?.handle;
    client.switch_to_window(second.clone()).await?;
    stand.sign_in(EMAIL).await?.sign_out().await?;
    SignIn::shown(browser).await?;
    client.switch_to_window(first).await?;
    SignIn::shown(browser).await?;
    expected.pop();
    expected.push("/login".to_owned());
    assert_eq!(history(&stand).await?, expected);

    stand.sandbox.set_lifetimes(Duration::from_secs(7), Duration::from_secs(3_600));
    stand.sign_in(EMAIL).await?;
    let mut expected = history(&stand).await?;
    stand.sandbox.revoke_sessions();
    app_tests::pages::Alert::shown(browser, "session_ended").await?;
    expected.pop();
    expected.push("/login?return_to=%2F".to_owned());
    assert_eq!(history(&stand).await?, expected);
    stand.finish_although(&[FAILED_LOAD]).await
}
