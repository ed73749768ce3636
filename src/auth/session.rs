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
use crate::browser::sign_out_mark::SignOutMark;
use crate::browser::task::{self, Task, spawn_detached};
use crate::browser::timer::{self, Timer};
use crate::browser::{clock, storage};
use crate::domain::config::Config;
use crate::domain::email::Email;
use crate::domain::failure::Failure;
use crate::domain::pending::EMAIL_KEY;
use crate::domain::secret::RefreshToken;
use crate::domain::session::{
    Access, Attempt, Effect, Event, Generation, Live, RefreshOutcome, Renewal, SIGNED_OUT_CHANNEL, SIGNED_OUT_MESSAGE,
    SessionNumber, SignIn, State,
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
        renewal: Renewal,
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

/// Somebody signed out on this origin while a sign-in was being completed: a sign-out is one for all tabs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedOutMeanwhile;

/// What is kept beside the view.
struct Kept {
    state: State,
    /// The API that issued the tokens, and the only one that gets to see them.
    config: Option<Config>,
    /// The next look at the clock.
    look: Option<Timer>,
    /// The last answer to "can a call be made?": it changes with time alone, too.
    access: Option<(SessionNumber, Access)>,
    /// How often it has changed.
    version: u64,
    /// Who waits for that.
    waiting: Vec<Waker>,
    /// Whether the user has signed out, and nothing was decided on that yet.
    just_signed_out: bool,
    channel: Option<Channel>,
    /// The mark of the last sign-out on this origin, as it was before this session began.
    sign_out_mark: SignOutMark,
    /// Whether a message told of a sign-out since the login request was sent. The mark may be missing, or not be here yet.
    has_heard_of_sign_out: bool,
    /// The refresh that is running, or was last. The next one aborts it; a sign-out does not, since what it may still
    /// bring is to be revoked.
    refresh: Option<Task>,
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
            access: None,
            version: 0,
            waiting: Vec::new(),
            just_signed_out: false,
            channel: None,
            sign_out_mark: SignOutMark::current(),
            has_heard_of_sign_out: false,
            refresh: None,
            _listeners: Vec::new(),
        });
        let session = Self { kept, view: RwSignal::new(View::SignedOut(Why::NotYet)) };
        let channel = Channel::open(SIGNED_OUT_CHANNEL, move |message| {
            if message == SIGNED_OUT_MESSAGE {
                session.kept.try_update_value(|kept| kept.has_heard_of_sign_out = true);
                session.dispatch(Event::SignedOutElsewhere);
            }
        });
        let listeners = on_return(move || session.look(Event::Nudged));
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

    /// Has the user signed out since this was last asked?
    #[must_use]
    pub fn take_just_signed_out(self) -> bool {
        self.kept.try_update_value(|kept| std::mem::take(&mut kept.just_signed_out)).unwrap_or(false)
    }

    /// Starts a session; it replaces the one before (contract §3).
    ///
    /// # Errors
    ///
    /// [`SignedOutMeanwhile`] if somebody signed out on this origin after the login request was sent: then there is no
    /// session, and its refresh token is revoked.
    pub fn start(self, signed_in: SignedIn) -> Result<(), SignedOutMeanwhile> {
        let SignedIn { email, config, tokens, received_at, sign_out_mark } = signed_in;
        let has_heard = self.kept.try_with_value(|kept| kept.has_heard_of_sign_out) == Some(true);
        let is_signed_out = has_heard || sign_out_mark != SignOutMark::current();
        self.kept.update_value(|kept| {
            kept.config = Some(config);
            kept.sign_out_mark = sign_out_mark;
        });
        if is_signed_out {
            self.revoke(&tokens.refresh);
            self.dispatch(Event::SignedOutElsewhere);
            return Err(SignedOutMeanwhile);
        }
        let access_life = token_life::life::<BrowserJson>(tokens.access.reveal(), received_at, token_life::ACCESS);
        let refresh_life = token_life::life::<BrowserJson>(tokens.refresh.reveal(), received_at, token_life::REFRESH);
        self.dispatch(Event::SignedIn(SignIn { email, tokens, received_at, access_life, refresh_life }));
        Ok(())
    }

    /// A login request is sent once more: sign-outs before that do not concern it.
    pub fn forget_earlier_sign_outs(self) {
        self.kept.try_update_value(|kept| kept.has_heard_of_sign_out = false);
    }

    /// Signs out: what is kept here is gone at once, whatever the network does; then the API and the other tabs are told
    /// (contract §5).
    pub fn sign_out(self) {
        self.dispatch(Event::SignedOut);
    }

    /// Can an authorized call be made now, after its last try was refused with `refused`? `None` where nobody is signed in.
    pub(super) fn access(self, refused: Option<Generation>) -> Option<Access> {
        // A machine that slept may not know yet that its token is dead, nor a page that was restored that it is signed out.
        self.look(Event::Looked);
        let now = clock::now();
        let access = |live: &Live| match refused {
            Some(refused) => live.access_after_refusal(refused, now),
            None => live.access(now),
        };
        self.kept.try_with_value(|kept| kept.state.live().map(access)).flatten()
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

    /// Looks at the clock, and whether somebody has signed out while this page could not hear of it.
    fn look(self, event: Event) {
        let mark = SignOutMark::current();
        let is_signed_out = self.kept.try_with_value(|kept| kept.state.live().is_some() && kept.sign_out_mark != mark);
        self.dispatch(if is_signed_out == Some(true) { Event::SignedOutElsewhere } else { event });
    }

    /// Tells the session what has happened, and does what it says.
    pub(super) fn dispatch(self, event: Event) {
        let now = clock::now();
        let Some((effects, view, waiting)) = self.kept.try_update_value(|kept| kept.take_in(event, now)) else {
            return;
        };
        self.kept.try_update_value(|kept| {
            let wait = kept.state.look_again_in(now);
            kept.look = wait.map(|wait| timer::after(wait, move || self.look(Event::Looked)));
        });
        let mut ended = None;
        for effect in effects {
            match effect {
                Effect::Refresh { session, attempt, token } => self.refresh(session, attempt, &token),
                Effect::Logout { token } => self.revoke(&token),
                Effect::ForgetEmail => {
                    // A storage that is blocked holds no email either.
                    let _ = storage::remove(EMAIL_KEY);
                }
                Effect::TellOtherTabs => {
                    SignOutMark::renew();
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
            (None, _) => {
                self.kept.try_update_value(|kept| kept.just_signed_out = true);
                View::SignedOut(Why::ByThePerson)
            }
        });
        if self.view.try_get_untracked().is_some_and(|before| before != view) {
            self.view.set(view);
        }
    }

    fn refresh(self, session: SessionNumber, attempt: Attempt, token: &RefreshToken) {
        let report = move |outcome| self.dispatch(Event::Refreshed { session, attempt, outcome });
        let sent = self.config().map(|config| call::send(&config, endpoints::refresh::<BrowserJson>(token)));
        let task = task::spawn(async move {
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
        // Once it has reported, dropping it does nothing.
        self.kept.try_update_value(|kept| kept.refresh = Some(task));
    }

    /// Tells the API that a refresh token is not needed any more.
    fn revoke(self, token: &RefreshToken) {
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
        let (state, effects) = std::mem::take(&mut self.state).after(event, now);
        self.state = state;
        let live = self.state.live();
        let access = live.map(|live| (live.number(), live.access(now)));
        let view = live.map(|live| View::SignedIn {
            email: live.email().clone(),
            renewal: live.renewal(),
            is_reconnecting: live.is_reconnecting(now),
        });
        // Not at every look: those that wait look as well, and would wake each other up for ever.
        let mut waiting = Vec::new();
        if access != self.access {
            self.access = access;
            self.version += 1;
            waiting = std::mem::take(&mut self.waiting);
        }
        (effects, view, waiting)
    }
}
