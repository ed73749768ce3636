//! The rules of the contract, tested natively: no browser, no clock, no network.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod any_answer;
mod any_json;
mod authorization_response;
mod email;
mod failures;
mod properties;
mod routes;
mod secrets;
mod session;
mod session_day;
mod support;
mod untrusted_text;
mod validation;
mod waiting_words;

// These depend on a JSON parser and a URL parser, so they run a second time in the browser, with the browser's.
#[path = "../rules/answers.rs"]
mod answers;
#[path = "../rules/authorization_request.rs"]
mod authorization_request;
#[path = "../rules/bodies.rs"]
mod bodies;
#[path = "../rules/config.rs"]
mod config;
#[path = "../rules/pending.rs"]
mod pending;
#[path = "../rules/retry_after.rs"]
mod retry_after;
#[path = "../rules/return_to.rs"]
mod return_to;
#[path = "../rules/shapes.rs"]
mod shapes;
#[path = "../rules/token_life.rs"]
mod token_life;
