//! The sign-in form (contract §4.1 to §4.4, §6).

use std::time::Duration;

use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::app::App;
use super::failure_notice::failure_notice;
use super::page::{focus, focus_when_mounted, heading, hint, input_value, live_text, live_truth, set_title};
use crate::auth::begin;
use crate::browser::location;
use crate::browser::task::spawn_detached;
use crate::browser::timer::{self, Timer};
use crate::domain::config::Config;
use crate::domain::email::{Email, EmailError};
use crate::domain::failure::Failure;
use crate::domain::words::email_words;

/// Where the navigation to the provider does not happen, the form works again after this long (contract §4.4).
const LEAVING_LIMIT: Duration = Duration::from_secs(15);

/// The id of the email field.
const FIELD: &str = "email";

/// What the form does. "In progress" is memory of this page, never stored, so nothing can hang for ever.
#[derive(Debug, Clone, PartialEq)]
enum Form {
    /// It can be used.
    Ready,
    /// The email was refused before anything was sent.
    Refused(EmailError),
    /// A sign-in is being started, or the browser is leaving.
    Busy(Attempt),
    /// The last attempt failed.
    Failed(Failure),
}

/// The number of a press. What comes of an older one is dropped.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Attempt(u32);

/// The form, and everything that can happen to it.
#[derive(Clone, Copy)]
struct SignIn {
    app: App,
    config: StoredValue<Config>,
    form: RwSignal<Form>,
    last_attempt: StoredValue<Attempt>,
    leaving: StoredValue<Option<Timer>, LocalStorage>,
}

impl SignIn {
    fn new(app: App, config: Config, ended: Option<Failure>) -> Self {
        Self {
            app,
            config: StoredValue::new(config),
            form: RwSignal::new(ended.map_or(Form::Ready, Form::Failed)),
            last_attempt: StoredValue::new(Attempt(0)),
            leaving: StoredValue::new_local(None),
        }
    }

    fn is_busy(self) -> bool {
        matches!(self.form.get(), Form::Busy(_))
    }

    fn is_current(self, attempt: Attempt) -> bool {
        self.form.try_get_untracked() == Some(Form::Busy(attempt))
    }

    /// One press sends one request, however often it is pressed.
    fn submit(self, typed: &str) {
        if matches!(self.form.get_untracked(), Form::Busy(_)) {
            return;
        }
        match Email::parse(typed) {
            Err(error) => self.form.set(Form::Refused(error)),
            Ok(email) => self.start(email),
        }
    }

    fn start(self, email: Email) {
        let attempt = Attempt(self.last_attempt.get_value().0.wrapping_add(1));
        self.last_attempt.set_value(attempt);
        self.form.set(Form::Busy(attempt));
        let (config, return_to) = (self.config.get_value(), self.app.return_to());
        spawn_detached(async move {
            let request = begin::initiate(&config, &email).await;
            // The person may have come back to this page, or gone elsewhere, meanwhile.
            if !self.is_current(attempt) {
                return;
            }
            match request.and_then(|request| begin::leave(request, email, return_to)) {
                Ok(()) => self.give_back_if_still_here(attempt),
                Err(failure) => self.form.set(Form::Failed(failure)),
            }
        });
    }

    fn give_back_if_still_here(self, attempt: Attempt) {
        let timer = timer::after(LEAVING_LIMIT, move || {
            if self.is_current(attempt) {
                self.give_back();
            }
        });
        self.leaving.set_value(Some(timer));
    }

    /// The Back button brought this page back as it was when the browser left it: busy (contract §4.4).
    fn came_back(self) {
        self.leaving.set_value(None);
        if matches!(self.form.get_untracked(), Form::Busy(_)) {
            self.give_back();
        }
    }

    /// Lets the person go on. The button that was pressed lost the focus when it was disabled, so it goes to the field.
    fn give_back(self) {
        self.form.set(Form::Ready);
        focus(FIELD);
    }
}

/// The sign-in page: the form, or why there can be none.
#[component]
pub fn SignInPage() -> impl IntoView {
    set_title("Sign in");
    let app = App::from_context();
    let config = app.config();
    let notice = config.as_ref().err().map(|failure| failure_notice(failure, Vec::new()));
    let form =
        config.ok().map(|config| view! { <SignInForm config email=app.known_email() ended=untrack(|| app.ended())/> });
    view! {
        <section class="card">
            {heading("Sign in")}
            {form}
            {notice}
        </section>
    }
}

/// The sign-in form.
#[component]
fn SignInForm(
    /// The settings of this deployment.
    config: Config,
    /// Fills in the form.
    email: Option<Email>,
    /// Why the last session ended.
    ended: Option<Failure>,
) -> impl IntoView {
    // A page that was reloaded has lost its session, if it had one, and looks as if it never had.
    let was_reloaded = email.is_some() && ended.is_none() && location::was_reloaded();
    let sign_in = SignIn::new(App::from_context(), config, ended);
    let form = sign_in.form;
    let known_email = email.map(|email| email.as_str().to_owned());

    let pageshow = window_event_listener(leptos::ev::pageshow, move |event| {
        if event.persisted() {
            sign_in.came_back();
        }
    });
    on_cleanup(move || pageshow.remove());

    focus_when_mounted(FIELD);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        sign_in.submit(&input_value(FIELD));
        if matches!(form.get_untracked(), Form::Refused(_)) {
            focus(FIELD);
        }
    };
    let email_error = move || match form.get() {
        Form::Refused(error) => Some(email_words(error)),
        _ => None,
    };
    let failure = move || match form.get() {
        Form::Failed(failure) => Some(failure_notice(&failure, Vec::new())),
        _ => None,
    };

    view! {
            {failure}
            {was_reloaded.then(|| hint("For your safety a session lives only as long as its page: after a reload you have to sign in again."))}
            <form novalidate on:submit=submit>
                <label for=FIELD>"Work email"</label>
                <input
                    id=FIELD
                    name="email"
                    type="email"
                    autocomplete="username"
                    autocapitalize="none"
                    spellcheck="false"
                    required
                    value=known_email
                    aria-invalid=live_truth(move || email_error().is_some())
                    aria-describedby="email-error"
                />
                <p id="email-error" class="field-error">{live_text(move || email_error().unwrap_or_default().to_owned())}</p>
                <button
                    type="submit"
                    aria-busy=live_truth(move || sign_in.is_busy())
                    disabled=move || sign_in.is_busy()
                >
                    "Continue with SSO"
                </button>
            </form>
            {hint("You will sign in at your company's identity provider, and then come back here.")}
    }
}
