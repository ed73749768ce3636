//! Callbacks that nobody's provider sent, or that come twice, too late, or to something else than was stored.

use anyhow::{Context as _, Result, ensure};
use app_tests::pages::{Callback, Home, Provider, SignIn};
use app_tests::stand::Stand;
use sandbox::Endpoint;
use serde_json::{Value, json};

use crate::support::{EMAIL, FAILED_LOAD, PENDING, callback_query, store, stored};

const QUERY: &str = "code=the-code-of-this-test&state=the-state-of-this-test";
const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;

/// A pending sign-in of the browser's present, changed.
async fn pending(stand: &Stand, change: impl FnOnce(&mut Value)) -> Result<String> {
    let now = stand.browser.script("return Date.now();", Vec::new()).await?;
    let mut pending = json!({
        "v": 1,
        "state": "the-state-of-this-test",
        "nonce": "the-nonce-of-this-test",
        "email": EMAIL,
        "return_to": "/deep",
        "created_at": now,
    });
    change(&mut pending);
    Ok(pending.to_string())
}

/// A callback to what is stored; the sandbox never heard of it, so what gets as far as the API is rejected there.
async fn ends_in(stand: &Stand, pending: Option<&str>, path: &str, code: &str, logins: usize) -> Result<()> {
    stand.sandbox.forget_received();
    stand.open("/login").await?;
    if let Some(pending) = pending {
        store(stand, PENDING, pending).await?;
    }
    stand.open(path).await?;
    let (_, alert) = Callback::failed(&stand.browser, code).await?;
    ensure!(alert.buttons == ["Start over"], "{alert:?}");
    ensure!(stored(stand, PENDING).await?.is_none(), "the pending sign-in is still there");
    stand.assert_calls(0, logins, 0)?;
    stand.assert_nothing_left().await
}

#[tokio::test]
async fn one_to_a_sign_in_that_nobody_began_is_refused() -> Result<()> {
    let stand = Stand::start().await?;
    let path = format!("/login/sso_callback?{QUERY}");
    ends_in(&stand, None, &path, "no_pending_login", 0).await?;
    ends_in(&stand, None, "/login/sso_callback?error=access_denied", "no_pending_login", 0).await?;
    ends_in(&stand, None, "/login/sso_callback?code=", "no_pending_login", 0).await?;
    stand.finish().await
}

#[tokio::test]
async fn one_that_does_not_fit_what_is_stored_is_refused() -> Result<()> {
    let stand = Stand::start().await?;
    stand.open("/login").await?;
    let path = format!("/login/sso_callback?{QUERY}");
    let good = pending(&stand, |_| ()).await?;

    let forged = "/login/sso_callback?code=the-code-of-this-test&state=a-state-of-somebody-else";
    ends_in(&stand, Some(&good), forged, "state_mismatch", 0).await?;
    let forged = "/login/sso_callback?error=access_denied&state=a-state-of-somebody-else";
    ends_in(&stand, Some(&good), forged, "state_mismatch", 0).await?;

    let aged = async |by: i64| {
        let age = |pending: &mut Value| pending["created_at"] = (pending["created_at"].as_i64().unwrap() - by).into();
        pending(&stand, age).await
    };
    let late = aged(15 * MINUTE + SECOND).await?;
    ends_in(&stand, Some(&late), &path, "login_expired", 0).await?;
    let future = aged(-(2 * MINUTE)).await?;
    ends_in(&stand, Some(&future), &path, "login_expired", 0).await?;
    // With half a minute to spare on either side, it gets as far as the API, which knows no such state.
    for by in [14 * MINUTE + 30 * SECOND, -30 * SECOND] {
        let fresh = aged(by).await?;
        ends_in(&stand, Some(&fresh), &path, "login_rejected", 1).await?;
    }
    stand.finish_although(&[FAILED_LOAD]).await
}

