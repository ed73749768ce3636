//! Words for what can go wrong with a provider, each kind with its own. They go into answers and to standard error, so they
//! quote URLs, hosts and issuers, and never an answer.

use std::error::Error;

use anyhow::anyhow;
use openidconnect::{ClaimsVerificationError, DiscoveryError, HttpClientError, UserInfoError};

use super::Unproven;
use super::ask::{Ask, RequestError};

/// Discovery, and the keys that belong to it.
pub(super) fn of_discovery(ask: &Ask<'_>, error: &DiscoveryError<RequestError>) -> anyhow::Error {
    let why = match error {
        DiscoveryError::Request(error) => of_request(error),
        DiscoveryError::Response(status, ..) if status.is_success() => "the answer is not JSON".to_owned(),
        DiscoveryError::Response(status, ..) if status.is_redirection() => {
            format!("HTTP {}: a redirect, which is not followed", status.as_u16())
        }
        DiscoveryError::Response(status, ..) => format!("HTTP {}", status.as_u16()),
        DiscoveryError::Parse(error) if error.inner().is_data() => {
            format!("the answer is JSON, but not what it should be: {error}")
        }
        DiscoveryError::Parse(_) => "the answer is not JSON".to_owned(),
        // Both issuers, as the library writes them.
        DiscoveryError::Validation(issuers) => {
            format!("the issuer must be given exactly as the provider writes it: {issuers}")
        }
        other => other.to_string(),
    };
    anyhow!("{}: {why}", ask.url())
}

/// A request without an answer.
pub(super) fn of_request(error: &RequestError) -> String {
    let HttpClientError::Reqwest(error) = error else {
        return "the request cannot be made".to_owned();
    };
    if let Some(words) = of_tls(error.as_ref()) {
        words
    } else if error.is_timeout() {
        "no answer in time".to_owned()
    } else if error.is_connect() {
        format!("cannot connect: {}", innermost(error.as_ref()))
    } else {
        format!("the connection failed: {}", innermost(error.as_ref()))
    }
}

/// The operating system's own words stand at the end of the chain; those before repeat one another.
fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

#[cfg(feature = "external-provider")]
fn of_tls(error: &(dyn Error + 'static)) -> Option<String> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<rustls::Error>() {
            return Some(match error {
                rustls::Error::InvalidCertificate(_) => format!(
                    "TLS: its certificate is not accepted: {error}; an authority of one's own is given with --ca or \
                     SSL_CERT_FILE"
                ),
                _ => format!("TLS: {error}"),
            });
        }
        // An I/O error hides what it wraps: its `source` is already that of the wrapped one.
        let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        next = match wrapped {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    None
}

#[cfg(not(feature = "external-provider"))]
fn of_tls(_: &(dyn Error + 'static)) -> Option<String> {
    None
}

/// UserInfo.
pub(super) fn of_user_info(ask: &Ask<'_>, error: &UserInfoError<RequestError>) -> Unproven {
    match error {
        UserInfoError::Request(error) => ask.unavailable("UserInfo", &of_request(error)),
        _ if ask.is_outage() => ask.unavailable("UserInfo", "it is out of order"),
        UserInfoError::ClaimsVerification(ClaimsVerificationError::InvalidSubject(_)) => {
            Unproven::denied("UserInfo is about another user than the ID token (sub)")
        }
        UserInfoError::ClaimsVerification(_) => Unproven::denied("UserInfo does not verify"),
        UserInfoError::Response(status, ..) if !status.is_success() => {
            Unproven::denied(format!("UserInfo does not accept the access token (HTTP {})", status.as_u16()))
        }
        _ => ask.unavailable("UserInfo", "its answer is unreadable"),
    }
}
