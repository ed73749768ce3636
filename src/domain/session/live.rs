//! A session that is running.

use std::time::Duration;

use super::event::{Effect, EndReason, RefreshOutcome, SignIn};
use super::{BETWEEN_REFRESHES, SessionNumber};
use crate::domain::email::Email;
use crate::domain::secret::{AccessToken, RefreshToken};
use crate::domain::time::UnixMillis;

/// The first pause after a failed refresh; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// The longest pause between two tries, unless the API asks for more.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// A refresh that has not been reported for this long is lost: a request ends after 30 seconds, one way or the other.
const LOST_AFTER: Duration = Duration::from_secs(60);
/// How much longer a pause gets at random, as a share of it.
const JITTER: f64 = 0.2;

/// Names an access token: a call that was refused speaks of the token that it carried, not of the one that came since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Generation(u32);

/// A session that is running.
#[derive(Debug, Clone, PartialEq)]
pub struct Live {
    number: SessionNumber,
    email: Email,
    access: AccessToken,
    generation: Generation,
    refresh: RefreshToken,
    /// When the access token is to be renewed: at 80 % of its life.
    renew_at: UnixMillis,
    access_dies_at: UnixMillis,
    refresh_dies_at: UnixMillis,
    phase: Phase,
    /// The refresh that was started last, or zero.
    last_attempt: Attempt,
    last_refresh_at: Option<UnixMillis>,
    /// The refresh that the tokens came from, or zero.
    renewed_by: Attempt,
    last_seen_at: UnixMillis,
}

/// Names a refresh of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attempt(u32);

/// What the session is doing about its access token.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Phase {
    /// Nothing: it is good.
    Fresh,
    /// It is being renewed.
    Renewing {
        /// How many tries in a row have failed before.
        failures: u32,
    },
    /// Renewing it failed.
    Waiting {
        /// How many tries in a row have failed.
        failures: u32,
        /// When our own pause is over.
        try_at: UnixMillis,
        /// Until when the API asked us to wait.
        not_before: UnixMillis,
    },
}

/// When the session is renewed next, as far as it is known (contract §6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// By itself, at this time.
    At(UnixMillis),
    /// Right now.
    Running,
    /// The last try failed; the next one is at this time.
    RetryAt(UnixMillis),
    /// Not at all: the refresh token dies before, and the session ends at this time.
    EndsAt(UnixMillis),
}

/// Can an authorized call be made?
#[derive(Debug, Clone, PartialEq)]
pub enum Access {
    /// Yes, with this token.
    Granted {
        /// The token.
        token: AccessToken,
        /// Its name, for [`Event::Unauthorized`](super::Event::Unauthorized).
        generation: Generation,
        /// The session that it belongs to.
        session: SessionNumber,
    },
    /// A refresh is running, or just about to: wait for it.
    Wait,
    /// The access token is of no use and could not be renewed so far.
    Reconnecting,
    /// The API refused the access token, and nothing can renew it.
    Refused,
}

impl Live {
    pub(super) fn begin(number: SessionNumber, sign_in: SignIn) -> Self {
        let SignIn { email, tokens, received_at, access_life, refresh_life } = sign_in;
        Self {
            number,
            email,
            access: tokens.access,
            generation: Generation(0),
            refresh: tokens.refresh,
            renew_at: renewal(received_at, access_life),
            access_dies_at: received_at.plus(access_life),
            refresh_dies_at: received_at.plus(refresh_life),
            phase: Phase::Fresh,
            last_attempt: Attempt(0),
            last_refresh_at: None,
            renewed_by: Attempt(0),
            last_seen_at: received_at,
        }
    }

    /// The number of this session.
    #[must_use]
    pub const fn number(&self) -> SessionNumber {
        self.number
    }

    /// Who is signed in.
    #[must_use]
    pub const fn email(&self) -> &Email {
        &self.email
    }

    /// When the session is renewed next, or is next tried.
    #[must_use]
    pub fn renewal(&self) -> Renewal {
        match (self.phase, self.refresh_due_at()) {
            (_, Some(due)) if due >= self.refresh_dies_at => {
                Renewal::EndsAt(self.access_dies_at.max(self.refresh_dies_at))
            }
            (Phase::Fresh, Some(due)) => Renewal::At(due),
            (Phase::Waiting { failures, .. }, Some(due)) if failures > 0 => Renewal::RetryAt(due),
            _ => Renewal::Running,
        }
    }

