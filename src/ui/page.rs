//! What every page does: say where one is, and put the focus there.

use leptos::prelude::*;
use leptos::tachys::html::element::ElementType;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::HtmlElement;

/// Gives the page its title: where one is, then the product.
pub fn set_title(place: &str) {
    document().set_title(&format!("{place} · Indee Admin"));
}

/// A reference that puts the focus on its element as soon as it is there.
pub fn focused_on_mount<E>() -> NodeRef<E>
where
    E: ElementType + 'static,
    E::Output: JsCast + Clone + Into<HtmlElement> + 'static,
{
    let node = NodeRef::<E>::new();
    node.on_load(|element: E::Output| focus(&element.into()));
    node
}

/// Puts the focus on an element.
pub fn focus(element: &HtmlElement) {
    // An element that cannot take the focus just does not have it.
    let _ = element.focus();
}
