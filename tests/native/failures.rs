//! Every failure has one code and words that say what to do (contract §6, §7).

use std::collections::HashSet;

use indee_admin_sso::domain::authorization_response::ErrorResponse;
use indee_admin_sso::domain::config::BadSetting;
use indee_admin_sso::domain::failure::Failure;
use indee_admin_sso::domain::provider_error::{ProviderError, ProviderErrorKind};
use indee_admin_sso::domain::words::words;

fn provider_error(error: &str) -> ProviderError {
    ProviderError::of(&ErrorResponse { error: error.to_owned(), description: None })
}

fn every_failure() -> [Failure; 16] {
    let status_code = None;
    [
        Failure::BadConfig(BadSetting { name: "indee-api-base" }),
        Failure::StorageUnavailable,
        Failure::BadResponse { status_code },
        Failure::NetworkError,
        Failure::Timeout,
        Failure::RateLimited { status_code, retry_after: None },
        Failure::ServerError { status_code },
        Failure::LoginRejected { status_code, message: None },
        Failure::MalformedCallback,
        Failure::NoPendingLogin,
        Failure::LoginExpired,
        Failure::StateMissing,
        Failure::StateMismatch,
        Failure::ProviderError(provider_error("access_denied")),
        Failure::CodeMissing,
        Failure::SessionEnded { status_code },
    ]
}

#[test]
fn the_codes_are_those_of_the_contract() {
    let codes = every_failure().map(|failure| failure.code());
    assert_eq!(
        codes,
        [
            "bad_config",
            "storage_unavailable",
            "bad_response",
            "network_error",
            "timeout",
            "rate_limited",
            "server_error",
            "login_rejected",
            "malformed_callback",
            "no_pending_login",
            "login_expired",
            "state_missing",
            "state_mismatch",
            "provider_error",
            "code_missing",
            "session_ended",
        ]
    );
}

#[test]
fn each_has_words_of_its_own_in_plain_sentences() {
    let failures = every_failure();
    let texts: HashSet<_> = failures.iter().map(words).map(|words| (words.heading, words.next)).collect();
    assert_eq!(texts.len(), failures.len());
    for (heading, next) in texts {
        assert!(!heading.is_empty() && !heading.ends_with('.'), "{heading}");
        assert!(next.ends_with('.'), "{next}");
        assert!(!heading.contains('_') && !next.contains('_'), "no code among the words: {heading} {next}");
    }
}

#[test]
fn the_login_may_be_tried_again_only_where_the_code_may_still_be_good() {
    let codes: Vec<_> =
        every_failure().iter().filter(|failure| failure.allows_another_try()).map(Failure::code).collect();
    assert_eq!(codes, ["network_error", "timeout", "server_error"]);
}

#[test]
fn every_standard_error_of_a_provider_has_words_of_its_kind() {
    use ProviderErrorKind::{
        AccessDenied, InteractionRequired, Misconfigured, ServerError, TemporarilyUnavailable, Unknown,
    };
    let rows = [
        ("invalid_request", Misconfigured),
        ("unauthorized_client", Misconfigured),
        ("access_denied", AccessDenied),
        ("unsupported_response_type", Misconfigured),
        ("invalid_scope", Misconfigured),
        ("server_error", ServerError),
        ("temporarily_unavailable", TemporarilyUnavailable),
        ("interaction_required", InteractionRequired),
        ("login_required", InteractionRequired),
        ("account_selection_required", InteractionRequired),
        ("consent_required", InteractionRequired),
        ("invalid_request_uri", Misconfigured),
        ("invalid_request_object", Misconfigured),
        ("request_not_supported", Misconfigured),
        ("request_uri_not_supported", Misconfigured),
        ("registration_not_supported", Misconfigured),
        ("Access_Denied", Unknown),
        ("custom", Unknown),
    ];
    for (error, kind) in rows {
        assert_eq!(provider_error(error).kind, kind, "{error}");
    }
    let texts: HashSet<_> = rows.map(|(error, _)| words(&Failure::ProviderError(provider_error(error))).heading).into();
    assert_eq!(texts.len(), 6);
}
