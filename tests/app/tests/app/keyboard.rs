//! The buttons of every failure, by keyboard alone (contract §6).

use anyhow::{Context as _, Result, ensure};
use app_tests::browser::BrowserOptions;
use app_tests::pages::{Alert, Callback, Home, Provider, SignIn};
use app_tests::stand::{Files, Options, Stand};
use fantoccini::key::Key;
use sandbox::{Endpoint, Fault, Times};
use serde_json::json;

use crate::support::{EMAIL, FAILED_LOAD, PENDING, store, wait_for_logins};

/// The ways of pressing a button.
const KEYS: [Key; 2] = [Key::Enter, Key::Space];

/// What has the focus: is it seen, and seen to have it?
const FOCUS_IS_SEEN: &str = "
    const element = document.activeElement;
    const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    const isOnTop = element.contains(document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2));
    return element.matches(':focus-visible') && outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2 &&
        !/, 0\\)|transparent/.test(outlineColor) && isOnTop && box.top >= 0 && box.bottom <= innerHeight;";

/// Tab leads from where the focus is to each of these buttons, one press each.
async fn tab_through(stand: &Stand, buttons: &[String]) -> Result<()> {
    let browser = &stand.browser;
    ensure!(!buttons.is_empty(), "no button");
    for name in buttons {
        browser.press([Key::Tab.into()]).await?;
        browser.wait_for_focus("button", name).await?;
        ensure!(browser.script(FOCUS_IS_SEEN, vec![]).await? == true, "the focus on {name} is not seen");
    }
    Ok(())
}

/// From the alert to the button of that name, and presses it.
async fn press(stand: &Stand, buttons: &[String], name: &str, key: Key) -> Result<()> {
    let index = buttons.iter().position(|button| button == name).with_context(|| format!("no {name}: {buttons:?}"))?;
    tab_through(stand, &buttons[..=index]).await?;
    stand.browser.press([key.into()]).await
}

/// A callback to a sign-in of that age in milliseconds, if there is one. The sandbox does not know it: what gets as far as the API
/// is answered with `fault`.
async fn fail(stand: &Stand, query: &str, age: Option<u64>, fault: Option<Fault>) -> Result<()> {
    stand.sandbox.forget_received();
    stand.sandbox.clear_faults();
    stand.open("/login").await?;
    if let Some(age) = age {
        let now = stand.browser.script("return Date.now();", vec![]).await?.as_u64().context("no time")?;
        let pending = json!({
            "v": 1, "state": "the-state-of-this-test", "nonce": "the-nonce-of-this-test", "email": EMAIL, "return_to": "/deep",
            "created_at": now - age,
        });
        store(stand, PENDING, &pending.to_string()).await?;
    }
    if let Some(fault) = fault {
        stand.sandbox.set_fault(Endpoint::Login, fault, Times::Always)?;
    }
    stand.open(&format!("/login/sso_callback?{query}")).await
}

const CODE: &str = "code=the-code-of-this-test&state=the-state-of-this-test";
const HOUR: u64 = 3_600_000;

/// Every failure that a callback can end in, except those that need another browser, another configuration or half a minute:
/// code, query, age of the pending sign-in, fault of the API.
const FAILURES: &[(&str, &str, Option<u64>, Option<Fault>)] = &[
    ("malformed_callback", "code=a&code=b&state=the-state-of-this-test", Some(0), None),
    ("login_expired", CODE, Some(HOUR), None),
    ("state_missing", "code=the-code-of-this-test", Some(0), None),
    ("no_pending_login", CODE, None, None),
    ("state_mismatch", "code=the-code-of-this-test&state=another", Some(0), None),
    ("code_missing", "state=the-state-of-this-test", Some(0), None),
    ("provider_error", "error=access_denied&state=the-state-of-this-test", Some(0), None),
    ("login_rejected", CODE, Some(0), Some(Fault::Rejected)),
    ("rate_limited", CODE, Some(0), Some(Fault::RateLimited)),
    ("bad_response", CODE, Some(0), Some(Fault::Rubbish)),
    ("server_error", CODE, Some(0), Some(Fault::ServerError)),
    ("network_error", CODE, Some(0), Some(Fault::Truncated)),
];

#[tokio::test]
async fn start_over_works_on_every_failure_of_a_callback() -> Result<()> {
    let stand = Stand::start().await?;
    for (code, query, age, fault) in FAILURES {
        for key in KEYS {
            fail(&stand, query, *age, *fault).await?;
            let (_, alert) = Callback::failed(&stand.browser, code).await?;
            let go = async || -> Result<()> {
                press(&stand, &alert.buttons, "Start over", key).await?;
                let form = SignIn::shown(&stand.browser).await?;
                stand.browser.wait_for_focus("textbox", "Work email").await?;
                let (email, address) = if age.is_none() { ("", "/login") } else { (EMAIL, "/login?return_to=%2Fdeep") };
                ensure!(form.email().await? == email);
                stand.browser.wait_for_address(address).await
            };
            go().await.with_context(|| format!("{code}, {key:?}"))?;
        }
    }
    stand.finish_although(&[FAILED_LOAD]).await
}

