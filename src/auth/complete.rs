//! Completing a sign-in: what happens when the provider sends the browser back (contract §4.5 to §4.9).
//!
//! This runs once, at boot, before the user interface and its router exist. No component that mounts twice, no reload, no
//! Back button can send a code twice, since the code is out of the URL and the pending sign-in out of the storage before
//! anything else happens.
//!
//! The first half, [`Callback::take`], is the boot step: a small wasm of its own that the page carries along (`boot/`), so
//! that the login request leaves while the app is still on its way. The second half, [`Callback::complete`], is the app's.
//! Where there was no boot step the app does both.

use js_sys::{Array, Promise};
use wasm_bindgen::{JsCast, JsValue};

use super::call;
use crate::api::endpoints;
use crate::browser::fetch::Sent;
use crate::browser::json::BrowserJson;
use crate::browser::sign_out_mark::SignOutMark;
use crate::browser::storage::Unavailable;
use crate::browser::task::spawn_detached;
use crate::browser::url::BrowserUrls;
use crate::browser::{clock, location, storage};
use crate::domain::authorization_response::is_callback;
use crate::domain::config::Config;
use crate::domain::email::Email;
use crate::domain::failure::Failure;
use crate::domain::pending::{PENDING_KEY, PendingSignIn};
use crate::domain::return_to::ReturnTo;
use crate::domain::route::Route;
use crate::domain::time::UnixMillis;
use crate::domain::tokens::Tokens;
use crate::domain::url::{NoUrls, ParseUrl};
use crate::domain::validate::{ValidatedResponse, Verdict as Judgement, validate};

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

/// A callback that was taken: what could be had only once, and the request that it led to.
///
/// The boot step makes it and hands it over to the app, which judges it anew by the same rules. Nothing but what came from
/// outside passes between them, so that neither has to believe the other.
pub struct Callback {
    /// The query as it stood in the URL, without its `?`.
    query: String,
    /// The stored text of the pending sign-in.
    stored: Result<Option<String>, Unavailable>,
    /// When it was taken.
    at: UnixMillis,
    /// The mark of the last sign-out on this origin, as it was before the request was sent.
    sign_out_mark: SignOutMark,
    /// The request to the login API, where there was one to be sent.
    sent: Option<Sent>,
}

