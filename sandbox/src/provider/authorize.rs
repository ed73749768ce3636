//! The authorization endpoint (OpenID Connect Core §3.1.2): shows the page, and acts on what the person decides there.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::callback::{self, Decision};
use super::form::Parameters;
use super::{CLIENT_ID, Provider, page};
use crate::Sandbox;
use crate::account::Account;
use crate::fault::{Endpoint, Fault};

/// A request that can be answered.
pub(super) struct AuthorizationRequest<'a> {
    pub(super) redirect_uri: &'a str,
    pub(super) scope: &'a str,
    pub(super) state: &'a str,
    pub(super) nonce: &'a str,
    pub(super) code_challenge: &'a str,
}

impl<'a> AuthorizationRequest<'a> {
    /// Stricter than the standard where that helps: state and nonce (contract §1) and a PKCE challenge must be there, and
    /// every error is shown here. With an unknown client or redirect URI nobody may be sent back (RFC 6749 §4.1.2.1), and
    /// the rest are mistakes of the API, not of the person.
    fn check(provider: &Provider, sent: &'a Parameters) -> Result<Self, String> {
        if sent.one("client_id")? != CLIENT_ID {
            return Err("client_id is unknown".to_owned());
        }
        let redirect_uri = sent.one("redirect_uri")?;
        if redirect_uri != provider.redirect_uri {
            return Err("redirect_uri is not the registered one".to_owned());
        }
        if sent.one("response_type")? != "code" {
            return Err("response_type must be code".to_owned());
        }
        let scope = sent.one("scope")?;
        for needed in ["openid", "email"] {
            if !scope.split(' ').any(|scope| scope == needed) {
                return Err(format!("scope must contain {needed}"));
            }
        }
        if sent.one("code_challenge_method")? != "S256" {
            return Err("code_challenge_method must be S256".to_owned());
        }
        Ok(Self {
            redirect_uri,
            scope,
            state: sent.one("state")?,
            nonce: sent.one("nonce")?,
            code_challenge: sent.one("code_challenge")?,
        })
    }
}

/// `GET`: the page.
pub(super) async fn ask(State(sandbox): State<Sandbox>, RawQuery(query): RawQuery) -> Response {
    let sent = Parameters::parse(&query.unwrap_or_default());
    let shown = AuthorizationRequest::check(sandbox.provider_state(), &sent)
        .and_then(|request| Ok(page::sign_in(&request, sent.optional("login_hint")?, None)));
    shown.unwrap_or_else(|problem| page::invalid_request(&problem))
}

/// `POST`: the page's form. It carries the whole request again, so nothing is remembered in between and the Back button works.
pub(super) async fn decide(State(sandbox): State<Sandbox>, body: String) -> Response {
    let sent = Parameters::parse(&body);
    decided(&sandbox, &sent).unwrap_or_else(|problem| page::invalid_request(&problem))
}

fn decided(sandbox: &Sandbox, sent: &Parameters) -> Result<Response, String> {
    let provider = sandbox.provider_state();
    let request = AuthorizationRequest::check(provider, sent)?;
    let typed = sent.optional("email")?.trim();
    let chosen = chosen_fault(sent.optional("fault")?)?;
    let decision = match sent.one("decision")? {
        // Nobody needs to say who refuses.
        "refuse" => Decision::Refused,
        "sign-in" => {
            let Some(account) = Account::parse(typed) else {
                let problem = "Enter an email address, for example admin@example.com.";
                return Ok(page::sign_in(&request, typed, Some(problem)));
            };
            let fault = chosen.or_else(|| sandbox.fault_at(Endpoint::Callback, Some(&account)));
            Decision::SignedIn { account, fault }
        }
        _ => return Err("decision must be sign-in or refuse".to_owned()),
    };
    back_to_the_app(&callback::location(provider, &request, &decision))
}

/// Nothing chosen is the empty value.
fn chosen_fault(name: &str) -> Result<Option<Fault>, String> {
    if name.is_empty() {
        return Ok(None);
    }
    match Fault::named(Endpoint::Callback, name) {
        Some(fault) => Ok(Some(fault)),
        None => Err(format!("there is no fault {name}")),
    }
}

/// 303, so that the browser fetches the app's callback with GET.
fn back_to_the_app(location: &str) -> Result<Response, String> {
    let location = HeaderValue::from_str(location).map_err(|_| "the way back does not fit into a header".to_owned())?;
    let headers = [
        (header::LOCATION, location),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}
