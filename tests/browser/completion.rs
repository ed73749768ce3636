//! The callback at boot: read, scrub, take, parse, validate, send (contract §4.5 to §4.9).

use indee_admin_sso::auth::call::load_config;
use indee_admin_sso::auth::complete::{Callback, Completion, Outcome};
use indee_admin_sso::browser::clock;
use indee_admin_sso::browser::url::BrowserUrls;
use indee_admin_sso::domain::pending::{PENDING_KEY, PendingSignIn};
use indee_admin_sso::domain::return_to::ReturnTo;
use js_sys::Function;
use std::time::Duration;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{
    ClockAhead, Held, Log, Page, Replaced, TestJson, address, answer, network_down, never, pause, pending, set_meta,
    stand_in_for_fetch, store, stored, until,
};

/// A pending sign-in of a moment ago is in the storage.
fn remember() {
    let pending = PendingSignIn { created_at: clock::now(), ..pending() };
    store(PENDING_KEY, &pending.to_json::<TestJson>().unwrap());
}

/// What the boot step does, and then the app with what that hands over.
fn arrive() -> Option<Completion> {
    let config = load_config();
    let handed_over = Callback::take(&config)?.hand_over();
    Some(Callback::handed_over(&handed_over).unwrap().complete(&config))
}

fn code(completion: &Completion) -> &'static str {
    match &completion.outcome {
        Outcome::Sent(_) => "sent",
        Outcome::Failed(failure) => failure.code(),
    }
}

async fn body(log: &Log) -> String {
    until("the body was read", || !log.borrow()[0].body.is_empty()).await;
    log.borrow()[0].body.clone()
}

#[wasm_bindgen_test]
async fn the_login_request_is_on_its_way_when_the_callback_was_taken() {
    let _page = Page::at("/login/sso_callback?code=c%2B1&state=the-state%3D%3D#_=_");
    remember();
    let log = stand_in_for_fetch(|_| never());
    let completion = arrive().unwrap();
    assert_eq!(log.borrow().len(), 1);
    assert_eq!(address(), "/login/sso_callback");
    assert_eq!(stored(PENDING_KEY), None);
    assert_eq!(code(&completion), "sent");
    assert_eq!(completion.email.as_ref().unwrap().as_str(), "admin@example.com");
    assert_eq!(completion.return_to.as_str(), "/projects?page=2");
    assert!(log.borrow()[0].request.url().ends_with("/v1/admin/auth/sso/login"));
    assert_eq!(
        body(&log).await,
        r#"{"state":"the-state==","nonce":"the-nonce","email":"admin@example.com","code":"c+1","error":false,"error_description":{}}"#
    );
}

#[wasm_bindgen_test]
fn the_url_is_scrubbed_and_the_sign_in_taken_before_the_request_leaves() {
    let _page = Page::at("/login/sso_callback?code=c&state=the-state==");
    remember();
    let seen = std::rc::Rc::new(std::cell::RefCell::new(None));
    stand_in_for_fetch({
        let seen = seen.clone();
        move |_| {
            *seen.borrow_mut() = Some((address(), stored(PENDING_KEY)));
            never()
        }
    });
    let _completion = arrive();
    assert_eq!(seen.take(), Some(("/login/sso_callback".to_owned(), None)));
}

#[wasm_bindgen_test]
fn a_second_visit_with_the_same_query_sends_nothing() {
    let _page = Page::at("/login/sso_callback?code=c&state=the-state==");
    remember();
    let log = stand_in_for_fetch(|_| never());
    let _first = arrive();
    crate::support::visit("/login/sso_callback?code=c&state=the-state==");
    assert_eq!(code(&arrive().unwrap()), "no_pending_login");
    assert_eq!(log.borrow().len(), 1);
}

