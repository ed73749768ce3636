//! The API's own status codes: one letter and four digits (contract §1).

use std::fmt;

/// A well-formed status code, `A2002` say. Anything else is no code at all, and is never shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusCode([u8; 5]);

/// What a status code of the admin API stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusClass {
    /// `A0000`, the only success.
    Success,
    /// Any other `A0xxx`.
    OddSuccess,
    /// `A20xx`: who are you?
    Authentication,
    /// `A5001`.
    RateLimited,
    /// Any other `A5xxx`.
    Server,
    /// Any other `A` code.
    Rejected,
    /// A code of another API.
    Foreign,
}

impl StatusCode {
    /// `A0000`, the only success.
    pub const SUCCESS: Self = Self(*b"A0000");

    /// Reads a status code; `None` where it is not one letter and four digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let code: [u8; 5] = text.as_bytes().try_into().ok()?;
        let [letter, digits @ ..] = code;
        (letter.is_ascii_uppercase() && digits.iter().all(u8::is_ascii_digit)).then_some(Self(code))
    }

    /// What it stands for.
    #[must_use]
    pub const fn class(self) -> StatusClass {
        match &self.0 {
            b"A0000" => StatusClass::Success,
            [b'A', b'0', ..] => StatusClass::OddSuccess,
            [b'A', b'2', b'0', ..] => StatusClass::Authentication,
            b"A5001" => StatusClass::RateLimited,
            [b'A', b'5', ..] => StatusClass::Server,
            [b'A', ..] => StatusClass::Rejected,
            _ => StatusClass::Foreign,
        }
    }
}

impl fmt::Display for StatusCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| fmt::Write::write_char(f, char::from(*byte)))
    }
}
