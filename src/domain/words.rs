//! The texts for people, all in one place: plain words, what happened, what to do next (contract §6).

use std::time::Duration;

use super::call_error::CallError;
use super::email::EmailError;
use super::failure::Failure;
use super::provider_error::ProviderErrorKind;
use super::untrusted_text::UntrustedText;

/// A failure in plain words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// What happened.
    pub heading: &'static str,
    /// What to do next.
    pub next: &'static str,
}

/// The words for a failure.
#[must_use]
pub const fn words(failure: &Failure) -> Words {
    let (heading, next) = match failure {
        Failure::BadConfig(_) => (
            "This page is not set up correctly",
            "Signing in is not possible until this is repaired. Please tell your administrator the setting and the error \
             code below.",
        ),
        Failure::StorageUnavailable => (
            "Your browser does not let this page remember your sign-in",
            "Allow this site to store data (check the settings for cookies and site data, or leave private browsing), \
             then try again.",
        ),
        Failure::BadResponse { .. } => (
            "We could not understand the sign-in service",
            "Please try again in a moment. If it happens again, tell your administrator the error code below.",
        ),
        Failure::NetworkError => {
            ("We could not reach the sign-in service", "Check your internet connection, then try again.")
        }
        Failure::Timeout => (
            "The sign-in service took too long to answer",
            "Your connection or the service may be slow just now. Please try again.",
        ),
        Failure::RateLimited { .. } => {
            ("Too many sign-in attempts", "The sign-in service asks for a pause. Please wait before you try again.")
        }
        Failure::ServerError { .. } => {
            ("The sign-in service has a problem", "This is not your fault. Please try again in a moment.")
        }
        Failure::LoginRejected { .. } => (
            "You could not be signed in",
            "Check that you use your work email and that your account may use the admin console. If it should, ask your \
             administrator.",
        ),
        Failure::MalformedCallback => (
            "The answer of your identity provider is damaged",
            "Nothing was sent to the sign-in service. Please start over.",
        ),
        Failure::NoPendingLogin => (
            "No sign-in is in progress in this tab",
            "This happens when the page is reloaded or opened from a bookmark, or when the identity provider came back in \
             another tab, from a link in an email for example. Please start over here, and finish in the same tab.",
        ),
        Failure::LoginExpired => (
            "This sign-in has expired",
            "A sign-in has to be finished within 15 minutes. Please start over; an old page or a bookmark of your \
             identity provider does not work.",
        ),
        Failure::StateMissing => (
            "The answer of your identity provider is incomplete",
            "It does not say which sign-in it belongs to, so it was refused. Please start over.",
        ),
        Failure::StateMismatch => (
            "This answer belongs to another sign-in",
            "To protect your account it was refused. Please start over, and finish the sign-in that you began last.",
        ),
        Failure::ProviderError(error) => return provider_words(error.kind),
        Failure::CodeMissing => (
            "The answer of your identity provider is incomplete",
            "It neither confirms nor refuses the sign-in. Please start over.",
        ),
        Failure::SessionEnded { .. } => ("Your session has ended", "Please sign in again to go on."),
    };
    Words { heading, next }
}

const fn provider_words(kind: ProviderErrorKind) -> Words {
    let (heading, next) = match kind {
        ProviderErrorKind::AccessDenied => (
            "Your identity provider refused the sign-in",
            "Either it was cancelled, or your account may not use the admin console. Start over to try again, or ask your \
             administrator for access.",
        ),
        ProviderErrorKind::InteractionRequired => (
            "Your identity provider needs something from you first",
            "Start over, and follow the steps that your identity provider asks for.",
        ),
        ProviderErrorKind::TemporarilyUnavailable => {
            ("Your identity provider is not available right now", "Please wait a few minutes, then start over.")
        }
        ProviderErrorKind::ServerError => (
            "Your identity provider has a problem",
            "Please start over in a moment. If it happens again, ask your administrator.",
        ),
        ProviderErrorKind::Misconfigured => (
            "Your identity provider did not accept the request",
            "Single sign-on seems to be set up wrongly. Please tell your administrator the details below.",
        ),
        ProviderErrorKind::Unknown => (
            "Your identity provider did not sign you in",
            "Please start over. If it happens again, tell your administrator the details below.",
        ),
    };
    Words { heading, next }
}

