//! The session, kept alive: what runs [`domain::session`](crate::domain::session) in the browser (contract §5).
//!
//! It lives as long as the app, outside components, so no component that goes away can take it along. Tokens are memory of
//! this tab and nothing else (contract §4.10): pages see a [`View`].

use std::task::{Poll, Waker};

use leptos::prelude::*;

use super::call;
use super::complete::SignedIn;
use crate::api::endpoints;
use crate::browser::channel::Channel;
use crate::browser::events::{Listener, on_return};
use crate::browser::json::BrowserJson;
use crate::browser::task::spawn_detached;
use crate::browser::timer::{self, Timer};
use crate::browser::{clock, storage};
use crate::domain::config::Config;
use crate::domain::email::Email;
use crate::domain::failure::Failure;
use crate::domain::pending::EMAIL_KEY;
use crate::domain::secret::RefreshToken;
use crate::domain::session::{
    Access, Attempt, Effect, Event, RefreshOutcome, SIGNED_OUT_CHANNEL, SIGNED_OUT_MESSAGE, SessionNumber, SignIn,
    State,
};
use crate::domain::time::UnixMillis;
use crate::domain::token_life;

/// The session of this tab, if there is one. A handle: copies name the same session.
#[derive(Clone, Copy)]
pub struct Session {
    kept: StoredValue<Kept, LocalStorage>,
    view: RwSignal<View>,
}

/// What a page may know of the session.
#[derive(Debug, Clone, PartialEq)]
pub enum View {
    /// There is none.
    SignedOut(Why),
    /// There is one.
    SignedIn {
        /// Who is signed in.
        email: Email,
        /// When it is renewed next.
        renew_at: UnixMillis,
        /// Is the access token dead, and a new one not there yet?
        is_reconnecting: bool,
    },
}

/// Why there is no session.
#[derive(Debug, Clone, PartialEq)]
pub enum Why {
    /// Nobody has signed in so far.
    NotYet,
    /// The person signed out, here or in another tab.
    ByThePerson,
    /// It ended without the person's doing (`session_ended`).
    Ended(Failure),
}

/// What is kept beside the view.
struct Kept {
    state: State,
    /// The API that issued the tokens, and the only one that gets to see them.
    config: Option<Config>,
    /// The next look at the clock.
    look: Option<Timer>,
    /// How often the answer to "can a call be made?" has changed.
    version: u64,
    /// Who waits for that.
    waiting: Vec<Waker>,
    channel: Option<Channel>,
    _listeners: Vec<Listener>,
}

impl Session {
    /// No session yet. To be made once, under the owner that lives as long as the app.
    #[must_use]
    pub fn new() -> Self {
        let kept = StoredValue::new_local(Kept {
            state: State::default(),
            config: None,
            look: None,
            version: 0,
            waiting: Vec::new(),
            channel: None,
            _listeners: Vec::new(),
        });
        let session = Self { kept, view: RwSignal::new(View::SignedOut(Why::NotYet)) };
        let channel = Channel::open(SIGNED_OUT_CHANNEL, move |message| {
            if message == SIGNED_OUT_MESSAGE {
                session.dispatch(Event::SignedOutElsewhere);
            }
        });
        let listeners = on_return(move || session.dispatch(Event::Nudged));
        kept.update_value(|kept| {
            kept.channel = channel;
            kept._listeners = listeners;
        });
        session
    }

    /// What a page may know. Tracked: what asks is asked again when it changes.
    #[must_use]
    pub fn view(self) -> View {
        self.view.get()
    }

    /// Is somebody signed in? Tracked.
    #[must_use]
    pub fn is_signed_in(self) -> bool {
        self.view.with(|view| matches!(view, View::SignedIn { .. }))
    }

    /// Starts a session; it replaces the one before (contract §3).
    pub fn start(self, signed_in: SignedIn) {
        let SignedIn { email, config, tokens } = signed_in;
        let now = clock::now();
        let access_life = token_life::life::<BrowserJson>(tokens.access.reveal(), now, token_life::ACCESS);
        let refresh_life = token_life::life::<BrowserJson>(tokens.refresh.reveal(), now, token_life::REFRESH);
        self.kept.update_value(|kept| kept.config = Some(config));
        self.dispatch(Event::SignedIn(SignIn { email, tokens, access_life, refresh_life }));
    }

    /// Signs out: what is kept here is gone at once, whatever the network does; then the API and the other tabs are told
    /// (contract §5).
    pub fn sign_out(self) {
        self.dispatch(Event::SignedOut);
    }

