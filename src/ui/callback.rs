//! What becomes of a callback: wait, then go on, or say what went wrong (contract §4.9, §6).

use std::time::Duration;

use leptos::either::Either;
use leptos::prelude::*;

use super::action::Action;
use super::app::App;
use super::failure_notice::failure_notice;
use super::page::{heading, live_text, set_title};
use crate::auth::complete::{Completion, FailedLogin, Login, Outcome};
use crate::browser::clock::Instant;
use crate::browser::task::spawn_detached;
use crate::browser::timer;
use crate::domain::failure::Failure;

/// After this long a person is told that it takes longer than usual (contract §6).
const SLOW_AFTER: Duration = Duration::from_secs(8);

/// Waits for the login request that was sent at boot.
#[component]
pub fn CallbackPage(
    /// The callback that was taken at boot.
    completion: Completion,
) -> impl IntoView {
    let app = App::from_context();
    let Completion { email, return_to, outcome } = completion;
    // `None` while the request runs.
    let failure = RwSignal::new(None::<Failure>);
    // What another try needs, where there may be one.
    let failed_login = StoredValue::new_local(None::<FailedLogin>);

    let wait_for = {
        let return_to = return_to.clone();
        move |login: Login| {
            let return_to = return_to.clone();
            spawn_detached(async move {
                match login.answer().await {
                    Ok(signed_in) => app.signed_in(signed_in, &return_to),
                    Err(failed) => {
                        let reason = failed.failure.clone();
                        // Stored before the notice asks whether there is something to try again.
                        failed_login.try_set_value(Some(failed));
                        failure.try_set(Some(reason));
                    }
                }
            });
        }
    };
    match outcome {
        Outcome::Sent(login) => wait_for(*login),
        Outcome::Failed(reason) => failure.set(Some(reason)),
    }

    let try_again = move || {
        // Taken, so that one press sends one request.
        if let Some(failed) = failed_login.try_update_value(Option::take).flatten() {
            failure.set(None);
            app.session.forget_earlier_sign_outs();
            wait_for(failed.send_again());
        }
    };
    let start_over = move || app.start_over(email.clone(), &return_to);
    let ways_on = move |reason: &Failure| {
        let mut ways_on = Vec::new();
        if reason.allows_another_try() && failed_login.with_value(Option::is_some) {
            ways_on.push(Action::primary("Try again", try_again.clone()));
        }
        ways_on.push(Action::secondary("Start over", start_over.clone()));
        ways_on
    };

    let mut is_first_wait = true;
    let what_is = move || {
        // The first wait began with the page.
        let waited = if std::mem::take(&mut is_first_wait) { Instant::NAVIGATION.elapsed() } else { Duration::ZERO };
        match failure.get() {
            None => Either::Left(waiting(waited)),
            Some(reason) => {
                set_title("Sign-in failed");
                Either::Right(failure_notice(&reason, ways_on(&reason)))
            }
        }
    };

    view! {
        <section class="card">
            {heading("Single sign-on")}
            {what_is}
        </section>
    }
}

/// The wait for the login request, of which so much has passed. `index.html` has the same words for the time before the app.
fn waiting(waited: Duration) -> impl IntoView {
    set_title("Completing sign-in");
    let wait = SLOW_AFTER.saturating_sub(waited);
    let is_slow = RwSignal::new(wait.is_zero());
    let slow_notice = timer::after(wait, move || {
        is_slow.try_set(true);
    });
    // Kept as long as the wait is on the page.
    let slow_notice = StoredValue::new_local(slow_notice);
    on_cleanup(move || slow_notice.dispose());
    let slow_words =
        move || if is_slow.get() { "This takes longer than usual. Please stay on this page." } else { "" }.to_owned();
    view! {
        <div role="status" class="waiting">
            <p>{"Completing sign-in…"}</p>
            <p class="slow">{live_text(slow_words)}</p>
        </div>
    }
}
