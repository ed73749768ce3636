//! Several tabs of one browser.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use app_tests::pages::{Alert, Callback, Home, Provider, SignIn};
use app_tests::stand::{Options, Stand};
use sandbox::{Endpoint, Fault, Times};

use crate::support::{EMAIL, FAILED_LOAD, NOTE_PAGESHOW, wait_for_logins};

/// Waits until both sessions were revoked, each with its own token.
async fn wait_for_two_logouts(stand: &Stand) -> Result<()> {
    let look = async || Ok((stand.api_requests(Endpoint::Logout).len() == 2).then_some(()));
    stand.browser.until("two logout calls", look).await?;
    let bodies = stand.api_bodies(Endpoint::Logout)?;
    ensure!(bodies[0] != bodies[1], "the same token twice");
    Ok(())
}

/// The form, after a sign-out in another tab.
async fn signed_out_without_a_word(stand: &Stand) -> Result<()> {
    let form = SignIn::shown(&stand.browser).await?;
    assert_eq!(stand.browser.address().await?, "/login");
    assert_eq!(form.email().await?, "");
    assert!(!Alert::is_shown(&stand.browser).await?);
    stand.assert_nothing_left().await
}

#[tokio::test]
async fn page_in_back_forward_cache_learns_of_a_sign_out_that_it_could_not_hear() -> Result<()> {
    let stand = Stand::start().await?;
    let (browser, client) = (&stand.browser, stand.browser.client());
    let first = client.window().await?;
    browser.before_every_page(NOTE_PAGESHOW).await?;
    stand.sign_in(EMAIL).await?.wait_for_projects().await?;
    client.goto(&stand.provider).await?;

    // WebKit drops the message for a page in the cache, Chromium drops the page. Without a message the page stays.
    let second = client.new_window(true).await?.handle;
    client.switch_to_window(second).await?;
    browser.before_every_page("delete window.BroadcastChannel;").await?;
    stand.sign_in(EMAIL).await?.sign_out().await?;
    SignIn::shown(browser).await?;

    client.switch_to_window(first).await?;
    client.back().await?;
    signed_out_without_a_word(&stand).await?;
    assert_eq!(browser.script("return window.wasPersisted;", Vec::new()).await?, true, "from the back/forward cache");
    wait_for_two_logouts(&stand).await?;
    stand.finish().await
}

#[tokio::test]
async fn page_in_back_forward_cache_comes_back_signed_in_if_nobody_signed_out() -> Result<()> {
    let stand = Stand::start().await?;
    let (browser, client) = (&stand.browser, stand.browser.client());
    browser.before_every_page(NOTE_PAGESHOW).await?;
    stand.sign_in(EMAIL).await?.wait_for_projects().await?;
    client.goto(&stand.provider).await?;
    client.back().await?;
    Home::shown(browser).await?;
    assert_eq!(browser.script("return window.wasPersisted;", Vec::new()).await?, true, "from the back/forward cache");
    stand.assert_calls(1, 1, 0)?;
    stand.finish().await
}

#[tokio::test]
async fn login_on_its_way_while_another_tab_signs_out_makes_no_session() -> Result<()> {
    let slow = Some(Duration::from_secs(5));
    let stand = Stand::start_with(Options { slow, ..Options::default() }).await?;
    let (browser, client) = (&stand.browser, stand.browser.client());
    let first = client.window().await?;
    let home = stand.sign_in(EMAIL).await?;
    let second = client.new_window(true).await?.handle;
    client.switch_to_window(second.clone()).await?;
    stand.sandbox.set_fault(Endpoint::Login, Fault::Slow, Times::Once)?;
    stand.reach_provider("/login", EMAIL).await?.sign_in().await?;
    wait_for_logins(&stand, 2).await?;

    client.switch_to_window(first).await?;
    home.sign_out().await?;
    SignIn::shown(browser).await?;
    client.switch_to_window(second).await?;
    signed_out_without_a_word(&stand).await?;
    wait_for_two_logouts(&stand).await?;
    stand.finish().await
}

#[tokio::test]
async fn two_sign_in_at_once_each_with_its_own_state() -> Result<()> {
    let stand = Stand::start().await?;
    let (browser, client) = (&stand.browser, stand.browser.client());
    let first = client.window().await?;
    stand.reach_provider("/login", "one@example.com").await?;
    let second = client.new_window(true).await?.handle;
    client.switch_to_window(second.clone()).await?;
    stand.reach_provider("/login", "two@example.com").await?;

    for (window, email) in [(first, "one@example.com"), (second, "two@example.com")] {
        client.switch_to_window(window).await?;
        Provider::shown(browser).await?.sign_in().await?;
        let home = Home::shown(browser).await?;
        assert!(home.text().await?.contains(email), "{email}");
        stand.assert_nothing_left().await?;
    }
    let states = |endpoint| -> Result<Vec<String>> {
        Ok(stand.api_bodies(endpoint)?.iter().map(|body| body["state"].to_string()).collect())
    };
    let states = states(Endpoint::Login)?;
    assert_ne!(states[0], states[1]);
    stand.assert_calls(2, 2, 0)?;
    stand.finish().await
}

#[tokio::test]
async fn of_a_tab_and_its_duplicate_only_one_signs_in() -> Result<()> {
    let stand = Stand::start().await?;
    let (browser, client) = (&stand.browser, stand.browser.client());
    stand.reach_provider("/login", EMAIL).await?;
    let original = client.window().await?;
    // A window with an opener starts with a copy of its sessionStorage, as a duplicated tab does.
    browser.script("window.open(location.href);", Vec::new()).await?;
    let duplicate = client.windows().await?.into_iter().find(|window| *window != original).context("no duplicate")?;

    Provider::shown(browser).await?.sign_in().await?;
    Home::shown(browser).await?;
    client.switch_to_window(duplicate).await?;
    Provider::shown(browser).await?.sign_in().await?;
    // The duplicate has its own copy of the pending sign-in; that a code works once is the API's guard (contract §8).
    wait_for_logins(&stand, 2).await?;
    Callback::failed(browser, "login_rejected").await?;
    stand.assert_calls(1, 2, 0)?;
    stand.finish_although(&[FAILED_LOAD]).await
}
