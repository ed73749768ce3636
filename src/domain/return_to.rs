//! Where to go after the sign-in: only ever a path on this origin (contract §3; RFC 9700 §4.11, no open redirector).

use super::form_urlencoded::{decode, pairs};
use super::route;
use super::url::ParseUrl;

/// A path on this origin, with query and fragment, normalized by the URL parser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnTo(String);

impl ReturnTo {
    /// The start page: what everything that is not acceptable counts as.
    #[must_use]
    pub fn home() -> Self {
        Self(route::HOME.to_owned())
    }

    /// Checks a path; anything that is not acceptable counts as `/`.
    #[must_use]
    pub fn parse(path: &str, urls: &impl ParseUrl) -> Self {
        Self::accept(path, urls).unwrap_or_else(Self::home)
    }

    /// Reads `return_to` from a query (without `?`). Where it is malformed or doubled it counts as `/`.
    #[must_use]
    pub fn from_query(query: &str, urls: &impl ParseUrl) -> Self {
        let mut values = pairs(query)
            .filter(|(name, _)| decode(name).as_deref() == Ok(route::RETURN_TO))
            .map(|(_, value)| decode(value));
        match (values.next(), values.next()) {
            (Some(Ok(path)), None) => Self::parse(&path, urls),
            _ => Self::home(),
        }
    }

    fn accept(path: &str, urls: &impl ParseUrl) -> Option<Self> {
        let rest = path.strip_prefix('/')?;
        if rest.starts_with(['/', '\\']) || path.chars().any(char::is_control) {
            return None;
        }
        let url = urls.on_this_origin(path)?;
        // After parsing, since `/a/..//evil` and `/x/../login` become something else than they look like.
        if url.origin != urls.origin() || url.path.starts_with("//") || route::is_sign_in_path(&url.path) {
            return None;
        }
        let mut normalized = url.path;
        for (mark, part) in [('?', url.query), ('#', url.fragment)] {
            if !part.is_empty() {
                normalized.push(mark);
                normalized.push_str(&part);
            }
        }
        Some(Self(normalized))
    }

    /// The path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The sign-in form for "Start over": the start page is where a sign-in leads anyway, so it is not spelled out.
    #[must_use]
    pub fn start_over(&self) -> String {
        if *self == Self::home() { route::SIGN_IN.to_owned() } else { route::sign_in_form(&self.0) }
    }
}