#[wasm_bindgen_test]
fn what_is_not_the_answer_is_refused_scrubbed_and_uses_the_sign_in_up() {
    let rows = [
        ("code=c&code=d&state=the-state==", "malformed_callback"),
        ("code=%zz&state=the-state==", "malformed_callback"),
        ("code=c", "state_missing"),
        ("code=c&state=other", "state_mismatch"),
        ("state=the-state==", "code_missing"),
    ];
    for (query, expected) in rows {
        let _page = Page::at(&format!("/login/sso_callback?{query}"));
        remember();
        let log = stand_in_for_fetch(|_| never());
        let completion = arrive().unwrap();
        assert_eq!(code(&completion), expected, "{query}");
        assert_eq!(completion.return_to.as_str(), "/projects?page=2");
        assert_eq!(address(), "/login/sso_callback");
        assert_eq!(stored(PENDING_KEY), None, "{query}");
        assert_eq!(log.borrow().len(), 0, "{query}");
    }
}

#[wasm_bindgen_test]
fn a_stored_text_that_cannot_be_read_is_no_pending_login() {
    for text in ["", "{", r#"{"v":2}"#, "null"] {
        let _page = Page::at("/login/sso_callback?code=c&state=the-state==");
        store(PENDING_KEY, text);
        assert_eq!(code(&arrive().unwrap()), "no_pending_login", "{text}");
        assert_eq!(stored(PENDING_KEY), None);
    }
}

#[wasm_bindgen_test]
async fn a_refusal_is_told_to_the_login_api_and_to_the_person() {
    let _page =
        Page::at("/login/sso_callback?error=access_denied&error_description=User+is+not+assigned&state=the-state==");
    remember();
    let log = stand_in_for_fetch(|_| never());
    let completion = arrive().unwrap();
    assert_eq!(code(&completion), "provider_error");
    assert_eq!(log.borrow().len(), 1);
    assert_eq!(
        body(&log).await,
        r#"{"state":"the-state==","nonce":"the-nonce","email":"admin@example.com","code":"","error":true,"error_description":"access_denied: User is not assigned"}"#
    );
}

#[wasm_bindgen_test]
fn a_visit_without_a_response_leaves_the_sign_in_alone() {
    for path in ["/login/sso_callback", "/login/sso_callback?iss=x", "/login?code=c&state=s", "/other?code=c&state=s"] {
        let _page = Page::at(path);
        remember();
        assert!(arrive().is_none(), "{path}");
        assert!(stored(PENDING_KEY).is_some(), "{path}");
        assert_eq!(address(), path);
    }
}

#[wasm_bindgen_test]
fn a_trailing_slash_makes_no_difference() {
    let _page = Page::at("/login/sso_callback/?code=c&state=the-state==");
    remember();
    stand_in_for_fetch(|_| never());
    assert_eq!(code(&arrive().unwrap()), "sent");
    assert_eq!(address(), "/login/sso_callback/");
}

#[wasm_bindgen_test]
fn a_bad_setting_is_told_after_scrubbing_and_nothing_is_sent() {
    let _page = Page::at("/login/sso_callback?code=c&code=d&state=the-state==");
    remember();
    set_meta("indee-api-base", Some("nonsense"));
    let log = stand_in_for_fetch(|_| never());
    assert_eq!(code(&arrive().unwrap()), "bad_config");
    assert_eq!(address(), "/login/sso_callback");
    assert_eq!(log.borrow().len(), 0);
}

#[wasm_bindgen_test]
fn a_blocked_storage_is_told_after_scrubbing_and_nothing_is_sent() {
    let _page = Page::at("/login/sso_callback?code=c&state=the-state==");
    let log = stand_in_for_fetch(|_| never());
    {
        let _blocked = Replaced::throws("sessionStorage");
        assert_eq!(code(&arrive().unwrap()), "storage_unavailable");
    }
    assert_eq!(address(), "/login/sso_callback");
    assert_eq!(log.borrow().len(), 0);
}

