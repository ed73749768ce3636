//! "Page not found", for those who are signed in (contract §3).

use leptos::prelude::*;

use super::page::{PLACE, focus_when_mounted, heading, set_title};
use crate::domain::route;

/// A page that is not there, with a way home.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    set_title("Page not found");
    focus_when_mounted(PLACE);
    view! {
        <section class="card">
            {heading("Page not found")}
            <p>{"There is nothing at this address. It may have been moved, or mistyped."}</p>
            <p><a href=route::HOME>{"Go to the start page"}</a></p>
        </section>
    }
}
