//! The session as a state machine (contract §5): one row of its table after another.

use std::time::Duration;

use indee_admin_sso::domain::email::Email;
use indee_admin_sso::domain::secret::{AccessToken, RefreshToken};
use indee_admin_sso::domain::session::{
    Access, Attempt, Effect, EndReason, Event, RefreshOutcome, Renewal, SessionNumber, SignIn, State,
};
use indee_admin_sso::domain::status_code::StatusCode;
use indee_admin_sso::domain::time::UnixMillis;
use indee_admin_sso::domain::tokens::Tokens;

use crate::support::NOW;

const MINUTE: i64 = 60_000;

pub(crate) fn access(name: &str) -> AccessToken {
    AccessToken::new(name.to_owned()).unwrap()
}

pub(crate) fn refresh(name: &str) -> RefreshToken {
    RefreshToken::new(name.to_owned()).unwrap()
}

/// A sign-in with the lives that the API documents: 15 minutes and a day.
pub(crate) fn sign_in(received_at: UnixMillis) -> SignIn {
    SignIn {
        email: Email::parse("admin@example.com").unwrap(),
        tokens: Tokens { access: access("first"), refresh: refresh("refresh") },
        received_at,
        access_life: Duration::from_secs(15 * 60),
        refresh_life: Duration::from_secs(24 * 60 * 60),
    }
}

pub(crate) fn renewed(name: &str) -> RefreshOutcome {
    renewed_for(name, 15 * 60 * 1_000)
}

/// The same, for so many milliseconds.
pub(crate) fn renewed_for(name: &str, milliseconds: u64) -> RefreshOutcome {
    RefreshOutcome::Renewed { access: access(name), access_life: Duration::from_millis(milliseconds), refresh: None }
}

pub(crate) fn failed() -> RefreshOutcome {
    RefreshOutcome::Failed { retry_after: None, jitter: 0.0 }
}

/// A session and a clock.
struct Sim {
    state: State,
    now: UnixMillis,
}

impl Sim {
    fn signed_in() -> Self {
        let mut sim = Self { state: State::default(), now: NOW };
        assert_eq!(sim.on(Event::SignedIn(sign_in(NOW))), []);
        sim
    }

    /// Signed in with tokens that live for so many seconds.
    fn signed_in_for(access: u64, refresh: u64) -> Self {
        let mut sim = Self { state: State::default(), now: NOW };
        let (access_life, refresh_life) = (Duration::from_secs(access), Duration::from_secs(refresh));
        assert_eq!(sim.on(Event::SignedIn(SignIn { access_life, refresh_life, ..sign_in(NOW) })), []);
        sim
    }

    /// Signed in, and the first renewal is running.
    fn renewing() -> (Self, SessionNumber, Attempt) {
        let mut sim = Self::signed_in();
        let (session, attempt) = started(&sim.look_after(12 * MINUTE)).unwrap();
        (sim, session, attempt)
    }

    fn on(&mut self, event: Event) -> Vec<Effect> {
        let (state, effects) = std::mem::take(&mut self.state).after(event, self.now);
        self.state = state;
        effects
    }

    fn look_after(&mut self, milliseconds: i64) -> Vec<Effect> {
        self.now = UnixMillis(self.now.0 + milliseconds);
        self.on(Event::Looked)
    }

    fn answer(&mut self, (session, attempt): (SessionNumber, Attempt), outcome: RefreshOutcome) -> Vec<Effect> {
        self.on(Event::Refreshed { session, attempt, outcome })
    }

    fn access(&self) -> Access {
        self.state.live().unwrap().access(self.now)
    }

    fn token(&self) -> String {
        match self.access() {
            Access::Granted { token, .. } => token.reveal().to_owned(),
            other => format!("{other:?}"),
        }
    }

    fn renewal(&self) -> Renewal {
        self.state.live().unwrap().renewal()
    }

    fn unauthorized(&mut self) -> Vec<Effect> {
        match self.access() {
            Access::Granted { generation, session, .. } => self.on(Event::Unauthorized { session, generation }),
            other => panic!("{other:?}"),
        }
    }
}

fn rotated(name: &str) -> RefreshOutcome {
    RefreshOutcome::Renewed {
        access: access("rotated"),
        access_life: Duration::from_secs(600),
        refresh: Some((refresh(name), Duration::from_secs(3_600))),
    }
}

