//! The record of what came in: the witness that tests and curious people ask.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Mutex;
use std::time::Instant;

use axum::extract::{OriginalUri, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use serde::Serialize;

use crate::Sandbox;
use crate::cut::Cut;
use crate::strict::{TooLong, whole_body};
use crate::sync::locked;

/// Older records than the newest so many are forgotten, so that a sandbox can run for weeks.
const KEPT: usize = 10_000;

/// Which of the two servers a request came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Server {
    /// Indee's admin API.
    Api,
    /// The OpenID provider.
    Provider,
}

/// One request, as it came in. Kept in memory only.
#[derive(Clone, Serialize)]
pub struct Received {
    /// Which server it came to.
    pub server: Server,
    /// `GET`, `POST`, …
    pub method: String,
    /// The path, e.g. `/v1/admin/projects`.
    pub path: String,
    /// The query without its `?`, as sent.
    pub query: Option<String>,
    /// Header names (lower case) and values, in order.
    pub headers: Vec<(String, String)>,
    /// The body as text; empty where there was none or where it was longer than 64 KiB.
    pub body: String,
    /// When it was read, in milliseconds since the sandbox started.
    pub when: u64,
    /// The status of the answer; `None` while there is none, and for good where a fault gives none.
    pub answered: Option<u16>,
    #[serde(skip)]
    number: u64,
}

impl Received {
    /// The first header of that name (lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(header, _)| header == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Without query, header values and body: they hold codes and tokens, and a failing test prints this.
impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (server, answered) = (self.server, self.answered);
        write!(f, "{server:?} {} {} at {} ms, answered: {answered:?}", self.method, self.path, self.when)
    }
}

/// The requests so far.
pub(crate) struct Recorder {
    start: Instant,
    log: Mutex<Log>,
}

#[derive(Default)]
struct Log {
    requests: VecDeque<Received>,
    next_number: u64,
}

impl Recorder {
    pub(crate) fn new() -> Self {
        Self { start: Instant::now(), log: Mutex::default() }
    }

    pub(crate) fn all(&self) -> Vec<Received> {
        locked(&self.log).requests.iter().cloned().collect()
    }

    pub(crate) fn forget(&self) {
        locked(&self.log).requests.clear();
    }

    fn add(&self, mut received: Received) -> u64 {
        received.when = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        let mut log = locked(&self.log);
        let number = log.next_number;
        log.next_number += 1;
        received.number = number;
        log.requests.push_back(received);
        if log.requests.len() > KEPT {
            log.requests.pop_front();
        }
        number
    }

    fn answer(&self, number: u64, status: u16) {
        let mut log = locked(&self.log);
        let mut newest_first = log.requests.iter_mut().rev();
        if let Some(request) = newest_first.find(|request| request.number == number) {
            request.answered = Some(status);
        }
    }
}

/// The layer around the API's routes.
pub(crate) async fn record_api(State(sandbox): State<Sandbox>, request: Request, next: Next) -> Response {
    record(Server::Api, &sandbox, request, next).await
}

/// The layer around the provider's routes.
pub(crate) async fn record_provider(State(sandbox): State<Sandbox>, request: Request, next: Next) -> Response {
    record(Server::Provider, &sandbox, request, next).await
}

async fn record(server: Server, sandbox: &Sandbox, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let body = whole_body(body).await;
    // Where the router is nested under a prefix, `uri` has lost it.
    let uri = match parts.extensions.get::<OriginalUri>() {
        Some(OriginalUri(uri)) => uri.clone(),
        None => parts.uri.clone(),
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let number = sandbox.recorder().add(Received {
        server,
        method: parts.method.to_string(),
        path: uri.path().to_owned(),
        query: uri.query().map(str::to_owned),
        headers: parts.headers.iter().map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect(),
        body: body.as_deref().map(text).unwrap_or_default(),
        when: 0,
        answered: None,
        number: 0,
    });
    let body = match body {
        Ok(bytes) => axum::body::Body::from(bytes),
        Err(TooLong) => {
            parts.extensions.insert(TooLong);
            axum::body::Body::empty()
        }
    };
    let response = next.run(Request::from_parts(parts, body)).await;
    if response.extensions().get::<Cut>() != Some(&Cut::BeforeTheAnswer) {
        sandbox.recorder().answer(number, response.status().as_u16());
    }
    response
}
