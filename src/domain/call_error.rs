//! Why an authorized call has no result (contract §5).

use super::failure::Failure;

/// Why an authorized call has no result. None of these ends the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallError {
    /// Nobody is signed in, or not the person any more who was when the call was made.
    SignedOut,
    /// The session is reconnecting: the call was not made. It may be made again when the session is back.
    Reconnecting,
    /// The API refused the access token, and the one that came after it as well.
    Unauthorized,
    /// The path leads away from the API: the call was not made.
    ForeignPath,
    /// The call was made and failed: the first of contract §1's list.
    Failed(Failure),
}

impl CallError {
    /// The error code of contract §7, where the call itself failed.
    #[must_use]
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Failed(failure) => Some(failure.code()),
            Self::SignedOut | Self::Reconnecting | Self::Unauthorized | Self::ForeignPath => None,
        }
    }
}
