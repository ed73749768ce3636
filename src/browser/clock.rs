//! The wall clock.

use crate::domain::time::UnixMillis;

/// Now, as the browser's clock has it. It may be wrong, and it may be set while the page runs.
#[must_use]
pub fn now() -> UnixMillis {
    #[expect(clippy::cast_possible_truncation, reason = "whole milliseconds, far below 2^53")]
    UnixMillis(js_sys::Date::now() as i64)
}
