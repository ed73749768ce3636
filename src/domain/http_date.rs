//! Dates of HTTP (RFC 9110 §5.6.7): one format that is in use, and two that are obsolete and have to be understood.
//!
//! There is a crate for it. It weighs more than all our other parsing, so it is the judge of our tests only.

use super::time::UnixMillis;

/// The three formats: `a` is a letter, `0` a digit, `_` a digit or a space, anything else itself.
const FORMATS: [&str; 3] = ["aaa, 00 aaa 0000 00:00:00 GMT", "00-aaa-00 00:00:00 GMT", "aaa aaa _0 00:00:00 0000"];

const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Reads a date; `None` where it is none. That the day of the week fits is not checked.
#[must_use]
pub fn parse(text: &str) -> Option<UnixMillis> {
    // Of the second format alone the beginning has no fixed length.
    let (weekday, format, date) = match text.split_once(", ") {
        Some((weekday, date)) if WEEKDAYS.contains(&weekday) => (weekday, FORMATS[1], date),
        Some((weekday, _)) => (weekday, FORMATS[0], text),
        None => (text.get(..3)?, FORMATS[2], text),
    };
    if !WEEKDAYS.iter().any(|name| name.starts_with(weekday)) || !has_format(date, format) {
        return None;
    }
    let parts: Vec<&str> = date.split([' ', ',', '-', ':']).filter(|part| !part.is_empty()).collect();
    let [day, month, year, hour, minute, second] = match parts.as_slice() {
        [day, month, year, hour, minute, second, "GMT"] | [_, month, day, hour, minute, second, year] => {
            [*day, *month, *year, *hour, *minute, *second]
        }
        [_, day, month, year, hour, minute, second, "GMT"] => [*day, *month, *year, *hour, *minute, *second],
        _ => return None,
    };
    let month = MONTHS.iter().position(|name| *name == month)?;
    let number = |text: &str| text.parse::<i64>().ok();
    let year = match (number(year)?, year.len()) {
        (year, 2) if year < 70 => year + 2000,
        (year, 2) => year + 1900,
        (year, _) => year,
    };
    let (day, hour, minute, second) = (number(day)?, number(hour)?, number(minute)?, number(second)?);
    let is_date = year >= 1970 && day >= 1 && day <= days_in(month, year) && hour < 24 && minute < 60 && second < 60;
    let days = days_before(year) + (0..month).map(|month| days_in(month, year)).sum::<i64>() + day - 1;
    is_date.then_some(UnixMillis((((days * 24 + hour) * 60 + minute) * 60 + second) * 1000))
}

fn has_format(text: &str, format: &str) -> bool {
    text.len() == format.len()
        && text.bytes().zip(format.bytes()).all(|(byte, expected)| match expected {
            b'a' => byte.is_ascii_alphabetic(),
            b'0' => byte.is_ascii_digit(),
            b'_' => byte.is_ascii_digit() || byte == b' ',
            other => byte == other,
        })
}

/// The days of a month, from 0 for January.
const fn days_in(month: usize, year: i64) -> i64 {
    match month {
        1 if is_leap(year) => 29,
        1 => 28,
        3 | 5 | 8 | 10 => 30,
        _ => 31,
    }
}

const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// The days from the beginning of 1970 to that of a later year.
const fn days_before(year: i64) -> i64 {
    (year - 1970) * 365 + leap_years_before(year) - leap_years_before(1970)
}

const fn leap_years_before(year: i64) -> i64 {
    (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400
}
