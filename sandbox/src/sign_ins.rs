//! Sign-ins that were begun and not yet completed.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use openidconnect::core::CoreTokenResponse;

use crate::account::Account;
use crate::random;
use crate::sync::locked;

/// A state older than this is refused; the app gives up at the same age (contract §4).
const LONGEST_SIGN_IN: Duration = Duration::from_secs(15 * 60);

/// What the API remembers between initiate and login.
pub(crate) struct SignIn {
    pub(crate) nonce: String,
    pub(crate) account: Account,
    /// The secret half of the PKCE challenge (RFC 7636 §4.1).
    pub(crate) code_verifier: String,
    /// What the provider gave for the code, if what comes after that failed for want of the provider.
    pub(crate) exchanged: Option<Exchanged>,
    begun: Instant,
}

/// A code, which is used up, and the provider's answer to it.
pub(crate) struct Exchanged {
    pub(crate) code: String,
    pub(crate) answer: CoreTokenResponse,
}

/// By state.
#[derive(Default)]
pub(crate) struct SignIns(Mutex<HashMap<String, SignIn>>);

impl SignIns {
    /// A sign-in that has not left for the provider yet; [`put`](Self::put) keeps it.
    pub(crate) fn begin(account: &Account) -> (String, SignIn) {
        let sign_in = SignIn {
            nonce: random::text(),
            account: account.clone(),
            code_verifier: random::code_verifier(),
            exchanged: None,
            begun: Instant::now(),
        };
        (random::text(), sign_in)
    }

    /// Keeps a sign-in: a new one, or one that was taken and came to nothing through no fault of its own. Its age counts from
    /// its beginning.
    pub(crate) fn put(&self, state: String, sign_in: SignIn) {
        let mut open = locked(&self.0);
        open.retain(|_, sign_in| sign_in.is_fresh());
        open.insert(state, sign_in);
    }

    /// Takes the sign-in out, so that of two logins at a time one finds it. A state is good once, unless the provider could not
    /// be asked.
    pub(crate) fn take(&self, state: &str) -> Option<SignIn> {
        locked(&self.0).remove(state).filter(SignIn::is_fresh)
    }
}

impl SignIn {
    fn is_fresh(&self) -> bool {
        self.begun.elapsed() < LONGEST_SIGN_IN
    }
}
