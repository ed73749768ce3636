//! The API's side of OpenID Connect (Core §3.1): the authorization URL, the code exchange, the ID token, UserInfo.

mod ask;
mod failure;
mod id_token;

use std::borrow::Cow;
use std::future::Future;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail, ensure};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreErrorResponseType, CoreGenderClaim,
    CoreProviderMetadata, CoreTokenResponse,
};
use openidconnect::{
    AccessToken, AuthType, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EmptyAdditionalClaims,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, SubjectIdentifier, TokenResponse as _, UserInfoClaims,
    reqwest,
};
use tokio::sync::Mutex;
use url::Url;

use crate::provider::Provider;
use crate::settings::{ProviderChoice, Settings};
use crate::sign_ins::{Exchanged, SignIn};
use ask::Ask;

/// A provider that takes longer than this over one answer has failed.
const LONGEST_ANSWER: Duration = Duration::from_secs(10);

/// The same for everything that the API asks it for one call: the app gives up after 30 seconds (contract §1).
const LONGEST_CONVERSATION: Duration = Duration::from_secs(15);

/// What `CoreClient::from_provider_metadata` gives.
type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// Why a code did not lead to an identity. Neither holds a code, a token or a secret: both are answered and logged.
#[derive(Debug)]
pub(crate) enum Unproven {
    /// The provider or the ID token speaks against it.
    Denied(Cow<'static, str>),
    /// The provider could not be asked: the same login may succeed later.
    Unavailable(anyhow::Error),
}

impl Unproven {
    fn denied(why: impl Into<Cow<'static, str>>) -> Self {
        Self::Denied(why.into())
    }
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
            ProviderChoice::External { issuer, client_id, client_secret, .. } => {
                (issuer.clone(), client_id.clone(), client_secret.clone())
            }
        };
        ensure!(
            cfg!(feature = "external-provider") || !issuer.starts_with("https:"),
            "an https issuer needs the feature `external-provider`, which this build is without"
        );
        Ok(Self {
            issuer: IssuerUrl::new(issuer).context("the issuer is not a URL")?,
            client_id: ClientId::new(client_id),
            client_secret: ClientSecret::new(client_secret),
            callback: RedirectUrl::from_url(settings.app_callback.clone()),
            http: http_client(&settings.provider)?,
            metadata: Mutex::default(),
        })
    }

    /// Where the browser goes to sign in (OpenID Connect Core §3.1.2.1, with the challenge of RFC 7636 §4.3).
    pub(crate) async fn authorization_url(&self, state: &str, sign_in: &SignIn) -> anyhow::Result<Url> {
        let client = in_time(self.client()).await??;
        let (state, nonce) = (state.to_owned(), sign_in.nonce.clone());
        let verifier = PkceCodeVerifier::new(sign_in.code_verifier.clone());
        let (url, _, _) = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, || CsrfToken::new(state), || Nonce::new(nonce))
            .add_scope(Scope::new("email".to_owned()))
            .add_extra_param("login_hint", sign_in.account.as_str())
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok(url)
    }

    /// Exchanges the code and verifies the ID token (OpenID Connect Core §3.1.3): signature, issuer, audience, expiry and
    /// nonce, and that the user's email is the account's.
    pub(crate) async fn prove(&self, code: &str, sign_in: &mut SignIn) -> Result<(), Unproven> {
        let proof =
            in_time(self.try_to_prove(code, sign_in)).await.unwrap_or_else(|late| Err(Unproven::Unavailable(late)));
        if let Err(Unproven::Unavailable(_)) = proof {
            // Its endpoints may have moved: the next sign-in fetches them again. If this is locked, another one is doing so.
            if let Ok(mut known) = self.metadata.try_lock() {
                *known = None;
            }
        }
        proof
    }

    async fn try_to_prove(&self, code: &str, sign_in: &mut SignIn) -> Result<(), Unproven> {
        let client = self.client().await.map_err(Unproven::Unavailable)?;
        let earlier = sign_in.exchanged.take().filter(|exchanged| exchanged.code == code);
        let answer = match earlier {
            Some(exchanged) => exchanged.answer,
            None => self.exchange(&client, code, &sign_in.code_verifier).await?,
        };
        // The code is used up now, whatever becomes of the rest.
        sign_in.exchanged = Some(Exchanged { code: code.to_owned(), answer: answer.clone() });
        let id_token = answer.id_token().ok_or_else(|| Unproven::denied("the provider gave no ID token"))?;
        let nonce = Nonce::new(sign_in.nonce.clone());
        let claims = match id_token::verify(&client, &self.client_id, id_token, &nonce) {
            Err(failure) if failure.may_be_of_old_keys() => {
                let client = self.client_with_fresh_keys().await.map_err(Unproven::Unavailable)?;
                id_token::verify(&client, &self.client_id, id_token, &nonce)
            }
            verified => verified,
        };
        let claims = claims.map_err(|failure| Unproven::denied(failure.words()))?;
        check_verified(claims.email_verified())?;
        let email = match claims.email() {
            Some(email) => email.clone(),
            // With an access token, the claims of a scope are returned from UserInfo (OpenID Connect Core §5.4).
            None => {
                let claims = self.user_info(&client, answer.access_token(), claims.subject()).await?;
                check_verified(claims.email_verified())?;
                claims
                    .email()
                    .cloned()
                    .ok_or_else(|| Unproven::denied("neither the ID token nor UserInfo has an email"))?
            }
        };
        if sign_in.account.is(&email) {
            Ok(())
        } else {
            Err(Unproven::denied("the provider signed in another user than the one who began"))
        }
    }

    async fn exchange(&self, client: &Client, code: &str, verifier: &str) -> Result<CoreTokenResponse, Unproven> {
        let exchange = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|error| Unproven::Unavailable(error.into()))?
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()));
        let ask = Ask::new(&self.http);
        let answer = exchange.request_async(&ask).await;
        answer.map_err(|error| match error {
            RequestTokenError::Request(error) => ask.unavailable("token endpoint", &failure::of_request(&error)),
            _ if ask.is_outage() => ask.unavailable("token endpoint", "it is out of order"),
            RequestTokenError::ServerResponse(refusal) => match refusal.error() {
                CoreErrorResponseType::InvalidGrant => {
                    Unproven::denied("the provider does not accept this code (again)")
                }
                CoreErrorResponseType::InvalidClient => {
                    Unproven::Unavailable(anyhow!("it does not accept the client ID or its secret"))
                }
                other => Unproven::denied(format!("the provider refuses to exchange the code: {}", other.as_ref())),
            },
            // The errors quote the answer, tokens included.
            RequestTokenError::Parse(_, body) => match id_token::unknown_algorithm(&body) {
                Some(failure) => Unproven::denied(failure.words()),
                None => ask.unavailable("token endpoint", "its answer is unreadable"),
            },
            RequestTokenError::Other(_) => ask.unavailable("token endpoint", "its answer is unreadable"),
        })
    }

    /// OpenID Connect Core §5.3. Its `sub` must be that of the ID token (§5.3.2): the access token could belong to another user.
    async fn user_info(
        &self,
        client: &Client,
        access_token: &AccessToken,
        subject: &SubjectIdentifier,
    ) -> Result<UserInfoClaims<EmptyAdditionalClaims, CoreGenderClaim>, Unproven> {
        // Checked here, since the library would panic.
        if !access_token.secret().bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Unproven::denied("the provider's access token does not fit into a header"));
        }
        let request = client
            .user_info(access_token.clone(), Some(subject.clone()))
            .map_err(|_| Unproven::denied("the ID token has no email, and the provider has no UserInfo endpoint"))?;
        let ask = Ask::new(&self.http);
        let answer = request.request_async(&ask).await;
        answer.map_err(|error| failure::of_user_info(&ask, &error))
    }

    async fn client(&self) -> anyhow::Result<Client> {
        let mut known = self.metadata.lock().await;
        let metadata = match &*known {
            Some(metadata) => metadata.clone(),
            None => known.insert(self.discover().await?).clone(),
        };
        Ok(self.client_of(metadata))
    }

    /// The provider may have changed its keys since they were fetched (OpenID Connect Core §10.1.1), and with them the algorithms
    /// that it announces, or where its keys are.
    async fn client_with_fresh_keys(&self) -> anyhow::Result<Client> {
        let mut known = self.metadata.lock().await;
        *known = None;
        Ok(self.client_of(known.insert(self.discover().await?).clone()))
    }

    async fn discover(&self) -> anyhow::Result<CoreProviderMetadata> {
        let ask = Ask::new(&self.http);
        let found = CoreProviderMetadata::discover_async(self.issuer.clone(), &ask).await;
        let metadata = found.map_err(|error| failure::of_discovery(&ask, &error))?;
        if metadata.token_endpoint().is_none() {
            bail!("{} has no token endpoint", self.issuer.as_str());
        }
        Ok(metadata)
    }

    fn client_of(&self, metadata: CoreProviderMetadata) -> Client {
        let auth_type = auth_type(&metadata);
        CoreClient::from_provider_metadata(metadata, self.client_id.clone(), Some(self.client_secret.clone()))
            .set_auth_type(auth_type)
            .set_redirect_uri(self.callback.clone())
    }
}