/// The refresh that was started.
fn started(effects: &[Effect]) -> Option<(SessionNumber, Attempt)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Refresh { session, attempt, .. } => Some((*session, *attempt)),
        _ => None,
    })
}

#[test]
fn renews_at_80_percent_of_the_life() {
    let mut sim = Sim::signed_in();
    assert_eq!(sim.look_after(12 * MINUTE - 1), []);
    let effects = sim.look_after(1);
    assert!(matches!(&effects[..], [Effect::Refresh { token, .. }] if token.reveal() == "refresh"));
    assert_eq!(sim.access(), Access::Wait);
    assert_eq!(sim.answer(started(&effects).unwrap(), renewed("second")), []);
    assert_eq!(sim.token(), "second");
    assert_eq!(sim.look_after(12 * MINUTE - 1), []);
    assert!(started(&sim.look_after(1)).is_some());
}

#[test]
fn one_refresh_at_a_time_whatever_asks_for_it() {
    let (mut sim, ..) = Sim::renewing();
    for _ in 0..10 {
        assert_eq!(sim.look_after(5_000), []);
        assert_eq!(sim.on(Event::Nudged), []);
    }
}

#[test]
fn a_new_refresh_token_replaces_the_old_one_and_none_keeps_it() {
    let (mut sim, session, attempt) = Sim::renewing();
    sim.answer((session, attempt), rotated("rotated"));
    let effects = sim.look_after(8 * MINUTE);
    assert!(matches!(&effects[..], [Effect::Refresh { token, .. }] if token.reveal() == "rotated"));
    sim.answer(started(&effects).unwrap(), renewed("third"));
    let effects = sim.look_after(12 * MINUTE);
    assert!(matches!(&effects[..], [Effect::Refresh { token, .. }] if token.reveal() == "rotated"));
}

#[test]
fn only_the_api_ends_a_session_and_then_at_once() {
    let (mut sim, session, attempt) = Sim::renewing();
    let status_code = StatusCode::parse("A2003");
    let effects = sim.answer((session, attempt), RefreshOutcome::Over { status_code });
    assert_eq!(effects, [Effect::SayEnded(EndReason { status_code })]);
    assert_eq!(sim.state, State::SignedOut { last: session });
    assert_eq!(sim.state.look_again_in(sim.now), None);
}

#[test]
fn failures_are_tried_again_after_5_seconds_doubling_up_to_60() {
    let (mut sim, mut session, mut attempt) = Sim::renewing();
    for seconds in [5, 10, 20, 40, 60, 60, 60] {
        assert_eq!(sim.answer((session, attempt), failed()), []);
        assert_eq!(sim.look_after(seconds * 1_000 - 1), [], "{seconds}");
        (session, attempt) = started(&sim.look_after(1)).unwrap();
    }
    // A success starts the count anew.
    sim.answer((session, attempt), renewed("second"));
    let refresh = started(&sim.look_after(12 * MINUTE)).unwrap();
    sim.answer(refresh, failed());
    assert!(started(&sim.look_after(5_000)).is_some());
}

#[test]
fn jitter_makes_pauses_longer_and_never_over_60_seconds() {
    for (failures, milliseconds) in [(0, 6_000), (1, 12_000), (3, 48_000), (4, 60_000)] {
        let (mut sim, mut session, mut attempt) = Sim::renewing();
        for _ in 0..failures {
            sim.answer((session, attempt), failed());
            (session, attempt) = started(&sim.look_after(60_000)).unwrap();
        }
        sim.answer((session, attempt), RefreshOutcome::Failed { retry_after: None, jitter: 1.0 });
        assert_eq!(sim.look_after(milliseconds - 1), [], "{failures}");
        assert!(started(&sim.look_after(1)).is_some(), "{failures}");
    }
}

#[test]
fn retry_after_is_honoured_also_against_a_nudge() {
    let (mut sim, session, attempt) = Sim::renewing();
    let retry_after = Some(Duration::from_secs(120));
    sim.answer((session, attempt), RefreshOutcome::Failed { retry_after, jitter: 0.0 });
    sim.now = sim.now.plus(Duration::from_millis(119_999));
    assert_eq!(sim.on(Event::Nudged), []);
    assert!(started(&sim.look_after(1)).is_some());
}

