//! Values that the tests of the rules start from.

use indee_admin_sso::domain::authorization_request::AuthorizationRequest;
use indee_admin_sso::domain::email::Email;
use indee_admin_sso::domain::pending::PendingSignIn;
use indee_admin_sso::domain::return_to::ReturnTo;
use indee_admin_sso::domain::secret::{Nonce, State};
use indee_admin_sso::domain::time::UnixMillis;

use super::TestUrls;

/// Now, in these tests: 2026-11-24T12:00:00Z.
pub(crate) const NOW: UnixMillis = UnixMillis(1_795_521_600_000);

/// A sign-in that was begun a minute before [`NOW`].
pub(crate) fn pending() -> PendingSignIn {
    PendingSignIn {
        state: State::new("the-state==".to_owned()).unwrap(),
        nonce: Nonce::new("the-nonce".to_owned()).unwrap(),
        email: Email::parse("admin@example.com").unwrap(),
        return_to: ReturnTo::parse("/projects?page=2", &TestUrls),
        created_at: UnixMillis(NOW.0 - 60_000),
    }
}

/// The checks on an `initiate` answer with these fields.
pub(crate) fn authorization_request(state: &str, nonce: &str, redirect: &str) -> Option<AuthorizationRequest> {
    AuthorizationRequest::parse(state.to_owned(), nonce.to_owned(), redirect, &TestUrls)
}

/// A JWT with these claims, a JSON text. Nobody here verifies its signature.
pub(crate) fn jwt(claims: &str) -> String {
    format!("e30.{}.c2ln", base64url(claims.as_bytes()))
}

fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for index in 0..=chunk.len() {
            text.push(char::from(ALPHABET[(bits >> (18 - 6 * index) & 63) as usize]));
        }
    }
    text
}
