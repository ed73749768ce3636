//! Everything that can go wrong, one variant for each error code (contract §7).

use std::time::Duration;

use super::config::BadSetting;
use super::provider_error::ProviderError;
use super::status_code::StatusCode;
use super::untrusted_text::UntrustedText;

/// A failure, with what a person or a support engineer needs to know about it, and no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// `bad_config`: a `<meta>` setting cannot be used (contract §2). Nothing is sent.
    BadConfig(BadSetting),
    /// `storage_unavailable`: sessionStorage is blocked, full, or cannot be read (contract §4.3, §4.5).
    StorageUnavailable,
    /// `bad_response`: the API's answer is not what it documents, or is a redirect (contract §1, §4.2).
    BadResponse {
        /// The API's code, where the answer had one.
        status_code: Option<StatusCode>,
    },
    /// `network_error`: there was no answer, or its end never came.
    NetworkError,
    /// `timeout`: the complete answer was not there after 30 seconds.
    Timeout,
    /// `rate_limited`: HTTP 429 or `A5001`.
    RateLimited {
        /// The API's code, where the answer had one.
        status_code: Option<StatusCode>,
        /// How long to wait, counted from the answer.
        retry_after: Option<Duration>,
    },
    /// `server_error`: HTTP 5xx or another `A5xxx`.
    ServerError {
        /// The API's code, where the answer had one.
        status_code: Option<StatusCode>,
    },
    /// `login_rejected`: the API said no.
    LoginRejected {
        /// The API's code, where the answer had one.
        status_code: Option<StatusCode>,
        /// The API's own words.
        message: Option<UntrustedText>,
    },
    /// `malformed_callback`: the redirect query cannot be read in exactly one way (contract §4.6).
    MalformedCallback,
    /// `no_pending_login`: this tab has no sign-in on its way, or none that can be read (contract §4.7).
    NoPendingLogin,
    /// `login_expired`: the sign-in was begun over 15 minutes ago, or in the future (contract §4.7).
    LoginExpired,
    /// `state_missing`: the callback has no `state`.
    StateMissing,
    /// `state_mismatch`: the callback answers another sign-in.
    StateMismatch,
    /// `provider_error`: the provider refused (contract §4.8).
    ProviderError(ProviderError),
    /// `code_missing`: the callback has neither a code nor an error.
    CodeMissing,
    /// `session_ended`: the API ended the session, or it could not be renewed in time (contract §5).
    SessionEnded {
        /// The API's code, where the answer had one.
        status_code: Option<StatusCode>,
    },
}

impl Failure {
    /// The error code, as contract §7 spells it.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::BadConfig(_) => "bad_config",
            Self::StorageUnavailable => "storage_unavailable",
            Self::BadResponse { .. } => "bad_response",
            Self::NetworkError => "network_error",
            Self::Timeout => "timeout",
            Self::RateLimited { .. } => "rate_limited",
            Self::ServerError { .. } => "server_error",
            Self::LoginRejected { .. } => "login_rejected",
            Self::MalformedCallback => "malformed_callback",
            Self::NoPendingLogin => "no_pending_login",
            Self::LoginExpired => "login_expired",
            Self::StateMissing => "state_missing",
            Self::StateMismatch => "state_mismatch",
            Self::ProviderError(_) => "provider_error",
            Self::CodeMissing => "code_missing",
            Self::SessionEnded { .. } => "session_ended",
        }
    }

    /// The API's status code, where its answer had one (contract §6).
    #[must_use]
    pub const fn status_code(&self) -> Option<StatusCode> {
        match self {
            Self::BadResponse { status_code }
            | Self::RateLimited { status_code, .. }
            | Self::ServerError { status_code }
            | Self::LoginRejected { status_code, .. }
            | Self::SessionEnded { status_code } => *status_code,
            _ => None,
        }
    }

    /// May a person send the same login once more? Only where the code has probably not been redeemed (contract §6).
    #[must_use]
    pub const fn allows_another_try(&self) -> bool {
        matches!(self, Self::NetworkError | Self::Timeout | Self::ServerError { .. })
    }
}