#[test]
fn a_nudge_ends_our_own_pause_but_two_refreshes_are_5_seconds_apart() {
    let (mut sim, mut session, mut attempt) = Sim::renewing();
    for _ in 0..6 {
        sim.answer((session, attempt), failed());
        (session, attempt) = started(&sim.look_after(60_000)).unwrap();
    }
    sim.now = sim.now.plus(Duration::from_millis(1_000));
    sim.answer((session, attempt), failed());
    assert_eq!(sim.on(Event::Nudged), [], "too early");
    sim.now = sim.now.plus(Duration::from_millis(3_999));
    assert_eq!(sim.on(Event::Nudged), [], "still too early");
    sim.now = sim.now.plus(Duration::from_millis(1));
    assert!(started(&sim.on(Event::Nudged)).is_some());
}

#[test]
fn while_the_access_token_is_dead_the_session_is_reconnecting_and_calls_fail_at_once() {
    let (mut sim, session, attempt) = Sim::renewing();
    sim.answer((session, attempt), failed());
    assert_eq!(sim.token(), "first", "alive, and no refresh is running");
    let mut refresh = None;
    while !sim.state.live().unwrap().is_reconnecting(sim.now) {
        if let Some(refresh) = refresh.take() {
            sim.answer(refresh, failed());
        }
        refresh = started(&sim.look_after(1_000));
    }
    assert_eq!(sim.now, NOW.plus(Duration::from_secs(15 * 60)));
    assert_eq!(sim.access(), Access::Reconnecting);
    let refresh = refresh.or_else(|| (0..90).find_map(|_| started(&sim.look_after(1_000)))).unwrap();
    assert_eq!(sim.access(), Access::Reconnecting, "also while it is being tried");
    sim.answer(refresh, renewed("second"));
    assert_eq!(sim.token(), "second");
}

#[test]
fn waiting_call_fails_when_token_dies_during_second_try() {
    let mut sim = Sim::signed_in_for(40, 3_600);
    let first = started(&sim.look_after(32_000)).unwrap();
    sim.answer(first, failed());
    assert!(started(&sim.look_after(5_000)).is_some());
    assert_eq!(sim.access(), Access::Wait);
    assert_eq!(sim.state.look_again_in(sim.now), Some(Duration::from_secs(3)), "a look when the token dies");
    sim.look_after(3_000);
    assert_eq!(sim.access(), Access::Reconnecting);
}

#[test]
fn waiting_call_fails_when_token_dies_during_first_try() {
    let mut sim = Sim::signed_in_for(40, 3_600);
    assert!(started(&sim.look_after(32_000)).is_some());
    sim.look_after(7_999);
    assert_eq!(sim.access(), Access::Wait);
    sim.look_after(1);
    assert_eq!(sim.access(), Access::Reconnecting);
}

#[test]
fn no_call_waits_when_refresh_token_is_dead() {
    // A 401 within five seconds of a refresh asks for another one, and the refresh token dies before that may start.
    let mut sim = Sim::signed_in_for(10, 12);
    let refresh = started(&sim.look_after(8_000)).unwrap();
    sim.answer(refresh, renewed("second"));
    assert_eq!(sim.unauthorized(), []);
    assert_eq!(sim.access(), Access::Wait);
    assert_eq!(sim.look_after(4_000), []);
    assert_eq!(sim.token(), "second");
}

#[test]
fn refused_token_is_not_granted_again_while_renewal_fails() {
    let mut sim = Sim::signed_in_for(20, 3_600);
    let first = started(&sim.look_after(16_000)).unwrap();
    sim.answer(first, RefreshOutcome::Failed { retry_after: Some(Duration::from_secs(60)), jitter: 0.0 });
    sim.look_after(1_000);
    let Access::Granted { generation, session, .. } = sim.access() else { panic!("no access") };
    assert_eq!(sim.on(Event::Unauthorized { session, generation }), [], "the API asked for a pause");
    let after_refusal = |sim: &Sim| sim.state.live().unwrap().access_after_refusal(generation, sim.now);
    assert_eq!(after_refusal(&sim), Access::Reconnecting);
    assert_eq!(sim.token(), "first", "another call may try it");
    let second = started(&sim.look_after(59_000)).unwrap();
    sim.answer(second, renewed("second"));
    assert!(matches!(after_refusal(&sim), Access::Granted { token, .. } if token.reveal() == "second"));
}

