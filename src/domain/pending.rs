//! The sign-in that this tab has begun: what is remembered between leaving for the provider and coming back
//! (contract §4.3).

use std::time::Duration;

use super::email::Email;
use super::json::{self, Json, Object, Value};
use super::return_to::ReturnTo;
use super::route;
use super::secret::{Nonce, State};
use super::time::UnixMillis;
use super::url::ParseUrl;

/// The sessionStorage key of the pending sign-in, a JSON text.
pub const PENDING_KEY: &str = "indee.sso.pending";
/// The sessionStorage key of the email alone, as it is: it fills in the form.
pub const EMAIL_KEY: &str = "indee.sso.email";

/// How long a sign-in may take (contract §4.7).
const MAX_AGE: Duration = Duration::from_secs(15 * 60);
/// How far a clock may have been set back meanwhile (contract §4.7).
const MAX_CLOCK_STEP: Duration = Duration::from_secs(60);
/// The version of the stored shape.
const VERSION: i64 = 1;

/// A sign-in on its way. It is taken out of the storage, so it serves one callback only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingSignIn {
    /// What the callback must bring back.
    pub state: State,
    /// Goes to the login API.
    pub nonce: Nonce,
    /// Who signs in.
    pub email: Email,
    /// Where to go afterwards.
    pub return_to: ReturnTo,
    /// When the browser left for the provider.
    pub created_at: UnixMillis,
}

impl PendingSignIn {
    /// The JSON text to store; `None` where it cannot be written.
    #[must_use]
    pub fn to_json<J: Json>(&self) -> Option<String> {
        json::object::<J>(&[
            ("v", Value::Number(VERSION)),
            ("state", Value::Text(self.state.reveal())),
            ("nonce", Value::Text(self.nonce.reveal())),
            ("email", Value::Text(self.email.as_str())),
            ("return_to", Value::Text(self.return_to.as_str())),
            ("created_at", Value::Number(self.created_at.0)),
        ])
    }

    /// Reads a stored text; `None` where it is not JSON, or of another shape or version. Further fields are ignored, and
    /// a `return_to` that is not acceptable (any more) counts as `/` (contract §3, §4.7).
    #[must_use]
    pub fn from_json<J: Json>(text: &str, urls: &impl ParseUrl) -> Option<Self> {
        let record = J::object(text)?;
        if whole_number(record.number("v")?)? != VERSION {
            return None;
        }
        Some(Self {
            state: State::new(record.text("state")?)?,
            nonce: Nonce::new(record.text("nonce")?)?,
            email: Email::parse(&record.text("email")?).ok()?,
            return_to: ReturnTo::parse(&record.text("return_to")?, urls),
            created_at: UnixMillis(whole_number(record.number("created_at")?)?),
        })
    }

    /// Does a stored text name the start page, as it is written, as what to go to afterwards? That needs no URL parser.
    #[must_use]
    pub fn leads_home<J: Json>(text: &str) -> bool {
        J::object(text).and_then(|record| record.text("return_to")).is_some_and(|path| path == route::HOME)
    }

    /// Is it too old, or from a future that no clock correction explains?
    #[must_use]
    pub fn is_expired(&self, now: UnixMillis) -> bool {
        now > self.created_at.plus(MAX_AGE) || self.created_at > now.plus(MAX_CLOCK_STEP)
    }
}

/// A JSON number without a fraction. JSON knows only one kind of number, so `1.0` is whole, and what is out of range is
/// simply very far away.
fn whole_number(number: f64) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "whole, and the cast saturates")]
    (number.fract() == 0.0).then_some(number as i64)
}
