//! The boot step (`docs/decisions/`): the part of a sign-in that cannot wait for the app.
//!
//! It is small, so the page carries it along; it sends the login request while the app is still on its way.

#![cfg(target_arch = "wasm32")]

use indee_admin_sso::api::answer::MAX_BODY_BYTES;
use indee_admin_sso::api::endpoints;
use indee_admin_sso::auth::call::load_config;
use indee_admin_sso::auth::complete::Callback;
use indee_admin_sso::browser::json::BrowserJson;
use js_sys::Array;
use lol_alloc::{FreeListAllocator, LockedAllocator};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[global_allocator]
static ALLOCATOR: LockedAllocator<FreeListAllocator> = LockedAllocator::new(FreeListAllocator::new());

/// Takes the callback, if this visit is one, and sends the login request.
///
/// A list for `src/start.js`, or `undefined` for any other visit. First what is for the app's `start`. Then, where the
/// sign-in is to end at the start page: who signs in, the promise of the response, and how many bytes of it may be read.
#[wasm_bindgen]
#[must_use]
pub fn boot() -> JsValue {
    let config = load_config();
    let Some(callback) = Callback::take(&config) else { return JsValue::UNDEFINED };
    let expected = callback.expected(&config);
    let taken = Array::of1(&callback.hand_over());
    if let Some((email, response)) = expected {
        let limit = u32::try_from(MAX_BODY_BYTES).unwrap_or(0).into();
        for item in [email.as_str().into(), response.into(), limit] {
            taken.push(&item);
        }
    }
    taken.into()
}

/// Does this answer to the login request, an HTTP status and a body, sign somebody in? The app judges it again.
#[wasm_bindgen]
#[must_use]
pub fn is_login(status: u16, body: &str) -> bool {
    endpoints::is_login::<BrowserJson>(status, body)
}