#[test]
fn refused_token_is_not_granted_again_when_its_renewal_failed() {
    let mut sim = Sim::signed_in();
    let Access::Granted { generation, .. } = sim.access() else { panic!("no access") };
    let refresh = started(&sim.unauthorized()).unwrap();
    let after_refusal = |sim: &Sim| sim.state.live().unwrap().access_after_refusal(generation, sim.now);
    assert_eq!(after_refusal(&sim), Access::Wait);
    sim.answer(refresh, failed());
    assert_eq!(after_refusal(&sim), Access::Reconnecting);
}

#[test]
fn refused_token_that_nothing_can_renew_is_refused() {
    let mut sim = Sim::signed_in_for(900, 60);
    sim.look_after(2 * MINUTE);
    let Access::Granted { generation, .. } = sim.access() else { panic!("no access") };
    assert_eq!(sim.unauthorized(), []);
    assert_eq!(sim.state.live().unwrap().access_after_refusal(generation, sim.now), Access::Refused);
}

#[test]
fn says_when_the_session_is_renewed_or_next_tried() {
    let mut sim = Sim::signed_in();
    let at = |seconds| NOW.plus(Duration::from_secs(seconds));
    assert_eq!(sim.renewal(), Renewal::At(at(12 * 60)));
    let mut refresh = started(&sim.look_after(12 * MINUTE)).unwrap();
    assert_eq!(sim.renewal(), Renewal::Running);
    for seconds in [5, 10, 20] {
        sim.answer(refresh, failed());
        assert_eq!(sim.renewal(), Renewal::RetryAt(sim.now.plus(Duration::from_secs(seconds))));
        refresh = started(&sim.look_after(i64::try_from(seconds * 1_000).unwrap())).unwrap();
        assert_eq!(sim.renewal(), Renewal::Running);
    }
    sim.answer(refresh, renewed("second"));
    assert_eq!(sim.renewal(), Renewal::At(sim.now.plus(Duration::from_secs(12 * 60))));
    // A 401 within five seconds of a refresh: the next one is due as soon as it may start.
    assert_eq!(sim.unauthorized(), []);
    assert_eq!(sim.renewal(), Renewal::Running);
}

#[test]
fn names_no_renewal_that_will_not_come() {
    let sim = Sim::signed_in_for(900, 720);
    assert_eq!(sim.renewal(), Renewal::EndsAt(NOW.plus(Duration::from_secs(900))), "the refresh token dies first");
    let mut sim = Sim::signed_in_for(900, 721);
    assert_eq!(sim.renewal(), Renewal::At(NOW.plus(Duration::from_secs(720))));
    let refresh = started(&sim.look_after(12 * MINUTE)).unwrap();
    sim.answer(refresh, failed());
    assert_eq!(sim.renewal(), Renewal::EndsAt(NOW.plus(Duration::from_secs(900))), "the next try would be too late");
}

#[test]
fn lives_count_from_receipt() {
    let mut sim = Sim { state: State::default(), now: NOW.plus(Duration::from_secs(15)) };
    let life = Duration::from_secs(20);
    let effects = sim.on(Event::SignedIn(SignIn { access_life: life, ..sign_in(NOW) }));
    assert_eq!(effects, [], "80 % are not over yet");
    assert_eq!(sim.renewal(), Renewal::At(NOW.plus(Duration::from_secs(16))));
    // The app came after that: the first renewal is now.
    let mut sim = Sim { state: State::default(), now: NOW.plus(Duration::from_secs(17)) };
    let effects = sim.on(Event::SignedIn(SignIn { access_life: life, ..sign_in(NOW) }));
    assert!(started(&effects).is_some());
    // Both tokens are dead on arrival.
    let mut sim = Sim { state: State::default(), now: NOW.plus(Duration::from_secs(25)) };
    let effects = sim.on(Event::SignedIn(SignIn { access_life: life, refresh_life: life, ..sign_in(NOW) }));
    assert_eq!(effects, [Effect::SayEnded(EndReason { status_code: None })]);
}

#[test]
fn clock_that_was_set_back_since_receipt_stretches_no_life() {
    let mut sim = Sim { state: State::default(), now: UnixMillis(NOW.0 - 60 * MINUTE) };
    assert_eq!(sim.on(Event::SignedIn(sign_in(NOW))), []);
    assert_eq!(sim.renewal(), Renewal::At(sim.now.plus(Duration::from_secs(12 * 60))));
}

