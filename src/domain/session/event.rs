//! What can happen to a session, and what is to be done about it.

use std::time::Duration;

use super::{Attempt, Generation, SessionNumber};
use crate::domain::email::Email;
use crate::domain::secret::{AccessToken, RefreshToken};
use crate::domain::status_code::StatusCode;
use crate::domain::time::UnixMillis;
use crate::domain::tokens::Tokens;

/// What can happen to a session.
#[derive(Debug, Clone)]
pub enum Event {
    /// A sign-in was completed.
    SignedIn(SignIn),
    /// Somebody looked at the clock: a timer, or a machine that woke.
    Looked,
    /// Something speaks for trying now: the tab became visible, the page was restored, the network came back.
    Nudged,
    /// A refresh was answered, or was not.
    Refreshed {
        /// The session that it was for.
        session: SessionNumber,
        /// Which refresh it was.
        attempt: Attempt,
        /// What came of it.
        outcome: RefreshOutcome,
    },
    /// An authorized call was answered with 401.
    Unauthorized {
        /// The session that it was made in.
        session: SessionNumber,
        /// The access token that it carried.
        generation: Generation,
    },
    /// The person signed out, here.
    SignedOut,
    /// The person signed out in another tab.
    SignedOutElsewhere,
}

/// A session to begin.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// Who signed in.
    pub email: Email,
    /// The tokens.
    pub tokens: Tokens,
    /// When they were received: the app may have come later than the answer.
    pub received_at: UnixMillis,
    /// How long the access token lives from its receipt.
    pub access_life: Duration,
    /// How long the refresh token lives from its receipt.
    pub refresh_life: Duration,
}

/// What came of a refresh.
#[derive(Debug, Clone)]
pub enum RefreshOutcome {
    /// A new access token.
    Renewed {
        /// The new token.
        access: AccessToken,
        /// How long it lives from now.
        access_life: Duration,
        /// A new refresh token and its life, where one came; the old one is kept where none did (contract §1).
        refresh: Option<(RefreshToken, Duration)>,
    },
    /// The API says that the session is over: `A20xx`, or HTTP 401 and a complete body without a code (contract §5).
    Over {
        /// The API's code, where the answer had one.
        status_code: Option<StatusCode>,
    },
    /// Anything else: no network, a server in trouble, a strange answer.
    Failed {
        /// `Retry-After`, where the answer had one.
        retry_after: Option<Duration>,
        /// From 0 to 1, at random: many tabs do not come back in step.
        jitter: f64,
    },
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Send a refresh, and report what comes of it under these numbers.
    Refresh {
        /// The session.
        session: SessionNumber,
        /// Which refresh it is.
        attempt: Attempt,
        /// The token to send.
        token: RefreshToken,
    },
    /// Tell the API that a refresh token is not needed any more, so that it is good for nothing. Nobody waits for it.
    Logout {
        /// The token to revoke.
        token: RefreshToken,
    },
    /// Forget the email that fills in the form.
    ForgetEmail,
    /// Tell the other tabs of this app to sign out.
    TellOtherTabs,
    /// Tell the person that the session has ended (`session_ended`).
    SayEnded(EndReason),
}

/// Why a session has ended without the person's doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndReason {
    /// The API's code, where it was the API that ended it and gave one.
    pub status_code: Option<StatusCode>,
}
