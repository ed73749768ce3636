//! The built-in OpenID provider: one client, every account, no passwords.

mod authorize;
mod callback;
mod codes;
mod discovery;
mod form;
mod id_token;
mod page;
mod token;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};

use crate::guard::{local_hosts_only, own_form_only};
use crate::received::record_provider;
use crate::settings::{ProviderChoice, Settings};
use crate::{Sandbox, front_page, random};
use codes::Codes;
use id_token::Signer;

/// The one client: the API.
const CLIENT_ID: &str = "sandbox-api";

/// What the provider knows.
pub(crate) struct Provider {
    /// Without a slash at the end.
    issuer: String,
    client_secret: String,
    redirect_uri: String,
    signer: Signer,
    codes: Codes,
}

impl Provider {
    /// With an external provider this one stands by; nobody is sent here.
    pub(crate) fn new(settings: &Settings) -> Self {
        let issuer = match &settings.provider {
            ProviderChoice::BuiltIn { issuer } => issuer.as_str().trim_end_matches('/').to_owned(),
            ProviderChoice::External { .. } => String::new(),
        };
        Self {
            issuer,
            client_secret: random::text(),
            redirect_uri: settings.app_callback.to_string(),
            signer: Signer::new(),
            codes: Codes::default(),
        }
    }

    /// Issuer, client and secret, for the API.
    pub(crate) fn client(&self) -> (String, String, String) {
        (self.issuer.clone(), CLIENT_ID.to_owned(), self.client_secret.clone())
    }
}

pub(crate) fn router(sandbox: &Sandbox) -> Router {
    Router::new()
        .route("/.well-known/openid-configuration", get(discovery::document))
        .route("/jwks", get(discovery::keys))
        .route("/authorize", get(authorize::ask).post(authorize::decide).layer(from_fn(own_form_only)))
        .route("/token", post(token::exchange))
        .merge(front_page::router())
        .layer(from_fn_with_state(sandbox.clone(), record_provider))
        .layer(from_fn_with_state(sandbox.clone(), local_hosts_only))
        .with_state(sandbox.clone())
}
