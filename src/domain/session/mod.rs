//! The session as a state machine: `(state, event, now) → (state, effects)` (contract §5).
//!
//! It holds no timer and sends nothing. It says when it wants to be asked again ([`State::look_again_in`]) and what is to be
//! done ([`Effect`]); `auth::session` does it. So a whole day of sleep, bad networks and wrong clocks is a test of a few
//! milliseconds.
//!
//! | | signed out | fresh | renewing | waiting to try again |
//! | --- | --- | --- | --- | --- |
//! | a look at the clock | – | renews at 80 % of the life | waits, where no answer came for a minute | tries again when it is time |
//! | a nudge (visible, restored, online) | – | like a look | – | tries again at once, but for `Retry-After` |
//! | renewed | revokes a new refresh token | – | fresh | fresh, if it came late |
//! | the API says that it is over | – | – | signed out | – |
//! | the refresh failed | – | – | waits | – |
//! | a call got 401 | – | renews | – | – |
//! | signed in | fresh | fresh, a new number; the old refresh token is revoked | the same | the same |
//! | signed out here | – | signed out | signed out | signed out |
//! | signed out in another tab | forgets the email | signed out | signed out | signed out |
//!
//! A clock that was set forward counts as time that has passed, for it cannot be told from a machine that slept; one that was
//! set back is allowed for.
//!
//! Whatever the event: where the refresh token is dead and the access token too, the session has ended.

mod event;
mod live;

pub use event::{Effect, EndReason, Event, RefreshOutcome, SignIn};
pub use live::{Access, Attempt, Generation, Live, Renewal};

use super::time::UnixMillis;
use std::time::Duration;

/// The channel between the tabs of this app.
pub const SIGNED_OUT_CHANNEL: &str = "indee.sso";
/// What a tab that signs out posts to it. It holds no data (contract §5).
pub const SIGNED_OUT_MESSAGE: &str = "signed_out";

/// A look at the clock at least this often: timers stand still while a machine sleeps (contract §5).
pub const LOOK_EVERY: Duration = Duration::from_secs(60);
/// Two refreshes never start within this time (contract §5).
pub const BETWEEN_REFRESHES: Duration = Duration::from_secs(5);

/// Names a session: an answer that belongs to an older one changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SessionNumber(pub u32);

/// The session of this tab.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// There is none. `last` is the number of the last one.
    SignedOut {
        /// So that no number is used twice.
        last: SessionNumber,
    },
    /// There is one.
    SignedIn(Box<Live>),
}

impl Default for State {
    fn default() -> Self {
        Self::SignedOut { last: SessionNumber(0) }
    }
}

impl State {
    /// What becomes of the session, and what is to be done. `now` is the wall clock, which may be wrong and may jump.
    #[must_use]
    pub fn after(self, event: Event, now: UnixMillis) -> (Self, Vec<Effect>) {
        match (self, event) {
            (state, Event::SignedIn(sign_in)) => {
                let replaced = state.live().map(Live::logout);
                let live = Live::begin(state.number().next(), sign_in);
                // The tokens may have been there for a while.
                let (state, effects) = Self::live_after(live, Event::Looked, now);
                (state, replaced.into_iter().chain(effects).collect())
            }
            (state @ Self::SignedOut { .. }, Event::SignedOutElsewhere) => (state, vec![Effect::ForgetEmail]),
            (state @ Self::SignedOut { .. }, Event::Refreshed { outcome, .. }) => (state, revoke_late(outcome)),
            (state @ Self::SignedOut { .. }, _) => (state, Vec::new()),
            (Self::SignedIn(live), Event::SignedOut) => {
                let effects = vec![Effect::ForgetEmail, live.logout(), Effect::TellOtherTabs];
                (Self::SignedOut { last: live.number() }, effects)
            }
            (Self::SignedIn(live), Event::SignedOutElsewhere) => {
                (Self::SignedOut { last: live.number() }, vec![Effect::ForgetEmail, live.logout()])
            }
            (Self::SignedIn(live), event) => Self::live_after(*live, event, now),
        }
    }

    fn live_after(mut live: Live, event: Event, now: UnixMillis) -> (Self, Vec<Effect>) {
        live.allow_for_a_clock_that_was_set_back(now);
        live.give_up_on_a_lost_refresh(now);
        let mut effects = Vec::new();
        let ended = match event {
            Event::Looked => None,
            Event::Nudged => {
                live.stop_backing_off(now);
                None
            }
            Event::Unauthorized { session, generation } => {
                if session == live.number() {
                    live.distrust(generation, now);
                }
                None
            }
            Event::Refreshed { session, attempt, outcome } if session == live.number() => {
                live.settle(attempt, outcome, now)
            }
            Event::Refreshed { outcome, .. } => {
                effects = revoke_late(outcome);
                None
            }
            Event::SignedIn(_) | Event::SignedOut | Event::SignedOutElsewhere => None,
        };
        if let Some(reason) = ended.or_else(|| live.has_run_out(now)) {
            effects.push(Effect::SayEnded(reason));
            return (Self::SignedOut { last: live.number() }, effects);
        }
        effects.extend(live.refresh_if_due(now));
        (Self::SignedIn(Box::new(live)), effects)
    }

    /// The session, if there is one.
    #[must_use]
    pub fn live(&self) -> Option<&Live> {
        match self {
            Self::SignedIn(live) => Some(live),
            Self::SignedOut { .. } => None,
        }
    }

    /// How long until the clock is to be looked at again: never longer than [`LOOK_EVERY`]. `None` where nothing will ever
    /// be due.
    #[must_use]
    pub fn look_again_in(&self, now: UnixMillis) -> Option<Duration> {
        self.live().map(|live| live.next_due(now).unwrap_or(LOOK_EVERY).min(LOOK_EVERY))
    }

    fn number(&self) -> SessionNumber {
        match self {
            Self::SignedOut { last } => *last,
            Self::SignedIn(live) => live.number(),
        }
    }
}

/// A refresh token that comes for a session that is over is revoked: nobody would use it, and it would live on (contract §5).
fn revoke_late(outcome: RefreshOutcome) -> Vec<Effect> {
    match outcome {
        RefreshOutcome::Renewed { refresh: Some((token, _)), .. } => vec![Effect::Logout { token }],
        _ => Vec::new(),
    }
}

impl SessionNumber {
    const fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}
