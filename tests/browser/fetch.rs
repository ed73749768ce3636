//! Sending a request: at once, within the time limit, and reading no more than is allowed (contract §1).

use std::time::Duration;

use indee_admin_sso::api::answer::{Body, HttpStatus};
use indee_admin_sso::api::request::{Delivery, Request};
use indee_admin_sso::browser::fetch::{self, Bearer, NoAnswer, Sent, TIME_LIMIT};
use indee_admin_sso::domain::secret::ApiKey;
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{RequestCache, RequestRedirect};

use crate::support::{Page, answer, network_down, never, stand_in_for_fetch, until};

fn request(delivery: Delivery) -> Request {
    Request { delivery, ..Request::post("v1/x", r#"{"a":"é"}"#.to_owned()) }
}

fn send() -> Sent {
    fetch::send("/v1/x", Bearer::None, &request(Delivery::Ordinary)).unwrap()
}

/// An answer whose body is a stream that runs this script with its `controller`.
fn streamed(pull: &str) -> Promise {
    let script = format!("return new Response(new ReadableStream({{ pull(controller) {{ {pull} }} }}))");
    Promise::resolve(&Function::new_no_args(&script).call0(&JsValue::NULL).unwrap())
}

#[wasm_bindgen_test]
async fn the_request_is_sent_before_anything_is_awaited_and_carries_nothing_elsewhere() {
    let _page = Page::new();
    let log = stand_in_for_fetch(|_| answer(200, "{}"));
    let key = ApiKey::new("the-key".to_owned()).unwrap();
    let in_flight = fetch::send("/v1/x", Bearer::Key(&key), &request(Delivery::Ordinary)).unwrap();
    assert_eq!(log.borrow().len(), 1);
    until("the body was read", || !log.borrow()[0].body.is_empty()).await;
    let sent = log.borrow()[0].clone();
    assert!(sent.request.url().ends_with("/v1/x"));
    assert_eq!(sent.request.method(), "POST");
    assert_eq!(sent.body, r#"{"a":"é"}"#);
    assert_eq!(sent.request.headers().get("Content-Type").unwrap().as_deref(), Some("application/json"));
    assert_eq!(sent.request.headers().get("Authorization").unwrap().as_deref(), Some("Bearer the-key"));
    assert_eq!(sent.request.redirect(), RequestRedirect::Manual);
    assert_eq!(sent.request.cache(), RequestCache::NoStore);
    assert_eq!(sent.request.referrer_policy(), web_sys::ReferrerPolicy::NoReferrer);
    assert!(Reflect::get(&sent.options, &"keepalive".into()).unwrap().is_undefined());
    assert_eq!(in_flight.answer(TIME_LIMIT).await.unwrap().status, HttpStatus::Code(200));
}

#[wasm_bindgen_test]
async fn without_a_key_there_is_no_header_and_a_keepalive_only_where_asked_for() {
    let _page = Page::new();
    let log = stand_in_for_fetch(|_| never());
    let in_flight = fetch::send("/v1/x", Bearer::None, &request(Delivery::OutlivesPage)).unwrap();
    let sent = log.borrow()[0].clone();
    assert_eq!(sent.request.headers().get("Authorization").unwrap(), None);
    assert!(Reflect::get(&sent.options, &"keepalive".into()).unwrap().is_truthy());
    drop(in_flight);
    assert!(!sent.request.signal().aborted(), "what is to outlive the page outlives its handle");
}

#[wasm_bindgen_test]
async fn dropping_a_request_aborts_it() {
    let _page = Page::new();
    let log = stand_in_for_fetch(|_| never());
    drop(send());
    assert!(log.borrow()[0].request.signal().aborted());
}

#[wasm_bindgen_test]
async fn no_answer_in_time_is_a_time_limit() {
    let _page = Page::new();
    let log = stand_in_for_fetch(|_| never());
    let outcome = send().answer(Duration::from_millis(50)).await;
    assert!(matches!(outcome, Err(NoAnswer::TimeLimit)));
    assert!(log.borrow()[0].request.signal().aborted());
}

#[wasm_bindgen_test]
async fn an_answer_that_starts_and_does_not_end_in_time_is_a_time_limit_too() {
    let _page = Page::new();
    let log = stand_in_for_fetch(|_| streamed("globalThis.unfinished = controller; return new Promise(() => {})"));
    let in_flight = send();
    // As the browser does it: what is aborted ends its body with an error.
    let signal = log.borrow()[0].request.signal();
    wasm_bindgen_futures::spawn_local(async move {
        until("the request was aborted", || signal.aborted()).await;
        Function::new_no_args("unfinished.error('aborted'); delete globalThis.unfinished")
            .call0(&JsValue::NULL)
            .unwrap();
    });
    assert!(matches!(in_flight.answer(Duration::from_millis(100)).await, Err(NoAnswer::TimeLimit)));
}

#[wasm_bindgen_test]
async fn no_network_is_no_answer() {
    let _page = Page::new();
    stand_in_for_fetch(|_| network_down());
    assert!(matches!(send().answer(TIME_LIMIT).await, Err(NoAnswer::Network)));
}

#[wasm_bindgen_test]
async fn a_body_is_read_to_its_limit_and_not_beyond() {
    let _page = Page::new();
    stand_in_for_fetch(|number| answer(200, &"x".repeat(65_536 + number)));
    let body = send().answer(TIME_LIMIT).await.unwrap().body;
    assert!(matches!(body, Body::Complete(bytes) if bytes.len() == 65_536));
    assert!(matches!(send().answer(TIME_LIMIT).await.unwrap().body, Body::TooLarge));
}

#[wasm_bindgen_test]
async fn reading_stops_at_the_limit_of_an_endless_body() {
    let _page = Page::new();
    let log = stand_in_for_fetch(|_| streamed("controller.enqueue(new Uint8Array(1000))"));
    assert!(matches!(send().answer(TIME_LIMIT).await.unwrap().body, Body::TooLarge));
    assert!(log.borrow()[0].request.signal().aborted(), "the rest is still being fetched");
}

#[wasm_bindgen_test]
async fn a_body_that_breaks_off_is_broken() {
    let _page = Page::new();
    stand_in_for_fetch(|_| streamed("controller.error(new TypeError('network error'))"));
    assert!(matches!(send().answer(TIME_LIMIT).await.unwrap().body, Body::Broken));
}

#[wasm_bindgen_test]
async fn an_answer_without_a_body_is_empty() {
    let _page = Page::new();
    stand_in_for_fetch(|_| {
        Promise::resolve(
            &Function::new_no_args("return new Response(null, { status: 204, headers: { 'Retry-After': '7' } })")
                .call0(&JsValue::NULL)
                .unwrap(),
        )
    });
    let answer = send().answer(TIME_LIMIT).await.unwrap();
    assert_eq!(answer.status, HttpStatus::Code(204));
    assert_eq!(answer.retry_after, Some(Duration::from_secs(7)));
    assert!(matches!(answer.body, Body::Complete(bytes) if bytes.is_empty()));
}

#[wasm_bindgen_test]
async fn what_is_no_response_at_all_is_no_answer() {
    let _page = Page::new();
    stand_in_for_fetch(|_| Promise::resolve(&JsValue::from_str("x").unchecked_into::<JsValue>()));
    assert!(matches!(send().answer(TIME_LIMIT).await, Err(NoAnswer::Network)));
}

#[wasm_bindgen_test]
async fn the_time_before_anybody_waits_counts_but_not_against_an_answer_that_is_there() {
    let _page = Page::new();
    stand_in_for_fetch(|number| if number == 0 { answer(200, "{}") } else { never() });
    let limit = Duration::from_millis(400);
    let (answered, silent) = (send(), send());
    crate::support::pause(Duration::from_millis(600)).await;
    assert_eq!(answered.answer(limit).await.unwrap().status, HttpStatus::Code(200));
    assert!(matches!(silent.answer(limit).await, Err(NoAnswer::TimeLimit)));
    let handed_over = send().hand_over();
    let sent = Sent::handed_over(&handed_over).unwrap();
    assert!(matches!(sent.answer(Duration::from_millis(50)).await, Err(NoAnswer::TimeLimit)));
}
