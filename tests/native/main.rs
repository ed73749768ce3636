//! The rules of the contract, tested natively: no browser, no clock, no network.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod answers;
mod authorization_request;
mod authorization_response;
mod bodies;
mod config;
mod email;
mod failures;
mod pending;
mod properties;
mod retry_after;
mod return_to;
mod routes;
mod secrets;
mod support;
mod untrusted_text;
mod validation;
