//! `Retry-After` (contract §6): seconds or a date, at most one day.

use std::time::Duration;

use indee_admin_sso::domain::retry_after::parse;
use indee_admin_sso::domain::words::wait_words;

use crate::support::NOW;

#[test]
fn seconds_and_dates_are_read_and_everything_else_counts_as_absent() {
    let rows = [
        ("0", Some(0)),
        ("30", Some(30)),
        (" 30 ", Some(30)),
        ("86400", Some(86_400)),
        ("86401", None),
        ("99999999999999999999999", None),
        ("Tue, 24 Nov 2026 12:02:00 GMT", Some(120)),
        ("Tuesday, 24-Nov-26 12:02:00 GMT", Some(120)),
        ("Tue Nov 24 12:02:00 2026", Some(120)),
        ("Wed, 25 Nov 2026 12:00:00 GMT", Some(86_400)),
        ("Wed, 25 Nov 2026 12:00:01 GMT", None),
        ("Mon, 23 Nov 2026 12:00:00 GMT", Some(0)),
        ("", None),
        ("-1", None),
        ("+1", None),
        ("1.5", None),
        ("30s", None),
        ("soon", None),
        ("2026-11-24T12:02:00Z", None),
        ("30, 60", None),
        ("３０", None),
    ];
    for (header, expected) in rows {
        assert_eq!(parse(header, NOW), expected.map(Duration::from_secs), "{header}");
    }
}

#[test]
fn a_person_is_told_in_a_persons_units_and_never_too_early() {
    let rows = [
        (0, "now."),
        (1, "in 1 second."),
        (30_000, "in 30 seconds."),
        (30_001, "in 31 seconds."),
        (119_000, "in 119 seconds."),
        (120_000, "in 2 minutes."),
        (121_000, "in 3 minutes."),
        (7_200_000, "in 2 hours."),
        (7_201_000, "in 3 hours."),
        (86_400_000, "in 24 hours."),
    ];
    for (milliseconds, words) in rows {
        assert_eq!(wait_words(Duration::from_millis(milliseconds)), words);
    }
}
