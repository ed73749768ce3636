//! Several tabs of one browser.

use anyhow::{Context as _, Result};
use app_tests::pages::{Callback, Home, Provider};
use app_tests::stand::Stand;
use sandbox::Endpoint;

use crate::support::{EMAIL, FAILED_LOAD, wait_for_logins};

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
