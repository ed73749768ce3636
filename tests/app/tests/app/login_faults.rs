//! Every fault of the API's answer to login.

use anyhow::{Context as _, Result, ensure};
use app_tests::pages::{Callback, Home, SignIn};
use app_tests::stand::Stand;
use sandbox::{Endpoint, Fault, Scope, Times, faults_of};

use crate::support::{EMAIL, FAILED_LOAD, check_foreign_words, expected_login, meaning};

#[tokio::test]
async fn what_a_person_may_try_again_is_sent_once_a_press_and_unchanged() -> Result<()> {
    let stand = Stand::start().await?;
    for fault in [Fault::ServerError, Fault::BadGateway, Fault::Drop, Fault::Truncated] {
        try_again(&stand, fault).await.with_context(|| fault.name())?;
    }
    stand.finish_although(&[FAILED_LOAD]).await
}

async fn try_again(stand: &Stand, fault: Fault) -> Result<()> {
    let browser = &stand.browser;
    let expected = meaning(fault).context("no row")?;
    stand.sandbox.forget_received();
    stand.sandbox.set_fault(Endpoint::Login, fault, Times::Always)?;
    stand.reach_provider("/login", EMAIL).await?.sign_in().await?;
    let (callback, alert) = Callback::failed(browser, expected.code).await?;
    expected.check(&alert)?;
    ensure!(alert.buttons == ["Try again", "Start over"], "{alert:?}");

    let sent = |count: usize| -> Result<()> {
        let bodies = stand.api_bodies(Endpoint::Login)?;
        let expected = expected_login(stand, EMAIL)?;
        ensure!(bodies.iter().all(|body| *body == expected), "another body");
        // Browsers repeat what a cut connection may have swallowed.
        let is_right = if fault == Fault::Drop { bodies.len() >= count } else { bodies.len() == count };
        ensure!(is_right, "{} requests after {count} tries", bodies.len());
        Ok(())
    };
    sent(1)?;
    callback.try_again().await?;
    let look = async || Ok(sent(2).is_ok().then_some(()));
    browser.until("a second request", look).await?;
    let (callback, alert) = Callback::failed(browser, expected.code).await?;
    ensure!(alert.buttons == ["Try again", "Start over"], "{alert:?}");
    stand.assert_nothing_left().await?;

    stand.sandbox.clear_faults();
    callback.try_again().await?;
    Home::shown(browser).await?;
    sent(3)?;
    stand.assert_nothing_left().await
}

#[tokio::test]
async fn every_other_bad_answer_leads_to_a_new_start() -> Result<()> {
    let stand = Stand::start().await?;
    for row in faults_of(Endpoint::Login).filter(|row| row.scope == Scope::Api) {
        let can_be_tried_again = [Fault::ServerError, Fault::BadGateway, Fault::Drop, Fault::Truncated];
        // Those that take their time are waited for elsewhere.
        if !can_be_tried_again.contains(&row.fault) && !matches!(row.fault, Fault::Slow | Fault::Hang) {
            start_over(&stand, row.fault).await.with_context(|| row.fault.name())?;
        }
    }
    stand.finish_although(&[FAILED_LOAD]).await
}

async fn start_over(stand: &Stand, fault: Fault) -> Result<()> {
    let browser = &stand.browser;
    let expected = meaning(fault).context("no row")?;
    stand.sandbox.forget_received();
    stand.sandbox.set_fault(Endpoint::Login, fault, Times::Once)?;
    stand.reach_provider("/login?return_to=%2Fdeep", EMAIL).await?.sign_in().await?;
    let (callback, alert) = Callback::failed(browser, expected.code).await?;
    expected.check(&alert)?;
    if fault == Fault::Markup {
        check_foreign_words(&alert)?;
    }
    ensure!(alert.buttons == ["Start over"], "{alert:?}");
    ensure!(browser.client().title().await? == "Sign-in failed · Indee Admin");
    ensure!(stand.api_bodies(Endpoint::Login)? == [expected_login(stand, EMAIL)?]);
    // Nor was a redirect followed: that would be a request elsewhere.
    stand.assert_calls(1, 1, 0)?;
    stand.assert_nothing_left().await?;

    callback.start_over().await?;
    let form = SignIn::shown(browser).await?;
    ensure!(browser.address().await? == "/login?return_to=%2Fdeep");
    ensure!(form.email().await? == EMAIL);
    stand.assert_calls(1, 1, 0)
}
