//! The signed-in page (contract §6).

use leptos::prelude::*;

use super::action::{Action, actions};
use super::app::App;
use super::page::{focus_when_mounted, set_title};

/// Who is signed in, and the way out.
#[component]
pub fn HomePage() -> impl IntoView {
    set_title("Signed in");
    let app = App::from_context();
    focus_when_mounted("place");
    let email = move || app.session.email().map(|email| email.as_str().to_owned());
    view! {
        <section class="card">
            <h1 id="place" tabindex="-1">"Signed in"</h1>
            <p>"You are signed in as " <strong class="email">{email}</strong> "."</p>
            {actions(vec![Action::secondary("Sign out", move || app.sign_out())])}
        </section>
    }
}
