//! The browser's side, in a real browser: storage, location, fetch, settings, and each page with its accessible names.
//!
//! All tests share one page, so each leaves storage, URL and document as it found them: see [`support::Page`].
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod app;
mod completion;
mod fetch;
mod json;
mod location;
mod pages;
mod session;
mod settings;
mod storage;
mod support;

// The rules that depend on a JSON parser and a URL parser, here with the browser's.
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

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
