//! Answers that cut their connection.
//!
//! A response body that ends in an error makes hyper give up the connection. What reached the client until then is decided
//! here: hyper writes the head together with the first piece of the body, so an error in place of that piece leaves the
//! client with nothing, and an error after a pause leaves it with a head and less than `Content-Length` promised. That
//! needs no access to the socket, so it works wherever the router is nested and whatever serves it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body::Frame;

/// Marks an answer that the client never gets, or not wholly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Not one byte goes out.
    BeforeTheAnswer,
    /// Head and half the body go out.
    InTheBody,
}

/// Closes the connection without an answer.
pub(crate) fn dropped() -> Response {
    let mut response = Body::new(CutBody::Over).into_response();
    response.extensions_mut().insert(Cut::BeforeTheAnswer);
    response
}

/// Promises `whole` as JSON and closes the connection halfway through.
pub(crate) fn truncated(whole: &str) -> Response {
    let promised = whole.len();
    let half = Bytes::copy_from_slice(&whole.as_bytes()[..promised / 2]);
    let mut response = (
        StatusCode::OK,
        [(header::CONTENT_TYPE, "application/json".to_owned()), (header::CONTENT_LENGTH, promised.to_string())],
        Body::new(CutBody::Piece(half)),
    )
        .into_response();
    response.extensions_mut().insert(Cut::InTheBody);
    response
}

enum CutBody {
    Piece(Bytes),
    Pause,
    Over,
}

impl HttpBody for CutBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match std::mem::replace(&mut *self, Self::Pause) {
            Self::Piece(bytes) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            Self::Pause => {
                // While a body is pending, hyper flushes what it has.
                *self = Self::Over;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Self::Over => {
                *self = Self::Over;
                Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into())))
            }
        }
    }
}
