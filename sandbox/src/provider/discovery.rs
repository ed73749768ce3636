//! The discovery document (OpenID Connect Discovery §3) and the public keys.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::Sandbox;

pub(super) async fn document(State(sandbox): State<Sandbox>) -> Json<Value> {
    let issuer = &sandbox.provider_state().issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
        "scopes_supported": ["openid", "email"],
        "claims_supported": ["sub", "email", "email_verified"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
    }))
}

pub(super) async fn keys(State(sandbox): State<Sandbox>) -> Json<Value> {
    Json(json!({"keys": [sandbox.provider_state().signer.public_key()]}))
}
