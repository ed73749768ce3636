//! The work email that names the user towards Indee's API (contract §4.1).

use std::fmt;

/// The most characters an email may have (RFC 5321 §4.5.3.1.3, less the angle brackets).
const MAX_CHARACTERS: usize = 254;

/// An email address as far as a front end can judge one: one `@` with something on both sides.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Trims and checks what was typed or stored.
    ///
    /// # Errors
    ///
    /// [`EmailError`] says what is wrong with it.
    pub fn parse(typed: &str) -> Result<Self, EmailError> {
        let email = typed.trim();
        if email.is_empty() {
            return Err(EmailError::Empty);
        }
        if email.chars().count() > MAX_CHARACTERS {
            return Err(EmailError::TooLong);
        }
        match email.split_once('@') {
            Some((local, domain)) if !local.is_empty() && !domain.is_empty() && !domain.contains('@') => {
                Ok(Self(email.to_owned()))
            }
            _ => Err(EmailError::Malformed),
        }
    }

    /// The address, trimmed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Personal data: not for logs, so it does not print itself either.
impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email([redacted])")
    }
}

/// What is wrong with a typed email. The words for people stand in [`super::words`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailError {
    /// Nothing was typed.
    Empty,
    /// Over 254 characters.
    TooLong,
    /// Not exactly one `@` with something on both sides.
    Malformed,
}
