//! The control endpoints do over HTTP what the handle does in process.

use anyhow::Result;
use reqwest::Method;
use sandbox::Endpoint;
use serde_json::{Value, json};

use crate::stand::{Answer, INITIATE, REFRESH, Stand, send};

async fn post(stand: &Stand, path: &str, body: &Value) -> Result<Answer> {
    send(stand.request(Method::POST, path).json(body)).await
}

#[tokio::test]
async fn the_record_is_read_and_emptied() -> Result<()> {
    let stand = Stand::start().await?;
    stand.call(INITIATE, &json!({"username": "admin@example.com"})).await?;
    let answer = send(stand.request(Method::GET, "/sandbox/requests")).await?;
    let first = answer.json()[0].clone();
    assert_eq!(first["server"], "api");
    assert_eq!(first["method"], "POST");
    assert_eq!(first["path"], INITIATE);
    assert_eq!(first["answered"], 200);
    assert_eq!(first["body"], r#"{"username":"admin@example.com"}"#);

    let forget = send(stand.request(Method::DELETE, "/sandbox/requests")).await?;
    assert_eq!(forget.status, 204);
    let answer = send(stand.request(Method::GET, "/sandbox/requests")).await?;
    assert_eq!(answer.text, "[]", "asking for the record is not on record");
    Ok(())
}

#[tokio::test]
async fn faults_are_ordered_and_taken_back() -> Result<()> {
    let stand = Stand::start().await?;
    let good = stand.good_request(Endpoint::Projects, "admin@example.com").await?;
    for (times, failures) in [(json!("once"), 1), (json!(2), 2), (Value::Null, 1)] {
        let mut order = json!({"endpoint": "projects", "fault": "server-error"});
        if !times.is_null() {
            order["times"] = times;
        }
        assert_eq!(post(&stand, "/sandbox/faults", &order).await?.status, 204);
        for _ in 0..failures {
            stand.send(&good).await?.is(500, "A5000")?;
        }
        stand.send(&good).await?.is(200, "A0000")?;
    }
    let always = json!({"endpoint": "projects", "fault": "over", "times": "always"});
    assert_eq!(post(&stand, "/sandbox/faults", &always).await?.status, 204);
    stand.send(&good).await?.is(401, "A2003")?;
    let clear = send(stand.request(Method::DELETE, "/sandbox/faults")).await?;
    assert_eq!(clear.status, 204);
    stand.send(&good).await?.is(200, "A0000")
}

#[tokio::test]
async fn orders_that_make_no_sense_are_refused() -> Result<()> {
    let stand = Stand::start().await?;
    for (order, named) in [
        (json!({"endpoint": "nowhere", "fault": "slow"}), "endpoint"),
        (json!({"endpoint": "login", "fault": "wrong-state"}), "fault"),
        (json!({"endpoint": "login", "fault": "slow", "times": "twice"}), "times"),
        (json!({"endpoint": "login", "fault": "slow", "times": -1}), "times"),
        (json!({"endpoint": "login"}), "fault"),
        (json!({"endpoint": "login", "fault": "slow", "more": 1}), "more"),
    ] {
        let answer = post(&stand, "/sandbox/faults", &order).await?;
        answer.is(400, "A4000")?;
        assert!(answer.text.contains(named), "{order}: {}", answer.text);
    }
    Ok(())
}

#[tokio::test]
async fn lives_are_set_and_sessions_revoked() -> Result<()> {
    let stand = Stand::start().await?;
    let lives = json!({"access_seconds": 0, "refresh_seconds": 600});
    assert_eq!(post(&stand, "/sandbox/lifetimes", &lives).await?.status, 204);
    let tokens = stand.sign_in("admin@example.com").await?;
    stand.projects(&tokens.access).await?.is(401, "A2001")?;

    let body = json!({"refresh_token": tokens.refresh});
    stand.call(REFRESH, &body).await?.is(200, "A0000")?;
    let revoke = post(&stand, "/sandbox/revoke", &json!({})).await?;
    assert_eq!(revoke.status, 204);
    stand.call(REFRESH, &body).await?.is(401, "A2003")
}
