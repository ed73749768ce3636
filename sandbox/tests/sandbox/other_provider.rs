//! Another OpenID provider, which answers whatever it is told to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use sandbox::{ProviderChoice, serve};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};

use crate::stand::{Answer, Begun, LOGIN, Stand};

/// Who signs in there.
pub(crate) const ACCOUNT: &str = "admin@example.com";

/// Its one client.
pub(crate) const CLIENT: &str = "a client";

pub(crate) const DISCOVERY: &str = "/.well-known/openid-configuration";
pub(crate) const KEYS: &str = "/jwks";
pub(crate) const TOKEN: &str = "/token";
pub(crate) const USER_INFO: &str = "/userinfo";

/// An answer: status, content type, body.
type Reply = (u16, &'static str, String);

#[derive(Default)]
struct State {
    replies: HashMap<&'static str, Reply>,
    asked: Vec<Asked>,
}

/// A request to it.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) authorization: String,
    pub(crate) body: String,
}

/// It stops with this value.
pub(crate) struct OtherProvider {
    pub(crate) issuer: String,
    state: Arc<Mutex<State>>,
    server: JoinHandle<std::io::Result<()>>,
}

impl Drop for OtherProvider {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl OtherProvider {
    /// With a discovery document, and the public half of `signing_key(1)`.
    pub(crate) async fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let issuer = format!("http://localhost:{}/realms/one", listener.local_addr()?.port());
        let (state, router) = Self::parts();
        let server = tokio::spawn(serve(listener, router, std::future::pending()));
        Ok(Self::ready(issuer, state, server))
    }

    fn parts() -> (Arc<Mutex<State>>, Router) {
        let state: Arc<Mutex<State>> = Arc::default();
        let answering = state.clone();
        let router = Router::new().fallback(async move |request: Request| {
            let (parts, body) = request.into_parts();
            let body = axum::body::to_bytes(body, 100_000).await.unwrap_or_default();
            let authorization = parts.headers.get("authorization").and_then(|value| value.to_str().ok());
            let path = parts.uri.path().trim_start_matches("/realms/one").to_owned();
            let mut state = answering.lock().unwrap_or_else(PoisonError::into_inner);
            let (status, content_type, text) =
                state.replies.get(path.as_str()).cloned().unwrap_or((404, "text/plain", String::new()));
            state.asked.push(Asked {
                path,
                authorization: authorization.unwrap_or_default().to_owned(),
                body: String::from_utf8_lossy(&body).into_owned(),
            });
            (StatusCode::from_u16(status).unwrap_or_default(), [(CONTENT_TYPE, content_type)], text)
        });
        (state, router)
    }

    /// The same with a certificate for `localhost`.
    pub(crate) async fn start_with_tls(certificate: CertificateDer<'static>, key: Vec<u8>) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let issuer = format!("https://localhost:{}/realms/one", listener.local_addr()?.port());
        let (state, router) = Self::parts();
        let key = PrivatePkcs8KeyDer::from(key).into();
        let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key)?;
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let server = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await?;
                let (acceptor, service) = (acceptor.clone(), TowerToHyperService::new(router.clone()));
                tokio::spawn(async move {
                    // A client that does not trust the certificate hangs up.
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Ok(Self::ready(issuer, state, server))
    }

    fn ready(issuer: String, state: Arc<Mutex<State>>, server: JoinHandle<std::io::Result<()>>) -> Self {
        let provider = Self { issuer, state, server };
        provider.replies(DISCOVERY, 200, &provider.document());
        provider.publishes(&[1]);
        provider
    }

    pub(crate) fn document(&self) -> Value {
        let base = self.issuer.trim_end_matches('/');
        json!({
            "issuer": self.issuer,
            "authorization_endpoint": format!("{base}/authorize"),
            "token_endpoint": format!("{base}{TOKEN}"),
            "userinfo_endpoint": format!("{base}{USER_INFO}"),
            "jwks_uri": format!("{base}{KEYS}"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["EdDSA"],
        })
    }

    /// What it answers from now on.
    pub(crate) fn replies(&self, path: &'static str, status: u16, body: &Value) {
        self.replies_with(path, status, "application/json", &body.to_string());
    }

    pub(crate) fn replies_with(&self, path: &'static str, status: u16, content_type: &'static str, body: &str) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.replies.insert(path, (status, content_type, body.to_owned()));
    }

    /// The public halves of these signing keys; a key's number is its `kid`.
    pub(crate) fn publishes(&self, numbers: &[u8]) {
        let key = |number: &u8| {
            let x = URL_SAFE_NO_PAD.encode(signing_key(*number).verifying_key().as_bytes());
            json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": number.to_string(), "x": x})
        };
        let keys: Vec<Value> = numbers.iter().map(key).collect();
        self.replies(KEYS, 200, &json!({"keys": keys}));
    }

    /// It gives this ID token for a code.
    pub(crate) fn hands_out(&self, id_token: &str) {
        self.replies(
            TOKEN,
            200,
            &json!({"access_token": "an-access-token", "token_type": "Bearer", "id_token": id_token}),
        );
    }

    pub(crate) fn asked(&self, path: &str) -> Vec<Asked> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.asked.iter().filter(|asked| asked.path == path).cloned().collect()
    }

    /// The claims of a right ID token, with an email.
    pub(crate) fn claims(&self, nonce: &str) -> Result<Value> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        Ok(json!({
            "iss": self.issuer, "sub": "1", "aud": CLIENT, "iat": now, "exp": now + 60,
            "nonce": nonce, "email": ACCOUNT,
        }))
    }

    /// Settings of a sandbox before it.
    pub(crate) fn choice(&self) -> ProviderChoice {
        external(&self.issuer)
    }

    /// A sandbox before it.
    pub(crate) async fn stand(&self) -> Result<Stand> {
        Stand::start_with(|settings| settings.provider = self.choice()).await
    }

    /// A whole sign-in, whose ID token has these changes (null takes a claim away).
    pub(crate) async fn sign_in(&self, stand: &Stand, changes: &Value) -> Result<Answer> {
        let begun = self.begin(stand, changes).await?;
        stand.call(LOGIN, &begun.login_body("code")).await
    }

    /// The same up to the return to the app.
    pub(crate) async fn begin(&self, stand: &Stand, changes: &Value) -> Result<Begun> {
        let begun = stand.begin(ACCOUNT).await?;
        let mut claims = self.claims(&begun.nonce)?;
        let all = claims.as_object_mut().context("no claims")?;
        for (name, value) in changes.as_object().into_iter().flatten() {
            all.insert(name.clone(), value.clone());
        }
        all.retain(|_, value| !value.is_null());
        self.hands_out(&signed(1, &claims));
        Ok(begun)
    }
}

pub(crate) fn external(issuer: &str) -> ProviderChoice {
    ProviderChoice::External {
        issuer: issuer.to_owned(),
        client_id: CLIENT.to_owned(),
        client_secret: "a secret of the client".to_owned(),
        authorities: None,
    }
}

pub(crate) fn signing_key(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

/// By this key, which the header names.
pub(crate) fn signed(key: u8, claims: &Value) -> String {
    signed_as(&json!({"alg": "EdDSA", "kid": key.to_string()}), key, claims)
}

pub(crate) fn signed_as(header: &Value, key: u8, claims: &Value) -> String {
    let head = URL_SAFE_NO_PAD.encode(header.to_string());
    let signed = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let signature = signing_key(key).sign(signed.as_bytes()).to_bytes();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}
