//! The handle on everything.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;

use crate::account::Account;
use crate::fault::{Endpoint, Fault};
use crate::guard::local_hosts_only;
use crate::plan::{NoSuchFault, Plan, Times};
use crate::provider::Provider;
use crate::received::{Received, Recorder};
use crate::relying_party::RelyingParty;
use crate::settings::Settings;
use crate::sign_ins::SignIns;
use crate::tokens::Tokens;
use crate::{api, front_page, provider};

/// One API and one provider. Clones are handles on the same ones.
#[derive(Clone)]
pub struct Sandbox(Arc<Parts>);

struct Parts {
    settings: Settings,
    recorder: Recorder,
    plan: Plan,
    sign_ins: SignIns,
    tokens: Tokens,
    relying_party: RelyingParty,
    provider: Provider,
}

impl Sandbox {
    /// Makes the keys and checks the settings. Nothing is contacted: discovery happens with the first sign-in.
    ///
    /// # Errors
    ///
    /// An issuer, a callback or an allowed origin that cannot be used.
    pub fn new(settings: Settings) -> anyhow::Result<Self> {
        let provider = Provider::new(&settings);
        let relying_party = RelyingParty::new(&settings, &provider)?;
        api::check_origins(&settings.allowed_origins)?;
        Ok(Self(Arc::new(Parts {
            recorder: Recorder::new(),
            plan: Plan::default(),
            sign_ins: SignIns::default(),
            tokens: Tokens::new(settings.access_token_life, settings.refresh_token_life),
            relying_party,
            provider,
            settings,
        })))
    }

    /// The API: `/v1/…`, and the control endpoints under `/sandbox/`. It has neither a `/` nor a fallback, so that it can be
    /// merged or nested into a router that serves the app as well.
    pub fn api(&self) -> Router {
        api::router(self)
    }

    /// The OpenID provider, to be served at the issuer's origin: `/authorize`, `/token`, `/jwks`, the discovery document, and
    /// the front page at `/`.
    pub fn provider(&self) -> Router {
        provider::router(self)
    }

    /// `GET /`: what this is, the accounts and the faults. The provider has it already.
    pub fn front_page(&self) -> Router {
        front_page::router().layer(from_fn_with_state(self.clone(), local_hosts_only))
    }

    /// Every request to the API (without `/sandbox/…`) and to the provider, in the order in which they were read.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.0.recorder.all()
    }

    /// Empties the record.
    pub fn forget_received(&self) {
        self.0.recorder.forget();
    }

    /// Orders a fault for the next requests to an endpoint, whoever sends them. Orders for one endpoint are met one after the
    /// other, before any fault that an account carries; an order that follows one for [`Times::Always`] replaces it. For
    /// [`Endpoint::Callback`] the request is a press of "Sign in" on the provider's page on which no fault was chosen.
    ///
    /// A browser repeats a request by itself when a connection that it had used before closes without an answer, so
    /// [`Fault::Drop`] for [`Times::Once`] may go unnoticed there; [`Times::Always`] does not.
    ///
    /// # Errors
    ///
    /// The endpoint has no such fault; see [`FAULTS`](crate::FAULTS).
    pub fn set_fault(&self, endpoint: Endpoint, fault: Fault, times: Times) -> Result<(), NoSuchFault> {
        self.0.plan.order(endpoint, fault, times)
    }

    /// Takes back every order. Accounts keep the faults in their addresses.
    pub fn clear_faults(&self) {
        self.0.plan.clear();
    }

    /// Sets the lives, in whole seconds, of tokens issued from now on.
    pub fn set_lifetimes(&self, access: Duration, refresh: Duration) {
        self.0.tokens.set_lives(access, refresh);
    }

    /// Ends every session: a refresh answers A2003 from now on. Access tokens live on until they expire.
    pub fn revoke_sessions(&self) {
        self.0.tokens.end_all_sessions();
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn recorder(&self) -> &Recorder {
        &self.0.recorder
    }

    pub(crate) fn sign_ins(&self) -> &SignIns {
        &self.0.sign_ins
    }

    pub(crate) fn tokens(&self) -> &Tokens {
        &self.0.tokens
    }

    pub(crate) fn relying_party(&self) -> &RelyingParty {
        &self.0.relying_party
    }

    pub(crate) fn provider_state(&self) -> &Provider {
        &self.0.provider
    }

    /// The fault that a request meets: an ordered one first, then the account's own.
    pub(crate) fn fault_at(&self, endpoint: Endpoint, account: Option<&Account>) -> Option<Fault> {
        let ordered = self.0.plan.meet(endpoint);
        ordered.or_else(|| account.and_then(|account| account.fault_at(endpoint)))
    }
}
