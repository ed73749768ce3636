//! What becomes of a callback: wait, then go on, or say what went wrong (contract §4.9, §6).

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::app::App;
use super::failure_notice::FailureNotice;
use super::page::set_title;
use crate::auth::complete::{Completion, FailedLogin, Login, Outcome};
use crate::browser::timer;
use crate::domain::failure::Failure;

/// After this long a person is told that it takes longer than usual (contract §6).
const SLOW_AFTER: Duration = Duration::from_secs(8);

/// What the page shows.
#[derive(Clone)]
enum Progress {
    Waiting,
    Failed(Failure),
}

/// Waits for the login request that was sent at boot.
#[component]
pub fn CallbackPage(
    /// The callback that was taken at boot.
    completion: Completion,
) -> impl IntoView {
    let app = App::from_context();
    let Completion { email, return_to, outcome } = completion;
    let progress = RwSignal::new(Progress::Waiting);
    let failed_login = StoredValue::new_local(None::<FailedLogin>);

    let wait_for = {
        let return_to = return_to.clone();
        move |login: Login| {
            let return_to = return_to.clone();
            spawn_local(async move {
                match login.answer().await {
                    Ok(signed_in) => app.signed_in(signed_in, &return_to),
                    Err(failed) => {
                        progress.try_set(Progress::Failed(failed.failure.clone()));
                        failed_login.try_set_value(Some(failed));
                    }
                }
            });
        }
    };
    match outcome {
        Outcome::Sent(login) => wait_for(*login),
        Outcome::Failed(failure) => progress.set(Progress::Failed(failure)),
    }

    let try_again = move |_| {
        // Taken, so that one press sends one request.
        if let Some(failed) = failed_login.try_update_value(Option::take).flatten() {
            progress.set(Progress::Waiting);
            wait_for(failed.send_again());
        }
    };
    let start_over = move |_| app.start_over(email.clone(), &return_to);

    view! {
        <section class="card">
            <h1>"Single sign-on"</h1>
            {move || match progress.get() {
                Progress::Waiting => view! { <Waiting/> }.into_any(),
                Progress::Failed(failure) => {
                    set_title("Sign-in failed");
                    let has_another_try = failure.allows_another_try() && failed_login.with_value(Option::is_some);
                    let (try_again, start_over) = (try_again.clone(), start_over.clone());
                    view! {
                        <FailureNotice failure>
                            {has_another_try.then(|| view! {
                                <button type="button" on:click=try_again>"Try again"</button>
                            })}
                            <button type="button" class="secondary" on:click=start_over>"Start over"</button>
                        </FailureNotice>
                    }
                    .into_any()
                }
            }}
        </section>
    }
}

/// The wait for the login request.
#[component]
fn Waiting() -> impl IntoView {
    set_title("Completing sign-in");
    let is_slow = RwSignal::new(false);
    let slow_notice = timer::after(SLOW_AFTER, move || {
        is_slow.try_set(true);
    });
    let slow_notice = StoredValue::new_local(slow_notice);
    on_cleanup(move || slow_notice.dispose());
    view! {
        <div role="status" class="waiting">
            <p>"Completing sign-in…"</p>
            <p class="slow">{move || is_slow.get().then_some("This takes longer than usual. Please stay on this page.")}</p>
        </div>
    }
}
