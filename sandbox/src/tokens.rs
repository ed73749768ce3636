//! The API's own tokens: JWTs signed with HMAC-SHA256 (RFC 7515, RFC 7519), and which refresh tokens are still good.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::digest::Key;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::account::Account;
use crate::sync::locked;
use crate::{clock, random};

/// The one header that is ever issued, and so the one that is accepted: no other algorithm can be smuggled in.
const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

/// What a token is good for. Part of the signed claims, so that neither passes for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Use {
    Access,
    Refresh,
}

/// What a token says.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub(crate) sub: String,
    pub(crate) iat: u64,
    pub(crate) exp: u64,
    /// Random, so that no two tokens are alike.
    pub(crate) jti: String,
    token_use: Use,
}

impl Claims {
    pub(crate) fn has_expired(&self) -> bool {
        clock::now() >= self.exp
    }

    pub(crate) fn account(&self) -> Option<Account> {
        Account::parse(&self.sub)
    }
}

#[derive(Clone, Copy)]
struct Lives {
    access: Duration,
    refresh: Duration,
}

/// Issues, reads and revokes.
pub(crate) struct Tokens {
    key: [u8; 32],
    lives: Mutex<Lives>,
    /// The refresh tokens that are good: identifier and expiry.
    sessions: Mutex<HashMap<String, u64>>,
}

impl Tokens {
    pub(crate) fn new(access: Duration, refresh: Duration) -> Self {
        Self { key: random::key(), lives: Mutex::new(Lives { access, refresh }), sessions: Mutex::default() }
    }

    pub(crate) fn set_lives(&self, access: Duration, refresh: Duration) {
        *locked(&self.lives) = Lives { access, refresh };
    }

    pub(crate) fn issue_access(&self, account: &Account) -> String {
        let life = locked(&self.lives).access;
        self.signed(&claims(account, Use::Access, life))
    }

    /// Begins a session.
    pub(crate) fn issue_refresh(&self, account: &Account) -> String {
        let life = locked(&self.lives).refresh;
        let claims = claims(account, Use::Refresh, life);
        let mut sessions = locked(&self.sessions);
        let now = clock::now();
        sessions.retain(|_, exp| *exp > now);
        sessions.insert(claims.jti.clone(), claims.exp);
        drop(sessions);
        self.signed(&claims)
    }

    /// The claims of a token that was signed here for that use, expired or not.
    pub(crate) fn read(&self, token: &str, meant_for: Use) -> Option<Claims> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        self.mac(signed).verify_slice(&signature).ok()?;
        if URL_SAFE_NO_PAD.decode(header).ok()? != HEADER.as_bytes() {
            return None;
        }
        let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
        (claims.token_use == meant_for).then_some(claims)
    }

    pub(crate) fn session_goes_on(&self, claims: &Claims) -> bool {
        !claims.has_expired() && locked(&self.sessions).contains_key(&claims.jti)
    }

    pub(crate) fn end_session(&self, claims: &Claims) {
        locked(&self.sessions).remove(&claims.jti);
    }

    pub(crate) fn end_all_sessions(&self) {
        locked(&self.sessions).clear();
    }

    fn signed(&self, claims: &Claims) -> String {
        // Claims are strings and numbers: writing them as JSON cannot fail.
        let payload = serde_json::to_vec(claims).unwrap_or_default();
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(HEADER), URL_SAFE_NO_PAD.encode(payload));
        let signature = self.mac(&signed).finalize().into_bytes();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn mac(&self, signed: &str) -> Hmac<Sha256> {
        // HMAC pads a shorter key with zeros to its block (RFC 2104 §2).
        let mut block = Key::<Hmac<Sha256>>::default();
        block[..self.key.len()].copy_from_slice(&self.key);
        let mut mac = Hmac::<Sha256>::new(&block);
        mac.update(signed.as_bytes());
        mac
    }
}

fn claims(account: &Account, token_use: Use, life: Duration) -> Claims {
    let iat = clock::now();
    Claims {
        sub: account.as_str().to_owned(),
        iat,
        exp: iat.saturating_add(life.as_secs()),
        jti: random::text(),
        token_use,
    }
}
