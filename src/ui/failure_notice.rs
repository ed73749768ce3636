//! A failure, as a person sees it (contract §6).

use leptos::prelude::*;

use super::action::{Action, actions};
use super::page::focus_when_mounted;
use crate::domain::failure::Failure;
use crate::domain::words::{Detail, details, words};

/// The id of the alert. There is one failure at a time.
const ALERT: &str = "failure";

/// An alert with a heading in plain words, what to do next, the codes that a support engineer asks for, and the ways on.
pub fn failure_notice(failure: &Failure, ways_on: Vec<Action>) -> impl IntoView + use<> {
    focus_when_mounted(ALERT);
    let words = words(failure);
    // Somebody else's words among them: always text nodes, never markup.
    let details = details(failure).into_iter().map(|Detail { label, text, kind }| {
        view! { <p class=kind.as_str()>{label} " " <span>{text}</span></p> }
    });
    view! {
        <div id=ALERT class="notice" role="alert" tabindex="-1" data-error=failure.code()>
            <h2>{words.heading}</h2>
            <p>{words.next}</p>
            {details.collect_view()}
            {actions(ways_on)}
        </div>
    }
}
