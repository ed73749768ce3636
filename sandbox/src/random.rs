//! Unguessable values.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A key.
pub(crate) fn key() -> [u8; 32] {
    rand::random()
}

/// 192 bits as text that needs no escaping in a URL: a state, a nonce, a code, an identifier.
pub(crate) fn text() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 24]>())
}

/// 256 bits as 43 unreserved characters: a PKCE code verifier (RFC 7636 §4.1).
pub(crate) fn code_verifier() -> String {
    URL_SAFE_NO_PAD.encode(key())
}
