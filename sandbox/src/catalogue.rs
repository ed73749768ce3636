//! The faults: where each can be had, and what it does there.
//!
//! [`FAULTS`] is the one table. Account addresses, the provider's page, the front page, `--list-faults`, the control
//! endpoint and the documentation all read it.

use std::fmt::Write as _;

use crate::fault::{Endpoint, Fault};

/// Which endpoints a row of [`FAULTS`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every endpoint of the API.
    Api,
    /// The answer to initiate alone.
    Initiate,
    /// The answer to login alone.
    Login,
    /// The provider's redirect back to the app.
    Callback,
    /// The built-in provider's token endpoint, which the API asks in the midst of a login.
    Token,
}

impl Scope {
    /// Every scope, in the order of the table.
    pub const ALL: [Self; 5] = [Self::Api, Self::Initiate, Self::Callback, Self::Login, Self::Token];

    /// Whether a fault of this scope can be had at that endpoint.
    #[must_use]
    pub const fn covers(self, endpoint: Endpoint) -> bool {
        match self {
            Self::Api => !matches!(endpoint, Endpoint::Callback | Endpoint::Token),
            Self::Initiate => matches!(endpoint, Endpoint::Initiate),
            Self::Callback => matches!(endpoint, Endpoint::Callback),
            Self::Login => matches!(endpoint, Endpoint::Login),
            Self::Token => matches!(endpoint, Endpoint::Token),
        }
    }

    /// The endpoint names, as a person reads them in a table.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Api => "initiate, login, projects, refresh, logout",
            Self::Initiate => "initiate",
            Self::Callback => "callback",
            Self::Login => "login",
            Self::Token => "token",
        }
    }
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct FaultRow {
    /// Where it can be had.
    pub scope: Scope,
    /// Which fault.
    pub fault: Fault,
    /// What happens, in one line.
    pub what: &'static str,
}

const fn row(scope: Scope, fault: Fault, what: &'static str) -> FaultRow {
    FaultRow { scope, fault, what }
}

/// Every fault, where it can be had, and what it does. No fault but `slow`, and `error-accepted` for a code, does what was
/// asked for: no state, code or token is used up, so the same request can succeed afterwards.
#[rustfmt::skip] // A row is a line.
pub const FAULTS: &[FaultRow] = &[
    row(Scope::Api, Fault::Slow, "answers as usual, but late: after 10 seconds unless set otherwise"),
    row(Scope::Api, Fault::Hang, "never answers"),
    row(Scope::Api, Fault::Drop, "closes the connection before any answer"),
    row(Scope::Api, Fault::Truncated, "closes the connection in the middle of the body"),
    row(Scope::Api, Fault::ServerError, "HTTP 500, A5000"),
    row(Scope::Api, Fault::BadGateway, "HTTP 502 with an HTML page, as from a proxy"),
    row(Scope::Api, Fault::RateLimited, "HTTP 429, A5001, Retry-After: 30"),
    row(Scope::Api, Fault::RateLimitedDate, "HTTP 429, A5001, Retry-After as a date two minutes ahead"),
    row(Scope::Api, Fault::RateLimitedSilent, "HTTP 429, A5001, no Retry-After"),
    row(Scope::Api, Fault::Rejected, "HTTP 401, A2002 \"Access Denied\""),
    row(Scope::Api, Fault::Forbidden, "HTTP 403, A2100, the message named detail"),
    row(Scope::Api, Fault::Invalid, "HTTP 400, A4000"),
    row(Scope::Api, Fault::Over, "HTTP 401, A2003: the session is over"),
    row(Scope::Api, Fault::Rubbish, "HTTP 200 with a body that is not JSON"),
    row(Scope::Api, Fault::Oversized, "a success, padded beyond 65,536 bytes"),
    row(Scope::Api, Fault::Redirected, "HTTP 302 to another path of the API"),
    row(Scope::Api, Fault::OddCode, "HTTP 200 with every field, but status_code B0000"),
    row(Scope::Api, Fault::MissingField, "A0000 without the fields of the answer"),
    row(Scope::Api, Fault::WrongType, "A0000 with a number where a string belongs (projects: the reverse; logout: status_code)"),
    row(Scope::Api, Fault::Markup, "HTTP 401, A2002, the message full of markup and invisible characters, over 300 long"),
    row(Scope::Initiate, Fault::WrongState, "the redirect's state differs from the answer's"),
    row(Scope::Initiate, Fault::DoubledState, "the redirect has its state twice"),
    row(Scope::Initiate, Fault::MissingState, "the redirect has no state"),
    row(Scope::Initiate, Fault::EmptyState, "the state is empty, in the answer and in the redirect"),
    row(Scope::Initiate, Fault::WrongNonce, "the redirect's nonce differs from the answer's"),
    row(Scope::Initiate, Fault::ScriptRedirect, "the redirect is a javascript: URL"),
    row(Scope::Initiate, Fault::InsecureRedirect, "the redirect is plain http: to example.com"),
    row(Scope::Initiate, Fault::CredentialsRedirect, "the redirect has a user name and password in it"),
    row(Scope::Initiate, Fault::LongRedirect, "the redirect is longer than 8,192 characters"),
    row(Scope::Callback, Fault::Refused, "error=access_denied, with a description"),
    row(Scope::Callback, Fault::WrongState, "another state than the one sent"),
    row(Scope::Callback, Fault::MissingState, "no state"),
    row(Scope::Callback, Fault::EmptyState, "an empty state"),
    row(Scope::Callback, Fault::DoubledState, "the state twice"),
    row(Scope::Callback, Fault::DoubledCode, "the code twice"),
    row(Scope::Callback, Fault::MissingCode, "neither code nor error"),
    row(Scope::Callback, Fault::CodeAndError, "both a code and an error"),
    row(Scope::Callback, Fault::BrokenEscape, "a percent sign without its two hex digits"),
    row(Scope::Callback, Fault::NotUtf8, "bytes that are not UTF-8"),
    row(Scope::Callback, Fault::ControlCharacters, "control characters in the code"),
    row(Scope::Callback, Fault::OverLong, "a query longer than 16,384 bytes"),
    row(Scope::Callback, Fault::ServerError, "error=server_error"),
    row(Scope::Callback, Fault::TemporarilyUnavailable, "error=temporarily_unavailable"),
    row(Scope::Callback, Fault::UnknownError, "an error code that no standard knows"),
    row(Scope::Callback, Fault::Markup, "a description full of markup and invisible characters, over 300 long"),
    row(Scope::Callback, Fault::UsedCode, "a code that was redeemed before"),
    row(Scope::Callback, Fault::Extra, "iss and session_state beside the code; signs in"),
    row(Scope::Callback, Fault::Fragment, "#_=_ at the end of the URL; signs in"),
    row(Scope::Login, Fault::ErrorAccepted, "A0000 with tokens for a reported error: press Refuse at the provider; a code signs in"),
    row(Scope::Token, Fault::ServerError, "the provider answers HTTP 503 to the API's exchange; login answers 500, A5000"),
    row(Scope::Token, Fault::Drop, "the provider closes the connection of the API's exchange; login answers 500, A5000"),
];

