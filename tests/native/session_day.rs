//! A day with a session: work, sleep, lost networks, clocks that are set, a server that restarts. And what holds whatever happens.

use std::time::Duration;

use indee_admin_sso::domain::session::{Access, Attempt, Effect, Event, RefreshOutcome, SessionNumber, SignIn, State};
use indee_admin_sso::domain::time::UnixMillis;
use proptest::prelude::*;

use crate::session::{failed, renewed, renewed_for, sign_in};
use crate::support::NOW;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// A tab with its keeper, in a world that can be asleep, offline, or have a wrong clock. `time` is the world's.
struct Tab {
    state: State,
    time: i64,
    clock_is_off_by: i64,
    look_at: Option<i64>,
    running: Option<(i64, SessionNumber, Attempt)>,
    is_online: bool,
    starts: Vec<i64>,
    ended: usize,
    longest_without_access: i64,
    without_access_since: Option<i64>,
}

impl Tab {
    fn new() -> Self {
        let mut tab = Self {
            state: State::default(),
            time: 0,
            clock_is_off_by: 0,
            look_at: None,
            running: None,
            is_online: true,
            starts: Vec::new(),
            ended: 0,
            longest_without_access: 0,
            without_access_since: None,
        };
        tab.on(Event::SignedIn(sign_in(NOW)));
        tab
    }

    fn now(&self) -> UnixMillis {
        UnixMillis(NOW.0 + self.time + self.clock_is_off_by)
    }

    fn on(&mut self, event: Event) {
        let now = self.now();
        let (state, effects) = std::mem::take(&mut self.state).after(event, now);
        self.state = state;
        for effect in effects {
            match effect {
                Effect::Refresh { session, attempt, .. } => {
                    assert!(self.running.is_none(), "one refresh at a time");
                    self.starts.push(self.time);
                    // An answer takes half a second; without a network the browser says so sooner.
                    let takes = if self.is_online { SECOND / 2 } else { SECOND / 10 };
                    self.running = Some((self.time + takes, session, attempt));
                }
                Effect::SayEnded(_) => self.ended += 1,
                _ => {}
            }
        }
        self.look_at = self.state.look_again_in(now).map(|wait| self.time + i64::try_from(wait.as_millis()).unwrap());
        self.watch();
    }

    /// How long a call would have been refused, while there is a network.
    fn watch(&mut self) {
        let has_access = self.state.live().is_some_and(|live| live.access(self.now()) != Access::Reconnecting);
        match (has_access || !self.is_online, self.without_access_since) {
            (true, Some(since)) => {
                self.longest_without_access = self.longest_without_access.max(self.time - since);
                self.without_access_since = None;
            }
            (false, None) => self.without_access_since = Some(self.time),
            _ => {}
        }
    }

    /// The tab runs for a while.
    fn work(&mut self, for_how_long: i64) {
        let end = self.time + for_how_long;
        loop {
            let answer_at = self.running.map(|(at, ..)| at);
            let Some(next) = [answer_at, self.look_at].into_iter().flatten().min().filter(|next| *next <= end) else {
                break;
            };
            self.time = next.max(self.time);
            if let Some((_, session, attempt)) = self.running.take_if(|(at, ..)| *at <= next) {
                let outcome = if self.is_online { renewed("renewed") } else { failed() };
                self.on(Event::Refreshed { session, attempt, outcome });
            } else {
                self.on(Event::Looked);
            }
        }
        self.time = end;
    }

    /// The machine sleeps: no timer runs, and a request on its way is lost. It wakes with a nudge.
    fn sleep(&mut self, for_how_long: i64) {
        self.time += for_how_long;
        self.on(Event::Nudged);
    }

    fn goes_offline_for(&mut self, how_long: i64) {
        self.is_online = false;
        self.work(how_long);
        self.is_online = true;
        self.on(Event::Nudged);
    }
}

#[test]
fn a_day_at_work() {
    let mut tab = Tab::new();
    tab.work(2 * HOUR);
    tab.sleep(40 * MINUTE);
    tab.work(HOUR);
    tab.goes_offline_for(10 * MINUTE);
    tab.work(HOUR);
    tab.goes_offline_for(2 * HOUR);
    tab.clock_is_off_by = 2 * HOUR;
    tab.work(HOUR);
    tab.clock_is_off_by = -HOUR;
    tab.work(HOUR);
    tab.clock_is_off_by = 0;
    tab.work(2 * HOUR);
    tab.goes_offline_for(20 * SECOND);
    tab.work(HOUR);
    tab.sleep(7 * HOUR);
    tab.work(30 * MINUTE);

    let shortest_gap = tab.starts.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap();
    println!(
        "a day of {} hours: {} refreshes sent, {} ms at least between two, calls refused for {} ms at most while online, {} sign-outs",
        tab.time / HOUR,
        tab.starts.len(),
        shortest_gap,
        tab.longest_without_access,
        tab.ended
    );
    assert_eq!(tab.ended, 0, "nobody is signed out");
    assert!(tab.starts.len() < 200, "{} refreshes", tab.starts.len());
    assert!(shortest_gap >= 5 * SECOND);
    assert!(tab.longest_without_access <= 6 * SECOND, "{} ms", tab.longest_without_access);
    let token = tab.state.live().unwrap().access(tab.now());
    assert!(matches!(token, Access::Granted { token, .. } if token.reveal() == "renewed"));
}

