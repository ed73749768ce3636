//! What the provider may send a browser back with: the refusal, and every callback fault of the sandbox.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use app_tests::pages::{Callback, Home, Provider, SignIn};
use app_tests::stand::Stand;
use sandbox::{Endpoint, Fault, Times, faults_of};
use serde_json::json;

use crate::support::{
    EMAIL, FAILED_LOAD, authorization_query, check_foreign_words, expected_login, parameter, wait_for_logins,
};

/// What becomes of a callback (contract §4.6 to §4.9).
enum Outcome {
    /// It signs in.
    SignsIn,
    /// It is refused with this code, and the login API hears nothing.
    Refused(&'static str),
    /// It is the provider's error; the login API is told this.
    ProviderError(&'static str),
    /// The login API says no.
    Rejected,
}

fn outcome(fault: Fault) -> Result<Outcome> {
    Ok(match fault {
        Fault::Extra | Fault::Fragment => Outcome::SignsIn,
        Fault::WrongState => Outcome::Refused("state_mismatch"),
        Fault::MissingState | Fault::EmptyState => Outcome::Refused("state_missing"),
        Fault::MissingCode => Outcome::Refused("code_missing"),
        Fault::DoubledState
        | Fault::DoubledCode
        | Fault::CodeAndError
        | Fault::BrokenEscape
        | Fault::NotUtf8
        | Fault::ControlCharacters
        | Fault::OverLong => Outcome::Refused("malformed_callback"),
        Fault::Refused => Outcome::ProviderError("access_denied: The person refused to sign in."),
        Fault::ServerError => Outcome::ProviderError("server_error: The provider met an unexpected condition."),
        Fault::TemporarilyUnavailable => {
            Outcome::ProviderError("temporarily_unavailable: The provider is overloaded or under maintenance.")
        }
        Fault::UnknownError => Outcome::ProviderError("sandbox_made_this_up"),
        Fault::Markup => Outcome::ProviderError("access_denied: <img src=x onerror=\"document.title='markup ran'\">"),
        Fault::UsedCode => Outcome::Rejected,
        other => bail!("no row for {other:?}"),
    })
}

#[tokio::test]
async fn each_of_the_first_half_gets_its_page_and_a_way_on() -> Result<()> {
    each(|index| index % 2 == 0).await
}

#[tokio::test]
async fn each_of_the_second_half_gets_its_page_and_a_way_on() -> Result<()> {
    each(|index| index % 2 == 1).await
}

async fn each(is_meant: impl Fn(usize) -> bool) -> Result<()> {
    let stand = Stand::start().await?;
    for (_, row) in faults_of(Endpoint::Callback).enumerate().filter(|(index, _)| is_meant(*index)) {
        stand.sandbox.forget_received();
        check(&stand, row.fault).await.with_context(|| row.fault.name())?;
    }
    stand.finish_although(&[FAILED_LOAD]).await
}

async fn check(stand: &Stand, fault: Fault) -> Result<()> {
    let browser = &stand.browser;
    stand.reach_provider("/login?return_to=%2Fdeep", EMAIL).await?.sign_in_with(fault).await?;
    let outcome = outcome(fault)?;
    let code = match outcome {
        Outcome::SignsIn => {
            browser.wait_for("heading", "Page not found").await?;
            ensure!(browser.address().await? == "/deep");
            ensure!(stand.api_bodies(Endpoint::Login)? == [expected_login(stand, EMAIL)?]);
            return stand.assert_nothing_left().await;
        }
        Outcome::Refused(code) => code,
        Outcome::ProviderError(_) => "provider_error",
        Outcome::Rejected => "login_rejected",
    };
    let (callback, alert) = Callback::failed(browser, code).await?;
    // Not before the page is there: until then the newest callback is that of the row before.
    let logins = match outcome {
        Outcome::SignsIn | Outcome::Refused(_) => vec![],
        Outcome::Rejected => vec![expected_login(stand, EMAIL)?],
        Outcome::ProviderError(told) => {
            wait_for_logins(stand, 1).await?;
            vec![told_to_the_api(stand, told)?]
        }
    };
    if fault == Fault::Markup {
        check_foreign_words(&alert)?;
    }
    ensure!(alert.buttons == ["Start over"], "{:?}", alert.buttons);
    ensure!(browser.client().title().await? == "Sign-in failed · Indee Admin");
    ensure!(stand.api_bodies(Endpoint::Login)? == logins);
    stand.assert_calls(1, logins.len(), 0)?;
    stand.assert_nothing_left().await?;

    // The next try knows what the last one knew, and succeeds.
    callback.start_over().await?;
    let form = SignIn::shown(browser).await?;
    ensure!(browser.address().await? == "/login?return_to=%2Fdeep", "{}", browser.address().await?);
    ensure!(form.email().await? == EMAIL);
    form.press().await?;
    Provider::shown(browser).await?.sign_in().await?;
    browser.wait_for("heading", "Page not found").await?;
    ensure!(browser.address().await? == "/deep");
    stand.assert_calls(2, logins.len() + 1, 0)
}

/// The body of contract §4.8. The description is compared as far as `told` goes: what is far too long is cut only on the page.
fn told_to_the_api(stand: &Stand, told: &str) -> Result<serde_json::Value> {
    let sent = authorization_query(stand)?;
    let body = stand.api_bodies(Endpoint::Login)?.pop().context("no login")?;
    let description = body["error_description"].as_str().context("no description")?;
    let is_whole = !told.contains('<');
    ensure!(if is_whole { description == told } else { description.starts_with(told) }, "{description}");
    Ok(json!({
        "state": parameter(&sent, "state"),
        "nonce": parameter(&sent, "nonce"),
        "email": EMAIL,
        "code": "",
        "error": true,
        "error_description": description,
    }))
}

#[tokio::test]
async fn a_refusal_at_the_provider_is_told_to_person_and_api() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    stand.reach_provider("/login", EMAIL).await?.refuse().await?;
    let (callback, alert) = Callback::failed(browser, "provider_error").await?;
    assert!(alert.text.contains("The person refused to sign in."), "{}", alert.text);
    wait_for_logins(&stand, 1).await?;
    let told = told_to_the_api(&stand, "access_denied: The person refused to sign in.")?;
    assert_eq!(stand.api_bodies(Endpoint::Login)?, [told]);
    stand.assert_calls(1, 1, 0)?;

    callback.start_over().await?;
    let form = SignIn::shown(browser).await?;
    assert_eq!((browser.address().await?.as_str(), form.email().await?.as_str()), ("/login", EMAIL));
    form.press().await?;
    Provider::shown(browser).await?.sign_in().await?;
    Home::shown(browser).await?;
    stand.assert_calls(2, 2, 0)?;
    stand.finish_although(&[FAILED_LOAD]).await
}

/// Records whether a page ever shows "Signed in", even for a moment.
const WATCH: &str = "
    const look = () => { if (document.body?.innerText.includes('Signed in')) window.wasSignedIn = true; };
    new MutationObserver(look).observe(document, {subtree: true, childList: true, characterData: true});";

#[tokio::test]
async fn a_reported_error_starts_no_session_even_if_the_api_answers_with_one() -> Result<()> {
    let stand = Stand::start().await?;
    stand.browser.before_every_page(WATCH).await?;
    stand.sandbox.set_fault(Endpoint::Login, Fault::ErrorAccepted, Times::Always)?;
    for row in faults_of(Endpoint::Callback) {
        if matches!(outcome(row.fault)?, Outcome::ProviderError(_)) {
            stand.sandbox.forget_received();
            reported_in_vain(&stand, row.fault).await.with_context(|| row.fault.name())?;
        }
    }
    stand.finish().await
}

async fn reported_in_vain(stand: &Stand, fault: Fault) -> Result<()> {
    let browser = &stand.browser;
    stand.reach_provider("/login", EMAIL).await?.sign_in_with(fault).await?;
    Callback::failed(browser, "provider_error").await?;
    let answered = || stand.api_requests(Endpoint::Login).iter().any(|login| login.answered == Some(200));
    browser.until("an answer with tokens", async || Ok(answered().then_some(()))).await?;
    // Time for a session to begin and to ask for the projects.
    tokio::time::sleep(Duration::from_secs(1)).await;

    let (callback, alert) = Callback::failed(browser, "provider_error").await?;
    ensure!(alert.buttons == ["Start over"], "{:?}", alert.buttons);
    ensure!(browser.script("return window.wasSignedIn;", Vec::new()).await?.is_null(), "the page said so");
    let in_session = [Endpoint::Projects, Endpoint::Refresh, Endpoint::Logout];
    ensure!(in_session.iter().all(|endpoint| stand.api_requests(*endpoint).is_empty()), "a session began");
    stand.assert_calls(1, 1, 0)?;
    stand.assert_nothing_left().await?;
    // Within the same document, where a session would lead to the signed-in page.
    callback.start_over().await?;
    SignIn::shown(browser).await?;
    ensure!(browser.address().await? == "/login", "{}", browser.address().await?);
    stand.assert_calls(1, 1, 0)
}

#[tokio::test]
async fn a_login_succeeds_as_soon_as_the_provider_is_back() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    for fault in [Fault::ServerError, Fault::Drop] {
        stand.sandbox.forget_received();
        stand.sandbox.set_fault(Endpoint::Token, fault, Times::Count(2))?;
        stand.reach_provider("/login", EMAIL).await?.sign_in().await?;
        for tries in 1..=2 {
            wait_for_logins(&stand, tries).await?;
            let (callback, alert) = Callback::failed(browser, "server_error").await?;
            ensure!(alert.buttons == ["Try again", "Start over"], "{alert:?}");
            callback.try_again().await?;
        }
        Home::shown(browser).await?;
        let login = expected_login(&stand, EMAIL)?;
        ensure!(stand.api_bodies(Endpoint::Login)? == [login.clone(), login.clone(), login], "another body");
    }
    stand.finish_although(&[FAILED_LOAD]).await
}