impl Fault {
    /// Whether this fault can be had at that endpoint.
    #[must_use]
    pub fn applies_to(self, endpoint: Endpoint) -> bool {
        faults_of(endpoint).any(|row| row.fault == self)
    }

    /// The fault of that name, if it can be had at that endpoint.
    #[must_use]
    pub fn named(endpoint: Endpoint, name: &str) -> Option<Self> {
        faults_of(endpoint).map(|row| row.fault).find(|fault| fault.name() == name)
    }
}

/// The rows of one endpoint.
pub fn faults_of(endpoint: Endpoint) -> impl Iterator<Item = &'static FaultRow> {
    FAULTS.iter().filter(move |row| row.scope.covers(endpoint))
}

/// The table as Markdown, for documentation that is compared with the code.
#[must_use]
pub fn faults_as_markdown() -> String {
    let mut table = "| endpoint | fault | what happens |\n| --- | --- | --- |\n".to_owned();
    for FaultRow { scope, fault, what } in FAULTS {
        // Writing to a String cannot fail.
        let _ = writeln!(table, "| {} | `{}` | {what} |", scope.label(), fault.name());
    }
    table
}

/// The table as aligned plain text, for a terminal.
#[must_use]
pub fn faults_as_text() -> String {
    let mut text = String::new();
    for scope in Scope::ALL {
        let _ = writeln!(text, "{}:", scope.label());
        for row in FAULTS.iter().filter(|row| row.scope == scope) {
            let _ = writeln!(text, "  {:<24} {}", row.fault.name(), row.what);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_a_row_and_no_row_stands_twice() {
        for fault in Fault::ALL {
            assert!(FAULTS.iter().any(|row| row.fault == *fault), "{fault:?}");
        }
        for endpoint in Endpoint::ALL {
            for row in faults_of(endpoint) {
                let same = faults_of(endpoint).filter(|other| other.fault == row.fault);
                assert_eq!(same.count(), 1, "{row:?}");
            }
        }
    }

    #[test]
    fn the_markdown_table_has_three_columns_in_every_row() {
        let table = faults_as_markdown();
        assert_eq!(table.lines().count(), FAULTS.len() + 2);
        for line in table.lines() {
            assert_eq!(line.matches('|').count(), 4, "{line}");
        }
        let row = "| callback | `refused` | error=access_denied, with a description |";
        assert!(table.lines().any(|line| line == row));
    }
}
