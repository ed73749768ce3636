//! A whole session, from initiate to the end.

use std::time::Duration;

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sandbox::Server;
use serde_json::{Value, json};

use crate::stand::{LOGIN, LOGOUT, REFRESH, Stand, query};

#[tokio::test]
async fn a_session_begins_is_renewed_and_ends() -> Result<()> {
    let stand = Stand::start().await?;
    let begun = stand.begin("admin@example.com").await?;

    let sent = query(&begun.redirect)?;
    let found = |name: &str| sent.get(name).map(String::as_str);
    assert!(begun.redirect.starts_with(&format!("{}/authorize?", stand.provider)));
    assert_eq!(found("state"), Some(begun.state.as_str()));
    assert_eq!(found("nonce"), Some(begun.nonce.as_str()));
    assert_eq!(found("response_type"), Some("code"));
    assert_eq!(found("scope"), Some("openid email"));
    assert_eq!(found("login_hint"), Some("admin@example.com"));
    assert_eq!(found("redirect_uri"), Some("http://localhost:3000/login/sso_callback"));
    assert!(found("client_id").is_some_and(|id| !id.is_empty()));

    let location = stand.press(&begun.redirect, &begun.email, "", "sign-in").await?;
    let back = query(&location)?;
    assert!(location.starts_with("http://localhost:3000/login/sso_callback?"));
    assert_eq!(back.len(), 2, "code and state alone: {location}");
    assert_eq!(back.get("state"), Some(&begun.state));
    let code = back.get("code").context("no code")?;

    let login = stand.call(LOGIN, &begun.login_body(code)).await?;
    login.is(200, "A0000")?;
    let (access, refresh) = (login.field("token")?, login.field("refresh_token")?);

    let projects = stand.projects(&access).await?;
    projects.is(200, "A0000")?;
    assert_eq!(projects.json()["count"], 24);
    let results = projects.json()["results"].clone();
    assert_eq!(results.as_array().map(Vec::len), Some(12));
    assert!(results[0]["key"].as_str().is_some_and(|key| key.starts_with("prj-")));
    assert!(results[0]["name"].is_string());

    let body = json!({"refresh_token": refresh});
    let refreshed = stand.call(REFRESH, &body).await?;
    refreshed.is(200, "A0000")?;
    let renewed = refreshed.field("token")?;
    assert_ne!(renewed, access);
    assert!(refreshed.json()["refresh_token"].is_null());
    stand.projects(&renewed).await?.is(200, "A0000")?;

    stand.call(LOGOUT, &body).await?.is(200, "A0000")?;
    stand.call(REFRESH, &body).await?.is(401, "A2003")?;
    stand.call(LOGOUT, &body).await?.is(401, "A2003")?;
    Ok(())
}

#[tokio::test]
async fn tokens_are_jwts_with_the_lives_that_were_set() -> Result<()> {
    let stand = Stand::start().await?;
    let usual = stand.sign_in("admin@example.com").await?;
    assert_eq!(life(&usual.access)?, 15 * 60);
    assert_eq!(life(&usual.refresh)?, 24 * 60 * 60);

    let seconds = Duration::from_secs;
    stand.sandbox.set_lifetimes(seconds(2), seconds(60));
    let short = stand.sign_in("admin@example.com").await?;
    assert_eq!(life(&short.access)?, 2);
    assert_eq!(life(&short.refresh)?, 60);
    let (one, other) = (claims(&usual.access)?, claims(&short.access)?);
    assert_eq!(one["sub"], "admin@example.com");
    assert_ne!(one["jti"], other["jti"]);
    Ok(())
}

#[tokio::test]
async fn expired_tokens_are_refused() -> Result<()> {
    let stand = Stand::start_with(|settings| {
        settings.access_token_life = Duration::ZERO;
        settings.refresh_token_life = Duration::ZERO;
    })
    .await?;
    let tokens = stand.sign_in("admin@example.com").await?;
    stand.projects(&tokens.access).await?.is(401, "A2001")?;
    let body = json!({"refresh_token": tokens.refresh});
    stand.call(REFRESH, &body).await?.is(401, "A2003")
}

#[tokio::test]
async fn revoked_sessions_are_over_and_later_ones_are_not() -> Result<()> {
    let stand = Stand::start().await?;
    let old = stand.sign_in("admin@example.com").await?;
    stand.sandbox.revoke_sessions();
    let new = stand.sign_in("admin@example.com").await?;
    let old = json!({"refresh_token": old.refresh});
    let new = json!({"refresh_token": new.refresh});
    stand.call(REFRESH, &old).await?.is(401, "A2003")?;
    stand.call(REFRESH, &new).await?.is(200, "A0000")
}

#[tokio::test]
async fn neither_token_passes_for_the_other_nor_does_a_forged_one() -> Result<()> {
    let stand = Stand::start().await?;
    let elsewhere = Stand::start().await?.sign_in("admin@example.com").await?;
    let tokens = stand.sign_in("admin@example.com").await?;
    let (signed, _) = tokens.access.rsplit_once('.').context("not a JWT")?;
    let (_, signature) = tokens.refresh.rsplit_once('.').context("not a JWT")?;
    let forged = format!("{signed}.{signature}");
    for access in [&tokens.refresh, &elsewhere.access, &forged] {
        stand.projects(access).await?.is(401, "A2001")?;
    }
    for refresh in [&tokens.access, &elsewhere.refresh] {
        let body = json!({"refresh_token": refresh});
        stand.call(REFRESH, &body).await?.is(401, "A2002")?;
    }
    Ok(())
}

#[tokio::test]
async fn everything_that_came_in_is_on_record() -> Result<()> {
    let stand = Stand::start().await?;
    let tokens = stand.sign_in("admin@example.com").await?;
    stand.projects(&tokens.access).await?;
    let received = stand.sandbox.received();
    let log: Vec<(Server, &str, &str)> =
        received.iter().map(|request| (request.server, request.method.as_str(), request.path.as_str())).collect();
    let expected = [
        (Server::Api, "POST", "/v1/admin/auth/sso/initiate"),
        (Server::Provider, "GET", "/.well-known/openid-configuration"),
        (Server::Provider, "GET", "/jwks"),
        (Server::Provider, "GET", "/authorize"),
        (Server::Provider, "POST", "/authorize"),
        (Server::Api, "POST", LOGIN),
        (Server::Provider, "POST", "/token"),
        (Server::Api, "GET", "/v1/admin/projects"),
    ];
    assert_eq!(log, expected);
    let last = received.last().context("nothing")?;
    assert_eq!(last.query.as_deref(), Some("limit=12"));
    assert_eq!(last.answered, Some(200));
    let bearer = format!("Bearer {}", tokens.access);
    assert_eq!(last.header("authorization"), Some(bearer.as_str()));
    assert_eq!(received[0].body, r#"{"username":"admin@example.com"}"#);
    let printed = format!("{received:?}");
    assert!(!printed.contains(&tokens.access), "tokens are not printed");

    stand.sandbox.forget_received();
    assert!(stand.sandbox.received().is_empty());
    Ok(())
}

fn claims(token: &str) -> Result<Value> {
    let payload = token.split('.').nth(1).context("not a JWT")?;
    Ok(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload)?)?)
}

fn life(token: &str) -> Result<u64> {
    let claims = claims(token)?;
    let (iat, exp) = (claims["iat"].as_u64(), claims["exp"].as_u64());
    Ok(exp.context("no exp")? - iat.context("no iat")?)
}
