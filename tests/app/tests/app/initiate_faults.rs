//! Every fault of the API's answer to initiate: the browser goes nowhere, and the form goes on working.

use anyhow::{Context as _, Result, ensure};
use app_tests::pages::{Alert, Provider, SignIn};
use app_tests::stand::Stand;
use sandbox::{Endpoint, Fault, Scope, Times, faults_of};

use crate::support::{EMAIL, Expected, FAILED_LOAD, check_foreign_words, meaning};

#[tokio::test]
async fn each_bad_answer_gets_its_alert_and_the_form_goes_on() -> Result<()> {
    each(Scope::Api).await
}

#[tokio::test]
async fn no_untrustworthy_redirect_is_followed() -> Result<()> {
    each(Scope::Initiate).await
}

async fn each(scope: Scope) -> Result<()> {
    let stand = Stand::start().await?;
    for row in faults_of(Endpoint::Initiate).filter(|row| row.scope == scope) {
        // These are waited for elsewhere.
        if !matches!(row.fault, Fault::Slow | Fault::Hang) {
            check(&stand, row.fault).await.with_context(|| row.fault.name())?;
        }
    }
    Provider::shown(&stand.browser).await?.sign_in().await?;
    // Where it was to lead all along.
    stand.browser.wait_for("heading", "Page not found").await?;
    ensure!(stand.browser.address().await? == "/deep");
    stand.finish_although(&[FAILED_LOAD]).await
}

fn expected(fault: Fault) -> Result<Expected> {
    let spoiled = faults_of(Endpoint::Initiate).any(|row| row.fault == fault && row.scope == Scope::Initiate);
    if spoiled {
        return Ok(Expected::new("bad_response", Some("A0000"), ""));
    }
    meaning(fault).context("no row")
}

async fn check(stand: &Stand, fault: Fault) -> Result<()> {
    let browser = &stand.browser;
    let expected = expected(fault)?;
    stand.open("/login?return_to=%2Fdeep").await?;
    let form = SignIn::shown(browser).await?;
    // What the row before left, which ended at the provider.
    browser.script("sessionStorage.clear();", Vec::new()).await?;
    stand.sandbox.forget_received();
    stand.sandbox.set_fault(Endpoint::Initiate, fault, Times::Always)?;
    form.submit(EMAIL).await?;
    let alert = Alert::shown(browser, expected.code).await?;
    expected.check(&alert)?;
    if fault == Fault::Markup {
        check_foreign_words(&alert)?;
    }
    ensure!(alert.buttons.is_empty(), "{alert:?}");
    ensure!(browser.address().await? == "/login?return_to=%2Fdeep");
    ensure!(browser.client().title().await? == "Sign in · Indee Admin");
    ensure!(form.email().await? == EMAIL);
    // Browsers repeat what a cut connection may have swallowed.
    if fault != Fault::Drop {
        stand.assert_calls(1, 0, 0)?;
    }
    // Nothing is remembered of a sign-in that did not begin.
    stand.assert_nothing_left().await?;

    stand.sandbox.clear_faults();
    form.press().await?;
    Provider::shown(browser).await?;
    Ok(())
}