    /// Can an authorized call be made now? `None` where nobody is signed in.
    pub(super) fn access(self) -> Option<Access> {
        // A machine that slept may not know yet that its token is dead.
        self.dispatch(Event::Looked);
        self.kept.try_with_value(|kept| kept.state.live().map(|live| live.access(clock::now()))).flatten()
    }

    /// The number of the session; `None` where nobody is signed in.
    pub(super) fn number(self) -> Option<SessionNumber> {
        self.kept.try_with_value(|kept| kept.state.live().map(|live| live.number())).flatten()
    }

    /// The API that the session belongs to.
    pub(super) fn config(self) -> Option<Config> {
        self.kept.try_with_value(|kept| kept.config.clone()).flatten()
    }

    /// Waits until there is another answer to whether a call can be made.
    pub(super) async fn changed(self) {
        let version = move || self.kept.try_with_value(|kept| kept.version);
        let before = version();
        std::future::poll_fn(move |context| {
            if version() != before {
                return Poll::Ready(());
            }
            self.kept.try_update_value(|kept| kept.waiting.push(context.waker().clone()));
            Poll::Pending
        })
        .await;
    }

    /// Tells the session what has happened, and does what it says.
    pub(super) fn dispatch(self, event: Event) {
        let now = clock::now();
        let Some((effects, view, waiting)) = self.kept.try_update_value(|kept| kept.take_in(event, now)) else {
            return;
        };
        self.kept.try_update_value(|kept| {
            let wait = kept.state.look_again_in(now);
            kept.look = wait.map(|wait| timer::after(wait, move || self.dispatch(Event::Looked)));
        });
        let mut ended = None;
        for effect in effects {
            match effect {
                Effect::Refresh { session, attempt, token } => self.refresh(session, attempt, &token),
                Effect::Logout { token } => self.tell_the_api(&token),
                Effect::ForgetEmail => {
                    // A storage that is blocked holds no email either.
                    let _ = storage::remove(EMAIL_KEY);
                }
                Effect::TellOtherTabs => {
                    self.kept.try_with_value(|kept| {
                        kept.channel.iter().for_each(|channel| channel.post(SIGNED_OUT_MESSAGE));
                    });
                }
                Effect::SayEnded(reason) => {
                    ended = Some(Failure::SessionEnded { status_code: reason.status_code });
                }
            }
        }
        self.show(view, ended);
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Shows what a page may know, where it has changed. Without a session the reason why the last one ended stays.
    fn show(self, view: Option<View>, ended: Option<Failure>) {
        let view = view.unwrap_or_else(|| match (ended, self.view.try_get_untracked()) {
            (Some(failure), _) => View::SignedOut(Why::Ended(failure)),
            (None, Some(before @ View::SignedOut(_))) => before,
            (None, _) => View::SignedOut(Why::ByThePerson),
        });
        if self.view.try_get_untracked().is_some_and(|before| before != view) {
            self.view.set(view);
        }
    }

    fn refresh(self, session: SessionNumber, attempt: Attempt, token: &RefreshToken) {
        let report = move |outcome| self.dispatch(Event::Refreshed { session, attempt, outcome });
        let sent = self.config().map(|config| call::send(&config, endpoints::refresh::<BrowserJson>(token)));
        spawn_detached(async move {
            let jitter = js_sys::Math::random();
            let answer = match sent {
                Some(Ok(sent)) => call::answer(sent).await.ok(),
                _ => None,
            };
            report(match answer {
                Some(answer) => endpoints::read_refresh::<BrowserJson>(&answer, jitter),
                None => RefreshOutcome::Failed { retry_after: None, jitter },
            });
        });
    }

    fn tell_the_api(self, token: &RefreshToken) {
        let Some(config) = self.config() else { return };
        if let Ok(sent) = call::send(&config, endpoints::logout::<BrowserJson>(token)) {
            spawn_detached(async { drop(call::answer(sent).await) });
        }
    }
}

impl Default for Session {
    fn default() -> Self {
        Self::new()
    }
}

impl Kept {
    fn take_in(&mut self, event: Event, now: UnixMillis) -> (Vec<Effect>, Option<View>, Vec<Waker>) {
        let access = |state: &State| state.live().map(|live| (live.number(), live.access(now)));
        let before = access(&self.state);
        let (state, effects) = std::mem::take(&mut self.state).after(event, now);
        self.state = state;
        // Not at every look: those that wait look as well, and would wake each other up for ever.
        let mut waiting = Vec::new();
        if access(&self.state) != before {
            self.version += 1;
            waiting = std::mem::take(&mut self.waiting);
        }
        let view = self.state.live().map(|live| View::SignedIn {
            email: live.email().clone(),
            renew_at: live.renew_at(),
            is_reconnecting: live.is_reconnecting(now),
        });
        (effects, view, waiting)
    }
}
