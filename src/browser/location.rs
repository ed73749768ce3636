//! The address bar and the history of this tab.

use wasm_bindgen::JsValue;

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
    let history = web_sys::window().ok_or(Refused)?.history().map_err(|_| Refused)?;
    history.replace_state_with_url(&JsValue::NULL, "", Some(target)).map_err(|_| Refused)
}

/// Leaves for another page.
///
/// # Errors
///
/// [`Refused`] where the browser refuses the URL.
pub fn assign(url: &str) -> Result<(), Refused> {
    web_sys::window().ok_or(Refused)?.location().assign(url).map_err(|_| Refused)
}

/// Was this page reloaded, rather than visited?
#[must_use]
pub fn was_reloaded() -> bool {
    web_sys::window()
        .and_then(|window| window.performance())
        .is_some_and(|performance| performance.navigation().type_() == web_sys::PerformanceNavigation::TYPE_RELOAD)
}
