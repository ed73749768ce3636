//! The authorization request that Indee's API prepared: the answer of `initiate`, checked before the browser goes anywhere
//! (contract §4.2).

use std::fmt;

use super::form_urlencoded::{decode, pairs};
use super::secret::{Nonce, State};
use super::url::{ParseUrl, UrlParts};

/// The longest `state` or `nonce`, in characters.
const MAX_SECRET_CHARACTERS: usize = 1_024;
/// The longest authorization URL, in characters.
const MAX_URL_CHARACTERS: usize = 8_192;

/// Where to send the browser, and what must come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationRequest {
    /// What the callback must bring back.
    pub state: State,
    /// Goes to the login API.
    pub nonce: Nonce,
    /// The provider's authorization URL.
    pub url: AuthorizationUrl,
}

/// The provider's authorization URL, as the browser's parser writes it. It holds `state` and `nonce`.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorizationUrl(String);

impl AuthorizationUrl {
    /// The URL to go to.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AuthorizationUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthorizationUrl([redacted])")
    }
}

impl AuthorizationRequest {
    /// Checks the three fields of the answer; `None` (`bad_response`) where one of them cannot be trusted.
    #[must_use]
    pub fn parse(state: String, nonce: String, redirect: &str, urls: &impl ParseUrl) -> Option<Self> {
        let state = State::new(state).filter(|state| state.reveal().len() <= MAX_SECRET_CHARACTERS)?;
        let nonce = Nonce::new(nonce).filter(|nonce| nonce.reveal().len() <= MAX_SECRET_CHARACTERS)?;
        if redirect.chars().count() > MAX_URL_CHARACTERS {
            return None;
        }
        let url = urls.absolute(redirect)?;
        let is_safe = url.scheme == "https" || (url.scheme == "http" && url.is_loopback());
        if !is_safe || url.has_credentials() {
            return None;
        }
        let is_same_state = values(&url, "state") == Values::One(state.reveal().to_owned());
        let is_same_nonce = match values(&url, "nonce") {
            Values::None => true,
            Values::One(value) => value == nonce.reveal(),
            Values::Unusable => false,
        };
        (is_same_state && is_same_nonce).then_some(Self { state, nonce, url: AuthorizationUrl(url.href) })
    }
}

/// The values of a parameter in a query.
#[derive(PartialEq)]
enum Values {
    None,
    One(String),
    /// Several, or one that cannot be decoded.
    Unusable,
}

fn values(url: &UrlParts, name: &str) -> Values {
    let mut values =
        pairs(&url.query).filter(|(n, _)| decode(n).as_deref() == Ok(name)).map(|(_, value)| decode(value));
    match (values.next(), values.next()) {
        (None, _) => Values::None,
        (Some(Ok(value)), None) => Values::One(value),
        _ => Values::Unusable,
    }
}
