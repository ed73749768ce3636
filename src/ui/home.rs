//! The signed-in page (contract §6).

use leptos::prelude::*;

use super::action::{Action, actions};
use super::app::App;
use super::page::{PLACE, focus_when_mounted, heading, live_text, set_title};
use super::projects::Projects;
use crate::auth::session::View;
use crate::browser::clock;

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
        View::SignedIn { renew_at, is_reconnecting: false, .. } => {
            format!("Your session renews by itself at {}.", clock::time_of_day(renew_at))
        }
        _ => String::new(),
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
