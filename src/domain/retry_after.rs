//! `Retry-After`: when a rate-limited caller may try again (RFC 9110 §10.2.3; contract §6).

use std::time::Duration;

use super::time::UnixMillis;

/// The longest wait that is believed.
const MAX_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// What a date begins with.
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Reads the header: whole seconds, or a date in one of HTTP's three formats (RFC 9110 §5.6.7), counted from `now`. Anything else,
/// and anything over a day, counts as absent. A date that has passed means now. `parse_date` is the browser's date parser.
#[must_use]
pub fn parse(header: &str, now: UnixMillis, parse_date: impl FnOnce(&str) -> Option<UnixMillis>) -> Option<Duration> {
    let header = header.trim();
    let wait = if !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_digit()) {
        Duration::from_secs(header.parse().ok()?)
    } else {
        let date = [date_without_zone(header)?, " GMT"].concat();
        // A date that has passed is a negative time from now.
        Duration::from_millis(u64::try_from(parse_date(&date)?.since(now)).unwrap_or(0))
    };
    (wait <= MAX_WAIT).then_some(wait)
}

/// What looks like one of HTTP's dates, all of which are in GMT. Browsers take many more texts for dates, and of two zones the last.
fn date_without_zone(header: &str) -> Option<&str> {
    let date = match header.strip_suffix(" GMT") {
        Some(date) => Some(date).filter(|date| date.contains(',')),
        // asctime: of one length, since it pads the day.
        None => Some(header).filter(|date| date.len() == "Sun Nov  6 08:49:37 1994".len() && !date.contains(',')),
    };
    date.filter(|date| DAYS.iter().any(|day| date.starts_with(day)) && date.contains(':'))
}
