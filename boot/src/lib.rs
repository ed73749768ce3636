//! The boot step (`docs/decisions/`): the part of a sign-in that cannot wait for the app.
//!
//! It is small, so the page carries it along; it sends the login request while the app is still on its way.

#![cfg(target_arch = "wasm32")]

use indee_admin_sso::auth::call::load_config;
use indee_admin_sso::auth::complete::Callback;
use lol_alloc::{FreeListAllocator, LockedAllocator};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[global_allocator]
static ALLOCATOR: LockedAllocator<FreeListAllocator> = LockedAllocator::new(FreeListAllocator::new());

/// Takes the callback, if this visit is one, and sends the login request. What comes out is for the app's `start`.
#[wasm_bindgen]
#[must_use]
pub fn boot() -> JsValue {
    Callback::take(&load_config()).map_or(JsValue::UNDEFINED, Callback::hand_over)
}
