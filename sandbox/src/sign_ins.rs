//! Sign-ins that were begun and not yet completed.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::account::Account;
use crate::random;
use crate::sync::locked;

/// A state older than this is refused; the app gives up at the same age (contract §4).
const LONGEST_SIGN_IN: Duration = Duration::from_secs(15 * 60);

/// What the API remembers between initiate and login.
pub(crate) struct SignIn {
    pub(crate) nonce: String,
    pub(crate) account: Account,
    begun: Instant,
}

/// By state.
#[derive(Default)]
pub(crate) struct SignIns(Mutex<HashMap<String, SignIn>>);

impl SignIns {
    /// A new state and nonce.
    pub(crate) fn begin(&self, account: &Account) -> (String, String) {
        let (state, nonce) = (random::text(), random::text());
        let mut open = locked(&self.0);
        open.retain(|_, sign_in| sign_in.is_fresh());
        open.insert(state.clone(), SignIn { nonce: nonce.clone(), account: account.clone(), begun: Instant::now() });
        (state, nonce)
    }

    /// Takes the sign-in out: a state is good once, whatever becomes of it.
    pub(crate) fn take(&self, state: &str) -> Option<SignIn> {
        locked(&self.0).remove(state).filter(SignIn::is_fresh)
    }
}

impl SignIn {
    fn is_fresh(&self) -> bool {
        self.begun.elapsed() < LONGEST_SIGN_IN
    }
}
