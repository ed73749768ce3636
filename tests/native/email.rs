//! The email (contract §4.1).

use indee_admin_sso::domain::email::{Email, EmailError};

#[test]
fn is_trimmed_and_holds_one_at_sign_with_something_on_both_sides() {
    let longest = format!("{}@x", "a".repeat(252));
    let too_long = format!("a{longest}");
    let rows = [
        ("admin@example.com", Ok("admin@example.com")),
        ("  admin@example.com\t\n", Ok("admin@example.com")),
        ("a@b", Ok("a@b")),
        ("é@ü", Ok("é@ü")),
        (&longest, Ok(&longest)),
        (&too_long, Err(EmailError::TooLong)),
        ("", Err(EmailError::Empty)),
        (" \t", Err(EmailError::Empty)),
        ("admin", Err(EmailError::Malformed)),
        ("@", Err(EmailError::Malformed)),
        ("@b", Err(EmailError::Malformed)),
        ("a@ ", Err(EmailError::Malformed)),
        ("a@b@c", Err(EmailError::Malformed)),
        ("a@@c", Err(EmailError::Malformed)),
    ];
    for (typed, expected) in rows {
        assert_eq!(Email::parse(typed).as_ref().map(Email::as_str).map_err(|error| *error), expected, "{typed:.40?}");
    }
}

#[test]
fn counts_characters_not_bytes() {
    assert!(Email::parse(&format!("{}@x", "é".repeat(252))).is_ok());
}
