//! `Retry-After` (contract §6): seconds or a date, at most one day.

use std::time::Duration;

use indee_admin_sso::domain::retry_after::parse;
use indee_admin_sso::domain::time::UnixMillis;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{NOW, parse_date};

#[wasm_bindgen_test(unsupported = test)]
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
        ("Tue Nov 24 12:02:00 2026 GMT", None),
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
        // What a browser takes for a date.
        ("Foo, 24 Nov 2026 12:02:00 GMT", None),
        ("Nov 24 2026 12:02:00", None),
        ("Wait: 24 Nov 2026 12:02", None),
        ("Tue, 24 Nov 2026 12:02:00", None),
        ("Tue, 24 Nov 2026 12:02:00 EST", None),
        ("Tue, 24 Nov 2026 12:02:00 +0200", None),
        ("Tue Nov 24 2026 12:02:00 GMT+0100", None),
        ("30, 60", None),
        ("３０", None),
    ];
    for (header, expected) in rows {
        assert_eq!(parse(header, NOW, parse_date), expected.map(Duration::from_secs), "{header}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn all_three_formats_are_read_on_every_day_of_a_month() {
    const FIRST_OF_NOVEMBER: i64 = 1_793_491_200_000;
    const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
    for (day, weekday) in (1..=30_i64).zip(WEEKDAYS.iter().cycle()) {
        let now = UnixMillis(FIRST_OF_NOVEMBER + (day - 1) * 86_400_000);
        let short = &weekday[..3];
        for header in [
            format!("{short}, {day:02} Nov 2026 00:02:00 GMT"),
            format!("{weekday}, {day:02}-Nov-26 00:02:00 GMT"),
            format!("{short} Nov {day:>2} 00:02:00 2026"),
        ] {
            assert_eq!(parse(&header, now, parse_date), Some(Duration::from_secs(120)), "{header}");
        }
    }
}
