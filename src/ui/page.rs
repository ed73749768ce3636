//! What every page does: say where one is, and put the focus there.
//!
//! Text goes into elements as a value, `{text}`, never as a literal: an element that holds nothing but literals the
//! framework would make from markup, through `innerHTML`, which the policy of the deployment refuses (`docs/decisions/`).
//!
//! Elements are found by their id. A reference of the framework for each would do the same, and bring an effect of its own
//! for each kind of element, which every visitor would download.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{HtmlElement, HtmlInputElement};

/// Gives the page its title: where one is, then the product.
pub fn set_title(place: &str) {
    document().set_title(&format!("{place} · Indee Admin"));
}

/// The id of the heading of a page.
pub const PLACE: &str = "place";

/// The heading of a page. It can be given the focus, so that it is read out.
pub fn heading(text: &'static str) -> impl IntoView {
    view! { <h1 id=PLACE tabindex="-1">{text}</h1> }
}

/// A paragraph that says something beside the point.
pub fn hint(text: &'static str) -> impl IntoView {
    view! { <p class="hint">{text}</p> }
}

/// A text that changes. What keeps a text up to date is compiled for each type anew, so all of ours are of one.
pub fn live_text(text: impl FnMut() -> String + Send + 'static) -> Box<dyn FnMut() -> String + Send> {
    Box::new(text)
}

/// The value of an attribute that is `true` or `false`, and changes; of one type like every [`live_text`].
pub fn live_truth(mut truth: impl FnMut() -> bool + Send + 'static) -> Box<dyn FnMut() -> &'static str + Send> {
    Box::new(move || if truth() { "true" } else { "false" })
}

/// Puts the focus on an element as soon as it is on the page: what is being built now is, once this task is done.
pub fn focus_when_mounted(id: &'static str) {
    queue_microtask(move || focus(id));
}

/// Puts the focus on an element. One that is not there, or cannot take it, does not get it.
pub fn focus(id: &str) {
    if let Some(element) = document().get_element_by_id(id).and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// What is typed into an input field; empty where there is none.
#[must_use]
pub fn input_value(id: &str) -> String {
    let input = document().get_element_by_id(id).and_then(|element| element.dyn_into::<HtmlInputElement>().ok());
    input.map(|input| input.value()).unwrap_or_default()
}
