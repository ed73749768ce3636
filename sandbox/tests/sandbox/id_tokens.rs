//! In front of another provider: the ID token decides, and nothing about it may be wrong (OpenID Connect Core §3.1.3.7).

use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use sandbox::{ProviderChoice, serve};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::stand::{INITIATE, LOGIN, Stand};

const ACCOUNT: &str = "admin@example.com";

/// A provider that hands out whatever ID token it was given.
struct OtherProvider {
    issuer: String,
    key: SigningKey,
    id_token: Arc<Mutex<String>>,
}

impl OtherProvider {
    async fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let issuer = format!("http://localhost:{}/realms/one/", listener.local_addr()?.port());
        let key = SigningKey::from_bytes(&[7; 32]);
        let id_token = Arc::new(Mutex::new(String::new()));
        let document = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}authorize"),
            "token_endpoint": format!("{issuer}token"),
            "jwks_uri": format!("{issuer}jwks"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["EdDSA"],
        });
        let x = URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes());
        let keys =
            json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": "1", "x": x}]});
        let token = id_token.clone();
        let exchange = move || async move {
            let id_token = token.lock().map(|token| token.clone()).unwrap_or_default();
            Json(json!({"access_token": "x", "token_type": "Bearer", "id_token": id_token}))
        };
        let router = Router::new()
            .route("/realms/one/.well-known/openid-configuration", get(move || async move { Json(document) }))
            .route("/realms/one/jwks", get(move || async move { Json(keys) }))
            .route("/realms/one/token", post(exchange));
        tokio::spawn(serve(listener, router, std::future::pending()));
        Ok(Self { issuer, key, id_token })
    }

    fn claims(&self, nonce: &str) -> Result<Value> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        Ok(json!({
            "iss": self.issuer, "sub": "1", "aud": "a client", "iat": now, "exp": now + 60,
            "nonce": nonce, "email": ACCOUNT,
        }))
    }

    fn hands_out(&self, id_token: String) {
        if let Ok(mut current) = self.id_token.lock() {
            *current = id_token;
        }
    }
}

fn signed(key: &SigningKey, claims: &Value) -> String {
    let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"EdDSA","kid":"1"}"#);
    let signed = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let signature = key.sign(signed.as_bytes()).to_bytes();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

async fn stand_before(issuer: &str) -> Result<Stand> {
    let provider = ProviderChoice::External {
        issuer: issuer.to_owned(),
        client_id: "a client".to_owned(),
        client_secret: "a secret".to_owned(),
    };
    Stand::start_with(|settings| settings.provider = provider).await
}

#[tokio::test]
async fn only_a_right_id_token_signs_in() -> Result<()> {
    let provider = OtherProvider::start().await?;
    let stand = stand_before(&provider.issuer).await?;
    let changes: [(&str, Value, &str); 8] = [
        ("", Value::Null, ""),
        ("iss", json!("http://localhost:1"), "issuer"),
        ("aud", json!("another client"), "client"),
        ("exp", json!(1_000_000_000), "expired"),
        ("nonce", json!("another"), "nonce"),
        ("nonce", Value::Null, "nonce"),
        ("email", json!("other@example.com"), "another person"),
        ("email", Value::Null, "email"),
    ];
    for (claim, value, named) in changes {
        let begun = stand.begin(ACCOUNT).await?;
        assert!(begun.redirect.starts_with(&format!("{}authorize?", provider.issuer)));
        let mut claims = provider.claims(&begun.nonce)?;
        if !claim.is_empty() {
            claims[claim] = value;
        }
        provider.hands_out(signed(&provider.key, &claims));
        let answer = stand.call(LOGIN, &begun.login_body("code")).await?;
        if claim.is_empty() {
            answer.is(200, "A0000")?;
        } else {
            answer.is(401, "A2002").with_context(|| claim.to_owned())?;
            assert!(answer.text.contains(named), "{claim}: {}", answer.text);
        }
    }
    Ok(())
}

#[tokio::test]
async fn only_the_provider_can_have_signed_it() -> Result<()> {
    let provider = OtherProvider::start().await?;
    let stand = stand_before(&provider.issuer).await?;
    let other_key = SigningKey::from_bytes(&[8; 32]);
    for forgery in ["other key", "changed claims", "no algorithm"] {
        let begun = stand.begin(ACCOUNT).await?;
        let claims = provider.claims(&begun.nonce)?;
        let good = signed(&provider.key, &claims);
        let (head, signature) =
            (good.split('.').next().context("no head")?, good.rsplit('.').next().context("no signature")?);
        let token = match forgery {
            "other key" => signed(&other_key, &claims),
            "changed claims" => {
                let mut changed = claims.clone();
                changed["sub"] = "2".into();
                format!("{head}.{}.{signature}", URL_SAFE_NO_PAD.encode(changed.to_string()))
            }
            _ => {
                let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
                format!("{head}.{}.", URL_SAFE_NO_PAD.encode(claims.to_string()))
            }
        };
        provider.hands_out(token);
        let answer = stand.call(LOGIN, &begun.login_body("code")).await?;
        assert!(!answer.status.is_success(), "{forgery}: {}", answer.text);
        assert!(!answer.text.contains("\"token\""), "{forgery}");
    }
    Ok(())
}

#[tokio::test]
async fn a_provider_that_cannot_be_used_is_the_servers_failure() -> Result<()> {
    let nobody = stand_before("http://localhost:1").await?;
    let body = json!({"username": ACCOUNT});
    nobody.call(INITIATE, &body).await?.is(500, "A5000")?;

    let built_in = Stand::start().await?;
    let wrong_client = stand_before(&built_in.provider).await?;
    let begun = wrong_client.begin(ACCOUNT).await?;
    let answer = wrong_client.call(LOGIN, &begun.login_body("code")).await?;
    answer.is(500, "A5000")?;
    assert!(answer.text.contains("client ID"), "{}", answer.text);
    Ok(())
}
