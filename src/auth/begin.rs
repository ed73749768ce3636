//! Beginning a sign-in: ask the API, check its answer, remember, leave (contract §4.2 to §4.4).

use super::call;
use crate::api::endpoints;
use crate::browser::json::BrowserJson;
use crate::browser::url::BrowserUrls;
use crate::browser::{clock, location, storage};
use crate::domain::authorization_request::AuthorizationRequest;
use crate::domain::config::Config;
use crate::domain::email::Email;
use crate::domain::failure::Failure;
use crate::domain::pending::{EMAIL_KEY, PENDING_KEY, PendingSignIn};
use crate::domain::return_to::ReturnTo;

/// Asks the API to start a sign-in.
///
/// # Errors
///
/// What contract §1 says that the answer means; `bad_response` where it cannot be trusted (contract §4.2).
pub async fn initiate(config: &Config, email: &Email) -> Result<AuthorizationRequest, Failure> {
    let sent = call::send(config, endpoints::initiate::<BrowserJson>(email))?;
    let answer = call::answer(sent).await?;
    endpoints::read_initiate::<BrowserJson>(&answer, &BrowserUrls)
}

/// Remembers the sign-in and sends the browser to the provider. The page goes on running until the browser has left, which
/// it may never do.
///
/// # Errors
///
/// `storage_unavailable` where the sign-in cannot be remembered, and then the browser stays; `bad_response` where the
/// browser does not accept the URL.
pub fn leave(request: AuthorizationRequest, email: Email, return_to: ReturnTo) -> Result<(), Failure> {
    let AuthorizationRequest { state, nonce, url } = request;
    let pending = PendingSignIn { state, nonce, email, return_to, created_at: clock::now() };
    remember(&pending)?;
    location::assign(url.reveal()).map_err(|_| Failure::BadResponse { status_code: None })
}

fn remember(pending: &PendingSignIn) -> Result<(), Failure> {
    let record = pending.to_json::<BrowserJson>().ok_or(Failure::StorageUnavailable)?;
    storage::write(PENDING_KEY, &record)
        .and_then(|()| storage::write(EMAIL_KEY, pending.email.as_str()))
        .map_err(|_| Failure::StorageUnavailable)
}

/// The email of the last sign-in of this tab, to fill in the form; `None` where there is none, or none that is an email.
#[must_use]
pub fn remembered_email() -> Option<Email> {
    storage::read(EMAIL_KEY).ok().flatten().and_then(|email| Email::parse(&email).ok())
}
