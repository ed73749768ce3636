//! `<meta>` elements of `index.html`.

/// The content of the first `<meta>` of this name; empty where there is none.
#[must_use]
pub fn content(name: &str) -> String {
    web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.query_selector(&["meta[name='", name, "']"].concat()).ok().flatten())
        .and_then(|meta| meta.get_attribute("content"))
        .unwrap_or_default()
}
