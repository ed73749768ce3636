//! The last resort: a page that has stopped, and says so (ASVS 16.5.4).

use std::sync::atomic::{AtomicBool, Ordering};

use wasm_bindgen::prelude::*;
use web_sys::{Event, HtmlTemplateElement, Window};

static HAS_STOPPED: AtomicBool = AtomicBool::new(false);

/// What the app, the framework and its router listen to on the window.
const EVENTS: [&str; 5] = ["click", "online", "pageshow", "popstate", "visibilitychange"];

/// The title of the failure message.
const TITLE: &str = "This page has stopped working · Indee Admin";

/// From now on a panic stops the page. Its details go nowhere: a panic message may hold whatever the program was working on.
pub fn install_hook() {
    std::panic::set_hook(Box::new(|_| stop()));
}

/// Has the page stopped? The browser goes on calling the app all the same: timers, events, answers. From then on they do
/// nothing and nothing is sent (contract §5), since nobody knows what the panic has left half done.
#[must_use]
pub fn has_stopped() -> bool {
    HAS_STOPPED.load(Ordering::Relaxed)
}

/// Ends the app, and puts the static failure message of `index.html` in its place. A second time changes nothing: the user may
/// be on the way to the next page by then.
pub fn stop() {
    if HAS_STOPPED.swap(true, Ordering::Relaxed) {
        return;
    }
    if let Some(window) = web_sys::window() {
        // What is on its way is aborted: requests, and a navigation. What outlives the page goes on.
        let _ = window.stop();
        keep_events_from_the_app(&window);
    }
    say_that_it_stopped();
}

/// Whatever listens in this way comes before all others. Links and buttons of the message work as the browser has them.
fn keep_events_from_the_app(window: &Window) {
    let stop = Closure::<dyn FnMut(Event)>::new(|event: Event| event.stop_immediate_propagation()).into_js_value();
    for event in EVENTS {
        // Where the browser refuses, nothing is sent all the same.
        let _ = window.add_event_listener_with_callback_and_bool(event, stop.unchecked_ref(), true);
    }
}

/// Puts the static failure message of `index.html` in the place of the app. Where it is there already it stays.
pub fn say_that_it_stopped() {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    let template = document.get_element_by_id("stopped").and_then(|it| it.dyn_into::<HtmlTemplateElement>().ok());
    // A message that has been shown is not in the template any more.
    let message = template.and_then(|template| template.content().first_element_child());
    let app = document.query_selector("main").ok().flatten();
    if let Some((message, app)) = message.zip(app) {
        // Nothing is left to do where even this fails.
        let _ = app.replace_with_with_node_1(&message);
        document.set_title(TITLE);
    }
}