#[test]
fn a_machine_that_slept_renews_when_it_wakes_and_calls_wait_for_it() {
    let mut sim = Sim::signed_in();
    sim.now = sim.now.plus(Duration::from_secs(8 * 60 * 60));
    assert_eq!(sim.access(), Access::Wait, "before anybody has looked");
    let refresh = started(&sim.on(Event::Nudged)).unwrap();
    assert_eq!(sim.access(), Access::Wait);
    sim.answer(refresh, renewed("second"));
    assert_eq!(sim.token(), "second");
}

#[test]
fn the_session_ends_when_both_tokens_are_dead_and_not_before() {
    let mut sim = Sim::signed_in();
    let mut requests = 0;
    while sim.now < NOW.plus(Duration::from_secs(24 * 60 * 60 - 1)) {
        if let Some(refresh) = started(&sim.look_after(1_000)) {
            requests += 1;
            sim.answer(refresh, failed());
        }
        assert!(sim.state.live().is_some());
    }
    assert!((1_400..1_450).contains(&requests), "once a minute, all day long: {requests}");
    assert_eq!(sim.look_after(1_000), [Effect::SayEnded(EndReason { status_code: None })]);
    assert!(sim.state.live().is_none());
}

#[test]
fn an_access_token_that_outlives_the_refresh_token_is_used_to_its_end() {
    let mut sim = Sim::signed_in_for(15 * 60, 60);
    assert_eq!(sim.look_after(14 * MINUTE), [], "there is nothing left to renew it with");
    assert_eq!(sim.token(), "first");
    assert_eq!(sim.unauthorized(), [], "and nothing to do about a 401");
    assert_eq!(sim.token(), "first", "no call waits for what cannot come");
    assert_eq!(sim.look_after(MINUTE), [Effect::SayEnded(EndReason { status_code: None })]);
}

#[test]
fn a_401_renews_once_and_only_for_the_token_that_was_refused() {
    let mut sim = Sim::signed_in();
    let Access::Granted { generation: first, session, .. } = sim.access() else { panic!("no access") };
    let refresh = started(&sim.unauthorized()).unwrap();
    assert_eq!(sim.on(Event::Unauthorized { session, generation: first }), [], "it is being renewed");
    sim.now = sim.now.plus(Duration::from_millis(100));
    sim.answer(refresh, renewed("second"));
    assert_eq!(sim.on(Event::Unauthorized { session, generation: first }), [], "that one is gone already");
    assert_eq!(sim.token(), "second");
    // The new one is refused, too: not within five seconds, and calls wait for it.
    assert_eq!(sim.unauthorized(), []);
    assert_eq!(sim.access(), Access::Wait);
    assert_eq!(sim.look_after(4_899), []);
    assert!(started(&sim.look_after(1)).is_some());
}

#[test]
fn a_late_a_doubled_and_a_missing_answer() {
    let (mut sim, session, first) = Sim::renewing();
    // Missing: after a minute it is lost, and tried again.
    assert_eq!(sim.look_after(59_999), []);
    assert_eq!(sim.look_after(1), []);
    let (_, second) = started(&sim.look_after(5_000)).unwrap();
    // A failure of the lost one is nobody's business any more.
    assert_eq!(sim.answer((session, first), failed()), []);
    assert_eq!(sim.answer((session, first), RefreshOutcome::Over { status_code: None }), []);
    assert_eq!(sim.access(), Access::Wait);
    // The next one has aborted it, so its success means nothing either: there is one at a time.
    sim.answer((session, first), renewed_for("late", 1));
    assert_eq!(sim.look_after(1), []);
    assert_eq!(sim.access(), Access::Wait);
    sim.answer((session, second), renewed("second"));
    assert_eq!(sim.token(), "second");
    // Doubled, or older than what is there: nothing.
    sim.answer((session, second), renewed("doubled"));
    sim.answer((session, first), renewed("older"));
    assert_eq!(sim.token(), "second");
}

#[test]
fn answer_that_comes_before_the_next_try_is_taken_however_late() {
    let (mut sim, session, attempt) = Sim::renewing();
    assert_eq!(sim.look_after(60_000), [], "lost");
    sim.answer((session, attempt), renewed("late"));
    assert_eq!(sim.token(), "late");
}

#[test]
fn an_answer_for_an_older_session_changes_nothing() {
    let (mut sim, old, attempt) = Sim::renewing();
    sim.on(Event::SignedIn(sign_in(sim.now)));
    let before = sim.state.clone();
    for outcome in [renewed("foreign"), failed(), RefreshOutcome::Over { status_code: None }] {
        assert_eq!(sim.answer((old, attempt), outcome), []);
        assert_eq!(sim.state, before);
    }
    sim.on(Event::SignedOut);
    assert_eq!(sim.answer((old, attempt), renewed("foreign")), []);
    assert!(sim.state.live().is_none());
}

