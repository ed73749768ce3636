//! Timers that stop when they are dropped.

use std::time::Duration;

use gloo_timers::callback::Timeout;

use super::panic::has_stopped;

/// The longest time that a browser waits: over 2^31 − 1 ms a timer fires at once.
const MAX_MILLISECONDS: u32 = i32::MAX as u32;

/// A running timer. Dropping it stops it.
#[must_use = "a timer stops when it is dropped"]
pub struct Timer {
    _timeout: Timeout,
}

/// Calls `then` after `delay`, once. Longer delays than a browser can wait for end early, after 24 days.
pub fn after(delay: Duration, then: impl FnOnce() + 'static) -> Timer {
    let milliseconds = u32::try_from(delay.as_millis()).map_or(MAX_MILLISECONDS, |ms| ms.min(MAX_MILLISECONDS));
    // What calls it is compiled for each type anew, so all of ours are of one.
    let then: Box<dyn FnOnce()> = Box::new(then);
    let then = || {
        if !has_stopped() {
            then();
        }
    };
    Timer { _timeout: Timeout::new(milliseconds, then) }
}
