//! Events of the page.

use wasm_bindgen::prelude::*;
use web_sys::VisibilityState;

/// Something listens. Dropping it ends that.
#[must_use = "a listener that is dropped listens no more"]
pub struct Listener {
    event: &'static str,
    closure: Closure<dyn FnMut()>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(window) = web_sys::window() {
            // What was never added need not be removed.
            let _ = window.remove_event_listener_with_callback(self.event, self.closure.as_ref().unchecked_ref());
        }
    }
}

/// Calls `then` whenever something speaks for looking at the clock and trying the network: the tab has become visible, the
/// page was restored, the network came back.
pub fn on_return(then: impl Fn() + Clone + 'static) -> Vec<Listener> {
    let when_visible = {
        let then = then.clone();
        move || {
            if is_visible() {
                then();
            }
        }
    };
    // The first bubbles up from the document.
    vec![listen("visibilitychange", when_visible), listen("pageshow", then.clone()), listen("online", then)]
}

fn listen(event: &'static str, then: impl FnMut() + 'static) -> Listener {
    let closure = Closure::<dyn FnMut()>::new(then);
    if let Some(window) = web_sys::window() {
        // Where the browser refuses, the timer looks at the clock all the same.
        let _ = window.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
    }
    Listener { event, closure }
}

fn is_visible() -> bool {
    web_sys::window()
        .and_then(|window| window.document())
        .is_some_and(|document| document.visibility_state() == VisibilityState::Visible)
}
