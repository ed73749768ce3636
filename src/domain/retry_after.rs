//! `Retry-After`: when a rate-limited caller may try again (RFC 9110 §10.2.3; contract §6).

use std::time::Duration;

use super::time::UnixMillis;

/// The longest wait that is believed.
const MAX_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// Reads the header: whole seconds, or a date in one of HTTP's three formats (RFC 9110 §5.6.7), counted from `now`. Anything else,
/// and anything over a day, counts as absent. A date that has passed means now. `parse_date` is the browser's date parser.
#[must_use]
pub fn parse(header: &str, now: UnixMillis, parse_date: impl FnOnce(&str) -> Option<UnixMillis>) -> Option<Duration> {
    let header = header.trim();
    let wait = if !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_digit()) {
        Duration::from_secs(header.parse().ok()?)
    } else {
        // Browsers take many texts for dates. HTTP's begin with the name of a day, and the format without a zone is in GMT.
        if !header.starts_with(|first: char| first.is_ascii_uppercase()) || !header.contains(':') {
            return None;
        }
        let date = [header.trim_end_matches(" GMT"), " GMT"].concat();
        // A date that has passed is a negative time from now.
        Duration::from_millis(u64::try_from(parse_date(&date)?.since(now)).unwrap_or(0))
    };
    (wait <= MAX_WAIT).then_some(wait)
}
