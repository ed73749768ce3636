//! Cross-origin use, only for the origins that were allowed.

use anyhow::Result;
use reqwest::Method;
use sandbox::{Endpoint, Fault, Sandbox, Settings, Times};
use serde_json::json;

use crate::stand::{INITIATE, KEY, Stand, send};

const APP: &str = "http://localhost:3000";

async fn stand() -> Result<Stand> {
    Stand::start_with(|settings| settings.allowed_origins = vec![APP.to_owned()]).await
}

#[tokio::test]
async fn an_allowed_origin_may_ask_and_read() -> Result<()> {
    let stand = stand().await?;
    let preflight = stand
        .request(Method::OPTIONS, INITIATE)
        .header("Origin", APP)
        .header("Access-Control-Request-Method", "POST")
        .header("Access-Control-Request-Headers", "authorization,content-type");
    let answer = send(preflight).await?;
    assert!(answer.status.is_success());
    assert_eq!(answer.header("access-control-allow-origin"), Some(APP));
    let headers = answer.header("access-control-allow-headers").unwrap_or_default();
    assert!(headers.contains("authorization") && headers.contains("content-type"));
    let methods = answer.header("access-control-allow-methods").unwrap_or_default();
    assert!(methods.contains("GET") && methods.contains("POST"));

    stand.sandbox.set_fault(Endpoint::Initiate, Fault::RateLimited, Times::Once)?;
    let call = stand.request(Method::POST, INITIATE).header("Origin", APP);
    let call = call.bearer_auth(KEY).json(&json!({"username": "admin@example.com"}));
    let answer = send(call).await?;
    answer.is(429, "A5001")?;
    assert_eq!(answer.header("access-control-allow-origin"), Some(APP));
    assert_eq!(answer.header("access-control-expose-headers"), Some("retry-after"));

    let seen: Vec<String> = stand.sandbox.received().into_iter().map(|r| r.method).collect();
    assert_eq!(seen, ["OPTIONS", "POST"], "preflights are on record");
    Ok(())
}

#[tokio::test]
async fn other_origins_get_no_permission() -> Result<()> {
    let open = stand().await?;
    let closed = Stand::start().await?;
    for (stand, origin) in [(&open, "http://localhost:4000"), (&closed, APP)] {
        for method in [Method::OPTIONS, Method::POST] {
            let request = stand.request(method, INITIATE).header("Origin", origin);
            let request = request.header("Access-Control-Request-Method", "POST");
            let answer = send(request).await?;
            assert_eq!(answer.header("access-control-allow-origin"), None);
        }
    }
    Ok(())
}

#[tokio::test]
async fn the_control_endpoints_are_never_shared() -> Result<()> {
    let stand = stand().await?;
    let request = stand.request(Method::GET, "/sandbox/requests").header("Origin", APP);
    let answer = send(request).await?;
    assert_eq!(answer.header("access-control-allow-origin"), None);
    Ok(())
}

#[test]
fn what_is_not_an_origin_is_refused_at_start() {
    for wrong in ["localhost:3000", "http://localhost:3000/", "http://localhost/app", "*", "null"] {
        let settings = Settings { allowed_origins: vec![wrong.to_owned()], ..Settings::default() };
        assert!(Sandbox::new(settings).is_err(), "{wrong}");
    }
}
