//! What a faulty API answers instead.

use std::time::{Duration, SystemTime};

use axum::http::header::{CONTENT_TYPE, HeaderValue, LOCATION, RETRY_AFTER};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::{auth, initiate_faults, projects};
use crate::Sandbox;
use crate::account::Account;
use crate::answer::{Code, Fields, Refusal, fields, json_response, success, success_text, with_code};
use crate::fault::{Endpoint, Fault};
use crate::{cut, html};

/// An answer longer than this is not read to its end (contract §1).
const LONGEST_ANSWER: usize = 65_536;

/// What to answer instead of the ordinary thing.
pub(super) enum Instead {
    Nothing,
    This(Response),
    /// A success if the login reports a provider error; nothing if it brings a code.
    SuccessForAnError,
}

/// Meets the fault of this request, if there is one. The request was checked for its form before, so that a fault never
/// hides a malformed one; whether its state, code or token is good is looked at only afterwards.
pub(super) async fn meet(sandbox: &Sandbox, endpoint: Endpoint, account: Option<&Account>) -> Result<Instead, Refusal> {
    let Some(fault) = sandbox.fault_at(endpoint, account) else {
        return Ok(Instead::Nothing);
    };
    let unknown = Account::main();
    let account = account.unwrap_or(&unknown);
    let answer = match fault {
        Fault::Slow => {
            tokio::time::sleep(sandbox.settings().slow).await;
            return Ok(Instead::Nothing);
        }
        Fault::ErrorAccepted => return Ok(Instead::SuccessForAnError),
        Fault::Hang => std::future::pending().await,
        Fault::Drop => cut::dropped(),
        Fault::Truncated => cut::truncated(&success_text(usual(sandbox, endpoint, account).await?)),
        Fault::ServerError => Refusal::new(Code::ServerError, "Something went wrong").into_response(),
        Fault::BadGateway => bad_gateway(),
        Fault::RateLimited => rate_limited(Some("30".to_owned())),
        Fault::RateLimitedDate => {
            let date = SystemTime::now() + Duration::from_secs(120);
            rate_limited(Some(httpdate::fmt_http_date(date)))
        }
        Fault::RateLimitedSilent => rate_limited(None),
        Fault::Rejected => Refusal::new(Code::AccessDenied, "Access Denied").into_response(),
        Fault::Forbidden => json_response(
            StatusCode::FORBIDDEN,
            json!({"status_code": "A2100", "detail": "Not allowed for this account"}).to_string(),
        ),
        Fault::Invalid => Refusal::new(Code::InvalidInput, "Invalid input").into_response(),
        Fault::Over => Refusal::new(Code::SessionOver, "The session is over").into_response(),
        Fault::Rubbish => json_response(StatusCode::OK, "{\"status_code\": A0000, oops".to_owned()),
        Fault::Oversized => {
            let mut fields = usual(sandbox, endpoint, account).await?;
            fields.insert("padding".to_owned(), "x".repeat(LONGEST_ANSWER).into());
            success(fields)
        }
        Fault::Redirected => redirected(),
        Fault::OddCode => {
            let fields = usual(sandbox, endpoint, account).await?;
            json_response(StatusCode::OK, with_code("B0000", fields).to_string())
        }
        Fault::MissingField => missing_field(endpoint),
        Fault::WrongType => wrong_type(endpoint, usual(sandbox, endpoint, account).await?),
        Fault::Markup => Refusal::new(Code::AccessDenied, html::hostile_text()).into_response(),
        other => success(initiate_faults::spoil(other, auth::begin(sandbox, account).await?)),
    };
    Ok(Instead::This(answer))
}

/// The fields that an ordinary success of this endpoint has, without using anything up.
async fn usual(sandbox: &Sandbox, endpoint: Endpoint, account: &Account) -> Result<Fields, Refusal> {
    Ok(match endpoint {
        Endpoint::Initiate => auth::begin(sandbox, account).await?,
        Endpoint::Login => auth::session(sandbox, account),
        Endpoint::Refresh => auth::renewed(sandbox, account),
        Endpoint::Projects => projects::projects(usize::MAX),
        Endpoint::Logout | Endpoint::Callback | Endpoint::Token => Fields::new(),
    })
}

fn bad_gateway() -> Response {
    let page = "<!doctype html><title>502 Bad Gateway</title><h1>502 Bad Gateway</h1>\n";
    with_header((StatusCode::BAD_GATEWAY, page).into_response(), CONTENT_TYPE, "text/html")
}

fn rate_limited(retry_after: Option<String>) -> Response {
    let response = Refusal::new(Code::RateLimited, "Too many requests").into_response();
    match retry_after {
        Some(value) => with_header(response, RETRY_AFTER, &value),
        None => response,
    }
}

/// Relative, so that it stays within whatever prefix the API is nested under, and is recorded if it is followed.
fn redirected() -> Response {
    with_header(StatusCode::FOUND.into_response(), LOCATION, "redirected-elsewhere")
}

/// Logout has no fields but the code itself.
fn missing_field(endpoint: Endpoint) -> Response {
    match endpoint {
        Endpoint::Logout => json_response(StatusCode::OK, "{}".to_owned()),
        _ => success(Fields::new()),
    }
}

fn wrong_type(endpoint: Endpoint, mut usual: Fields) -> Response {
    let (name, value): (&str, Value) = match endpoint {
        Endpoint::Initiate => ("state", 12_345.into()),
        Endpoint::Login | Endpoint::Refresh => ("token", 12_345.into()),
        Endpoint::Projects => ("count", "24".into()),
        Endpoint::Logout | Endpoint::Callback | Endpoint::Token => {
            let body = Value::Object(fields([("status_code", 0.into())]));
            return json_response(StatusCode::OK, body.to_string());
        }
    };
    usual.insert(name.to_owned(), value);
    success(usual)
}

fn with_header(mut response: Response, name: HeaderName, value: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
    response
}
