//! Answers that come late or never. These times are real: 8, 15 and 30 seconds (contract §1, §4.4, §6).

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use app_tests::pages::{Alert, Callback, Home, Provider, SignIn};
use app_tests::stand::{Options, Stand};
use fantoccini::key::Key;
use sandbox::{Endpoint, Fault, Times};

use crate::support::{EMAIL, FAILED_LOAD, expected_login};

/// A clock may tick a little early; a busy machine is late.
const EARLY: Duration = Duration::from_millis(500);
const LATE: Duration = Duration::from_secs(20);

fn is_about(start: Instant, seconds: u64) -> Result<()> {
    let (took, meant) = (start.elapsed(), Duration::from_secs(seconds));
    ensure!(took + EARLY >= meant, "after {took:?} instead of {seconds} s");
    Ok(())
}

fn within(seconds: u64) -> Duration {
    Duration::from_secs(seconds) + LATE
}

/// Both wait in one browser, side by side.
#[tokio::test]
async fn an_answer_that_never_comes_is_a_timeout_after_30_seconds() -> Result<()> {
    let slow = Some(Duration::from_secs(2));
    let stand = Stand::start_with(Options { slow, ..Options::default() }).await?;
    let (browser, client) = (&stand.browser, stand.browser.client());

    let callback_window = client.window().await?;
    stand.sandbox.set_fault(Endpoint::Login, Fault::Hang, Times::Always)?;
    stand.reach_provider("/login", EMAIL).await?.sign_in().await?;
    let login = Instant::now();
    Callback::waiting(browser).await?;
    ensure!(browser.client().title().await? == "Completing sign-in · Indee Admin");
    stand.assert_nothing_left().await?;
    browser.photograph("callback-waiting").await?;

    let form_window = client.new_window(false).await?.handle;
    client.switch_to_window(form_window.clone()).await?;
    stand.open("/login").await?;
    let form = SignIn::shown(browser).await?;
    stand.sandbox.set_fault(Endpoint::Initiate, Fault::Hang, Times::Always)?;
    form.submit(EMAIL).await?;
    let initiate = Instant::now();
    form.wait_until_busy().await?;
    browser.press([Key::Enter.into()]).await?;
    browser.photograph("login-busy").await?;

    client.switch_to_window(callback_window.clone()).await?;
    browser.until_within(within(30), "a timeout", async || Ok(Alert::is_shown(browser).await?.then_some(()))).await?;
    is_about(login, 30)?;
    let (callback, alert) = Callback::failed(browser, "timeout").await?;
    ensure!(alert.buttons == ["Try again", "Start over"], "{alert:?}");

    client.switch_to_window(form_window).await?;
    browser.until_within(within(30), "a timeout", async || Ok(Alert::is_shown(browser).await?.then_some(()))).await?;
    is_about(initiate, 30)?;
    Alert::shown(browser, "timeout").await?;
    form.wait_until_ready().await?;
    stand.assert_calls(2, 1, 0)?;
    stand.sandbox.clear_faults();
    form.press().await?;
    Provider::shown(browser).await?;

    // While another try runs there is nothing to press.
    client.switch_to_window(callback_window).await?;
    stand.sandbox.set_fault(Endpoint::Login, Fault::Slow, Times::Once)?;
    callback.try_again().await?;
    Callback::waiting(browser).await?;
    ensure!(browser.tree().await?.names("button").is_empty(), "a button while the request runs");
    Home::shown(browser).await?;
    let bodies = stand.api_bodies(Endpoint::Login)?;
    ensure!(bodies.len() == 2 && bodies[0] == bodies[1], "{} logins", bodies.len());
    stand.finish_although(&[FAILED_LOAD]).await
}

#[tokio::test]
async fn a_login_that_takes_over_8_seconds_says_so_and_goes_on() -> Result<()> {
    let slow = Some(Duration::from_secs(11));
    let stand = Stand::start_with(Options { slow, ..Options::default() }).await?;
    let browser = &stand.browser;
    stand.sandbox.set_fault(Endpoint::Login, Fault::Slow, Times::Once)?;
    stand.reach_provider("/login", EMAIL).await?;
    let start = Instant::now();
    Provider::shown(browser).await?.sign_in().await?;
    let callback = Callback::waiting(browser).await?;
    ensure!(!callback.status().await?.contains("longer than usual"), "said too early");
    let look = async || Ok(callback.status().await?.contains("longer than usual").then_some(()));
    browser.until("the notice", look).await?;
    is_about(start, 8)?;
    browser.photograph("callback-slow").await?;
    Home::shown(browser).await?;
    assert_eq!(stand.api_bodies(Endpoint::Login)?, [expected_login(&stand, EMAIL)?]);
    stand.assert_calls(1, 1, 0)?;
    stand.finish().await
}

#[tokio::test]
async fn where_the_browser_does_not_leave_the_form_works_again_after_15_seconds() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    stand.open("/login").await?;
    let form = SignIn::shown(browser).await?;
    stand.silence_provider(true);
    form.submit(EMAIL).await?;
    let start = Instant::now();
    form.wait_until_busy().await?;
    browser.until_within(within(15), "a form", async || Ok((!form.is_busy().await?).then_some(()))).await?;
    is_about(start, 15)?;
    ensure!(!Alert::is_shown(browser).await?, "an alert");
    stand.assert_calls(1, 0, 0)?;

    stand.silence_provider(false);
    form.press().await?;
    Provider::shown(browser).await?.sign_in().await?;
    Home::shown(browser).await?;
    stand.assert_calls(2, 1, 0)?;
    stand.finish().await
}
