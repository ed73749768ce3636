//! How long a token lives (contract §5). A JWT is read here, never trusted: verifying it is the API's work.

use std::time::Duration;

use super::json::{Json, Object};
use super::time::UnixMillis;

/// What bounds the life of a kind of token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Taken where the token does not say, or says something absurd.
    pub default: Duration,
    /// The longest life that is believed.
    pub longest: Duration,
}

/// An access token: 15 minutes by default, 24 hours at most.
pub const ACCESS: Bounds = Bounds { default: Duration::from_secs(15 * 60), longest: Duration::from_secs(24 * 60 * 60) };

/// A refresh token: one day by default, 400 days at most.
pub const REFRESH: Bounds =
    Bounds { default: Duration::from_secs(24 * 60 * 60), longest: Duration::from_secs(400 * 24 * 60 * 60) };

/// The life of a token, counted from its receipt: `exp − iat`, so that a wrong clock does not matter; without a readable
/// `iat`, from receipt to `exp`; where that is not positive or too long, the default.
#[must_use]
pub fn life<J: Json>(token: &str, received_at: UnixMillis, bounds: Bounds) -> Duration {
    claimed_seconds::<J>(token, received_at)
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        // Timers and clocks count milliseconds.
        .filter(|life| life.as_millis() > 0 && *life <= bounds.longest)
        .unwrap_or(bounds.default)
}

fn claimed_seconds<J: Json>(token: &str, received_at: UnixMillis) -> Option<f64> {
    // Both are seconds, perhaps with a fraction (RFC 7519 §2, NumericDate).
    let claims = J::object(&claims(token)?)?;
    let expiry = claims.number("exp")?;
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since the epoch stay far below 2^53")]
    let issued_at = claims.number("iat").unwrap_or(received_at.0 as f64 / 1_000.0);
    Some(expiry - issued_at)
}

/// The claims of a JWT: the JSON text in its second part (RFC 7515 §7.1).
fn claims(token: &str) -> Option<String> {
    let mut parts = token.split('.');
    let (_header, claims) = (parts.next()?, parts.next()?);
    String::from_utf8(decode_base64url(claims)?).ok()
}

/// base64url without padding (RFC 7515 §2).
fn decode_base64url(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let mut bits = 0_u32;
    let mut count = 0;
    for character in text.bytes() {
        bits = bits << 6 | u32::from(sextet(character)?);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    Some(bytes)
}

const fn sextet(character: u8) -> Option<u8> {
    Some(match character {
        b'A'..=b'Z' => character - b'A',
        b'a'..=b'z' => character - b'a' + 26,
        b'0'..=b'9' => character - b'0' + 52,
        b'-' => 62,
        b'_' => 63,
        _ => return None,
    })
}
