//! The browser's URL parser.

use crate::domain::url::{ParseUrl, UrlParts};

/// `new URL(…)`, and the origin of this page.
pub struct BrowserUrls;

impl ParseUrl for BrowserUrls {
    fn normalized(&self, text: &str) -> Option<String> {
        web_sys::Url::new(text).ok().map(|url| url.href())
    }

    fn absolute(&self, text: &str) -> Option<UrlParts> {
        web_sys::Url::new(text).ok().map(|url| parts(&url))
    }

    fn on_this_origin(&self, reference: &str) -> Option<UrlParts> {
        web_sys::Url::new_with_base(reference, &self.origin()).ok().map(|url| parts(&url))
    }

    fn origin(&self) -> String {
        web_sys::window().and_then(|window| window.location().origin().ok()).unwrap_or_default()
    }
}

fn parts(url: &web_sys::Url) -> UrlParts {
    let without = |text: String, mark: char| text.strip_prefix(mark).map(str::to_owned).unwrap_or(text);
    UrlParts {
        href: url.href(),
        scheme: url.protocol().trim_end_matches(':').to_owned(),
        origin: url.origin(),
        username: url.username(),
        password: url.password(),
        hostname: url.hostname(),
        path: url.pathname(),
        query: without(url.search(), '?'),
        fragment: without(url.hash(), '#'),
    }
}
