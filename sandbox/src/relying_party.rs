//! The API's side of OpenID Connect (Core §3.1): the authorization URL, the code exchange, the ID token.

use std::time::Duration;

use anyhow::{Context as _, anyhow, bail, ensure};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreErrorResponseType, CoreProviderMetadata,
};
use openidconnect::{
    AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, IssuerUrl, Nonce, RedirectUrl, RequestTokenError, Scope, TokenResponse, reqwest,
};
use tokio::sync::Mutex;
use url::Url;

use crate::account::Account;
use crate::provider::Provider;
use crate::settings::{ProviderChoice, Settings};

/// The app gives up after 30 seconds (contract §1); a provider that is slower than this has failed before that.
const LONGEST_EXCHANGE: Duration = Duration::from_secs(20);

/// What `CoreClient::from_provider_metadata` gives.
type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// Why a code did not lead to an identity.
#[derive(Debug)]
pub(crate) enum Unproven {
    /// The provider or the ID token speaks against it.
    Denied(&'static str),
    /// The provider could not be asked.
    Unavailable(anyhow::Error),
}

/// A client of one provider.
pub(crate) struct RelyingParty {
    issuer: IssuerUrl,
    client_id: ClientId,
    client_secret: ClientSecret,
    callback: RedirectUrl,
    http: reqwest::Client,
    /// Discovery document and keys, fetched with the first sign-in: the built-in provider may not be served yet when this is
    /// made. An asynchronous mutex, so that callers that come together fetch once.
    metadata: Mutex<Option<CoreProviderMetadata>>,
}

impl RelyingParty {
    pub(crate) fn new(settings: &Settings, built_in: &Provider) -> anyhow::Result<Self> {
        let (issuer, client_id, client_secret) = match &settings.provider {
            ProviderChoice::BuiltIn { .. } => built_in.client(),
            ProviderChoice::External { issuer, client_id, client_secret } => {
                (issuer.clone(), client_id.clone(), client_secret.clone())
            }
        };
        ensure!(
            cfg!(feature = "external-provider") || !issuer.starts_with("https:"),
            "an https issuer needs the feature `external-provider`, which this build is without"
        );
        // No redirects: they would let a provider point the exchange, secret included, elsewhere.
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(LONGEST_EXCHANGE);
        let http = match &settings.provider {
            ProviderChoice::BuiltIn { .. } => http.no_proxy(),
            ProviderChoice::External { .. } => http,
        };
        Ok(Self {
            issuer: IssuerUrl::new(issuer).context("the issuer is not a URL")?,
            client_id: ClientId::new(client_id),
            client_secret: ClientSecret::new(client_secret),
            callback: RedirectUrl::from_url(settings.app_callback.clone()),
            http: http.build().context("no HTTP client for the provider")?,
            metadata: Mutex::default(),
        })
    }

    /// Where the browser goes to sign in (OpenID Connect Core §3.1.2.1).
    pub(crate) async fn authorization_url(&self, state: &str, nonce: &str, account: &Account) -> anyhow::Result<Url> {
        let client = self.client().await?;
        let (state, nonce) = (state.to_owned(), nonce.to_owned());
        let (url, _, _) = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, || CsrfToken::new(state), || Nonce::new(nonce))
            .add_scope(Scope::new("email".to_owned()))
            .add_extra_param("login_hint", account.as_str())
            .url();
        Ok(url)
    }

    /// Exchanges the code and verifies the ID token (OpenID Connect Core §3.1.3): signature, issuer, audience, expiry and
    /// nonce, and that its `email` is the account.
    pub(crate) async fn prove(&self, code: &str, nonce: &str, account: &Account) -> Result<(), Unproven> {
        let proof = self.try_to_prove(code, nonce, account).await;
        if proof.is_err() {
            // The provider may have changed its keys: the next sign-in looks again.
            *self.metadata.lock().await = None;
        }
        proof
    }

    async fn try_to_prove(&self, code: &str, nonce: &str, account: &Account) -> Result<(), Unproven> {
        let client = self.client().await.map_err(Unproven::Unavailable)?;
        let exchange = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|error| Unproven::Unavailable(error.into()))?;
        let answer = exchange.request_async(&self.http).await.map_err(|error| match error {
            RequestTokenError::ServerResponse(refusal) if *refusal.error() == CoreErrorResponseType::InvalidClient => {
                Unproven::Unavailable(anyhow!("it does not accept the client ID or its secret"))
            }
            RequestTokenError::ServerResponse(_) => Unproven::Denied("the provider does not accept this code (again)"),
            // Only the kind: the errors quote the provider's answer, tokens included.
            RequestTokenError::Request(_) => Unproven::Unavailable(anyhow!("the token endpoint cannot be reached")),
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
                Unproven::Unavailable(anyhow!("the token endpoint's answer is unreadable"))
            }
        })?;
        let id_token = answer.id_token().ok_or(Unproven::Denied("the provider gave no ID token"))?;
        let claims = id_token
            .claims(&client.id_token_verifier(), &Nonce::new(nonce.to_owned()))
            .map_err(|error| Unproven::Denied(reason(&error)))?;
        match claims.email() {
            Some(email) if account.is(email) => Ok(()),
            Some(_) => Err(Unproven::Denied("the provider signed in another person than the one who began")),
            None => Err(Unproven::Denied("the ID token has no email")),
        }
    }

    async fn client(&self) -> anyhow::Result<Client> {
        let mut known = self.metadata.lock().await;
        let metadata = match &*known {
            Some(metadata) => metadata.clone(),
            None => {
                let fresh = CoreProviderMetadata::discover_async(self.issuer.clone(), &self.http)
                    .await
                    .with_context(|| format!("no discovery at {}", self.issuer.as_str()))?;
                if fresh.token_endpoint().is_none() {
                    bail!("{} has no token endpoint", self.issuer.as_str());
                }
                known.insert(fresh).clone()
            }
        };
        let auth_type = auth_type(&metadata);
        Ok(CoreClient::from_provider_metadata(metadata, self.client_id.clone(), Some(self.client_secret.clone()))
            .set_auth_type(auth_type)
            .set_redirect_uri(self.callback.clone()))
    }
}

/// `client_secret_basic` is the default (OpenID Connect Discovery §3); few providers want only `client_secret_post`.
fn auth_type(metadata: &CoreProviderMetadata) -> AuthType {
    let Some(methods) = metadata.token_endpoint_auth_methods_supported() else {
        return AuthType::BasicAuth;
    };
    let only_post = methods.contains(&CoreClientAuthMethod::ClientSecretPost)
        && !methods.contains(&CoreClientAuthMethod::ClientSecretBasic);
    if only_post { AuthType::RequestBody } else { AuthType::BasicAuth }
}

/// The error without the values that it quotes.
fn reason(error: &ClaimsVerificationError) -> &'static str {
    match error {
        ClaimsVerificationError::Expired(_) => "the ID token has expired",
        ClaimsVerificationError::InvalidAudience(_) => "the ID token is for another client",
        ClaimsVerificationError::InvalidIssuer(_) => "the ID token is from another issuer",
        ClaimsVerificationError::InvalidNonce(_) => "the ID token's nonce is another one",
        ClaimsVerificationError::SignatureVerification(_) => "the ID token's signature does not verify",
        _ => "the ID token does not verify",
    }
}
