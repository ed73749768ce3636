//! Stands in for the crate `wasm-streams`, which leptos brings for server functions.
//!
//! That crate exports three classes to JavaScript. What is exported is never left out of a build, so every user would download
//! them (4.7 KB, `docs/decisions/0011-wasm-streams.md`), and the app has no server functions. This has what `server_fn` compiles
//! against, and refuses to work.

use futures_util::stream::{self, Stream};
use wasm_bindgen::{JsValue, throw_str};

const REFUSAL: &str = "streams of server functions are left out of this build: see patches/wasm-streams";

/// A stream that `server_fn` would send or read.
pub struct ReadableStream(web_sys::ReadableStream);

impl ReadableStream {
    /// Wraps a stream of the browser's.
    #[must_use]
    pub fn from_raw(stream: web_sys::ReadableStream) -> Self {
        Self(stream)
    }

    /// Throws: there are no server functions here.
    pub fn from_stream(_: impl Stream<Item = Result<JsValue, JsValue>>) -> Self {
        throw_str(REFUSAL)
    }

    /// The stream that was wrapped.
    #[must_use]
    pub fn into_raw(self) -> web_sys::ReadableStream {
        self.0
    }

    /// Throws: there are no server functions here.
    pub fn into_stream(self) -> stream::Empty<Result<JsValue, JsValue>> {
        throw_str(REFUSAL)
    }
}
