//! The wall clock, and one that nobody can set.

use std::time::Duration;

use wasm_bindgen::JsValue;

use crate::domain::time::UnixMillis;

/// Now, as the browser's clock has it. It may be wrong, and it may be set while the page runs.
#[must_use]
pub fn now() -> UnixMillis {
    #[expect(clippy::cast_possible_truncation, reason = "whole milliseconds, far below 2^53")]
    UnixMillis(js_sys::Date::now() as i64)
}

/// A point in time as a JavaScript number.
#[must_use]
pub fn to_js(point: UnixMillis) -> JsValue {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since the epoch stay far below 2^53")]
    JsValue::from_f64(point.0 as f64)
}

/// What [`to_js`] made.
#[must_use]
pub fn from_js(number: &JsValue) -> Option<UnixMillis> {
    #[expect(clippy::cast_possible_truncation, reason = "whole milliseconds, far below 2^53")]
    number.as_f64().map(|number| UnixMillis(number as i64))
}

/// A point on the page's monotonic clock (`performance.now()`, milliseconds), which all scripts of the page share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Instant(f64);

impl Instant {
    /// The navigation to this page.
    pub const NAVIGATION: Self = Self(0.0);

    /// Now.
    #[must_use]
    pub fn now() -> Self {
        Self(web_sys::window().and_then(|window| window.performance()).map_or(0.0, |performance| performance.now()))
    }

    /// How much time has passed since then.
    #[must_use]
    pub fn elapsed(self) -> Duration {
        Duration::try_from_secs_f64((Self::now().0 - self.0) / 1_000.0).unwrap_or_default()
    }

    /// As a JavaScript number.
    #[must_use]
    pub fn to_js(self) -> JsValue {
        JsValue::from_f64(self.0)
    }

    /// What [`to_js`](Self::to_js) made.
    #[must_use]
    pub fn from_js(number: &JsValue) -> Option<Self> {
        number.as_f64().map(Self)
    }
}

/// The date that a text says, as `Date.parse` reads it; `None` if it is none.
#[must_use]
pub fn parse_date(text: &str) -> Option<UnixMillis> {
    let milliseconds = js_sys::Date::parse(text);
    #[expect(clippy::cast_possible_truncation, reason = "whole milliseconds, far below 2^53")]
    (!milliseconds.is_nan()).then_some(UnixMillis(milliseconds as i64))
}

/// The time of day for a person, in the person's own way of writing it: `14:32`, `2:32 PM`.
#[must_use]
pub fn time_of_day(point: UnixMillis) -> String {
    let date = js_sys::Date::new(&to_js(point));
    let style = js_sys::Object::new();
    // Where this fails the time has seconds, too.
    let _ = js_sys::Reflect::set(&style, &"timeStyle".into(), &"short".into());
    date.to_locale_time_string_with_options("default", &style).into()
}