#[test]
fn refresh_token_that_arrives_after_the_session_is_revoked() {
    let late = [Effect::Logout { token: refresh("late") }];
    for end in [Event::SignedOut, Event::SignedOutElsewhere] {
        let (mut sim, session, attempt) = Sim::renewing();
        sim.on(end);
        assert_eq!(sim.answer((session, attempt), rotated("late")), late);
        assert_eq!(sim.answer((session, attempt), renewed("late")), [], "no refresh token, nothing to revoke");
        assert!(sim.state.live().is_none());
    }
    // The session ended by itself, while a refresh that was given up as lost is still on its way.
    let (mut sim, session, first) = Sim::renewing();
    sim.look_after(60_000);
    let second = started(&sim.look_after(5_000)).unwrap();
    sim.answer(second, RefreshOutcome::Over { status_code: None });
    assert_eq!(sim.answer((session, first), rotated("late")), late);
}

#[test]
fn refresh_token_of_a_replaced_session_is_revoked() {
    let (mut sim, old, attempt) = Sim::renewing();
    let effects = sim.on(Event::SignedIn(sign_in(sim.now)));
    assert_eq!(effects, [Effect::Logout { token: refresh("refresh") }]);
    let before = sim.state.clone();
    assert_eq!(sim.answer((old, attempt), rotated("late")), [Effect::Logout { token: refresh("late") }]);
    assert_eq!(sim.state, before);
}

#[test]
fn signing_out_revokes_forgets_and_tells_the_other_tabs() {
    for mut sim in [Sim::signed_in(), Sim::renewing().0] {
        let logout = Effect::Logout { token: refresh("refresh") };
        assert_eq!(sim.on(Event::SignedOut), [Effect::ForgetEmail, logout, Effect::TellOtherTabs]);
        assert!(sim.state.live().is_none());
        assert_eq!(sim.on(Event::SignedOut), [], "once");
    }
}

#[test]
fn a_sign_out_elsewhere_does_the_same_and_is_not_passed_on() {
    let mut sim = Sim::signed_in();
    let logout = Effect::Logout { token: refresh("refresh") };
    assert_eq!(sim.on(Event::SignedOutElsewhere), [Effect::ForgetEmail, logout]);
    assert!(sim.state.live().is_none());
    assert_eq!(sim.on(Event::SignedOutElsewhere), [Effect::ForgetEmail], "a tab without a session forgets the email");
}

#[test]
fn a_clock_that_is_set_back_stretches_no_life() {
    let mut sim = Sim::signed_in();
    sim.look_after(10 * MINUTE);
    sim.now = UnixMillis(sim.now.0 - 5 * 60 * MINUTE);
    assert_eq!(sim.on(Event::Looked), []);
    assert_eq!(sim.look_after(2 * MINUTE - 1), []);
    assert!(started(&sim.look_after(1)).is_some(), "12 minutes after the sign-in, as ever");
}

#[test]
fn a_clock_that_is_set_forward_only_costs_a_refresh() {
    let mut sim = Sim::signed_in();
    let refresh = started(&sim.look_after(5 * 60 * MINUTE)).unwrap();
    sim.answer(refresh, renewed("second"));
    assert_eq!(sim.token(), "second");
    sim.now = UnixMillis(sim.now.0 - 5 * 60 * MINUTE);
    assert_eq!(sim.look_after(1_000), []);
    assert_eq!(sim.token(), "second");
}

#[test]
fn the_clock_is_looked_at_at_least_every_60_seconds_and_when_something_is_due() {
    let mut sim = Sim::signed_in();
    assert_eq!(sim.state.look_again_in(sim.now), Some(Duration::from_secs(60)));
    sim.look_after(12 * MINUTE - 500);
    assert_eq!(sim.state.look_again_in(sim.now), Some(Duration::from_millis(500)));
    let refresh = started(&sim.look_after(500)).unwrap();
    assert_eq!(sim.state.look_again_in(sim.now), Some(Duration::from_secs(60)));
    sim.answer(refresh, failed());
    assert_eq!(sim.state.look_again_in(sim.now), Some(Duration::from_secs(5)));
}
