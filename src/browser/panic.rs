//! The last resort: a page that says that it has stopped (ASVS 16.5.4).

/// From now on a panic shows the static failure message of `index.html`. Its details go nowhere: a panic message may hold
/// whatever the program was working on.
pub fn install_hook() {
    std::panic::set_hook(Box::new(|_| say_that_it_stopped()));
}

/// Shows the static failure message of `index.html`, and nothing else.
pub fn say_that_it_stopped() {
    let root = web_sys::window().and_then(|window| window.document()).and_then(|document| document.document_element());
    if let Some(root) = root {
        // Nothing is left to do where even this fails.
        let _ = root.set_attribute("data-stopped", "");
    }
}
