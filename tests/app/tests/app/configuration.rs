//! The two settings in `index.html` (contract §2).

use anyhow::Result;
use app_tests::pages::{Alert, Callback, SignIn};
use app_tests::stand::{Api, Options, Stand};
use sandbox::{Endpoint, Fault, Times};

use crate::support::{EMAIL, FAILED_LOAD, PENDING, expected_login, store};

#[tokio::test]
async fn without_settings_the_browser_knows_no_key() -> Result<()> {
    let stand = Stand::start().await?;
    stand.sign_in(EMAIL).await?.sign_out().await?;
    let look = async || Ok((!stand.api_requests(Endpoint::Logout).is_empty()).then_some(()));
    stand.browser.until("a logout", look).await?;
    let requests = stand.site_requests();
    let calls: Vec<_> = requests.iter().filter(|request| request.target.starts_with("/v1/admin/auth/")).collect();
    assert_eq!(calls.len(), 3);
    for call in calls {
        assert_eq!(call.header("authorization"), None, "{}", call.target);
        assert_eq!(call.header("content-type"), Some("application/json"), "{}", call.target);
        assert_eq!(call.header("cookie"), None, "{}", call.target);
    }
    stand.finish().await
}

#[tokio::test]
async fn the_api_may_be_on_another_origin_with_a_key_of_the_page() -> Result<()> {
    let stand = Stand::start_with(Options { api: Api::CrossOrigin, ..Options::default() }).await?;
    let browser = &stand.browser;
    stand.sign_in(EMAIL).await?;
    assert_eq!(stand.api_bodies(Endpoint::Login)?, [expected_login(&stand, EMAIL)?]);
    let login = stand.api_requests(Endpoint::Login).remove(0);
    assert_eq!(login.header("authorization"), Some("Bearer sandbox-api-key"));
    assert_eq!(login.header("origin"), Some(stand.origin.as_str()));
    stand.assert_calls(1, 1, 0)?;
    stand.assert_nothing_left().await?;

    // Across origins as well `Retry-After` can be read where the API exposes it.
    stand.sandbox.set_fault(Endpoint::Login, Fault::RateLimited, Times::Once)?;
    stand.reach_provider("/login", EMAIL).await?.sign_in().await?;
    let (_, alert) = Callback::failed(browser, "rate_limited").await?;
    assert!(alert.text.contains("You can try again in 30 seconds."), "{}", alert.text);
    assert!(stand.site_requests().iter().all(|request| !request.target.starts_with("/v1/")));
    stand.finish_although(&[FAILED_LOAD]).await
}

#[tokio::test]
async fn a_setting_that_cannot_be_used_is_said_and_nothing_is_sent() -> Result<()> {
    for setting in [("indee-api-base", "ftp://api.example.com"), ("indee-api-key", "two words")] {
        let stand = Stand::start_with(Options { settings: vec![setting], ..Options::default() }).await?;
        let browser = &stand.browser;
        stand.open("/login").await?;
        let alert = Alert::shown(browser, "bad_config").await?;
        assert!(alert.text.contains(setting.0) && !alert.text.contains(setting.1), "{}", alert.text);
        assert!(browser.tree().await?.find("button", "Continue with SSO").is_none());
        browser.photograph("bad-config").await?;

        let pending = r#"{"v":1,"state":"the-state-of-this-test","nonce":"the-nonce-of-this-test","email":"a@b.example","return_to":"/","created_at":1}"#;
        store(&stand, PENDING, pending).await?;
        stand.open("/login/sso_callback?code=the-code-of-this-test&state=the-state-of-this-test").await?;
        Callback::failed(browser, "bad_config").await?;
        stand.assert_calls(0, 0, 0)?;
        stand.finish().await?;
    }
    Ok(())
}

#[tokio::test]
async fn an_api_that_does_not_let_the_page_in_is_a_network_error() -> Result<()> {
    // No cross-origin headers at all: the provider knows no such path.
    let stand =
        Stand::start_with(Options { settings: vec![("indee-api-base", "http://127.0.0.1:1")], ..Options::default() })
            .await?;
    stand.open("/login").await?;
    let form = SignIn::shown(&stand.browser).await?;
    form.submit(EMAIL).await?;
    Alert::shown(&stand.browser, "network_error").await?;
    form.wait_until_ready().await?;
    stand.assert_calls(0, 0, 0)?;
    stand.finish_although(&[FAILED_LOAD]).await
}
