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
use crate::strict::{Call, InitiateBody, LoginBody, Outcome, RefreshTokenBody};
use crate::tokens::{Claims, Use};

pub(super) async fn initiate(
    State(sandbox): State<Sandbox>,
    Call(body): Call<InitiateBody>,
) -> Result<Response, Refusal> {
    let account = &body.username;
    match faults::meet(&sandbox, Endpoint::Initiate, Some(account)).await? {
        Instead::Nothing => Ok(success(begin(&sandbox, account).await?)),
        Instead::This(response) => Ok(response),
    }
}

/// A new sign-in, and the answer's fields for it.
pub(super) async fn begin(sandbox: &Sandbox, account: &Account) -> Result<Fields, Refusal> {
    let (state, nonce) = sandbox.sign_ins().begin(account);
    let redirect = sandbox
        .relying_party()
        .authorization_url(&state, &nonce, account)
        .await
        .map_err(|error| unavailable(&error))?;
    Ok(fields([("state", state.into()), ("nonce", nonce.into()), ("redirect", String::from(redirect).into())]))
}

pub(super) async fn login(State(sandbox): State<Sandbox>, Call(body): Call<LoginBody>) -> Result<Response, Refusal> {
    let outcome = body.outcome()?;
    let met = faults::meet(&sandbox, Endpoint::Login, Some(&body.email)).await?;
    if let Instead::This(response) = met {
        return Ok(response);
    }
    // Taken before anything is compared: a second attempt finds nothing, whatever the first one was.
    let sign_in = sandbox
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
    sandbox.relying_party().prove(code, &sign_in.nonce, &sign_in.account).await.map_err(|unproven| match unproven {
        Unproven::Denied(why) => denied(why),
        Unproven::Unavailable(error) => unavailable(&error),
    })?;
    Ok(success(session(&sandbox, &sign_in.account)))
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
    Refusal::new(Code::ServerError, format!("the identity provider cannot be used: {error}"))
}
