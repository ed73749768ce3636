//! The signed-in page (contract §6).

use leptos::prelude::*;

use super::action::{Action, actions};
use super::app::App;
use super::page::{PLACE, focus_when_mounted, heading, live_text, set_title};
use super::projects::Projects;
use crate::auth::session::View;
use crate::browser::clock;
use crate::domain::session::Renewal;

/// Who is signed in, when the session renews, the projects, and the way out.
#[component]
pub fn HomePage() -> impl IntoView {
    set_title("Signed in");
    let app = App::from_context();
    focus_when_mounted(PLACE);
    let email = move || match app.session.view() {
        View::SignedIn { email, .. } => email.as_str().to_owned(),
        View::SignedOut(_) => String::new(),
    };
    // A time of day and no countdown: it changes when the session is renewed, and nothing is announced each second.
    let renewal = move || match app.session.view() {
        View::SignedIn { renewal, .. } => renewal_text(renewal),
        View::SignedOut(_) => String::new(),
    };
    view! {
        <section class="card">
            {heading("Signed in")}
            <p>"You are signed in as " <strong class="email">{live_text(email)}</strong> "."</p>
            <p class="hint">{live_text(renewal)}</p>
            <Projects/>
            {actions(vec![Action::secondary("Sign out", move || app.sign_out())])}
        </section>
    }
}

fn renewal_text(renewal: Renewal) -> String {
    let at = |words: &str, time| format!("{words} {}.", clock::time_of_day(time));
    match renewal {
        Renewal::At(time) => at("Your session renews by itself at", time),
        Renewal::Running => "Your session is being renewed.".to_owned(),
        Renewal::RetryAt(time) => at("Your session could not be renewed. The next try is at", time),
        Renewal::EndsAt(time) => at("Your session ends at", time),
    }
}
