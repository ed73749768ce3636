//! Authorization codes: each can be redeemed once, soon (RFC 6749 §4.1.2).

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::authorize::AuthorizationRequest;
use crate::account::Account;
use crate::random;
use crate::sync::locked;

/// RFC 6749 §4.1.2 recommends at most ten minutes.
const LIFE: Duration = Duration::from_secs(600);

/// What a code stands for. The redirect URI is not kept: there is only one.
pub(super) struct Grant {
    pub(super) account: Account,
    pub(super) nonce: String,
    /// Of RFC 7636 §4.2, by S256.
    pub(super) code_challenge: String,
    issued: Instant,
}

#[derive(Default)]
pub(super) struct Codes(Mutex<HashMap<String, Grant>>);

impl Codes {
    pub(super) fn issue(&self, account: &Account, request: &AuthorizationRequest<'_>) -> String {
        let code = random::text();
        let mut open = locked(&self.0);
        open.retain(|_, grant| grant.is_fresh());
        let grant = Grant {
            account: account.clone(),
            nonce: request.nonce.to_owned(),
            code_challenge: request.code_challenge.to_owned(),
            issued: Instant::now(),
        };
        open.insert(code.clone(), grant);
        code
    }

    /// Whose code this is.
    pub(super) fn account_of(&self, code: &str) -> Option<Account> {
        locked(&self.0).get(code).map(|grant| grant.account.clone())
    }

    /// Takes the grant out: a second time there is none.
    pub(super) fn redeem(&self, code: &str) -> Option<Grant> {
        locked(&self.0).remove(code).filter(Grant::is_fresh)
    }
}

impl Grant {
    fn is_fresh(&self) -> bool {
        self.issued.elapsed() < LIFE
    }
}