/// What may happen, in any order.
#[derive(Debug, Clone)]
enum Happening {
    Passes(u32),
    ClockMoves(i32),
    Looked,
    Nudged,
    Unauthorized,
    Answered(Answer),
    AnsweredTwice(Answer),
    /// A refresh that was given up as lost is answered after all.
    AnsweredLate(Answer),
    SignedIn,
    SignedOut,
    SignedOutElsewhere,
}

#[derive(Debug, Clone, Copy)]
enum Answer {
    Renewed,
    RenewedForAMoment,
    Rotated,
    Failed(Option<u32>),
    Over,
}

fn answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        4 => Just(Answer::Renewed),
        1 => Just(Answer::RenewedForAMoment),
        1 => Just(Answer::Rotated),
        4 => proptest::option::of(0_u32..90_000).prop_map(Answer::Failed),
        1 => Just(Answer::Over),
    ]
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        8 => (0_u32..120_000).prop_map(Happening::Passes),
        1 => (0_u32..200_000_000).prop_map(Happening::Passes),
        1 => (-20_000_000..20_000_000).prop_map(Happening::ClockMoves),
        4 => Just(Happening::Looked),
        4 => Just(Happening::Nudged),
        3 => Just(Happening::Unauthorized),
        8 => answer().prop_map(Happening::Answered),
        1 => answer().prop_map(Happening::AnsweredTwice),
        2 => answer().prop_map(Happening::AnsweredLate),
        1 => Just(Happening::SignedIn),
        1 => Just(Happening::SignedOut),
        1 => Just(Happening::SignedOutElsewhere),
    ]
}

impl Answer {
    fn outcome(self) -> RefreshOutcome {
        match self {
            Self::Renewed => renewed("renewed"),
            Self::RenewedForAMoment => renewed_for("short", 1),
            Self::Rotated => RefreshOutcome::Renewed {
                access: crate::session::access("renewed"),
                access_life: Duration::from_secs(600),
                refresh: Some((crate::session::refresh("rotated"), Duration::from_secs(3_600))),
            },
            Self::Failed(seconds) => RefreshOutcome::Failed {
                retry_after: seconds.map(|seconds| Duration::from_secs(seconds.into())),
                jitter: 0.5,
            },
            Self::Over => RefreshOutcome::Over { status_code: None },
        }
    }
}

/// What a session has, reckoned from the answers alone, in the world's time. It knows no clock that is set.
#[derive(Default)]
struct Reckoning {
    is_signed_in: bool,
    sign_ins: u32,
    access_dies_at: i64,
    refresh_dies_at: i64,
    /// The refresh whose refusal would end the session, and when it began.
    running: Option<(Attempt, i64)>,
    /// The refresh that began last.
    latest: Option<Attempt>,
    renewed_by: Option<Attempt>,
}

impl Reckoning {
    /// Takes in what happens, and says whether it ends the session.
    fn ends(&mut self, event: &Event, time: i64) -> bool {
        let after = |life: Duration| time + i64::try_from(life.as_millis()).unwrap();
        // A refresh of which nothing was heard for a minute is lost, and its refusal means nothing any more.
        self.running.take_if(|(_, since)| time - *since >= 60 * SECOND);
        let mut is_over = false;
        match event {
            Event::SignedIn(SignIn { access_life, refresh_life, .. }) => {
                let (access_dies_at, refresh_dies_at) = (after(*access_life), after(*refresh_life));
                let sign_ins = self.sign_ins + 1;
                *self = Self { is_signed_in: true, sign_ins, access_dies_at, refresh_dies_at, ..Self::default() };
            }
            Event::SignedOut | Event::SignedOutElsewhere => is_over = true,
            Event::Refreshed { session, attempt, outcome } if *session == SessionNumber(self.sign_ins) => {
                let was_running = self.running.take_if(|(running, _)| running == attempt).is_some();
                match outcome {
                    RefreshOutcome::Renewed { access_life, refresh, .. }
                        if self.latest == Some(*attempt) && self.renewed_by < Some(*attempt) =>
                    {
                        self.access_dies_at = after(*access_life);
                        self.refresh_dies_at = refresh.as_ref().map_or(self.refresh_dies_at, |(_, life)| after(*life));
                        self.renewed_by = Some(*attempt);
                        self.running = None;
                    }
                    RefreshOutcome::Over { .. } => is_over = was_running,
                    RefreshOutcome::Renewed { .. } | RefreshOutcome::Failed { .. } => {}
                }
            }
            Event::Refreshed { .. } | Event::Looked | Event::Nudged | Event::Unauthorized { .. } => {}
        }
        let ends = self.is_signed_in && (is_over || time >= self.access_dies_at.max(self.refresh_dies_at));
        self.is_signed_in &= !ends;
        ends
    }
}

