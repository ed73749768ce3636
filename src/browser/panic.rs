//! The last resort: a page that says that it has stopped (ASVS 16.5.4).

use wasm_bindgen::JsCast;
use web_sys::HtmlTemplateElement;

/// From now on a panic shows the static failure message of `index.html`. Its details go nowhere: a panic message may hold
/// whatever the program was working on.
pub fn install_hook() {
    std::panic::set_hook(Box::new(|_| say_that_it_stopped()));
}

/// Puts the static failure message of `index.html` in the place of the app.
pub fn say_that_it_stopped() {
    let document = web_sys::window().and_then(|window| window.document());
    let message = document.as_ref().and_then(|document| document.get_element_by_id("stopped"));
    let message = message.and_then(|template| template.dyn_into::<HtmlTemplateElement>().ok());
    let app = document.and_then(|document| document.query_selector("main").ok().flatten());
    if let Some((message, app)) = message.zip(app) {
        // Nothing is left to do where even this fails.
        let _ = app.replace_with_with_node_1(&message.content());
    }
}
