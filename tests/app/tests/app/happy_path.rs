//! A sign-in that goes well.

use anyhow::Result;
use app_tests::pages::{Home, Provider, SignIn};
use app_tests::stand::Stand;
use sandbox::Endpoint;
use serde_json::json;

use crate::support::{EMAIL, expected_login};

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
    assert_eq!(stand.api_bodies(Endpoint::Login)?, [expected_login(&stand, EMAIL)?]);
    stand.finish().await
}

/// Notes, at each request of the app, what stood where.
const WATCH: &str = "
    const fetch = window.fetch;
    window.fetch = (request, ...rest) => {
        (window.watched ??= []).push({
            url: new URL(request.url ?? request, location.origin).href,
            address: location.pathname + location.search + location.hash,
            pending: sessionStorage.getItem('indee.sso.pending'),
            isMounted: document.querySelector('main h1') !== null,
        });
        return fetch(request, ...rest);
    };";

#[tokio::test]
async fn the_login_request_leaves_after_scrubbing_and_taking_and_before_anything_is_mounted() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    browser.before_every_page(WATCH).await?;
    stand.sign_in(EMAIL).await?;

    let watched = browser.script("return window.watched;", Vec::new()).await?;
    let url = format!("{}/v1/admin/auth/sso/login", stand.origin);
    let bare = json!({"url": url, "address": "/login/sso_callback", "pending": null, "isMounted": false});
    // The signed-in page calls the API as well, later.
    assert_eq!(watched[0], bare);
    stand.finish().await
}

#[tokio::test]
async fn one_press_sends_one_request_however_often_it_is_pressed() -> Result<()> {
    let stand = Stand::start().await?;
    stand.open("/login").await?;
    let form = SignIn::shown(&stand.browser).await?;
    form.type_email(EMAIL).await?;
    // As fast as a page can be asked: by the button and by the Enter key's way of submitting.
    let script = "
        const button = document.querySelector('button');
        for (let press = 0; press < 5; press++) {
            button.click();
            button.form.requestSubmit();
        }";
    stand.browser.script(script, Vec::new()).await?;
    Provider::shown(&stand.browser).await?.sign_in().await?;
    Home::shown(&stand.browser).await?;
    stand.assert_calls(1, 1, 0)?;
    stand.finish().await
}

#[tokio::test]
async fn a_new_sign_in_replaces_the_old_session() -> Result<()> {
    let stand = Stand::start().await?;
    stand.sign_in("one@example.com").await?;
    let home = stand.sign_in("two@example.com").await?;
    let text = home.text().await?;
    assert!(text.contains("two@example.com") && !text.contains("one@example.com"), "{text}");
    stand.assert_calls(2, 2, 0)?;
    stand.finish().await
}
