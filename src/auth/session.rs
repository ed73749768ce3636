//! The session: tokens in application state, memory of this tab and nothing else (contract §4.10, §5).
//!
//! It lives as long as the app, outside components, so no component that goes away can take it along.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::call;
use super::complete::SignedIn;
use crate::api::endpoints;
use crate::browser::json::BrowserJson;
use crate::browser::storage;
use crate::domain::email::Email;
use crate::domain::pending::EMAIL_KEY;

/// The session of this tab, if there is one. A handle: copies name the same session.
#[derive(Clone, Copy)]
pub struct Session {
    current: RwSignal<Option<SignedIn>>,
}

impl Default for Session {
    /// No session yet. To be made once, under the owner that lives as long as the app.
    fn default() -> Self {
        Self { current: RwSignal::new(None) }
    }
}

impl Session {
    /// Is somebody signed in? Tracked: what asks is asked again when it changes.
    #[must_use]
    pub fn is_signed_in(self) -> bool {
        self.current.with(Option::is_some)
    }

    /// Who is signed in. Tracked.
    #[must_use]
    pub fn email(self) -> Option<Email> {
        self.current.with(|current| current.as_ref().map(|current| current.email.clone()))
    }

    /// Starts a session; it replaces the one before (contract §3).
    pub fn start(self, signed_in: SignedIn) {
        self.current.set(Some(signed_in));
    }

    /// Signs out: what is kept here is gone at once, whatever the network does; then the API is told (contract §5).
    pub fn sign_out(self) {
        let Some(SignedIn { config, tokens, .. }) = self.current.try_update(Option::take).flatten() else { return };
        // A storage that is blocked holds no email either.
        let _ = storage::remove(EMAIL_KEY);
        if let Ok(in_flight) = call::send(&config, endpoints::logout::<BrowserJson>(&tokens.refresh)) {
            spawn_local(async { drop(in_flight.answer().await) });
        }
    }
}
