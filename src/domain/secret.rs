//! Values that must never be seen: they do not print themselves, cannot be serialized, and are read through one
//! method, [`reveal`](State::reveal), that is easy to search for.

use std::fmt;

/// Declares a secret: a private string, a `Debug` that hides it, and no other way out than `reveal`.
macro_rules! secret {
    ($(#[$doc:meta])* $name:ident, $alphabet:path) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// Checks and keeps the value; `None` where it is empty or has a character that may not stand in it.
            #[must_use]
            pub fn new(value: String) -> Option<Self> {
                (!value.is_empty() && value.bytes().all($alphabet)).then_some(Self(value))
            }

            /// The value itself. Security: it may go into a request or into sessionStorage where the contract says
            /// so, and nowhere else (contract §4.10).
            #[must_use]
            pub fn reveal(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "([redacted])"))
            }
        }
    };
}

/// Printable ASCII, 0x20 to 0x7E: the `VSCHAR` of RFC 6749 Appendix A (contract §4.2, §4.6).
fn is_printable(byte: u8) -> bool {
    matches!(byte, 0x20..=0x7e)
}

/// Visible ASCII, 0x21 to 0x7E: what may stand in an `Authorization` header after `Bearer ` without being changed or
/// refused by the browser (contract §2).
fn is_visible(byte: u8) -> bool {
    matches!(byte, 0x21..=0x7e)
}

secret!(
    /// Ties the answer of the provider to the sign-in that this tab began (RFC 6749 §10.12).
    State,
    is_printable
);
secret!(
    /// Ties the ID token to this sign-in (OpenID Connect Core §3.1.2.1); the API compares it.
    Nonce,
    is_printable
);
secret!(
    /// The one-time code of the authorization response (RFC 6749 §4.1.2).
    AuthorizationCode,
    is_printable
);
secret!(
    /// The token that authorizes calls of the admin API (contract §1).
    AccessToken,
    is_visible
);
secret!(
    /// The token that buys a new access token, and that a sign-out revokes (contract §1).
    RefreshToken,
    is_visible
);
secret!(
    /// The key of the four authentication calls (contract §2).
    ApiKey,
    is_visible
);