/// A line of a failure that only some failures have, or that only a support engineer reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// What it is.
    pub label: &'static str,
    /// What it says: perhaps somebody else's words, cleaned, and only ever to be shown as text.
    pub text: String,
    /// How it looks.
    pub kind: DetailKind,
}

/// How a detail looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DetailKind {
    /// A sentence of ours.
    Sentence,
    /// Somebody else's words.
    Quote,
    /// A code or a name for a support engineer.
    Code,
}

impl DetailKind {
    /// The name of its style.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sentence => "sentence",
            Self::Quote => "quote",
            Self::Code => "code",
        }
    }
}

/// The details of a failure, in the order in which they are read (contract §6).
#[must_use]
pub fn details(failure: &Failure) -> Vec<Detail> {
    let mut details = Vec::new();
    let mut add = |label, text: Option<String>, kind| details.extend(text.map(|text| Detail { label, text, kind }));
    let text = |text: &UntrustedText| text.as_str().to_owned();
    match failure {
        Failure::BadConfig(setting) => add("Setting:", Some(setting.name.to_owned()), DetailKind::Code),
        Failure::RateLimited { retry_after, .. } => {
            add("You can try again", retry_after.map(wait_words), DetailKind::Sentence);
        }
        Failure::LoginRejected { message, .. } => {
            add("The sign-in service says:", message.as_ref().map(text), DetailKind::Quote);
        }
        Failure::ProviderError(error) => {
            add("Your identity provider says:", error.description.as_ref().map(text), DetailKind::Quote);
            add("Error of the provider:", error.error.as_ref().map(text), DetailKind::Code);
        }
        _ => {}
    }
    add("Error code:", Some(failure.code().to_owned()), DetailKind::Code);
    add("Status of the service:", failure.status_code().map(|code| code.to_string()), DetailKind::Code);
    details
}

/// Why something of the signed-in page could not be loaded, in plain words.
#[must_use]
pub const fn call_words(error: &CallError) -> &'static str {
    match error {
        CallError::SignedOut => "You are not signed in any more.",
        CallError::Reconnecting => "The connection is lost just now. Try again when it is back.",
        CallError::Unauthorized => {
            "The service did not accept your session for this. If it happens again, sign out and in again."
        }
        CallError::ForeignPath => "This address does not belong to the service.",
        CallError::Failed(failure) => match failure {
            Failure::NetworkError => {
                "The service could not be reached. Check your internet connection, then try again."
            }
            Failure::Timeout => "The service took too long to answer. Please try again.",
            Failure::RateLimited { .. } => "The service asks for a pause. Please wait a little, then try again.",
            Failure::ServerError { .. } => "The service has a problem. Please try again in a moment.",
            Failure::LoginRejected { .. } => "Your account may not see this. If it should, ask your administrator.",
            _ => "The answer of the service could not be understood. Please try again in a moment.",
        },
    }
}

/// The message at the email field.
#[must_use]
pub const fn email_words(error: EmailError) -> &'static str {
    match error {
        EmailError::Empty => "Enter your work email.",
        EmailError::TooLong => "This email is too long: an email has at most 254 characters.",
        EmailError::Malformed => "Enter an email like name@company.com.",
    }
}

/// How long to wait, in a person's units, never too short.
#[must_use]
pub fn wait_words(wait: Duration) -> String {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let (count, unit) = match seconds {
        0 => return "now.".to_owned(),
        1..=119 => (seconds, "second"),
        120..=7_199 => (seconds.div_ceil(60), "minute"),
        _ => (seconds.div_ceil(3_600), "hour"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("in {count} {unit}{plural}.")
}
