//! The API's answers: one JSON object, whose `status_code` decides (contract §1).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

/// The fields of an answer besides `status_code` and `status_message`.
pub(crate) type Fields = Map<String, Value>;

/// `{"name": value, …}` as fields.
pub(crate) fn fields<const N: usize>(pairs: [(&str, Value); N]) -> Fields {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The status codes that this API gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// The API key or the access token is missing or wrong.
    NotAuthenticated,
    /// The sign-in, or a refresh token, is not accepted.
    AccessDenied,
    /// The session is over.
    SessionOver,
    /// The request is not as documented.
    InvalidInput,
    /// The server's own failure.
    ServerError,
    /// Too many requests.
    RateLimited,
}

impl Code {
    const fn text(self) -> &'static str {
        match self {
            Self::NotAuthenticated => "A2001",
            Self::AccessDenied => "A2002",
            Self::SessionOver => "A2003",
            Self::InvalidInput => "A4000",
            Self::ServerError => "A5000",
            Self::RateLimited => "A5001",
        }
    }

    const fn status(self) -> StatusCode {
        match self {
            Self::NotAuthenticated | Self::AccessDenied | Self::SessionOver => StatusCode::UNAUTHORIZED,
            Self::InvalidInput => StatusCode::BAD_REQUEST,
            Self::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        }
    }
}

/// A failure that is about to be answered.
#[derive(Debug)]
pub(crate) struct Refusal {
    code: Code,
    status: StatusCode,
    message: String,
}

impl Refusal {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, status: code.status(), message: message.into() }
    }

    /// With another HTTP status than the code's usual one.
    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({"status_code": self.code.text(), "status_message": self.message});
        json_response(self.status, body.to_string())
    }
}

/// `A0000` with these fields, as text.
pub(crate) fn success_text(fields: Fields) -> String {
    with_code("A0000", fields).to_string()
}

/// The fields with another code than success has.
pub(crate) fn with_code(code: &str, mut fields: Fields) -> Value {
    fields.insert("status_code".to_owned(), code.into());
    fields.insert("status_message".to_owned(), "success".into());
    Value::Object(fields)
}

/// `A0000` with these fields.
pub(crate) fn success(fields: Fields) -> Response {
    json_response(StatusCode::OK, success_text(fields))
}

/// Any JSON text. It may hold tokens, so nobody keeps a copy.
pub(crate) fn json_response(status: StatusCode, body: String) -> Response {
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