/// Lets the provider take so long and no longer.
async fn in_time<T>(conversation: impl Future<Output = T>) -> anyhow::Result<T> {
    let late = || format!("it took longer than {} seconds in all", LONGEST_CONVERSATION.as_secs());
    tokio::time::timeout(LONGEST_CONVERSATION, conversation).await.with_context(late)
}

fn http_client(provider: &ProviderChoice) -> anyhow::Result<reqwest::Client> {
    // No redirects: they would let a provider point the exchange, secret included, elsewhere.
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(LONGEST_ANSWER);
    let http = match provider {
        ProviderChoice::BuiltIn { .. } => http.no_proxy(),
        ProviderChoice::External { authorities: None, .. } => http,
        ProviderChoice::External { authorities: Some(pem), .. } => trusting(http, pem)?,
    };
    http.build().context("no HTTP client for the provider")
}

/// Trusts certificate authorities besides the usual ones.
#[cfg(feature = "external-provider")]
fn trusting(http: reqwest::ClientBuilder, pem: &[u8]) -> anyhow::Result<reqwest::ClientBuilder> {
    let authorities = reqwest::Certificate::from_pem_bundle(pem).context("the certificate authorities are not PEM")?;
    ensure!(!authorities.is_empty(), "there is no certificate authority in what was given as such");
    Ok(authorities.into_iter().fold(http, reqwest::ClientBuilder::add_root_certificate))
}

#[cfg(not(feature = "external-provider"))]
fn trusting(_: reqwest::ClientBuilder, _: &[u8]) -> anyhow::Result<reqwest::ClientBuilder> {
    bail!("certificate authorities need the feature `external-provider`, which this build is without")
}

/// Without the claim, trusting the email is the client's decision (OpenID Connect Core §5.1); this client does.
fn check_verified(email_verified: Option<bool>) -> Result<(), Unproven> {
    match email_verified {
        Some(false) => Err(Unproven::denied("the provider has not verified the email (email_verified is false)")),
        Some(true) | None => Ok(()),
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
