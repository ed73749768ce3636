//! Sending a request: at once, within a time limit, and reading no more of the answer than is allowed.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use gloo_net::http::Response;
use js_sys::{Array, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, Headers, ReadableStreamDefaultReader, ReferrerPolicy, RequestCache, RequestInit, RequestRedirect,
    ResponseType,
};

use super::clock::{self, Instant};
use super::panic::has_stopped;
use super::timer;
use crate::api::answer::{Answer, Body, HttpStatus, MAX_BODY_BYTES};
use crate::api::request::{Content, Delivery, Request};
use crate::domain::retry_after;
use crate::domain::secret::{AccessToken, ApiKey};

/// How long the complete answer may take (contract §1).
pub const TIME_LIMIT: Duration = Duration::from_secs(30);

/// An answer that is there already is read within this.
const MOMENT: Duration = Duration::from_secs(1);

/// Where a request that is handed over has the time of its response.
const RECEIVED: u32 = 3;

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
pub struct Sent {
    response: Promise,
    abort: AbortOnDrop,
    at: Instant,
    /// The value that it was handed over as, if it was. At [`RECEIVED`] the page's script notes when the response came, which
    /// may be long before it is read.
    handed_over: Array,
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
/// [`NoAnswer::Network`] where the browser cannot even make the request, or the page has stopped.
pub fn send(url: &str, bearer: Bearer<'_>, request: &Request) -> Result<Sent, NoAnswer> {
    let window = web_sys::window().filter(|_| !has_stopped()).ok_or(NoAnswer::Network)?;
    let controller = AbortController::new().map_err(|_| NoAnswer::Network)?;
    let headers = Headers::new().map_err(|_| NoAnswer::Network)?;
    let bearer = match bearer {
        Bearer::None => None,
        Bearer::Key(key) => Some(key.reveal()),
        Bearer::Token(token) => Some(token.reveal()),
    };
    if let Some(bearer) = bearer {
        headers.set("Authorization", &["Bearer ", bearer].concat()).map_err(|_| NoAnswer::Network)?;
    }
    let options = RequestInit::new();
    if let Content::Post(json) = &request.content {
        headers.set("Content-Type", "application/json").map_err(|_| NoAnswer::Network)?;
        options.set_method("POST");
        options.set_body(&json.into());
    }
    options.set_headers(&headers);
    options.set_signal(Some(&controller.signal()));
    // A code or a token is never carried elsewhere, kept, or told to anybody as a referrer.
    options.set_redirect(RequestRedirect::Manual);
    options.set_cache(RequestCache::NoStore);
    options.set_referrer_policy(ReferrerPolicy::NoReferrer);
    if request.delivery == Delivery::OutlivesPage {
        // web-sys has no setter for it.
        Reflect::set(&options, &"keepalive".into(), &JsValue::TRUE).map_err(|_| NoAnswer::Network)?;
    }
    let response = window.fetch_with_str_and_init(url, &options);
    let abort = AbortOnDrop { controller, delivery: request.delivery };
    Ok(Sent { response, abort, at: Instant::now(), handed_over: Array::new() })
}

impl Sent {
    /// The complete answer. The request is aborted where that is not there `limit` after it was sent.
    ///
    /// Nobody could read an answer before this is called, so it gets a moment in any case.
    ///
    /// # Errors
    ///
    /// [`NoAnswer`] says why there is none.
    pub async fn answer(self, limit: Duration) -> Result<Answer, NoAnswer> {
        let is_over_time = Rc::new(Cell::new(false));
        let _limit = timer::after(limit.saturating_sub(self.at.elapsed()).max(limit.min(MOMENT)), {
            let (controller, is_over_time) = (self.abort.controller.clone(), is_over_time.clone());
            move || {
                is_over_time.set(true);
                controller.abort();
            }
        });
        let answer = self.read().await;
        if is_over_time.get() { Err(NoAnswer::TimeLimit) } else { answer }
    }

    /// What becomes of the request: the promise of a response.
    pub fn response(&self) -> Promise {
        self.response.clone()
    }

    /// The request as a value that another wasm of this page can take over.
    #[must_use]
    pub fn hand_over(mut self) -> JsValue {
        self.abort.delivery = Delivery::OutlivesPage;
        // Should it fail before anybody waits for it, that is no unhandled rejection, of which the console would tell.
        let _ = Promise::all_settled(&Array::of1(&self.response));
        Array::of3(&self.response, &self.abort.controller, &self.at.to_js()).into()
    }

    /// What [`hand_over`](Self::hand_over) made of a request that somebody waits for.
    #[must_use]
    pub fn handed_over(value: &JsValue) -> Option<Self> {
        let parts = value.dyn_ref::<Array>()?;
        let controller = parts.get(1).dyn_into().ok()?;
        Some(Self {
            response: parts.get(0).dyn_into().ok()?,
            abort: AbortOnDrop { controller, delivery: Delivery::Ordinary },
            at: Instant::from_js(&parts.get(2))?,
            handed_over: parts.clone(),
        })
    }

    async fn read(&self) -> Result<Answer, NoAnswer> {
        let response = JsFuture::from(self.response.clone()).await.map_err(|_| NoAnswer::Network)?;
        let response: Response = response.dyn_into::<web_sys::Response>().map_err(|_| NoAnswer::Network)?.into();
        let status = match response.type_() {
            ResponseType::Opaqueredirect => HttpStatus::Redirect,
            _ => HttpStatus::Code(response.status()),
        };
        let retry_after = response.headers().get("Retry-After");
        let body = read_body(&response).await;
        if matches!(body, Body::TooLarge) {
            // The rest is not wanted: let the connection go.
            self.abort.controller.abort();
        }
        let received_at = clock::from_js(&self.handed_over.get(RECEIVED)).unwrap_or_else(clock::now);
        let retry_after = retry_after.and_then(|header| retry_after::parse(&header, received_at, clock::parse_date));
        Ok(Answer { status, retry_after, body, received_at })
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
