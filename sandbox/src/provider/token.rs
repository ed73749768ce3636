//! The token endpoint (OpenID Connect Core §3.1.3).

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::form_urlencoded;

use super::form::Parameters;
use super::{CLIENT_ID, Provider};
use crate::fault::{Endpoint, Fault};
use crate::{Sandbox, cut, random};

/// An error code of RFC 6749 §5.2, with words for people.
struct TokenError(&'static str, String);

impl TokenError {
    fn invalid_request(problem: String) -> Self {
        Self("invalid_request", problem)
    }

    fn status(&self) -> StatusCode {
        match self.0 {
            "invalid_client" => StatusCode::UNAUTHORIZED,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

impl IntoResponse for TokenError {
    fn into_response(self) -> Response {
        let status = self.status();
        let body = Json(json!({"error": self.0, "error_description": self.1}));
        let mut response = (status, body).into_response();
        if status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Basic realm=\"sandbox\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

pub(super) async fn exchange(State(sandbox): State<Sandbox>, headers: HeaderMap, body: String) -> Response {
    let sent = Parameters::parse(&body);
    let provider = sandbox.provider_state();
    let answer = match authenticate(provider, &headers, &sent) {
        Ok(()) => match fault(&sandbox, &sent) {
            Some(outage) => return outage,
            None => exchanged(provider, &sent).map(Json),
        },
        Err(error) => Err(error),
    };
    let mut response = answer.into_response();
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, no_store);
    response
}

/// An outage, if one was ordered or the code's account carries it; the code stays good.
fn fault(sandbox: &Sandbox, sent: &Parameters) -> Option<Response> {
    let code = sent.optional("code").unwrap_or_default();
    let account = sandbox.provider_state().codes.account_of(code);
    match sandbox.fault_at(Endpoint::Token, account.as_ref())? {
        Fault::Drop => Some(cut::dropped()),
        _ => Some((StatusCode::SERVICE_UNAVAILABLE, "Under maintenance\n").into_response()),
    }
}

fn exchanged(provider: &Provider, sent: &Parameters) -> Result<Value, TokenError> {
    let required = |name| sent.one(name).map_err(TokenError::invalid_request);
    if required("grant_type")? != "authorization_code" {
        let problem = "grant_type must be authorization_code".to_owned();
        return Err(TokenError("unsupported_grant_type", problem));
    }
    if required("redirect_uri")? != provider.redirect_uri {
        let problem = "redirect_uri is not the one of the authorization request".to_owned();
        return Err(TokenError("invalid_grant", problem));
    }
    let verifier = required("code_verifier")?;
    let grant = provider.codes.redeem(required("code")?).ok_or_else(|| {
        let problem = "the code is unknown, too old or was redeemed before".to_owned();
        TokenError("invalid_grant", problem)
    })?;
    // RFC 7636 §4.6.
    if URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) != grant.code_challenge {
        let problem = "code_verifier does not belong to the code's challenge".to_owned();
        return Err(TokenError("invalid_grant", problem));
    }
    let id_token = provider.signer.id_token(&provider.issuer, &grant.account, &grant.nonce);
    Ok(json!({
        "access_token": random::text(),
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "openid email",
        "id_token": id_token,
    }))
}

/// `client_secret_basic` or `client_secret_post`, never both (RFC 6749 §2.3).
fn authenticate(provider: &Provider, headers: &HeaderMap, sent: &Parameters) -> Result<(), TokenError> {
    let optional = |name| sent.optional(name).map_err(TokenError::invalid_request);
    let posted = (optional("client_id")?.to_owned(), optional("client_secret")?.to_owned());
    let (id, secret) = match headers.get(header::AUTHORIZATION) {
        None => posted,
        Some(_) if !posted.1.is_empty() => {
            let problem = "two ways of authenticating at once".to_owned();
            return Err(TokenError::invalid_request(problem));
        }
        Some(value) => basic_credentials(value).unwrap_or_default(),
    };
    if id == CLIENT_ID && secret == provider.client_secret {
        Ok(())
    } else {
        let problem = "client or client secret is wrong or missing".to_owned();
        Err(TokenError("invalid_client", problem))
    }
}

/// Both halves are form-encoded before they are joined (RFC 6749 §2.3.1).
fn basic_credentials(header: &HeaderValue) -> Option<(String, String)> {
    let encoded = header.to_str().ok()?.strip_prefix("Basic ")?;
    let joined = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (id, secret) = joined.split_once(':')?;
    Some((form_decoded(id), form_decoded(secret)))
}

fn form_decoded(text: &str) -> String {
    let mut pairs = form_urlencoded::parse(text.as_bytes());
    let name = pairs.next().map(|(name, _)| name.into_owned());
    name.unwrap_or_default()
}
