//! The authentication calls: `initiate`, `login`, `refresh`, `logout` (contract §1).

use super::answer::{self, Answer, Body, HttpStatus, INCOMPLETE};
use super::request::Request;
use crate::domain::authorization_request::AuthorizationRequest;
use crate::domain::email::Email;
use crate::domain::failure::Failure;
use crate::domain::json::{self, Json, Object, Value};
use crate::domain::secret::{AccessToken, RefreshToken};
use crate::domain::session::RefreshOutcome;
use crate::domain::status_code::{StatusClass, StatusCode};
use crate::domain::time::UnixMillis;
use crate::domain::token_life;
use crate::domain::tokens::Tokens;
use crate::domain::url::ParseUrl;
use crate::domain::validate::{Grant, ValidatedResponse};

/// `admin.auth.session.sso.initiate`
const INITIATE: &str = "v1/admin/auth/sso/initiate";
/// `admin.auth.session.sso.login`
const LOGIN: &str = "v1/admin/auth/sso/login";
/// `admin.auth.session.refresh`
const REFRESH: &str = "v1/admin/auth/refresh";
/// `admin.auth.session.logout`
const LOGOUT: &str = "v1/admin/auth/logout";

/// Asks the API to start a sign-in; `None` where the body cannot be written.
#[must_use]
pub fn initiate<J: Json>(email: &Email) -> Option<Request> {
    request::<J>(INITIATE, &[("username", Value::Text(email.as_str()))])
}

/// Reads the answer of [`initiate`].
///
/// # Errors
///
/// What contract §1 says that the answer means, or `bad_response` where contract §4.2 does not let it be used.
pub fn read_initiate<J: Json>(answer: &Answer, urls: &impl ParseUrl) -> Result<AuthorizationRequest, Failure> {
    let fields = answer::success::<J>(answer)?;
    let request =
        || AuthorizationRequest::parse(fields.text("state")?, fields.text("nonce")?, &fields.text("redirect")?, urls);
    request().ok_or(INCOMPLETE)
}

/// Redeems a code, or tells the API of the provider's refusal (contract §4.8); `None` where the body cannot be written.
#[must_use]
pub fn login<J: Json>(response: &ValidatedResponse) -> Option<Request> {
    let description;
    let (code, is_error, error_description) = match response.grant() {
        Grant::Code(code) => (code.reveal(), false, Value::EmptyObject),
        Grant::Refused(refusal) => {
            description = refusal.to_text();
            ("", true, Value::Text(&description))
        }
    };
    // All six fields are sent, always.
    let body = [
        ("state", Value::Text(response.state().reveal())),
        ("nonce", Value::Text(response.nonce().reveal())),
        ("email", Value::Text(response.email().as_str())),
        ("code", Value::Text(code)),
        ("error", Value::Truth(is_error)),
        ("error_description", error_description),
    ];
    request::<J>(LOGIN, &body)
}

/// Reads the answer of [`login`].
///
/// # Errors
///
/// What contract §1 says that the answer means; `bad_response` too where a token could not stand in a header.
pub fn read_login<J: Json>(answer: &Answer) -> Result<Tokens, Failure> {
    let fields = answer::success::<J>(answer)?;
    tokens(&fields).ok_or(INCOMPLETE)
}

/// Is this body, with this HTTP status, what [`read_login`] would find tokens in?
#[must_use]
pub fn is_login<J: Json>(status: u16, body: &str) -> bool {
    let is_login =
        |fields: &J::Object| answer::is_success(HttpStatus::Code(status), fields) && tokens(fields).is_some();
    J::object(body).as_ref().is_some_and(is_login)
}

fn tokens(fields: &impl Object) -> Option<Tokens> {
    let access = AccessToken::new(fields.text("token")?)?;
    Some(Tokens { access, refresh: RefreshToken::new(fields.text("refresh_token")?)? })
}

/// Asks for a new access token; `None` where the body cannot be written.
#[must_use]
pub fn refresh<J: Json>(refresh: &RefreshToken) -> Option<Request> {
    request::<J>(REFRESH, &[("refresh_token", Value::Text(refresh.reveal()))])
}

/// Reads the answer of [`refresh`] (contract §5). `jitter` is a random number from 0 to 1.
#[must_use]
pub fn read_refresh<J: Json>(answer: &Answer, jitter: f64) -> RefreshOutcome {
    let failed = || RefreshOutcome::Failed { retry_after: answer.retry_after, jitter };
    match answer::success::<J>(answer) {
        Ok(fields) => renewed::<J>(&fields, answer.received_at).unwrap_or_else(failed),
        Err(Failure::LoginRejected { status_code, .. }) if is_over(answer, status_code) => {
            RefreshOutcome::Over { status_code }
        }
        Err(_) => failed(),
    }
}

/// A rejection that ends the session: `A20xx`, or HTTP 401 and a complete body without a code. One that was cut off may have
/// had another code.
fn is_over(answer: &Answer, status_code: Option<StatusCode>) -> bool {
    match status_code {
        Some(code) => code.class() == StatusClass::Authentication,
        None => answer.status == HttpStatus::Code(401) && matches!(answer.body, Body::Complete(_)),
    }
}

/// No new refresh token is documented: one that comes is accepted.
fn renewed<J: Json>(fields: &J::Object, received_at: UnixMillis) -> Option<RefreshOutcome> {
    let token = fields.text("token")?;
    let access_life = token_life::life::<J>(&token, received_at, token_life::ACCESS);
    let access = AccessToken::new(token)?;
    let refresh = fields.text("refresh_token").and_then(|token| {
        let life = token_life::life::<J>(&token, received_at, token_life::REFRESH);
        Some((RefreshToken::new(token)?, life))
    });
    Some(RefreshOutcome::Renewed { access, access_life, refresh })
}

/// Revokes the refresh token; `None` where the body cannot be written. Nobody waits for the answer.
#[must_use]
pub fn logout<J: Json>(refresh: &RefreshToken) -> Option<Request> {
    request::<J>(LOGOUT, &[("refresh_token", Value::Text(refresh.reveal()))]).map(Request::outliving_the_page)
}

fn request<J: Json>(path: &'static str, body: &[(&'static str, Value<'_>)]) -> Option<Request> {
    Some(Request::post(path, json::object::<J>(body)?))
}
