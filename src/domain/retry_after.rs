//! `Retry-After`: when a rate-limited caller may try again (RFC 9110 §10.2.3; contract §6).

use std::time::Duration;

use super::http_date;
use super::time::UnixMillis;

/// The longest wait that is believed.
const MAX_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// Reads the header: whole seconds, or a date in one of HTTP's three formats. Anything else, and anything over a day,
/// counts as absent. A date that has passed means now.
#[must_use]
pub fn parse(header: &str, now: UnixMillis) -> Option<Duration> {
    let header = header.trim();
    let wait = if !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_digit()) {
        Duration::from_secs(header.parse().ok()?)
    } else {
        // A date that has passed is a negative time from now.
        Duration::from_millis(u64::try_from(http_date::parse(header)?.since(now)).unwrap_or(0))
    };
    (wait <= MAX_WAIT).then_some(wait)
}