#[tokio::test]
async fn what_was_tampered_with_in_the_storage_is_no_sign_in() -> Result<()> {
    let stand = Stand::start().await?;
    stand.open("/login").await?;
    let path = format!("/login/sso_callback?{QUERY}");
    for text in ["", "null", "{", "[]", "\"the-state-of-this-test\""] {
        ends_in(&stand, Some(text), &path, "no_pending_login", 0).await.with_context(|| text.to_owned())?;
    }
    let changes: [(&str, Value); 7] = [
        ("v", 2.into()),
        ("v", Value::Null),
        ("state", 7.into()),
        ("nonce", Value::Null),
        ("email", "nobody".into()),
        ("created_at", "now".into()),
        ("return_to", Value::Null),
    ];
    for (field, value) in changes {
        let tampered = pending(&stand, |pending| pending[field] = value.clone()).await?;
        ends_in(&stand, Some(&tampered), &path, "no_pending_login", 0).await.with_context(|| tampered)?;
    }
    // A place to return to that is none is no reason to refuse: it counts as the start page.
    let evil = pending(&stand, |pending| pending["return_to"] = "//evil.example".into()).await?;
    ends_in(&stand, Some(&evil), "/login/sso_callback?state=the-state-of-this-test", "code_missing", 0).await?;
    stand.browser.click("button", "Start over").await?;
    SignIn::shown(&stand.browser).await?;
    assert_eq!(stand.browser.address().await?, "/login");
    stand.finish().await
}

#[tokio::test]
async fn the_length_of_a_query_has_a_limit() -> Result<()> {
    let stand = Stand::start().await?;
    stand.open("/login").await?;
    let good = pending(&stand, |_| ()).await?;
    let long = |bytes: usize| format!("/login/sso_callback?{QUERY}&x={}", "y".repeat(bytes - QUERY.len() - 3));
    ends_in(&stand, Some(&good), &long(16_384), "login_rejected", 1).await?;
    ends_in(&stand, Some(&good), &long(16_385), "malformed_callback", 0).await?;
    stand.finish_although(&[FAILED_LOAD]).await
}

#[tokio::test]
async fn a_slash_or_a_fragment_at_the_end_makes_no_difference() -> Result<()> {
    let stand = Stand::start().await?;
    stand.open("/login").await?;
    let good = pending(&stand, |_| ()).await?;
    ends_in(&stand, Some(&good), &format!("/login/sso_callback/?{QUERY}"), "login_rejected", 1).await?;
    ends_in(&stand, Some(&good), &format!("/login/sso_callback?{QUERY}#_=_"), "login_rejected", 1).await?;
    stand.finish_although(&[FAILED_LOAD]).await
}

#[tokio::test]
async fn a_second_use_of_the_same_one_is_refused() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    stand.sign_in(EMAIL).await?;
    let used = callback_query(&stand)?;
    stand.open(&format!("/login/sso_callback?{used}")).await?;
    let (callback, _) = Callback::failed(browser, "no_pending_login").await?;
    stand.assert_calls(1, 1, 0)?;
    stand.assert_nothing_left().await?;

    callback.start_over().await?;
    let form = SignIn::shown(browser).await?;
    assert_eq!(form.email().await?, EMAIL);
    form.press().await?;
    Provider::shown(browser).await?.sign_in().await?;
    Home::shown(browser).await?;
    stand.assert_calls(2, 2, 0)?;
    stand.finish().await
}

#[tokio::test]
async fn one_that_comes_too_late_is_refused_though_it_is_genuine() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    stand.reach_provider("/login", EMAIL).await?;
    let provider = browser.text_of("location.href").await?;
    stand.open("/login").await?;
    let kept = stored(&stand, PENDING).await?.context("no pending sign-in")?;
    let mut kept: Value = serde_json::from_str(&kept)?;
    let begun = kept["created_at"].as_i64().context("when?")?;
    kept["created_at"] = (begun - 15 * MINUTE - SECOND).into();
    store(&stand, PENDING, &kept.to_string()).await?;

    browser.client().goto(&provider).await?;
    Provider::shown(browser).await?.sign_in().await?;
    Callback::failed(browser, "login_expired").await?;
    stand.assert_calls(1, 0, 0)?;
    stand.finish().await
}

#[tokio::test]
async fn a_visit_without_parameters_is_none_and_leaves_the_sign_in_alone() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    stand.reach_provider("/login?return_to=%2Fdeep", EMAIL).await?;
    let provider = browser.text_of("location.href").await?;
    for visit in ["", "/", "?", "?iss=x&session_state=y", "#code=x&state=y"] {
        stand.open(&format!("/login/sso_callback{visit}")).await?;
        SignIn::shown(browser).await.with_context(|| visit.to_owned())?;
        assert_eq!(browser.address().await?, "/login", "{visit}");
        assert!(stored(&stand, PENDING).await?.is_some(), "{visit}");
    }
    browser.client().goto(&provider).await?;
    Provider::shown(browser).await?.sign_in().await?;
    browser.wait_for("heading", "Page not found").await?;
    assert_eq!(browser.address().await?, "/deep");
    assert_eq!(stand.api_bodies(Endpoint::Login)?.len(), 1);
    stand.assert_calls(1, 1, 0)?;
    stand.finish().await
}
