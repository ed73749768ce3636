//! What every page does: say where one is, and put the focus there.
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
