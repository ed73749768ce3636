//! What an answer means: the list of contract §1, first match wins.

use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::domain::failure::Failure;
use crate::domain::json::{Json, Object};
use crate::domain::status_code::{StatusClass, StatusCode};
use crate::domain::time::UnixMillis;
use crate::domain::untrusted_text::UntrustedText;

/// The largest body that is read, in bytes; reading stops there.
pub const MAX_BODY_BYTES: usize = 65_536;

/// An answer as it came. It may hold tokens, so it does not print itself.
pub struct Answer {
    /// The HTTP status.
    pub status: HttpStatus,
    /// How long to wait before another try, by `Retry-After`, if it can be read.
    pub retry_after: Option<Duration>,
    /// The body.
    pub body: Body,
    /// When it was there.
    pub received_at: UnixMillis,
}

impl Answer {
    /// The body as text; `None` where it is not all there, or not UTF-8.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.body {
            Body::Complete(bytes) => std::str::from_utf8(bytes).ok(),
            Body::TooLarge | Body::Broken => None,
        }
    }
}

/// The HTTP status of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HttpStatus {
    /// A redirect that the browser was told not to follow; it does not say which.
    Redirect,
    /// Any status that can be seen.
    Code(u16),
}

/// The body of an answer.
pub enum Body {
    /// All of it.
    Complete(Vec<u8>),
    /// More than [`MAX_BODY_BYTES`].
    TooLarge,
    /// The connection ended before it did.
    Broken,
}

/// Reads the success of shape `T`, or says which failure the answer is.
///
/// # Errors
///
/// As for [`success`].
pub fn read<J: Json, T: DeserializeOwned>(answer: &Answer) -> Result<T, Failure> {
    success::<J>(answer)?;
    answer.text().and_then(J::read).ok_or(INCOMPLETE)
}

/// A success that lacks something, or has it of another type.
pub const INCOMPLETE: Failure = Failure::BadResponse { status_code: Some(StatusCode::SUCCESS) };

/// The fields of a success, or which failure the answer is. Each field is read for itself: a wrong type in one does not hide
/// the others.
///
/// # Errors
///
/// The first of contract §1's list that matches.
pub fn success<J: Json>(answer: &Answer) -> Result<J::Object, Failure> {
    let fields = answer.text().and_then(J::object);
    let text = |name| fields.as_ref().and_then(|fields| fields.text(name));
    let status_code = fields.as_ref().and_then(status_code);
    let class = status_code.map(StatusCode::class);
    let status = answer.status;

    if status == HttpStatus::Code(429) || class == Some(StatusClass::RateLimited) {
        return Err(Failure::RateLimited { status_code, retry_after: answer.retry_after });
    }
    if matches!(status, HttpStatus::Code(500..=599)) || class == Some(StatusClass::Server) {
        return Err(Failure::ServerError { status_code });
    }
    if matches!(status, HttpStatus::Redirect | HttpStatus::Code(300..=399)) {
        return Err(Failure::BadResponse { status_code });
    }
    let is_rejection = matches!(class, Some(StatusClass::Authentication | StatusClass::Rejected));
    if !matches!(status, HttpStatus::Code(200..=299)) || is_rejection {
        // Some endpoints name the message so.
        let message = text("status_message").or_else(|| text("detail"));
        return Err(Failure::LoginRejected { status_code, message: message.as_deref().and_then(UntrustedText::clean) });
    }
    if matches!(answer.body, Body::Broken) {
        // Nothing above decides without the body, and its end never came.
        return Err(Failure::NetworkError);
    }
    fields.filter(|fields| is_success(status, fields)).ok_or(Failure::BadResponse { status_code })
}

/// Is an answer with these fields a success? Whatever the list of contract §1 calls a failure is none.
#[must_use]
pub fn is_success(status: HttpStatus, fields: &impl Object) -> bool {
    matches!(status, HttpStatus::Code(200..=299))
        && status_code(fields).is_some_and(|code| code.class() == StatusClass::Success)
}

fn status_code(fields: &impl Object) -> Option<StatusCode> {
    StatusCode::parse(&fields.text("status_code")?)
}
