//! The four authentication calls.

use axum::extract::State;
use axum::response::Response;
use serde_json::Value;

use super::faults::{self, Instead};
use crate::Sandbox;
use crate::account::Account;
use crate::answer::{Code, Fields, Refusal, fields, success};
use crate::fault::Endpoint;
use crate::relying_party::Unproven;
use crate::sign_ins::SignIns;
use crate::strict::{Call, InitiateBody, LoginBody, Outcome, RefreshTokenBody};
use crate::tokens::{Claims, Use};

pub(super) async fn initiate(
    State(sandbox): State<Sandbox>,
    Call(body): Call<InitiateBody>,
) -> Result<Response, Refusal> {
    let account = &body.username;
    let met = faults::meet(&sandbox, Endpoint::Initiate, Some(account)).await?;
    if let Instead::This(response) = met {
        return Ok(response);
    }
    Ok(success(begin(&sandbox, account).await?))
}

/// A new sign-in, and the answer's fields for it.
pub(super) async fn begin(sandbox: &Sandbox, account: &Account) -> Result<Fields, Refusal> {
    let (state, sign_in) = SignIns::begin(account);
    let redirect = sandbox.relying_party().authorization_url(&state, &sign_in).await;
    let redirect = redirect.map_err(|error| unavailable(&error))?;
    let fields = fields([
        ("state", state.clone().into()),
        ("nonce", sign_in.nonce.clone().into()),
        ("redirect", String::from(redirect).into()),
    ]);
    sandbox.sign_ins().put(state, sign_in);
    Ok(fields)
}

pub(super) async fn login(State(sandbox): State<Sandbox>, Call(body): Call<LoginBody>) -> Result<Response, Refusal> {
    let outcome = body.outcome()?;
    match faults::meet(&sandbox, Endpoint::Login, Some(&body.email)).await? {
        Instead::This(response) => return Ok(response),
        Instead::SuccessForAnError if matches!(outcome, Outcome::Error) => {
            return Ok(success(session(&sandbox, &body.email)));
        }
        Instead::SuccessForAnError | Instead::Nothing => {}
    }
    // Taken before anything is compared: a second attempt finds nothing, unless the first came to no verdict.
    let mut sign_in = sandbox
        .sign_ins()
        .take(&body.state)
        .ok_or_else(|| denied("the state is unknown, too old or was used before"))?;
    let code = match outcome {
        Outcome::Error => return Err(Refusal::new(Code::AccessDenied, "Access Denied")),
        Outcome::Code(code) => code,
    };
    if sign_in.nonce != body.nonce {
        return Err(denied("the nonce is not the one that came with the state"));
    }
    if sign_in.account != body.email {
        return Err(denied("the email is not the username that the sign-in began with"));
    }
    match sandbox.relying_party().prove(code, &mut sign_in).await {
        Ok(()) => Ok(success(session(&sandbox, &sign_in.account))),
        Err(Unproven::Denied(why)) => {
            log(&format!("a sign-in was refused: {why}"));
            Err(denied(&why))
        }
        Err(Unproven::Unavailable(error)) => {
            sandbox.sign_ins().put(body.state, sign_in);
            Err(unavailable(&error))
        }
    }
}

/// A new session's tokens.
pub(super) fn session(sandbox: &Sandbox, account: &Account) -> Fields {
    let tokens = sandbox.tokens();
    fields([("token", tokens.issue_access(account).into()), ("refresh_token", tokens.issue_refresh(account).into())])
}

pub(super) async fn refresh(
    State(sandbox): State<Sandbox>,
    Call(body): Call<RefreshTokenBody>,
) -> Result<Response, Refusal> {
    let claims = sandbox.tokens().read(&body.refresh_token, Use::Refresh);
    let account = claims.as_ref().and_then(Claims::account);
    let met = faults::meet(&sandbox, Endpoint::Refresh, account.as_ref()).await?;
    if let Instead::This(response) = met {
        return Ok(response);
    }
    let (_, account) = going_on(&sandbox, claims)?;
    Ok(success(renewed(&sandbox, &account)))
}

/// The fields of a refresh: an access token alone, as documented.
pub(super) fn renewed(sandbox: &Sandbox, account: &Account) -> Fields {
    let token: Value = sandbox.tokens().issue_access(account).into();
    fields([("token", token)])
}

pub(super) async fn logout(
    State(sandbox): State<Sandbox>,
    Call(body): Call<RefreshTokenBody>,
) -> Result<Response, Refusal> {
    let claims = sandbox.tokens().read(&body.refresh_token, Use::Refresh);
    let account = claims.as_ref().and_then(Claims::account);
    let met = faults::meet(&sandbox, Endpoint::Logout, account.as_ref()).await?;
    if let Instead::This(response) = met {
        return Ok(response);
    }
    let (claims, _) = going_on(&sandbox, claims)?;
    sandbox.tokens().end_session(&claims);
    Ok(success(Fields::new()))
}

/// The session of a refresh token, if it goes on.
fn going_on(sandbox: &Sandbox, claims: Option<Claims>) -> Result<(Claims, Account), Refusal> {
    let claims = claims.ok_or_else(|| denied("refresh_token is not one that was issued here"))?;
    let account = claims.account();
    match account.filter(|_| sandbox.tokens().session_goes_on(&claims)) {
        Some(account) => Ok((claims, account)),
        None => Err(Refusal::new(Code::SessionOver, "The session is over")),
    }
}

fn denied(why: &str) -> Refusal {
    Refusal::new(Code::AccessDenied, format!("Access Denied: {why}"))
}

fn unavailable(error: &anyhow::Error) -> Refusal {
    let message = format!("the identity provider cannot be used: {error:#}");
    log(&message);
    Refusal::new(Code::ServerError, message)
}

/// For the developer who runs the sandbox: the app shows only some of the API's messages.
fn log(message: &str) {
    // One line, even if a provider's error code contains line breaks.
    let line: String = message.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    eprintln!("sandbox: {line}");
}