#[wasm_bindgen_test]
async fn the_app_waits_for_what_the_boot_step_sent_and_sends_nothing_itself() {
    let _page = Page::at("/login/sso_callback?code=c&state=the-state==");
    remember();
    let log = stand_in_for_fetch(|_| answer(200, r#"{"status_code":"A0000","token":"t.t.t","refresh_token":"r.r.r"}"#));
    let config = load_config();
    let handed_over = Callback::take(&config).unwrap().hand_over();
    // The answer is there long before the app.
    pause(Duration::from_millis(50)).await;
    assert!(!log.borrow()[0].request.signal().aborted(), "nobody lets go of the request meanwhile");
    let completion = Callback::handed_over(&handed_over).unwrap().complete(&config);
    let Outcome::Sent(login) = completion.outcome else { panic!("not sent") };
    assert!(login.answer().await.is_ok());
    assert_eq!(log.borrow().len(), 1);
}

#[wasm_bindgen_test]
async fn clock_that_is_set_forward_does_not_time_the_login_out() {
    let _page = Page::at("/login/sso_callback?code=c&state=the-state==");
    remember();
    let held = Held::new();
    stand_in_for_fetch({
        let held = held.clone();
        move |_| held.promise()
    });
    let config = load_config();
    let handed_over = Callback::take(&config).unwrap().hand_over();
    let _ahead = ClockAhead::by(Duration::from_secs(60));
    let completion = Callback::handed_over(&handed_over).unwrap().complete(&config);
    let Outcome::Sent(login) = completion.outcome else { panic!("not sent") };
    wasm_bindgen_futures::spawn_local(async move {
        pause(Duration::from_millis(1_500)).await;
        held.release(&answer(200, r#"{"status_code":"A0000","token":"t.t.t","refresh_token":"r.r.r"}"#));
    });
    assert!(login.answer().await.is_ok());
}

#[wasm_bindgen_test]
fn who_may_be_told_of_early_is_known_where_the_sign_in_leads_home() {
    let refused = "error=access_denied&state=the-state==";
    let rows = [
        ("code=c&state=the-state==", "/", true),
        ("code=c&state=the-state==", "/projects", false),
        ("code=c&state=another", "/", false),
        // The API is told of it, and may call that a success.
        (refused, "/", false),
    ];
    for (query, return_to, is_expected) in rows {
        let _page = Page::at(&format!("/login/sso_callback?{query}"));
        let return_to = ReturnTo::parse(return_to, &BrowserUrls);
        let pending = PendingSignIn { created_at: clock::now(), return_to, ..pending() };
        store(PENDING_KEY, &pending.to_json::<TestJson>().unwrap());
        stand_in_for_fetch(|_| never());
        let config = load_config();
        let callback = Callback::take(&config).unwrap();
        let email = callback.expected(&config).map(|(email, _)| email);
        assert_eq!(email, is_expected.then_some(pending.email), "{query}");
    }
}

#[wasm_bindgen_test]
async fn a_request_that_failed_before_the_app_came_is_a_network_error_and_nothing_is_logged() {
    let _page = Page::at("/login/sso_callback?code=c&state=the-state==");
    remember();
    stand_in_for_fetch(|_| network_down());
    let unhandled = Function::new_no_args("globalThis.unhandled = 0; onunhandledrejection = () => unhandled++;");
    unhandled.call0(&JsValue::NULL).unwrap();
    let config = load_config();
    let handed_over = Callback::take(&config).unwrap().hand_over();
    pause(Duration::from_millis(50)).await;
    let count = Function::new_no_args("onunhandledrejection = null; return unhandled").call0(&JsValue::NULL).unwrap();
    assert_eq!(count, 0);
    let completion = Callback::handed_over(&handed_over).unwrap().complete(&config);
    let Outcome::Sent(login) = completion.outcome else { panic!("not sent") };
    assert!(matches!(login.answer().await, Err(failed) if failed.failure.code() == "network_error"));
}

#[wasm_bindgen_test]
fn what_was_not_handed_over_by_the_boot_step_is_not_taken_for_it() {
    for script in ["undefined", "null", "0", "''", "[]", "{}", "[1, null, 0]", "['code=c', null, 'x']"] {
        let value = Function::new_no_args(&format!("return {script}")).call0(&JsValue::NULL).unwrap();
        assert!(Callback::handed_over(&value).is_none(), "{script}");
    }
}
