//! Signing out (contract §5).

use anyhow::{Context as _, Result};
use app_tests::pages::{Home, Provider, SignIn};
use app_tests::stand::{Api, Options, Stand};
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

/// How a page goes away right after the button was pressed.
const GOES_AWAY: [&str; 2] = ["window.close();", "location.replace('about:blank');"];

/// Keeps each connection that a browser has to one host busy.
const OCCUPY_THE_API: &str = r#"
    const [base, key] = ["base", "key"].map(name => document.querySelector(`meta[name=indee-api-${name}]`).content);
    const headers = { "Content-Type": "application/json", ...(key && { Authorization: `Bearer ${key}` }) };
    for (let i = 0; i < 6; i++) {
        fetch(`${base}/v1/admin/auth/sso/initiate`, { method: "POST", headers, body: '{"username":"a@example.com"}' }).catch(() => {});
    }"#;

#[tokio::test]
async fn the_api_hears_of_it_although_the_page_goes_away_at_once() -> Result<()> {
    goes_away(Api::SameOrigin).await
}

/// There the browser has to ask first whether it may.
#[tokio::test]
async fn an_api_on_another_origin_hears_of_it_although_the_page_goes_away_at_once() -> Result<()> {
    goes_away(Api::CrossOrigin).await
}

async fn goes_away(api: Api) -> Result<()> {
    let stand = Stand::start_with(Options { api, ..Options::default() }).await?;
    let (browser, client) = (&stand.browser, stand.browser.client());
    let rest = client.window().await?;
    for how in GOES_AWAY {
        // One that a script may close.
        stand.open("/login").await?;
        SignIn::shown(browser).await?;
        let known = client.windows().await?;
        browser.script("window.open('/login', '_blank', 'noopener');", vec![]).await?;
        let look = async || Ok(client.windows().await?.into_iter().find(|window| !known.contains(window)));
        let window = browser.until("a window", look).await?;
        client.switch_to_window(window).await?;
        stand.sign_in(EMAIL).await?.wait_for_projects().await?;
        stand.sandbox.forget_received();

        // So the logout cannot leave before the page is gone.
        stand.sandbox.set_fault(Endpoint::Initiate, Fault::Hang, Times::Always)?;
        browser.script(OCCUPY_THE_API, vec![]).await?;
        let look = async || Ok((stand.api_requests(Endpoint::Initiate).len() == 6).then_some(()));
        browser.until("six calls that hang", look).await?;
        let script = format!(
            "const button = [...document.querySelectorAll('button')].find(button => button.innerText === 'Sign out');
             setTimeout(() => {{ button.click(); setTimeout(() => {{ {how} }}); }}, 100);"
        );
        browser.script(&script, vec![]).await?;
        client.switch_to_window(rest.clone()).await?;
        let look = async || Ok(stand.api_requests(Endpoint::Logout).pop().filter(|request| request.answered.is_some()));
        let logout = browser.until("a logout", look).await.with_context(|| how.to_owned())?;
        assert_eq!(logout.answered, Some(200), "{how}");
        assert_eq!(stand.api_requests(Endpoint::Logout).len(), 1, "{how}");
        stand.sandbox.clear_faults();
    }
    stand.finish().await
}
