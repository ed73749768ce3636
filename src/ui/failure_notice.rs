//! A failure, as a person sees it (contract §6).

use leptos::html;
use leptos::prelude::*;

use super::page::focused_on_mount;
use crate::domain::failure::Failure;
use crate::domain::words::{wait_words, words};

/// Where a notice stands, which decides the level of its heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// It is the page.
    Page,
    /// Above a form that has the page's heading.
    AboveForm,
}

/// An alert with a heading in plain words, what to do next, and the codes that a support engineer asks for. `children`
/// are its buttons.
#[component]
pub fn FailureNotice(
    /// What went wrong.
    failure: Failure,
    /// Where the notice stands.
    place: Place,
    /// The ways on.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let alert = focused_on_mount::<html::Div>();
    let words = words(&failure);
    let heading = match place {
        Place::Page => view! { <h1>{words.heading}</h1> }.into_any(),
        Place::AboveForm => view! { <h2>{words.heading}</h2> }.into_any(),
    };
    let code = failure.code();
    let status_code = failure.status_code().map(|status_code| {
        view! { <p class="code">"Status of the service: " <code>{status_code.to_string()}</code></p> }
    });
    let details = details(&failure);
    view! {
        <div class="notice" role="alert" tabindex="-1" data-error=code node_ref=alert>
            {heading}
            <p>{words.next}</p>
            {details}
            <p class="code">"Error code: " <code>{code}</code></p>
            {status_code}
            {children.map(|children| view! { <div class="actions">{children()}</div> })}
        </div>
    }
}

/// What only some failures have.
fn details(failure: &Failure) -> AnyView {
    match failure {
        Failure::BadConfig(setting) => view! { <p class="code">"Setting: " <code>{setting.name}</code></p> }.into_any(),
        Failure::RateLimited { retry_after: Some(wait), .. } => view! { <p>{wait_words(*wait)}</p> }.into_any(),
        Failure::LoginRejected { message: Some(message), .. } => {
            quote("The service says:", message.as_str().to_owned()).into_any()
        }
        Failure::ProviderError(error) => {
            let description = error.description.as_ref().map(|description| description.as_str().to_owned());
            let error = error.error.as_ref().map(|error| error.as_str().to_owned());
            view! {
                {description.map(|text| quote("Your identity provider says:", text))}
                {error.map(|error| view! { <p class="code">"Error of the provider: " <code>{error}</code></p> })}
            }
            .into_any()
        }
        _ => ().into_any(),
    }
}

/// Somebody else's words: a text node, never markup.
fn quote(who: &'static str, text: String) -> impl IntoView {
    view! {
        <div class="quote">
            <p>{who}</p>
            <blockquote>{text}</blockquote>
        </div>
    }
}
