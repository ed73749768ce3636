//! URLs as something that others take apart: the browser has the WHATWG parser, and only its opinion on where a URL leads
//! is worth anything.

use std::net::Ipv4Addr;

/// A URL, taken apart by the WHATWG algorithm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UrlParts {
    /// The whole URL, normalized.
    pub href: String,
    /// `https`, without the colon.
    pub scheme: String,
    /// Scheme, host and port; `null` for a scheme without them.
    pub origin: String,
    /// The user name before the `@`, or empty.
    pub username: String,
    /// The password before the `@`, or empty.
    pub password: String,
    /// The host without the port; an IPv6 address stands in brackets.
    pub hostname: String,
    /// The path, normalized.
    pub path: String,
    /// The query without its `?`, or empty.
    pub query: String,
    /// The fragment without its `#`, or empty.
    pub fragment: String,
}

impl UrlParts {
    /// Is there a user name or a password in it?
    #[must_use]
    pub fn has_credentials(&self) -> bool {
        !self.username.is_empty() || !self.password.is_empty()
    }

    /// Does the host name this machine? (W3C Secure Contexts §3.1, "potentially trustworthy origin".)
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.hostname == "localhost"
            || self.hostname.ends_with(".localhost")
            || self.hostname == "[::1]"
            || self.hostname.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
    }
}

/// The WHATWG URL parser, and the origin that this app is served from.
pub trait ParseUrl {
    /// The absolute URL, normalized; `None` where it is none.
    fn normalized(&self, text: &str) -> Option<String>;

    /// Takes an absolute URL apart; `None` where it is none.
    fn absolute(&self, text: &str) -> Option<UrlParts>;

    /// Takes a reference apart as the browser would resolve it on this origin; `None` where it cannot.
    fn on_this_origin(&self, reference: &str) -> Option<UrlParts>;

    /// The origin that this app is served from.
    fn origin(&self) -> String;
}

/// Knows no URL. For who reads something in which there is one, and does not need it: the boot step stays small so.
pub struct NoUrls;

impl ParseUrl for NoUrls {
    fn normalized(&self, _text: &str) -> Option<String> {
        None
    }

    fn absolute(&self, _text: &str) -> Option<UrlParts> {
        None
    }

    fn on_this_origin(&self, _reference: &str) -> Option<UrlParts> {
        None
    }

    fn origin(&self) -> String {
        String::new()
    }
}
