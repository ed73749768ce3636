//! By keyboard, on narrow pages, in light and dark, and for assistive technology (contract §6).

use anyhow::{Context as _, Result, ensure};
use app_tests::pages::{Callback, Home, Provider, SignIn};
use app_tests::stand::Stand;
use fantoccini::key::Key;
use sandbox::Endpoint;

use crate::support::{EMAIL, FAILED_LOAD};

#[tokio::test]
async fn a_sign_in_and_a_sign_out_need_no_mouse() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    let press = async |key: Key| browser.press([key.into()]).await;
    stand.open("/login").await?;
    browser.wait_for_focus("textbox", "Work email").await?;
    browser.press(EMAIL.chars()).await?;
    press(Key::Tab).await?;
    browser.wait_for_focus("button", "Continue with SSO").await?;
    press(Key::Enter).await?;

    Provider::shown(browser).await?;
    let mut presses = 0;
    while browser
        .tree()
        .await?
        .focused()
        .is_none_or(|node| (node.role.as_str(), node.name.as_str()) != ("button", "Sign in"))
    {
        presses += 1;
        ensure!(presses < 10, "no way to the provider's button");
        press(Key::Tab).await?;
    }
    press(Key::Enter).await?;

    browser.wait_for_focus("heading", "Signed in").await?;
    press(Key::Tab).await?;
    browser.wait_for_focus("button", "Sign out").await?;
    press(Key::Space).await?;
    browser.wait_for_focus("textbox", "Work email").await?;
    let look = async || Ok((!stand.api_requests(Endpoint::Logout).is_empty()).then_some(()));
    browser.until("a logout", look).await?;
    stand.assert_calls(1, 1, 1)?;
    stand.finish().await
}

#[tokio::test]
async fn a_bad_email_is_said_at_the_field_and_nothing_is_sent() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    let too_long = format!("{}@example.com", "a".repeat(250));
    for email in ["", "   ", "nobody", "@example.com", "admin@", "a@b@c", &too_long] {
        stand.open("/login").await?;
        let form = SignIn::shown(browser).await?;
        form.type_email(email).await?;
        browser.press([Key::Enter.into()]).await?;
        let message = browser
            .until("a message at the field", async || {
                let tree = browser.tree().await?;
                let field = tree.find("textbox", "Work email").context("no field")?;
                let is_said = field.is("invalid") && field.is("focused") && !field.description.is_empty();
                Ok(is_said.then(|| field.description.clone()))
            })
            .await
            .with_context(|| email.to_owned())?;
        ensure!(browser.text_of("document.querySelector('main').innerText").await?.contains(&message));
        ensure!(form.email().await?.trim() == email.trim(), "what was typed stays: {}", form.email().await?);
    }
    browser.photograph("login-error").await?;
    stand.assert_calls(0, 0, 0)?;

    // The next press is judged by itself.
    SignIn::shown(browser).await?.submit(EMAIL).await?;
    Provider::shown(browser).await?.sign_in().await?;
    Home::shown(browser).await?;
    stand.assert_calls(1, 1, 0)?;
    stand.finish().await
}

/// Everything fits at 320 CSS pixels, in light and dark.
async fn fits(stand: &Stand, page: &str) -> Result<()> {
    let browser = &stand.browser;
    let mut backgrounds = Vec::new();
    for scheme in ["light", "dark"] {
        browser.look_like(320, scheme).await?;
        let script = "return [document.documentElement.scrollWidth, innerWidth, getComputedStyle(document.documentElement).backgroundColor];";
        let found = browser.script(script, Vec::new()).await?;
        ensure!(found[1] == 320 && found[0].as_u64() <= Some(320), "{page}, {scheme}: {found}");
        backgrounds.push(found[2].clone());
    }
    ensure!(backgrounds[0] != backgrounds[1], "{page}: light and dark look the same: {backgrounds:?}");
    browser.look_like(1280, "light").await?;
    browser.photograph(page).await
}

/// What assistive technology hears: the landmark, one heading of the first level, and these things.
async fn hears(stand: &Stand, expected: &[(&str, &str)]) -> Result<()> {
    let tree = stand.browser.tree().await?;
    ensure!(tree.all("main").count() == 1, "one main landmark: {tree}");
    let top = tree.all("heading").filter(|node| *node.property("level") == 1).count();
    ensure!(top == 1, "{top} headings of the first level: {tree}");
    for (role, name) in expected {
        ensure!(tree.find(role, name).is_some(), "no {role} {name:?}: {tree}");
    }
    let mut unnamed = ["button", "link", "textbox", "heading"].iter().flat_map(|role| tree.all(role));
    ensure!(unnamed.all(|node| !node.name.is_empty()), "something without a name: {tree}");
    let language = stand.browser.text_of("document.documentElement.lang").await?;
    ensure!(language == "en", "language: {language}");
    Ok(())
}

#[tokio::test]
async fn every_page_fits_and_is_heard() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;

    stand.open("/login").await?;
    let form = SignIn::shown(browser).await?;
    hears(&stand, &[("heading", "Sign in"), ("textbox", "Work email"), ("button", "Continue with SSO")]).await?;
    fits(&stand, "login").await?;

    stand.sandbox.set_fault(Endpoint::Initiate, sandbox::Fault::Markup, sandbox::Times::Once)?;
    form.submit(EMAIL).await?;
    app_tests::pages::Alert::shown(browser, "login_rejected").await?;
    hears(&stand, &[("alert", ""), ("textbox", "Work email"), ("button", "Continue with SSO")]).await?;
    fits(&stand, "login-failure").await?;

    let long = format!("{}@example.com", "a-very-long-name-".repeat(10));
    stand.reach_provider("/login", &long).await?.sign_in_with(sandbox::Fault::Markup).await?;
    Callback::failed(browser, "provider_error").await?;
    hears(&stand, &[("alert", ""), ("button", "Start over")]).await?;
    fits(&stand, "callback-failure").await?;

    stand.reach_provider("/login", &long).await?.sign_in().await?;
    Home::shown(browser).await?;
    hears(&stand, &[("heading", "Signed in"), ("button", "Sign out")]).await?;
    fits(&stand, "signed-in").await?;
    stand.finish_although(&[FAILED_LOAD]).await
}
