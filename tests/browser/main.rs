//! The browser's side, in a real browser.
#![cfg(target_arch = "wasm32")]
