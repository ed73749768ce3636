//! HTTP dates, judged by the crate for them (RFC 9110 §5.6.7).

use std::time::{Duration, UNIX_EPOCH};

use indee_admin_sso::domain::http_date::parse;
use indee_admin_sso::domain::time::UnixMillis;
use proptest::prelude::*;

/// What the crate makes of it. It knows only dates since 1970, too.
fn expected(text: &str) -> Option<UnixMillis> {
    let since = httpdate::parse_http_date(text).ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(UnixMillis(i64::try_from(since.as_millis()).unwrap()))
}

/// The three formats of a point in time.
fn formats(seconds: u64) -> [String; 3] {
    let usual = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds));
    let words: Vec<&str> = usual.split([',', ' ']).filter(|word| !word.is_empty()).collect();
    let [weekday, day, month, year, time, _] = words[..] else { panic!("{usual}") };
    let long = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
    let long = long.iter().find(|name| name.starts_with(weekday)).unwrap();
    let obsolete = format!("{long}, {day}-{month}-{} {time} GMT", &year[2..]);
    let of_c = format!("{weekday} {month} {:>2} {time} {year}", day.trim_start_matches('0'));
    [usual, obsolete, of_c]
}

proptest! {
    #[test]
    fn every_second_is_read_in_every_format(seconds in 0_u64..7_258_118_400) {
        for (index, text) in formats(seconds).iter().enumerate() {
            // Two digits do not say which century.
            if index == 1 && !(0..3_155_760_000).contains(&seconds) {
                continue;
            }
            prop_assert_eq!(parse(text), Some(UnixMillis(i64::try_from(seconds * 1000).unwrap())), "{}", text);
            prop_assert_eq!(parse(text), expected(text), "{}", text);
        }
    }

    #[test]
    fn what_is_no_date_is_none(seconds in 0_u64..4_102_444_800, format in 0_usize..3, at in 0_usize..40, by in "[ -~é]?") {
        let text = &formats(seconds)[format];
        let mut characters: Vec<char> = text.chars().collect();
        let at = at % characters.len();
        characters.splice(at..=at, by.chars());
        let text: String = characters.into_iter().collect();
        // Whatever is read is what the text says, but for a weekday that does not fit. The crate lets more pass.
        if let Some(read) = parse(&text) {
            let right = &formats(u64::try_from(read.0 / 1000).unwrap())[format];
            let tail = |text: &str| text[3..].trim_start_matches(|c: char| c.is_ascii_lowercase()).replace("  ", " 0");
            prop_assert_eq!(tail(&text), tail(right));
        }
    }

    #[test]
    fn nothing_panics(text in "\\PC{0,40}") {
        let _ = parse(&text);
    }
}

#[test]
fn days_that_no_month_has_are_none() {
    for text in [
        "Thu, 31 Apr 2026 00:00:00 GMT",
        "Sat, 29 Feb 2025 00:00:00 GMT",
        "Mon, 29 Feb 2100 00:00:00 GMT",
        "Sun, 00 Nov 2026 00:00:00 GMT",
        "Sun, 01 Nov 2026 24:00:00 GMT",
        "Sun, 01 Nov 2026 00:60:00 GMT",
        "Sun, 01 Nov 2026 00:00:61 GMT",
        "Wed, 31 Dec 1969 23:59:59 GMT",
        "Sun, 01 Nov 2026 00:00:00 UTC",
        "Xyz, 01 Nov 2026 00:00:00 GMT",
    ] {
        assert_eq!(parse(text), None, "{text}");
    }
    assert!(parse("Thu, 29 Feb 2024 00:00:00 GMT").is_some());
}
