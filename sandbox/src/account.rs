//! Accounts. Every address signs in; some carry a fault in their name.

use std::fmt;

use crate::fault::{Endpoint, Fault};

/// The address to try first.
pub const MAIN_ACCOUNT: &str = "admin@example.com";

/// The only domain whose addresses carry faults, so that no real address ever does.
const FAULT_DOMAIN: &str = "example.com";

/// A person's email address: one `@` with something on both sides, at most 254 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account(String);

impl Account {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (name, domain) = text.split_once('@')?;
        let sound = !name.is_empty()
            && !domain.is_empty()
            && !domain.contains('@')
            && text.chars().count() <= 254
            && !text.chars().any(|c| c.is_whitespace() || c.is_control());
        sound.then(|| Self(text.to_owned()))
    }

    pub(crate) fn main() -> Self {
        Self(MAIN_ACCOUNT.to_owned())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Providers differ in the case they keep, so `Admin@Example.com` and `admin@example.com` are one account.
    pub(crate) fn is(&self, other: &str) -> bool {
        self.0.eq_ignore_ascii_case(other)
    }

    /// The fault in an address of the form `<endpoint>.<fault>@example.com`, where it is about this endpoint.
    pub(crate) fn fault_at(&self, endpoint: Endpoint) -> Option<Fault> {
        let (name, domain) = self.0.split_once('@')?;
        let (where_, what) = name.split_once('.')?;
        let meant = domain == FAULT_DOMAIN && where_ == endpoint.name();
        meant.then(|| Fault::named(endpoint, what)).flatten()
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
