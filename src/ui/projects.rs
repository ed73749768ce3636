//! The region "Projects" of the signed-in page: the first user of an authorized call (contract §6).

use leptos::either::EitherOf3;
use leptos::prelude::*;

use super::action::{Action, actions};
use super::app::App;
use super::page::{hint, live_truth};
use crate::auth::authorized::{self, first_projects};
use crate::browser::task::{self, Task};
use crate::domain::call_error::CallError;
use crate::domain::words::call_words;

/// What is known of the projects.
#[derive(Clone)]
enum Known {
    Loading,
    Loaded(authorized::Projects),
    Failed(CallError),
}

/// How many projects there are, and the names of the first.
#[component]
pub fn Projects() -> impl IntoView {
    let app = App::from_context();
    let known = RwSignal::new(Known::Loading);
    // Goes with the page, and aborts the call.
    let running = StoredValue::new_local(None::<Task>);
    let load = move || {
        known.set(Known::Loading);
        running.set_value(Some(task::spawn(async move {
            let outcome = first_projects(app.session).await;
            known.try_set(outcome.map_or_else(Known::Failed, Known::Loaded));
        })));
    };
    load();
    let content = move || match known.get() {
        Known::Loading => EitherOf3::A(hint("Loading…")),
        Known::Loaded(authorized::Projects { count, results }) => EitherOf3::B(view! {
            <p>{format!("{count} in all. The first {}:", results.len())}</p>
            <ul>{results.into_iter().map(|project| view! { <li>{project.name}</li> }).collect_view()}</ul>
        }),
        Known::Failed(error) => EitherOf3::C(view! {
            <p role="alert" data-error=error.code()>{call_words(&error)}</p>
            {actions(vec![Action::secondary("Load the projects again", load)])}
        }),
    };
    let is_loading = live_truth(move || matches!(known.get(), Known::Loading));
    view! {
        <section class="region" aria-labelledby="projects" aria-busy=is_loading>
            <h2 id="projects">{"Projects"}</h2>
            {content}
        </section>
    }
}
