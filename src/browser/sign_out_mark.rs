//! The mark that a sign-out leaves for this origin, in localStorage: the time of the last one, and nothing else.
//!
//! A message on the channel reaches only pages that run. One in the back/forward cache, or one whose app is not there yet,
//! finds the mark changed (contract §5; `docs/decisions/0010-sign-out-mark.md`).

use js_sys::Date;
use wasm_bindgen::JsValue;

/// The localStorage key of the mark.
pub const SIGN_OUT_MARK_KEY: &str = "indee.sso.signed_out";

/// The mark as it was at some time. Marks are only compared: what they hold means nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignOutMark(Option<String>);

impl SignOutMark {
    /// The mark as it is now.
    #[must_use]
    pub fn current() -> Self {
        Self(local_storage().and_then(|storage| storage.get_item(SIGN_OUT_MARK_KEY).ok()?))
    }

    /// Marks a sign-out. If the storage is blocked or full, only the pages that hear the message know.
    pub fn renew() {
        if let Some(storage) = local_storage() {
            let _ = storage.set_item(SIGN_OUT_MARK_KEY, &String::from(Date::new_0().to_iso_string()));
        }
    }

    /// As a JavaScript value.
    #[must_use]
    pub fn into_js(self) -> JsValue {
        self.0.map_or(JsValue::NULL, JsValue::from)
    }

    /// What [`into_js`](Self::into_js) made.
    #[must_use]
    pub fn from_js(value: &JsValue) -> Self {
        Self(value.as_string())
    }
}

/// Asking for it throws if it is blocked.
fn local_storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok()?
}
