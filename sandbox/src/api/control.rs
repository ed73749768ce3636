//! The control endpoints, for tests and curious people: what [`Sandbox`] offers in process, over HTTP.

use std::time::Duration;

use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;

use crate::Sandbox;
use crate::answer::{Code, Refusal};
use crate::fault::{Endpoint, Fault};
use crate::plan::Times;
use crate::received::Received;

/// No cross-origin headers here, and [`own_orders_only`](crate::guard::own_orders_only) around it: a page of another origin can
/// neither read the record nor order anything.
pub(super) fn router() -> Router<Sandbox> {
    Router::new()
        .route("/sandbox/requests", get(requests).delete(forget))
        .route("/sandbox/faults", post(order).delete(clear))
        .route("/sandbox/lifetimes", post(lifetimes))
        .route("/sandbox/revoke", post(revoke))
}

async fn requests(State(sandbox): State<Sandbox>) -> Json<Vec<Received>> {
    Json(sandbox.received())
}

async fn forget(State(sandbox): State<Sandbox>) -> StatusCode {
    sandbox.forget_received();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OrderBody {
    endpoint: String,
    fault: String,
    #[serde(default)]
    times: TimesBody,
}

/// `3`, `"once"` or `"always"`.
#[derive(Deserialize)]
#[serde(untagged, expecting = "must be a number, \"once\" or \"always\"")]
enum TimesBody {
    Count(u32),
    Word(Word),
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    Once,
    Always,
}

impl Default for TimesBody {
    fn default() -> Self {
        Self::Word(Word::Once)
    }
}

async fn order(State(sandbox): State<Sandbox>, body: Result<Json<OrderBody>, JsonRejection>) -> Response {
    let Json(body) = match body {
        Ok(body) => body,
        Err(rejection) => return refused(rejection.body_text()),
    };
    let Some(endpoint) = Endpoint::named(&body.endpoint) else {
        return refused(format!("endpoint: there is no `{}`", body.endpoint));
    };
    let Some(fault) = Fault::named(endpoint, &body.fault) else {
        return refused(format!("fault: `{}` has no `{}`", body.endpoint, body.fault));
    };
    let times = match body.times {
        TimesBody::Count(count) => Times::Count(count),
        TimesBody::Word(Word::Once) => Times::Once,
        TimesBody::Word(Word::Always) => Times::Always,
    };
    match sandbox.set_fault(endpoint, fault, times) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(none) => refused(none.to_string()),
    }
}

async fn clear(State(sandbox): State<Sandbox>) -> StatusCode {
    sandbox.clear_faults();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LifetimesBody {
    access_seconds: u32,
    refresh_seconds: u32,
}

async fn lifetimes(State(sandbox): State<Sandbox>, body: Result<Json<LifetimesBody>, JsonRejection>) -> Response {
    match body {
        Ok(Json(body)) => {
            sandbox.set_lifetimes(
                Duration::from_secs(body.access_seconds.into()),
                Duration::from_secs(body.refresh_seconds.into()),
            );
            StatusCode::NO_CONTENT.into_response()
        }
        Err(rejection) => refused(rejection.body_text()),
    }
}

async fn revoke(State(sandbox): State<Sandbox>) -> StatusCode {
    sandbox.revoke_sessions();
    StatusCode::NO_CONTENT
}

fn refused(message: String) -> Response {
    Refusal::new(Code::InvalidInput, message).into_response()
}
