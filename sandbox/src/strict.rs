//! Requests to the API, read as strictly as the documentation is written (contract §1).
//!
//! These types are the sandbox's own: it shares none with the app, so that it witnesses the contract independently.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error as _};
use serde_json::Value;

use crate::Sandbox;
use crate::account::Account;
use crate::answer::{Code, Refusal};

/// Longer bodies are refused.
const LONGEST_BODY: usize = 64 * 1024;

/// A body longer than [`LONGEST_BODY`]; the recorder, which reads bodies first, leaves it as a mark on the request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TooLong;

/// Reads a body to its end.
pub(crate) async fn whole_body(body: Body) -> Result<Bytes, TooLong> {
    axum::body::to_bytes(body, LONGEST_BODY).await.map_err(|_| TooLong)
}

/// `{"username": "<email>"}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct InitiateBody {
    #[serde(deserialize_with = "account")]
    pub(crate) username: Account,
}

/// `{"refresh_token": "<JWT>"}`: refresh and logout.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefreshTokenBody {
    #[serde(deserialize_with = "non_empty")]
    pub(crate) refresh_token: String,
}

/// The six fields of a login, all of them always.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoginBody {
    #[serde(deserialize_with = "non_empty")]
    pub(crate) state: String,
    #[serde(deserialize_with = "non_empty")]
    pub(crate) nonce: String,
    #[serde(deserialize_with = "account")]
    pub(crate) email: Account,
    code: String,
    error: bool,
    error_description: ErrorDescription,
}

/// What a login reports: the provider's code, or its error.
pub(crate) enum Outcome<'a> {
    Code(&'a str),
    Error,
}

impl LoginBody {
    /// `code`, `error` and `error_description` must tell one story.
    pub(crate) fn outcome(&self) -> Result<Outcome<'_>, Refusal> {
        let described = &self.error_description;
        match (self.error, described) {
            (false, ErrorDescription::Text(_)) => Err(invalid("error_description: must be {} when error is false")),
            (false, _) if self.code.is_empty() => Err(invalid("code: must not be empty when error is false")),
            (false, _) => Ok(Outcome::Code(&self.code)),
            (true, ErrorDescription::None) => Err(invalid("error_description: must be a string when error is true")),
            (true, ErrorDescription::Text(text)) if text.is_empty() => {
                Err(invalid("error_description: must not be empty when error is true"))
            }
            (true, _) if !self.code.is_empty() => Err(invalid("code: must be \"\" when error is true")),
            (true, _) => Ok(Outcome::Error),
        }
    }
}

/// The empty object, or a string.
enum ErrorDescription {
    None,
    Text(String),
}

impl<'de> Deserialize<'de> for ErrorDescription {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self::Text(text)),
            Value::Object(object) if object.is_empty() => Ok(Self::None),
            _ => Err(D::Error::custom("must be {} or a string")),
        }
    }
}

fn account<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Account, D::Error> {
    let text = String::deserialize(deserializer)?;
    Account::parse(&text).ok_or_else(|| D::Error::custom("must be an email address"))
}

fn non_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Err(D::Error::custom("must not be empty"));
    }
    Ok(text)
}

/// One of the four authentication calls: right API key, right content type, a body exactly as documented.
pub(crate) struct Call<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Sandbox> for Call<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, sandbox: &Sandbox) -> Result<Self, Refusal> {
        let (parts, body) = request.into_parts();
        match bearer(&parts.headers) {
            Some(key) if key == sandbox.settings().api_key => {}
            Some(_) => return Err(unauthenticated("Authorization: the API key is wrong")),
            None => {
                return Err(unauthenticated("Authorization: must be `Bearer <API key>`"));
            }
        }
        if !is_json(&parts.headers) {
            return Err(invalid("Content-Type: must be application/json"));
        }
        let too_long = || invalid("the body is longer than 65536 bytes").with_status(StatusCode::PAYLOAD_TOO_LARGE);
        if parts.extensions.get::<TooLong>().is_some() {
            return Err(too_long());
        }
        let bytes = whole_body(body).await.map_err(|TooLong| too_long())?;
        parse(&bytes).map(Self)
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let cause = error.into_inner();
        match path.as_str() {
            // Not inside any field: serde's own message names the one that is missing or unknown.
            "." => invalid(format!("the body is not as documented: {cause}")),
            field => invalid(format!("{field}: {cause}")),
        }
    })?;
    json.end().map_err(|cause| invalid(format!("the body is not one JSON value: {cause}")))?;
    Ok(value)
}

/// What stands after `Bearer ` in the one `Authorization` header.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(only), None) = (all.next(), all.next()) else {
        return None;
    };
    only.to_str().ok()?.strip_prefix("Bearer ")
}

pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE);
    let text = value.and_then(|value| value.to_str().ok()).unwrap_or("");
    let (essence, parameter) = text.split_once(';').unwrap_or((text, "charset=utf-8"));
    essence.trim().eq_ignore_ascii_case("application/json") && parameter.trim().eq_ignore_ascii_case("charset=utf-8")
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new(Code::InvalidInput, message)
}

fn unauthenticated(message: &str) -> Refusal {
    Refusal::new(Code::NotAuthenticated, message)
}
