//! The authorization response: what the provider sends the browser back with, in the query of the redirect URI
//! (RFC 6749 §4.1.2, §4.1.2.1; contract §4.5, §4.6).

use super::form_urlencoded::{Malformed, decode, pairs};
use super::secret::{AuthorizationCode, State};

/// The longest query that is read, in bytes and without its `?` (contract §4.6).
const MAX_QUERY_BYTES: usize = 16_384;

/// An authorization response as it arrived: well-formed, and not yet believed.
#[derive(Debug)]
pub struct AuthorizationResponse {
    /// `state`, where it came with a value.
    pub state: Option<State>,
    /// What the provider answered.
    pub result: AuthorizationResult,
}

/// What the provider answered. A response with both a code and an error is malformed, so it has no place here.
#[derive(Debug)]
pub enum AuthorizationResult {
    /// A code that the API can redeem.
    Code(AuthorizationCode),
    /// The provider's refusal (RFC 6749 §4.1.2.1).
    Error(ErrorResponse),
    /// Neither of them.
    Nothing,
}

/// The provider's refusal, decoded and otherwise as it came: never shown like this, see [`super::untrusted_text`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorResponse {
    /// `error`, not empty.
    pub error: String,
    /// `error_description`, where it came with a value.
    pub description: Option<String>,
}

impl ErrorResponse {
    /// `<error>: <description>`, or `<error>`: what the login API is told (contract §4.8).
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = self.error.clone();
        if let Some(description) = &self.description {
            text.push_str(": ");
            text.push_str(description);
        }
        text
    }
}

/// Is a visit with this query (without `?`) the return from a provider? It is one if `code`, `state` or `error` is a
/// parameter name in it, whatever the value, and also where the rest is malformed (contract §4.5).
#[must_use]
pub fn is_callback(query: &str) -> bool {
    pairs(query)
        .filter_map(|(name, _)| decode(name).ok())
        .any(|name| matches!(name.as_str(), "code" | "state" | "error"))
}

/// Reads the query of a callback (without `?`).
///
/// # Errors
///
/// [`Malformed`] (`malformed_callback`) for each of the reasons of contract §4.6.
pub fn parse(query: &str) -> Result<AuthorizationResponse, Malformed> {
    if query.len() > MAX_QUERY_BYTES {
        return Err(Malformed);
    }
    let mut known = Known::default();
    for (name, value) in pairs(query) {
        // Decoded before the name is looked at: a broken escape anywhere spoils the whole query.
        let (name, value) = (decode(name)?, decode(value)?);
        if let Some(parameter) = known.slot(&name) {
            parameter.fill(value)?;
        }
    }
    let state = known.state.value().map(|state| State::new(state).ok_or(Malformed)).transpose()?;
    let code = known.code.value().map(|code| AuthorizationCode::new(code).ok_or(Malformed)).transpose()?;
    let result = match (code, known.error.value()) {
        (Some(_), Some(_)) => return Err(Malformed),
        (Some(code), None) => AuthorizationResult::Code(code),
        (None, Some(error)) => {
            AuthorizationResult::Error(ErrorResponse { error, description: known.error_description.value() })
        }
        (None, None) => AuthorizationResult::Nothing,
    };
    Ok(AuthorizationResponse { state, result })
}

/// The parameters that may stand at most once (RFC 6749 §3.1). `error_uri`, `iss` and `session_state` are known so that
/// a doubled one is seen; their values are not used.
#[derive(Default)]
struct Known {
    state: Parameter,
    code: Parameter,
    error: Parameter,
    error_description: Parameter,
    error_uri: Parameter,
    iss: Parameter,
    session_state: Parameter,
}

impl Known {
    fn slot(&mut self, name: &str) -> Option<&mut Parameter> {
        Some(match name {
            "state" => &mut self.state,
            "code" => &mut self.code,
            "error" => &mut self.error,
            "error_description" => &mut self.error_description,
            "error_uri" => &mut self.error_uri,
            "iss" => &mut self.iss,
            "session_state" => &mut self.session_state,
            _ => return None,
        })
    }
}

/// A parameter that may come once.
#[derive(Default)]
struct Parameter(Option<String>);

impl Parameter {
    fn fill(&mut self, value: String) -> Result<(), Malformed> {
        match self.0.replace(value) {
            None => Ok(()),
            Some(_) => Err(Malformed),
        }
    }

    /// The value; a parameter without one counts as absent (RFC 6749 §3.1).
    fn value(self) -> Option<String> {
        self.0.filter(|value| !value.is_empty())
    }
}
