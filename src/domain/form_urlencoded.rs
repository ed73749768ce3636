//! `application/x-www-form-urlencoded`, read strictly (contract §4.6).
//!
//! The WHATWG parser keeps a broken `%` as it is and replaces bytes that are not UTF-8, so two different queries can look
//! the same afterwards. Here such a query has no meaning at all.

/// A component with a broken percent escape, or whose decoded bytes are not UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

/// The raw pairs of a query, in order: split at `&`, each at its first `=`, so that a value may hold further ones (base64
/// padding). A piece without `=` is a name with an empty value; empty pieces are no pairs.
pub fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// Decodes a name or a value: `+` is a space, every `%` has two hexadecimal digits, the result is UTF-8.
///
/// # Errors
///
/// [`Malformed`] where a percent escape is broken or the bytes are not UTF-8.
pub fn decode(component: &str) -> Result<String, Malformed> {
    let mut decoded = Vec::with_capacity(component.len());
    let mut bytes = component.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = bytes.next().and_then(hex_digit).ok_or(Malformed)?;
                let low = bytes.next().and_then(hex_digit).ok_or(Malformed)?;
                high << 4 | low
            }
            other => other,
        });
    }
    String::from_utf8(decoded).map_err(|_| Malformed)
}

/// Encodes a value so that [`decode`] gives it back and no browser reads anything else into it: everything but RFC 3986's
/// unreserved characters is escaped.
#[must_use]
pub fn encode(value: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push(char::from(HEX[usize::from(byte >> 4)]));
            encoded.push(char::from(HEX[usize::from(byte & 0xf)]));
        }
    }
    encoded
}

fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}
