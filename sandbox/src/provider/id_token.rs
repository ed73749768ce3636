//! ID tokens (OpenID Connect Core §2), signed with Ed25519 (RFC 8037).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};

use super::CLIENT_ID;
use crate::account::Account;
use crate::{clock, random};

/// Long enough for an exchange, with a clock that is a little off.
const LIFE_SECONDS: u64 = 300;

/// A key pair made at start; Ed25519 because that takes microseconds.
pub(super) struct Signer {
    key: SigningKey,
    key_id: String,
}

impl Signer {
    pub(super) fn new() -> Self {
        Self { key: SigningKey::from_bytes(&random::key()), key_id: random::text() }
    }

    /// The public half as a JSON Web Key.
    pub(super) fn public_key(&self) -> Value {
        json!({
            "kty": "OKP",
            "crv": "Ed25519",
            "use": "sig",
            "alg": "EdDSA",
            "kid": self.key_id,
            "x": URL_SAFE_NO_PAD.encode(self.key.verifying_key().as_bytes()),
        })
    }

    pub(super) fn id_token(&self, issuer: &str, account: &Account, nonce: &str) -> String {
        let header = json!({"alg": "EdDSA", "typ": "JWT", "kid": self.key_id});
        let now = clock::now();
        let claims = json!({
            "iss": issuer,
            "sub": account.as_str(),
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + LIFE_SECONDS,
            "nonce": nonce,
            "email": account.as_str(),
            "email_verified": true,
        });
        let signed =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature = self.key.sign(signed.as_bytes()).to_bytes();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}