    /// Is the access token dead? Then the page says "Reconnecting…" (contract §5).
    #[must_use]
    pub fn is_reconnecting(&self, now: UnixMillis) -> bool {
        now >= self.access_dies_at
    }

    /// Can an authorized call be made now? (contract §5)
    #[must_use]
    pub fn access(&self, now: UnixMillis) -> Access {
        let is_dead = self.is_reconnecting(now);
        match self.phase {
            // A refresh that began after the token had died, in a machine that slept, is worth waiting for. One that
            // was running when the token died hangs.
            Phase::Renewing { failures } if is_dead && (failures > 0 || self.was_alive_at_last_refresh()) => {
                Access::Reconnecting
            }
            Phase::Renewing { .. } => Access::Wait,
            Phase::Waiting { failures, .. } if is_dead && failures > 0 => Access::Reconnecting,
            // A 401 wants a new token, and it is only a matter of seconds until one may be asked for.
            Phase::Waiting { failures: 0, .. } if now < self.refresh_dies_at => Access::Wait,
            // It died unnoticed, in a machine that slept: the next look renews it.
            Phase::Fresh if is_dead => Access::Wait,
            Phase::Fresh | Phase::Waiting { .. } => {
                Access::Granted { token: self.access.clone(), generation: self.generation, session: self.number }
            }
        }
    }

    /// The same for a call that was refused with the access token `refused`: it never gets that one again.
    #[must_use]
    pub fn access_after_refusal(&self, refused: Generation, now: UnixMillis) -> Access {
        match self.access(now) {
            Access::Granted { generation, .. } if generation == refused => {
                if now < self.refresh_dies_at {
                    Access::Reconnecting
                } else {
                    Access::Refused
                }
            }
            access => access,
        }
    }

    fn was_alive_at_last_refresh(&self) -> bool {
        self.last_refresh_at.is_some_and(|started_at| started_at < self.access_dies_at)
    }

    /// A clock that was set back would stretch every life: what was left when we looked last is what is left now.
    pub(super) fn allow_for_a_clock_that_was_set_back(&mut self, now: UnixMillis) {
        let back = now.since(self.last_seen_at);
        self.last_seen_at = now;
        if back >= 0 {
            return;
        }
        let shift = |point: &mut UnixMillis| *point = UnixMillis(point.0.saturating_add(back));
        shift(&mut self.renew_at);
        shift(&mut self.access_dies_at);
        shift(&mut self.refresh_dies_at);
        self.last_refresh_at.iter_mut().for_each(shift);
        if let Phase::Waiting { try_at, not_before, .. } = &mut self.phase {
            shift(try_at);
            shift(not_before);
        }
    }

    /// Something speaks for trying now: our own pause ends, the one that the API asked for does not.
    pub(super) fn stop_backing_off(&mut self, now: UnixMillis) {
        if let Phase::Waiting { try_at, .. } = &mut self.phase {
            *try_at = now.min(*try_at);
        }
    }

    /// A call that carried this token was refused: it is to be renewed, unless that has happened meanwhile.
    pub(super) fn distrust(&mut self, generation: Generation, now: UnixMillis) {
        if generation == self.generation && self.phase == Phase::Fresh && now < self.refresh_dies_at {
            self.phase = Phase::Waiting { failures: 0, try_at: now, not_before: now };
        }
    }