#[tokio::test]
async fn start_over_works_where_storage_is_blocked_or_a_setting_is_wrong() -> Result<()> {
    let preferences = vec![("profile.default_content_setting_values.cookies", json!(2))];
    let blocked = BrowserOptions { preferences, ..BrowserOptions::default() };
    let blocked = Options { browser: blocked, ..Options::default() };
    let wrong = Options { settings: vec![("indee-api-base", "ftp://api.example.com")], ..Options::default() };
    for (code, options) in [("storage_unavailable", blocked), ("bad_config", wrong)] {
        let stand = Stand::start_with(options).await?;
        for key in KEYS {
            stand.open(&format!("/login/sso_callback?{CODE}")).await?;
            let (_, alert) = Callback::failed(&stand.browser, code).await?;
            press(&stand, &alert.buttons, "Start over", key).await?;
            stand.browser.wait_for_address("/login").await.with_context(|| format!("{code}, {key:?}"))?;
        }
        stand.finish().await?;
    }
    Ok(())
}

#[tokio::test]
async fn try_again_works_on_every_failure_that_has_it() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    let mut tried = 0;
    for (code, query, age, fault) in FAILURES.iter().filter(|(.., fault)| fault.is_some()) {
        fail(&stand, query, *age, *fault).await?;
        let (_, alert) = Callback::failed(browser, code).await?;
        if !alert.buttons.iter().any(|name| name == "Try again") {
            continue;
        }
        tried += 1;
        for (count, key) in (2..).zip(KEYS) {
            let again = async || -> Result<()> {
                press(&stand, &alert.buttons, "Try again", key).await?;
                wait_for_logins(&stand, count).await?;
                // The failure comes back, and the focus with it.
                Callback::failed(browser, code).await?;
                tab_through(&stand, &alert.buttons).await
            };
            again().await.with_context(|| format!("{code}, {key:?}"))?;
            // Back to the alert, where the next round begins.
            browser.script("document.querySelector('[role=alert]').focus();", vec![]).await?;
        }
        ensure!(stand.api_requests(Endpoint::Login).len() == 3, "{code}: one press, one request");
    }
    ensure!(tried == 2, "{tried} failures with another try");
    stand.finish_although(&[FAILED_LOAD]).await
}

#[tokio::test]
async fn projects_and_the_way_out_of_a_session_need_no_mouse() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    for key in KEYS {
        stand.sandbox.set_fault(Endpoint::Projects, Fault::ServerError, Times::Always)?;
        let home = stand.sign_in(EMAIL).await?;
        browser.wait_for("button", "Load the projects again").await?;
        browser.wait_for_focus("heading", "Signed in").await?;
        let buttons = ["Load the projects again", "Sign out"].map(str::to_owned);
        press(&stand, &buttons, &buttons[0], key).await?;
        browser.wait_for("button", "Load the projects again").await?;
        stand.sandbox.clear_faults();
        // The button that was pressed is gone, and its focus with it.
        browser.script("document.querySelector('h1').focus();", vec![]).await?;
        press(&stand, &buttons, &buttons[0], key).await?;
        home.wait_for_projects().await?;
        browser.script("document.querySelector('h1').focus();", vec![]).await?;
        press(&stand, &buttons[1..], "Sign out", key).await?;
        SignIn::shown(browser).await?;
    }
    stand.finish_although(&[FAILED_LOAD]).await
}

#[tokio::test]
async fn a_page_that_did_not_load_is_reloaded_by_keyboard() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    for key in KEYS {
        browser.devtools("Network.clearBrowserCache", json!({})).await?;
        stand.set_files(Files::Missing(".wasm"));
        stand.open("/login").await?;
        browser.wait_for("button", "Reload").await?;
        stand.set_files(Files::There);
        press(&stand, &["Reload".to_owned()], "Reload", key).await?;
        SignIn::shown(browser).await?;
    }
    stand.finish_although(&[FAILED_LOAD, "integrity"]).await
}

#[tokio::test]
async fn a_failure_above_the_form_leaves_the_form_to_the_keyboard() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    for key in KEYS {
        stand.open("/login").await?;
        let form = SignIn::shown(browser).await?;
        stand.sandbox.set_fault(Endpoint::Initiate, Fault::ServerError, Times::Once)?;
        form.submit(EMAIL).await?;
        let alert = Alert::shown(browser, "server_error").await?;
        ensure!(alert.buttons.is_empty(), "{alert:?}");
        browser.press([Key::Tab.into()]).await?;
        browser.wait_for_focus("textbox", "Work email").await?;
        ensure!(browser.script(FOCUS_IS_SEEN, vec![]).await? == true, "the focus on the field is not seen");
        press(&stand, &["Continue with SSO".to_owned()], "Continue with SSO", key).await?;
        Provider::shown(browser).await?.sign_in().await?;
        Home::shown(browser).await?;
    }
    stand.finish_although(&[FAILED_LOAD]).await
}
