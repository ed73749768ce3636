//! Sending a request: at once, within a time limit, and reading no more of the answer than is allowed.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use gloo_net::http::{Headers, Method, RequestBuilder};
use js_sys::{Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, ReadableStreamDefaultReader, ReferrerPolicy, RequestCache, RequestInit, RequestRedirect, Response,
    ResponseType,
};

use super::clock;
use super::timer::{self, Timer};
use crate::api::answer::{Answer, Body, HttpStatus, MAX_BODY_BYTES};
use crate::api::request::{Content, Delivery, Request};
use crate::domain::secret::{AccessToken, ApiKey};

/// How long the complete answer may take (contract §1).
pub const TIME_LIMIT: Duration = Duration::from_secs(30);

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoAnswer {
    /// The request did not get through: no network, no server, or the browser refuses (CORS, a policy).
    Network,
    /// The complete answer was not there in time.
    TimeLimit,
}

/// A request on its way. Dropping it aborts it, except where it is to outlive the page.
#[must_use = "a request is aborted when it is dropped"]
pub struct InFlight {
    response: Promise,
    abort: AbortOnDrop,
    is_over_time: Rc<Cell<bool>>,
    _limit: Timer,
}

struct AbortOnDrop {
    controller: AbortController,
    delivery: Delivery,
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if self.delivery == Delivery::Ordinary {
            self.controller.abort();
        }
    }
}

/// What a call is authorized by.
#[derive(Clone, Copy)]
pub enum Bearer<'a> {
    /// Nothing here: a reverse proxy adds the key.
    None,
    /// The API key, for the four authentication calls.
    Key(&'a ApiKey),
    /// The access token, for every other call.
    Token(&'a AccessToken),
}

/// Sends a request to `url`. When this returns the browser has it: nothing has to be polled first.
///
/// # Errors
///
/// [`NoAnswer::Network`] where the browser cannot even make the request.
pub fn start(url: &str, bearer: Bearer<'_>, request: &Request, limit: Duration) -> Result<InFlight, NoAnswer> {
    let window = web_sys::window().ok_or(NoAnswer::Network)?;
    let controller = AbortController::new().map_err(|_| NoAnswer::Network)?;
    let headers = Headers::new();
    let bearer = match bearer {
        Bearer::None => None,
        Bearer::Key(key) => Some(key.reveal()),
        Bearer::Token(token) => Some(token.reveal()),
    };
    if let Some(bearer) = bearer {
        headers.set("Authorization", &format!("Bearer {bearer}"));
    }
    if let Content::Post(_) = request.content {
        headers.set("Content-Type", "application/json");
    }
    let builder = RequestBuilder::new(url)
        .headers(headers)
        // A code or a token is never carried elsewhere, kept, or told to anybody as a referrer.
        .redirect(RequestRedirect::Manual)
        .cache(RequestCache::NoStore)
        .referrer_policy(ReferrerPolicy::NoReferrer)
        .abort_signal(Some(&controller.signal()));
    let fetch_request: web_sys::Request = match &request.content {
        Content::Get => builder.build(),
        Content::Post(json) => builder.method(Method::POST).body(json.as_str()),
    }
    .map_err(|_| NoAnswer::Network)?
    .into();
    let options = RequestInit::new();
    if request.delivery == Delivery::OutlivesPage {
        // web-sys has no setter for it.
        Reflect::set(&options, &"keepalive".into(), &JsValue::TRUE).map_err(|_| NoAnswer::Network)?;
    }
    let response = window.fetch_with_request_and_init(&fetch_request, &options);

    let is_over_time = Rc::new(Cell::new(false));
    let limit = timer::after(limit, {
        let (controller, is_over_time) = (controller.clone(), is_over_time.clone());
        move || {
            is_over_time.set(true);
            controller.abort();
        }
    });
    Ok(InFlight {
        response,
        abort: AbortOnDrop { controller, delivery: request.delivery },
        is_over_time,
        _limit: limit,
    })
}

impl InFlight {
    /// The complete answer.
    ///
    /// # Errors
    ///
    /// [`NoAnswer`] says why there is none.
    pub async fn answer(self) -> Result<Answer, NoAnswer> {
        let answer = self.read().await;
        if self.is_over_time.get() { Err(NoAnswer::TimeLimit) } else { answer }
    }

    async fn read(&self) -> Result<Answer, NoAnswer> {
        let response: Response = JsFuture::from(self.response.clone())
            .await
            .map_err(|_| NoAnswer::Network)?
            .dyn_into()
            .map_err(|_| NoAnswer::Network)?;
        let status = match response.type_() {
            ResponseType::Opaqueredirect => HttpStatus::Redirect,
            _ => HttpStatus::Code(response.status()),
        };
        let retry_after = response.headers().get("Retry-After").ok().flatten();
        let body = read_body(&response).await;
        if matches!(body, Body::TooLarge) {
            // The rest is not wanted: let the connection go.
            self.abort.controller.abort();
        }
        Ok(Answer { status, retry_after, body, received_at: clock::now() })
    }
}

async fn read_body(response: &Response) -> Body {
    let Some(stream) = response.body() else { return Body::Complete(Vec::new()) };
    let Ok(reader) = stream.get_reader().dyn_into::<ReadableStreamDefaultReader>() else { return Body::Broken };
    let mut bytes = Vec::new();
    loop {
        let Ok(result) = JsFuture::from(reader.read()).await else { return Body::Broken };
        if Reflect::get(&result, &"done".into()).is_ok_and(|done| done.is_truthy()) {
            return Body::Complete(bytes);
        }
        let Some(chunk) = Reflect::get(&result, &"value".into()).ok().and_then(|v| v.dyn_into::<Uint8Array>().ok())
        else {
            return Body::Broken;
        };
        if bytes.len() + chunk.length() as usize > MAX_BODY_BYTES {
            return Body::TooLarge;
        }
        bytes.extend_from_slice(&chunk.to_vec());
    }
}