    /// Takes in what came of a refresh; `Some` where that ends the session. New tokens are good news however late they
    /// come, until the next refresh begins, which aborts the one before; anything else counts only for the refresh that is running.
    pub(super) fn settle(&mut self, attempt: Attempt, outcome: RefreshOutcome, now: UnixMillis) -> Option<EndReason> {
        let failures = match self.phase {
            Phase::Renewing { failures } if attempt == self.last_attempt => Some(failures),
            _ => None,
        };
        match (outcome, failures) {
            (RefreshOutcome::Renewed { access, access_life, refresh }, _)
                if attempt == self.last_attempt && attempt > self.renewed_by =>
            {
                self.access = access;
                self.generation = Generation(self.generation.0.wrapping_add(1));
                self.renew_at = renewal(now, access_life);
                self.access_dies_at = now.plus(access_life);
                if let Some((token, life)) = refresh {
                    self.refresh = token;
                    self.refresh_dies_at = now.plus(life);
                }
                self.renewed_by = attempt;
                self.phase = Phase::Fresh;
                None
            }
            (RefreshOutcome::Over { status_code }, Some(_)) => Some(EndReason { status_code }),
            (RefreshOutcome::Failed { retry_after, jitter }, Some(failures)) => {
                self.back_off(failures, retry_after, jitter, now);
                None
            }
            _ => None,
        }
    }

    /// A refresh whose outcome is never reported has failed, too: the request behind it is long over.
    pub(super) fn give_up_on_a_lost_refresh(&mut self, now: UnixMillis) {
        if let (Phase::Renewing { failures }, Some(started_at)) = (self.phase, self.last_refresh_at)
            && now >= started_at.plus(LOST_AFTER)
        {
            self.back_off(failures, None, 0.0, now);
        }
    }

    fn back_off(&mut self, failures: u32, retry_after: Option<Duration>, jitter: f64, now: UnixMillis) {
        self.phase = Phase::Waiting {
            failures: failures.saturating_add(1),
            try_at: now.plus(pause(failures, jitter)),
            not_before: now.plus(retry_after.unwrap_or_default()),
        };
    }

    /// Both tokens are dead: nothing can bring the session back.
    pub(super) fn has_run_out(&self, now: UnixMillis) -> Option<EndReason> {
        (now >= self.refresh_dies_at && now >= self.access_dies_at).then_some(EndReason { status_code: None })
    }

    /// Starts a refresh, if it is time for one and there is something to refresh with.
    pub(super) fn refresh_if_due(&mut self, now: UnixMillis) -> Option<Effect> {
        let due = self.refresh_due_at()?;
        if now < due || now >= self.refresh_dies_at {
            return None;
        }
        self.phase = Phase::Renewing {
            failures: match self.phase {
                Phase::Waiting { failures, .. } => failures,
                Phase::Fresh | Phase::Renewing { .. } => 0,
            },
        };
        self.last_refresh_at = Some(now);
        self.last_attempt = Attempt(self.last_attempt.0.wrapping_add(1));
        Some(Effect::Refresh { session: self.number, attempt: self.last_attempt, token: self.refresh.clone() })
    }

    /// When the next refresh may start; `None` while one is running.
    fn refresh_due_at(&self) -> Option<UnixMillis> {
        let wanted = match self.phase {
            Phase::Fresh => self.renew_at,
            Phase::Waiting { try_at, not_before, .. } => try_at.max(not_before),
            Phase::Renewing { .. } => return None,
        };
        let allowed = self.last_refresh_at.map(|last| last.plus(BETWEEN_REFRESHES));
        Some(allowed.map_or(wanted, |allowed| wanted.max(allowed)))
    }

    /// How long until something is due: a refresh, the death of the access token, the end. `None` where all that is over.
    pub(super) fn next_due(&self, now: UnixMillis) -> Option<Duration> {
        [self.refresh_due_at(), Some(self.access_dies_at), Some(self.refresh_dies_at)]
            .into_iter()
            .flatten()
            .filter(|due| *due > now)
            .map(|due| Duration::from_millis(due.since(now).unsigned_abs()))
            .min()
    }

    /// Revokes the refresh token of a session that is over.
    pub(super) fn logout(&self) -> Effect {
        Effect::Logout { token: self.refresh.clone() }
    }
}

/// 80 % of the life of an access token.
fn renewal(now: UnixMillis, life: Duration) -> UnixMillis {
    now.plus(life * 4 / 5)
}

/// The pause after the given number of earlier failures in a row.
fn pause(failures: u32, jitter: f64) -> Duration {
    let pause = FIRST_PAUSE.saturating_mul(1 << failures.min(4)).min(LONGEST_PAUSE);
    pause.mul_f64(1.0 + JITTER * jitter.clamp(0.0, 1.0)).min(LONGEST_PAUSE)
}
