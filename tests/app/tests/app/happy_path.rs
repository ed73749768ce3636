//! A sign-in that goes well.

use anyhow::{Context as _, Result};
use app_tests::pages::{Home, Provider, SignIn};
use app_tests::stand::Stand;
use sandbox::Endpoint;
use serde_json::json;

const EMAIL: &str = "admin@example.com";

#[tokio::test]
async fn a_person_signs_in() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;

    stand.open("/").await?;
    let form = SignIn::shown(browser).await?;
    assert_eq!(browser.address().await?, "/login?return_to=%2F");
    assert_eq!(browser.client().title().await?, "Sign in · Indee Admin");
    browser.wait_for_focus("textbox", "Work email").await?;
    form.submit(&format!("  {EMAIL} ")).await?;

    let provider = Provider::shown(browser).await?;
    assert!(browser.text_of("location.href").await?.starts_with(&format!("{}/authorize?", stand.provider)));
    provider.sign_in().await?;

    let home = Home::shown(browser).await?;
    browser.wait_for_focus("heading", "Signed in").await?;
    assert_eq!(browser.address().await?, "/");
    assert_eq!(browser.client().title().await?, "Signed in · Indee Admin");
    assert!(home.text().await?.contains(EMAIL));

    stand.assert_calls(1, 1, 0)?;
    assert_eq!(stand.api_bodies(Endpoint::Initiate)?, [json!({"username": EMAIL})]);
    let received = stand.sandbox.received();
    let authorize = received.iter().find(|request| request.path == "/authorize").context("no authorization request")?;
    let parameter = |query: &str, name: &str| {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    let sent = authorize.query.as_deref().context("no query")?;
    let requests = stand.site_requests();
    let callback = requests.iter().find_map(|request| request.target.strip_prefix("/login/sso_callback?"));
    let body = json!({
        "state": parameter(sent, "state"),
        "nonce": parameter(sent, "nonce"),
        "email": EMAIL,
        "code": parameter(callback.context("no callback")?, "code"),
        "error": false,
        "error_description": {},
    });
    assert_eq!(stand.api_bodies(Endpoint::Login)?, [body]);
    stand.finish().await
}
