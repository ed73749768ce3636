//! Completing a sign-in: what happens when the provider sends the browser back (contract §4.5 to §4.9).
//!
//! This runs once, at boot, before the user interface and its router exist. No component that mounts twice, no reload, no
//! Back button can send a code twice, since the code is out of the URL and the pending sign-in out of the storage before
//! anything else happens. It needs neither leptos nor a JSON parser of its own, so the login request leaves as early as can
//! be.

use wasm_bindgen_futures::spawn_local;

use super::call;
use crate::api::endpoints;
use crate::browser::fetch::InFlight;
use crate::browser::json::BrowserJson;
use crate::browser::url::BrowserUrls;
use crate::browser::{clock, location, storage};
use crate::domain::authorization_response::is_callback;
use crate::domain::config::Config;
use crate::domain::email::Email;
use crate::domain::failure::Failure;
use crate::domain::pending::{PENDING_KEY, PendingSignIn};
use crate::domain::return_to::ReturnTo;
use crate::domain::route::Route;
use crate::domain::tokens::Tokens;
use crate::domain::validate::{ValidatedResponse, Verdict, validate};

/// A callback that was taken, and what is known of the sign-in that it belongs to.
pub struct Completion {
    /// Who was signing in.
    pub email: Option<Email>,
    /// Where to go afterwards, and what "Start over" keeps.
    pub return_to: ReturnTo,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a callback.
pub enum Outcome {
    /// It was the answer to this tab's sign-in, and the login request is on its way.
    Sent(Box<Login>),
    /// It failed.
    Failed(Failure),
}

/// Takes the callback, if this visit is one: read, scrub, take, parse, validate, send.
#[must_use]
pub fn complete(config: &Result<Config, Failure>) -> Option<Completion> {
    let (path, query) = (location::path(), location::query());
    if Route::of(&path) != Route::Callback || !is_callback(&query) {
        return None;
    }
    // Where the browser refuses even this, the code stays in the history, and going on at least uses it up.
    let _ = location::replace(&path);
    let taken = storage::take(PENDING_KEY);

    let pending = taken.as_ref().ok().and_then(Option::as_deref).and_then(read_pending);
    let outcome = match (config, taken) {
        (Err(bad_config), _) => Outcome::Failed(bad_config.clone()),
        (_, Err(_)) => Outcome::Failed(Failure::StorageUnavailable),
        (Ok(config), Ok(_)) => match validate(&query, pending.as_ref(), clock::now()) {
            Verdict::Redeem(response) => Outcome::Sent(Box::new(Login::send(config, response))),
            Verdict::Refused(response, failure) => {
                report_refusal(config, &response);
                Outcome::Failed(failure)
            }
            Verdict::Rejected(failure) => Outcome::Failed(failure),
        },
    };
    let (email, return_to) = match pending {
        Some(pending) => (Some(pending.email), pending.return_to),
        None => (None, ReturnTo::home()),
    };
    Some(Completion { email, return_to, outcome })
}

fn read_pending(stored: &str) -> Option<PendingSignIn> {
    PendingSignIn::from_json::<BrowserJson>(stored, &BrowserUrls)
}

/// Tells the login API that the provider refused: best effort, once, whatever comes of it (contract §4.8).
fn report_refusal(config: &Config, response: &ValidatedResponse) {
    if let Ok(in_flight) = call::send(config, endpoints::login::<BrowserJson>(response)) {
        spawn_local(async { drop(in_flight.answer().await) });
    }
}

/// A login request on its way.
pub struct Login {
    config: Config,
    response: ValidatedResponse,
    in_flight: Result<InFlight, Failure>,
}

impl Login {
    /// Sends the login request; it is on its way when this returns.
    fn send(config: &Config, response: ValidatedResponse) -> Self {
        let in_flight = call::send(config, endpoints::login::<BrowserJson>(&response));
        Self { config: config.clone(), response, in_flight }
    }

    /// Waits for the answer.
    ///
    /// # Errors
    ///
    /// What contract §1 says that the answer means, with what another try needs.
    pub async fn answer(self) -> Result<SignedIn, FailedLogin> {
        let Self { config, response, in_flight } = self;
        let tokens = match in_flight {
            Ok(in_flight) => {
                call::answer(in_flight).await.and_then(|answer| endpoints::read_login::<BrowserJson>(&answer))
            }
            Err(failure) => Err(failure),
        };
        match tokens {
            Ok(tokens) => Ok(SignedIn { email: response.email().clone(), config, tokens }),
            Err(failure) => Err(FailedLogin { failure, config, response }),
        }
    }
}

/// A login that succeeded: all that a session is made of. Pages see the email; the rest stays in this layer.
pub struct SignedIn {
    /// Who signed in.
    pub email: Email,
    /// The API that issued the tokens, and the only one that gets to see them.
    pub(super) config: Config,
    /// The tokens of the new session.
    pub(super) tokens: Tokens,
}

/// A login that failed.
pub struct FailedLogin {
    /// Why.
    pub failure: Failure,
    config: Config,
    response: ValidatedResponse,
}

impl FailedLogin {
    /// Sends the same body once more. Only a person decides that: a code can be redeemed once (contract §4.9).
    #[must_use]
    pub fn send_again(self) -> Login {
        Login::send(&self.config, self.response)
    }
}
