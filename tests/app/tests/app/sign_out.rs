//! Signing out (contract §5).

use anyhow::Result;
use app_tests::pages::{Home, Provider, SignIn};
use app_tests::stand::Stand;
use sandbox::{Endpoint, Fault, Times};
use serde_json::json;

use crate::support::{EMAIL, FAILED_LOAD};

#[tokio::test]
async fn the_session_is_gone_here_and_at_the_api() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    stand.sign_in(EMAIL).await?.sign_out().await?;

    let form = SignIn::shown(browser).await?;
    assert_eq!(browser.address().await?, "/login");
    browser.wait_for_focus("textbox", "Work email").await?;
    assert_eq!(form.email().await?, "");
    assert_eq!(browser.script("return sessionStorage.length;", Vec::new()).await?, 0);

    let logout = async || Ok(stand.api_requests(Endpoint::Logout).pop().filter(|request| request.answered.is_some()));
    let logout = browser.until("a logout", logout).await?;
    assert_eq!(logout.answered, Some(200), "the refresh token is the one of the session");
    let body = stand.api_bodies(Endpoint::Logout)?.remove(0);
    assert_eq!(body, json!({"refresh_token": body["refresh_token"]}), "nothing else");
    stand.assert_calls(1, 1, 1)?;

    // Back leads through the provider's page to the form, and nowhere to the session.
    browser.client().back().await?;
    Provider::shown(browser).await?;
    browser.client().back().await?;
    SignIn::shown(browser).await?;
    stand.assert_nothing_left().await?;
    for _ in 0..2 {
        browser.client().forward().await?;
    }
    SignIn::shown(browser).await?;
    stand.assert_calls(1, 1, 1)?;
    stand.finish().await
}

#[tokio::test]
async fn only_its_own_redirect_drops_return_to() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    stand.reach_provider("/login?return_to=%2Fdeep%3Fa%3Db", EMAIL).await?.sign_in().await?;
    browser.click("link", "Go to the start page").await?;
    Home::shown(browser).await?.sign_out().await?;
    SignIn::shown(browser).await?;
    assert_eq!(browser.address().await?, "/login");
    browser.client().back().await?;
    browser.wait_for_address("/login?return_to=%2Fdeep%3Fa%3Db").await?;
    stand.finish().await
}

#[tokio::test]
async fn it_does_not_depend_on_the_network() -> Result<()> {
    let stand = Stand::start().await?;
    for fault in [Fault::Hang, Fault::ServerError, Fault::Drop] {
        stand.sandbox.set_fault(Endpoint::Logout, fault, Times::Always)?;
        stand.sign_in(EMAIL).await?.sign_out().await?;
        SignIn::shown(&stand.browser).await?;
        stand.assert_nothing_left().await?;
    }
    stand.finish_although(&[FAILED_LOAD]).await
}
