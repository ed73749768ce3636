//! A session that lasts: renewal, bad networks, the end, authorized calls, sign-out everywhere (contract §5).

use std::time::Duration;

use anyhow::{Result, ensure};
use app_tests::pages::{Alert, Home, SignIn};
use app_tests::stand::{Files, Stand};
use sandbox::{Endpoint, Fault, Times};

use crate::support::{EMAIL, FAILED_LOAD};

/// Short enough to be renewed after five seconds, the least time between two refreshes.
const SHORT: Duration = Duration::from_secs(7);
const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Waits until so many refreshes were answered.
async fn wait_for_refreshes(stand: &Stand, count: usize) -> Result<()> {
    let answered = || stand.api_requests(Endpoint::Refresh).iter().filter(|request| request.answered.is_some()).count();
    let look = async || Ok((answered() >= count).then_some(()));
    stand.browser.until_within(Duration::from_secs(60), &format!("{count} refreshes"), look).await
}

#[tokio::test]
async fn five_renewals_in_a_row_and_the_person_notices_nothing() -> Result<()> {
    let stand = Stand::start().await?;
    stand.sandbox.set_lifetimes(SHORT, A_DAY);
    let home = stand.sign_in(EMAIL).await?;
    home.wait_for_projects().await?;
    assert!(home.text().await?.contains("Your session renews by itself at "));
    wait_for_refreshes(&stand, 5).await?;
    let refreshes = stand.api_requests(Endpoint::Refresh);
    assert!(refreshes.iter().all(|refresh| refresh.answered == Some(200)), "{refreshes:?}");
    for pair in refreshes.windows(2) {
        assert!(pair[1].when - pair[0].when >= 5_000, "{} ms apart", pair[1].when - pair[0].when);
    }
    assert_eq!(home.status().await?, "");
    // The newest token is as good as the first.
    stand.sandbox.forget_received();
    home.sign_out().await?;
    SignIn::shown(&stand.browser).await?;
    stand.finish().await
}

#[tokio::test]
async fn lives_count_from_the_answer_however_late_the_app_is() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    // Renewed after 8 seconds.
    stand.sandbox.set_lifetimes(Duration::from_secs(10), A_DAY);
    let provider = stand.reach_provider("/login", EMAIL).await?;
    browser.devtools("Network.clearBrowserCache", serde_json::json!({})).await?;
    stand.set_files(Files::Held);
    provider.sign_in_soon().await?;
    let answered = async || Ok(stand.api_requests(Endpoint::Login).pop().filter(|login| login.answered.is_some()));
    let login = browser.until("the answer to the login request", answered).await?;
    tokio::time::sleep(Duration::from_secs(6)).await;
    stand.set_files(Files::There);
    Home::shown(browser).await?;
    wait_for_refreshes(&stand, 1).await?;
    let after = stand.api_requests(Endpoint::Refresh)[0].when - login.when;
    // Counted from when the app came it would be 14 seconds.
    ensure!((8_000..12_000).contains(&after), "renewed {after} ms after the answer");
    stand.finish().await
}

#[tokio::test]
async fn a_server_that_is_down_for_a_while_signs_nobody_out() -> Result<()> {
    let stand = Stand::start().await?;
    stand.sandbox.set_lifetimes(SHORT, A_DAY);
    stand.sandbox.set_fault(Endpoint::Refresh, Fault::ServerError, Times::Always)?;
    let home = stand.sign_in(EMAIL).await?;
    home.wait_for_status("Reconnecting…").await?;
    stand.browser.photograph("reconnecting").await?;
    stand.sandbox.clear_faults();
    home.wait_for_status("").await?;
    let refreshes = stand.api_requests(Endpoint::Refresh);
    assert_eq!(refreshes.last().and_then(|refresh| refresh.answered), Some(200));
    assert!(home.text().await?.contains(EMAIL));
    stand.finish_although(&[FAILED_LOAD]).await
}

#[tokio::test]
async fn where_the_api_ends_the_session_the_form_says_why_and_a_new_sign_in_works() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    stand.sandbox.set_lifetimes(SHORT, A_DAY);
    stand.sign_in(EMAIL).await?;
    stand.sandbox.revoke_sessions();
    let alert = Alert::shown(browser, "session_ended").await?;
    assert!(alert.text.contains("A2003"), "{}", alert.text);
    assert_eq!(browser.address().await?, "/login?return_to=%2F");
    let form = SignIn::shown(browser).await?;
    assert_eq!(form.email().await?, EMAIL);
    assert_eq!(stand.api_requests(Endpoint::Refresh).len(), 1, "what is over is not asked for again");
    stand.assert_nothing_left().await?;
    form.press().await?;
    app_tests::pages::Provider::shown(browser).await?.sign_in().await?;
    Home::shown(browser).await?;
    stand.finish_although(&[FAILED_LOAD]).await
}

#[tokio::test]
async fn a_call_that_is_refused_is_repeated_once_with_a_new_token() -> Result<()> {
    let stand = Stand::start().await?;
    stand.sandbox.set_fault(Endpoint::Projects, Fault::Over, Times::Once)?;
    let home = stand.sign_in(EMAIL).await?;
    home.wait_for_projects().await?;
    let calls = stand.api_requests(Endpoint::Projects);
    assert_eq!(calls.iter().map(|call| call.answered).collect::<Vec<_>>(), [Some(401), Some(200)]);
    assert_ne!(calls[0].header("authorization"), calls[1].header("authorization"));
    assert_eq!(stand.api_requests(Endpoint::Refresh).len(), 1);
    stand.finish_although(&[FAILED_LOAD]).await
}

#[tokio::test]
async fn projects_that_cannot_be_loaded_say_so_in_their_region_only() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    for fault in
        [Fault::ServerError, Fault::RateLimited, Fault::Rubbish, Fault::Over, Fault::Forbidden, Fault::WrongType]
    {
        stand.sandbox.set_fault(Endpoint::Projects, fault, Times::Always)?;
        let home = stand.sign_in(EMAIL).await?;
        browser.wait_for("button", "Load the projects again").await?;
        assert!(home.text().await?.contains(EMAIL), "{fault:?}");
        stand.sandbox.clear_faults();
        browser.click("button", "Load the projects again").await?;
        home.wait_for_projects().await?;
        home.sign_out().await?;
        SignIn::shown(browser).await?;
    }
    stand.finish_although(&[FAILED_LOAD]).await
}

#[tokio::test]
async fn signing_out_signs_out_every_tab_each_with_its_own_call() -> Result<()> {
    let stand = Stand::start().await?;
    let (browser, client) = (&stand.browser, stand.browser.client());
    let first = client.window().await?;
    stand.sign_in(EMAIL).await?;
    let second = client.new_window(true).await?.handle;
    client.switch_to_window(second).await?;
    stand.sign_in(EMAIL).await?.sign_out().await?;
    SignIn::shown(browser).await?;
    client.switch_to_window(first).await?;
    let form = SignIn::shown(browser).await?;
    assert_eq!(browser.address().await?, "/login");
    assert_eq!(form.email().await?, "");
    assert!(!Alert::is_shown(browser).await?);
    let look = async || Ok((stand.api_requests(Endpoint::Logout).len() == 2).then_some(()));
    browser.until("two logout calls", look).await?;
    let bodies = stand.api_bodies(Endpoint::Logout)?;
    assert_ne!(bodies[0], bodies[1]);
    stand.finish().await
}
