//! The two tokens of a session.

use super::secret::{AccessToken, RefreshToken};

/// What a successful login gives (contract §1). Kept in memory only (contract §4.10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    /// For calls of the admin API.
    pub access: AccessToken,
    /// For renewal and sign-out.
    pub refresh: RefreshToken,
}
