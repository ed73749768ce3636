//! The address bar and the history of this tab.

use wasm_bindgen::JsValue;
use web_sys::{History, Window};

use super::panic::has_stopped;

/// The browser did not do as it was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused;

/// The path, as the browser has it: percent escapes and all.
#[must_use]
pub fn path() -> String {
    web_sys::window().and_then(|window| window.location().pathname().ok()).unwrap_or_default()
}

/// The raw query without its `?`.
#[must_use]
pub fn query() -> String {
    let search = web_sys::window().and_then(|window| window.location().search().ok()).unwrap_or_default();
    search.strip_prefix('?').map(str::to_owned).unwrap_or(search)
}

/// Replaces the current history entry, its URL included, without a navigation. `target` is a path on this origin.
///
/// # Errors
///
/// [`Refused`] where the browser does not let the page write the history.
pub fn replace(target: &str) -> Result<(), Refused> {
    history()?.replace_state_with_url(&JsValue::NULL, "", Some(target)).map_err(|_| Refused)
}

/// Adds a history entry with that URL, without a navigation. `target` is a path on this origin.
///
/// # Errors
///
/// [`Refused`] where the browser does not let the page write the history: Safari, after 100 entries in 30 seconds.
pub fn push(target: &str) -> Result<(), Refused> {
    history()?.push_state_with_url(&JsValue::NULL, "", Some(target)).map_err(|_| Refused)
}

/// Shows the page from its top on.
pub fn scroll_to_top() {
    if let Ok(window) = window() {
        window.scroll_to_with_x_and_y(0.0, 0.0);
    }
}

/// Leaves for another page.
///
/// # Errors
///
/// [`Refused`] where the browser refuses the URL.
pub fn assign(url: &str) -> Result<(), Refused> {
    window()?.location().assign(url).map_err(|_| Refused)
}

/// The window, for what changes where it is: a page that has stopped goes nowhere by itself.
fn window() -> Result<Window, Refused> {
    web_sys::window().filter(|_| !has_stopped()).ok_or(Refused)
}

fn history() -> Result<History, Refused> {
    window()?.history().map_err(|_| Refused)
}

/// Was this page reloaded, rather than visited?
#[must_use]
pub fn was_reloaded() -> bool {
    web_sys::window()
        .and_then(|window| window.performance())
        .is_some_and(|performance| performance.navigation().type_() == web_sys::PerformanceNavigation::TYPE_RELOAD)
}
