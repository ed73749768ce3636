//! The wall clock, in the unit of JWTs.

use std::time::{SystemTime, UNIX_EPOCH};

/// Whole seconds since the epoch.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
