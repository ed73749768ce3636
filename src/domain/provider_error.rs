//! The provider's refusal, as a person may see it (contract §4.8).

use super::authorization_response::ErrorResponse;
use super::untrusted_text::UntrustedText;

/// The standard error codes of RFC 6749 §4.1.2.1 and OpenID Connect Core §3.1.2.6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderErrorKind {
    /// `access_denied`: the person or a policy said no.
    AccessDenied,
    /// `login_required`, `interaction_required`, `account_selection_required`, `consent_required`: the provider wants
    /// something of the person that it could not ask for.
    InteractionRequired,
    /// `temporarily_unavailable`.
    TemporarilyUnavailable,
    /// `server_error`.
    ServerError,
    /// `invalid_request`, `unauthorized_client`, `unsupported_response_type`, `invalid_scope`, `invalid_request_uri`,
    /// `invalid_request_object`, `request_not_supported`, `request_uri_not_supported`, `registration_not_supported`:
    /// the sign-in is set up wrongly, on the one side or the other.
    Misconfigured,
    /// A code that no standard names.
    Unknown,
}

impl ProviderErrorKind {
    fn of(error: &str) -> Self {
        match error {
            "access_denied" => Self::AccessDenied,
            "login_required" | "interaction_required" | "account_selection_required" | "consent_required" => {
                Self::InteractionRequired
            }
            "temporarily_unavailable" => Self::TemporarilyUnavailable,
            "server_error" => Self::ServerError,
            "invalid_request"
            | "unauthorized_client"
            | "unsupported_response_type"
            | "invalid_scope"
            | "invalid_request_uri"
            | "invalid_request_object"
            | "request_not_supported"
            | "request_uri_not_supported"
            | "registration_not_supported" => Self::Misconfigured,
            _ => Self::Unknown,
        }
    }
}

/// What a person is told of a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderError {
    /// Decides our own words.
    pub kind: ProviderErrorKind,
    /// The provider's code, cleaned: for whoever is asked for help.
    pub error: Option<UntrustedText>,
    /// The provider's own words, cleaned.
    pub description: Option<UntrustedText>,
}

impl ProviderError {
    /// Cleans a refusal.
    #[must_use]
    pub fn of(refusal: &ErrorResponse) -> Self {
        Self {
            kind: ProviderErrorKind::of(&refusal.error),
            error: UntrustedText::clean(&refusal.error),
            description: refusal.description.as_deref().and_then(UntrustedText::clean),
        }
    }
}