/// What a callback comes to, by the rules.
enum Verdict<'a> {
    /// The code may be redeemed.
    Redeem(&'a Config, ValidatedResponse),
    /// The provider refused: the login API is told the response, the person the failure (contract §4.8).
    Report(&'a Config, ValidatedResponse, Failure),
    /// Nothing is sent.
    Fail(Failure),
}

impl Callback {
    /// Takes the callback, if this visit is one: read, scrub, take, parse, validate, send.
    #[must_use]
    pub fn take(config: &Result<Config, Failure>) -> Option<Self> {
        let (path, query) = (location::path(), location::query());
        if Route::of(&path) != Route::Callback || !is_callback(&query) {
            return None;
        }
        // Where the browser refuses even this, the code stays in the history, and going on at least uses it up.
        let _ = location::replace(&path);
        Some(Self::take_scrubbed(query, config))
    }

    /// The rest of it: take, parse, validate, send. For a page that could not run the boot step, and has scrubbed the URL.
    #[must_use]
    pub fn take_scrubbed(query: String, config: &Result<Config, Failure>) -> Self {
        let stored = storage::take(PENDING_KEY);
        let mut callback = Self { query, stored, at: clock::now(), sign_out_mark: SignOutMark::current(), sent: None };
        // Where it is to lead afterwards is not known yet, and not needed.
        if let Verdict::Redeem(config, response) | Verdict::Report(config, response, _) =
            callback.judge(config, callback.pending(&NoUrls).as_ref())
        {
            callback.sent = Login::send(config, &response).ok();
        }
        callback
    }

    /// The sign-in that this tab began, if there is one that can be read.
    fn pending(&self, urls: &impl ParseUrl) -> Option<PendingSignIn> {
        let stored = self.stored.as_ref().ok()?.as_deref()?;
        PendingSignIn::from_json::<BrowserJson>(stored, urls)
    }

    /// Parses and validates.
    fn judge<'a>(&self, config: &'a Result<Config, Failure>, pending: Option<&PendingSignIn>) -> Verdict<'a> {
        match (config, &self.stored) {
            (Err(bad_config), _) => Verdict::Fail(bad_config.clone()),
            (_, Err(Unavailable)) => Verdict::Fail(Failure::StorageUnavailable),
            (Ok(config), Ok(_)) => match validate(&self.query, pending, self.at) {
                Judgement::Redeem(response) => Verdict::Redeem(config, response),
                Judgement::Refused(response, failure) => Verdict::Report(config, response, failure),
                Judgement::Rejected(failure) => Verdict::Fail(failure),
            },
        }
    }

    /// What becomes of it: what was sent is waited for, and nothing is sent again.
    #[must_use]
    pub fn complete(self, config: &Result<Config, Failure>) -> Completion {
        let pending = self.pending(&BrowserUrls);
        let outcome = match self.judge(config, pending.as_ref()) {
            Verdict::Redeem(config, response) => {
                let sent = self.sent.ok_or(Failure::NetworkError);
                let sign_out_mark = self.sign_out_mark;
                Outcome::Sent(Box::new(Login { config: config.clone(), response, sign_out_mark, sent }))
            }
            Verdict::Report(_, _, failure) => {
                // Best effort, once, whatever comes of it.
                if let Some(sent) = self.sent {
                    spawn_detached(async { drop(call::answer(sent).await) });
                }
                Outcome::Failed(failure)
            }
            Verdict::Fail(failure) => Outcome::Failed(failure),
        };
        let (email, return_to) = match pending {
            Some(pending) => (Some(pending.email), pending.return_to),
            None => (None, ReturnTo::home()),
        };
        Completion { email, return_to, outcome }
    }

    /// The sign-in that ends at the start page, if the login request is answered with tokens: who is signed in then, and the
    /// promise of the response. The page can say so before the app is there.
    #[must_use]
    pub fn expected(&self, config: &Result<Config, Failure>) -> Option<(Email, Promise)> {
        let pending = self.pending(&NoUrls)?;
        let Verdict::Redeem(..) = self.judge(config, Some(&pending)) else { return None };
        let sent = self.sent.as_ref()?;
        let stored = self.stored.as_ref().ok()?.as_deref()?;
        PendingSignIn::leads_home::<BrowserJson>(stored).then(|| (pending.email, sent.response()))
    }

    /// The callback as a value that the boot step can hand to the app, in memory.
    #[must_use]
    pub fn hand_over(self) -> JsValue {
        let stored = match self.stored {
            Ok(Some(text)) => text.into(),
            Ok(None) => JsValue::NULL,
            Err(Unavailable) => JsValue::UNDEFINED,
        };
        let sent = self.sent.map_or(JsValue::UNDEFINED, Sent::hand_over);
        Array::of5(&self.query.into(), &stored, &clock::to_js(self.at), &sent, &self.sign_out_mark.into_js()).into()
    }

    /// What [`hand_over`](Self::hand_over) made; `None` where there is none, and then nothing was taken.
    #[must_use]
    pub fn handed_over(value: &JsValue) -> Option<Self> {
        let parts = value.dyn_ref::<Array>()?;
        let stored = parts.get(1);
        let stored = match stored.as_string() {
            Some(text) => Ok(Some(text)),
            None if stored.is_null() => Ok(None),
            None => Err(Unavailable),
        };
        let at = clock::from_js(&parts.get(2))?;
        let sign_out_mark = SignOutMark::from_js(&parts.get(4));
        let sent = Sent::handed_over(&parts.get(3));
        Some(Self { query: parts.get(0).as_string()?, stored, at, sign_out_mark, sent })
    }
}

/// A login request on its way.
pub struct Login {
    config: Config,
    response: ValidatedResponse,
    sign_out_mark: SignOutMark,
    sent: Result<Sent, Failure>,
}

impl Login {
    /// Sends the login request; it is on its way when this returns.
    fn send(config: &Config, response: &ValidatedResponse) -> Result<Sent, Failure> {
        call::send(config, endpoints::login::<BrowserJson>(response))
    }

    /// Waits for the answer.
    ///
    /// # Errors
    ///
    /// What contract §1 says that the answer means, with what another try needs.
    pub async fn answer(self) -> Result<SignedIn, FailedLogin> {
        let Self { config, response, sign_out_mark, sent } = self;
        let tokens = match sent {
            Ok(sent) => call::answer(sent).await.and_then(|answer| {
                let tokens = endpoints::read_login::<BrowserJson>(&answer)?;
                Ok((tokens, answer.received_at))
            }),
            Err(failure) => Err(failure),
        };
        match tokens {
            Ok((tokens, received_at)) => {
                let email = response.email().clone();
                Ok(SignedIn { email, config, tokens, received_at, sign_out_mark })
            }
            Err(failure) => Err(FailedLogin { failure, config, response }),
        }
    }
}

/// A login that succeeded: all that a session is made of. Pages see the email; the rest stays in this layer.
#[cfg_attr(not(feature = "app"), expect(dead_code, reason = "the boot step leaves the answer to the app"))]
pub struct SignedIn {
    /// Who signed in.
    pub email: Email,
    /// The API that issued the tokens, and the only one that gets to see them.
    pub(super) config: Config,
    /// The tokens of the new session.
    pub(super) tokens: Tokens,
    /// When the tokens were received.
    pub(super) received_at: UnixMillis,
    /// The mark of the last sign-out on this origin when the login request was sent.
    pub(super) sign_out_mark: SignOutMark,
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
        let Self { config, response, .. } = self;
        let sign_out_mark = SignOutMark::current();
        let sent = Login::send(&config, &response);
        Login { config, response, sign_out_mark, sent }
    }
}