proptest! {
    #[test]
    fn whatever_happens(
        // In half of the runs nobody sets the clock, and what ends the session is known all the time.
        is_clock_set in any::<bool>(),
        happenings in proptest::collection::vec(happening(), 1..200),
    ) {
        let mut state = State::default();
        // The world's time does not jump; the clock does.
        let (mut time, mut clock) = (0_i64, NOW.0);
        let mut pending: Option<(SessionNumber, Attempt, i64)> = None;
        let mut lost: Vec<(SessionNumber, Attempt)> = Vec::new();
        let mut starts: Vec<(SessionNumber, i64)> = Vec::new();
        let mut reckoning = Reckoning::default();
        let mut clock_was_set = false;
        for happening in happenings {
            let mut events = Vec::new();
            match happening {
                Happening::Passes(milliseconds) => {
                    time += i64::from(milliseconds);
                    clock += i64::from(milliseconds);
                    continue;
                }
                Happening::ClockMoves(_) if !is_clock_set => continue,
                Happening::ClockMoves(milliseconds) => {
                    clock += i64::from(milliseconds);
                    clock_was_set = true;
                    // Somebody looks at the clock in the same minute; the session cannot tell a clock from a sleep otherwise.
                    events.push(Event::Looked);
                }
                Happening::Looked => events.push(Event::Looked),
                Happening::Nudged => events.push(Event::Nudged),
                Happening::Unauthorized => {
                    if let Some(Access::Granted { session, generation, .. }) =
                        state.live().map(|live| live.access(UnixMillis(clock)))
                    {
                        events.push(Event::Unauthorized { session, generation });
                    }
                }
                Happening::Answered(answer) | Happening::AnsweredTwice(answer) => {
                    if let Some((session, attempt, _)) = pending.take() {
                        events.push(Event::Refreshed { session, attempt, outcome: answer.outcome() });
                        if matches!(happening, Happening::AnsweredTwice(_)) {
                            events.push(Event::Refreshed { session, attempt, outcome: answer.outcome() });
                        }
                    }
                }
                Happening::AnsweredLate(answer) => {
                    if let Some((session, attempt)) = lost.pop() {
                        events.push(Event::Refreshed { session, attempt, outcome: answer.outcome() });
                    }
                }
                Happening::SignedIn => events.push(Event::SignedIn(sign_in(UnixMillis(clock)))),
                Happening::SignedOut => events.push(Event::SignedOut),
                Happening::SignedOutElsewhere => events.push(Event::SignedOutElsewhere),
            }
            for event in events {
                let ends = reckoning.ends(&event, time);
                let was_signed_in = state.live().is_some();
                let (after, effects) = state.after(event, UnixMillis(clock));
                state = after;
                for effect in &effects {
                    if let Effect::Refresh { session, attempt, .. } = effect {
                        if let Some((running, _, since)) = pending {
                            prop_assert!(running != *session || time - since >= 60 * SECOND || clock - NOW.0 != time, "two at a time");
                        }
                        starts.push((*session, time));
                        let before = pending.replace((*session, *attempt, time));
                        lost.extend(before.map(|(session, attempt, _)| (session, attempt)));
                        reckoning.running = Some((*attempt, time));
                        reckoning.latest = Some(*attempt);
                    }
                }
                // Only a sign-out, the API, or two dead tokens end a session; and each of them does.
                if !clock_was_set {
                    prop_assert_eq!(was_signed_in && state.live().is_none(), ends);
                }
                // Every state has a way on, and nothing asks to be called in a loop.
                match state.look_again_in(UnixMillis(clock)) {
                    Some(wait) => prop_assert!(wait > Duration::ZERO && wait <= Duration::from_secs(60)),
                    None => prop_assert!(state.live().is_none()),
                }
            }
        }
        // Never a storm: within a session two refreshes are five seconds apart by the world's time, unless a clock that was
        // set forward made it look so.
        if clock - NOW.0 == time {
            for pair in starts.windows(2) {
                prop_assert!(pair[0].0 != pair[1].0 || pair[1].1 - pair[0].1 >= 5 * SECOND);
            }
        }
        // Wherever it stands, a server that answers brings it back, or it is over.
        for _ in 0..40 {
            let Some(live) = state.live() else { break };
            if matches!(live.access(UnixMillis(clock)), Access::Granted { .. }) {
                break;
            }
            clock += 40 * MINUTE;
            let (after, effects) = state.after(Event::Looked, UnixMillis(clock));
            state = after;
            let refresh = effects.iter().find_map(|effect| match effect {
                Effect::Refresh { session, attempt, .. } => Some((*session, *attempt)),
                _ => None,
            });
            if let Some((session, attempt)) = refresh {
                state = state.after(Event::Refreshed { session, attempt, outcome: renewed("back") }, UnixMillis(clock)).0;
            }
        }
        let is_back = state.live().is_none_or(|live| matches!(live.access(UnixMillis(clock)), Access::Granted { .. }));
        prop_assert!(is_back, "{state:?}");
    }
}
