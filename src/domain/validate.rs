//! Is this response the answer to the sign-in that this tab began? (contract §4.7)

use super::authorization_response::{AuthorizationResponse, AuthorizationResult, ErrorResponse, parse};
use super::email::Email;
use super::failure::Failure;
use super::pending::PendingSignIn;
use super::provider_error::ProviderError;
use super::secret::{AuthorizationCode, Nonce, State};
use super::time::UnixMillis;

/// A response that is the answer to the pending sign-in. Only [`validate`] makes one, and only this can be sent to the
/// login API: what was not validated cannot reach the network.
#[derive(Debug, Clone)]
#[must_use]
pub struct ValidatedResponse {
    state: State,
    nonce: Nonce,
    email: Email,
    grant: Grant,
}

/// What the provider granted: a code, or nothing but an explanation.
#[derive(Debug, Clone)]
pub enum Grant {
    /// A code to redeem.
    Code(AuthorizationCode),
    /// The refusal, of which the login API is told (contract §4.8).
    Refused(ErrorResponse),
}

impl ValidatedResponse {
    /// The state of the pending sign-in, which the response repeated.
    #[must_use]
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// The nonce of the pending sign-in.
    #[must_use]
    pub const fn nonce(&self) -> &Nonce {
        &self.nonce
    }

    /// Who signs in.
    #[must_use]
    pub const fn email(&self) -> &Email {
        &self.email
    }

    /// What the provider granted.
    #[must_use]
    pub const fn grant(&self) -> &Grant {
        &self.grant
    }
}

/// What becomes of a callback.
#[derive(Debug)]
#[must_use]
pub enum Verdict {
    /// The code may be redeemed.
    Redeem(ValidatedResponse),
    /// The provider refused: the person is told the failure, the login API the response.
    Refused(ValidatedResponse, Failure),
    /// Not the answer to the sign-in of this tab: nothing is sent.
    Rejected(Failure),
}

/// Judges the query of a callback (without `?`) against the pending sign-in; `None` where there is none, or none that
/// can be read. The first failure wins, in the order of contract §4.7.
pub fn validate(query: &str, pending: Option<&PendingSignIn>, now: UnixMillis) -> Verdict {
    match check(query, pending, now) {
        Err(failure) => Verdict::Rejected(failure),
        Ok(response) => match response.grant() {
            Grant::Code(_) => Verdict::Redeem(response),
            Grant::Refused(refusal) => {
                let failure = Failure::ProviderError(ProviderError::of(refusal));
                Verdict::Refused(response, failure)
            }
        },
    }
}

fn check(query: &str, pending: Option<&PendingSignIn>, now: UnixMillis) -> Result<ValidatedResponse, Failure> {
    let AuthorizationResponse { state, result } = parse(query).map_err(|_| Failure::MalformedCallback)?;
    let pending = pending.ok_or(Failure::NoPendingLogin)?;
    if pending.is_expired(now) {
        return Err(Failure::LoginExpired);
    }
    // RFC 6749 §4.1.2: the exact value. RFC 9207 §2.4: an error, too, is only believed after this.
    let state = state.ok_or(Failure::StateMissing)?;
    if state != pending.state {
        return Err(Failure::StateMismatch);
    }
    let grant = match result {
        AuthorizationResult::Error(refusal) => Grant::Refused(refusal),
        AuthorizationResult::Code(code) => Grant::Code(code),
        AuthorizationResult::Nothing => return Err(Failure::CodeMissing),
    };
    Ok(ValidatedResponse { state, nonce: pending.nonce.clone(), email: pending.email.clone(), grant })
}
