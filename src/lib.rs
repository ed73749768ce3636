//! The browser side of single sign-on for Indee's admin console.
//!
//! # Layout
//!
//! Each layer knows only those before it:
//!
//! - [`domain`]: the rules. No browser, no clock, no I/O.
//! - [`api`]: the endpoints of Indee's API: bodies out, strict reading of answers in.
//! - `browser`: fetch, storage, location, timers: small, fallible, deciding nothing.
//! - `auth`: the flows: begin and complete a sign-in, keep its session, make authorized calls in it.
//! - `ui`: what a person sees.
//!
//! The last three exist on `wasm32` only; the first two are tested natively. A sign-in reads from top to bottom in
//! `auth/begin.rs` and `auth/complete.rs`.

pub mod api;
pub mod domain;

#[cfg(target_arch = "wasm32")]
pub mod auth;
#[cfg(target_arch = "wasm32")]
pub mod browser;
#[cfg(all(target_arch = "wasm32", feature = "app"))]
pub mod ui;
