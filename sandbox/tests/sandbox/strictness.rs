//! What contract §1 does not allow is refused, with a message that names it.

use anyhow::Result;
use reqwest::Method;
use serde_json::{Value, json};

use crate::stand::{INITIATE, KEY, LOGIN, LOGOUT, PROJECTS, REFRESH, Stand, send};

const CALLS: [&str; 4] = [INITIATE, LOGIN, REFRESH, LOGOUT];

fn good_body(path: &str) -> Value {
    match path {
        INITIATE => json!({"username": "admin@example.com"}),
        LOGIN => json!({
            "state": "s", "nonce": "n", "email": "admin@example.com",
            "code": "c", "error": false, "error_description": {},
        }),
        _ => json!({"refresh_token": "a.b.c"}),
    }
}

#[tokio::test]
async fn every_field_is_needed_and_none_is_added() -> Result<()> {
    let stand = Stand::start().await?;
    for path in CALLS {
        let good = good_body(path);
        for field in good.as_object().into_iter().flat_map(|fields| fields.keys()) {
            let mut body = good.clone();
            body.as_object_mut().map(|fields| fields.remove(field));
            names(&stand, path, &body, field).await?;
        }
        let mut body = good.clone();
        body["surplus"] = "x".into();
        names(&stand, path, &body, "surplus").await?;
    }
    Ok(())
}

#[tokio::test]
async fn every_field_has_its_type() -> Result<()> {
    let stand = Stand::start().await?;
    let wrong = [json!(7), json!(null), json!([]), json!({"a": 1}), json!("")];
    for path in CALLS {
        let good = good_body(path);
        for field in good.as_object().into_iter().flat_map(|fields| fields.keys()) {
            for value in &wrong {
                let mut body = good.clone();
                body[field] = value.clone();
                names(&stand, path, &body, field).await?;
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn code_error_and_description_tell_one_story() -> Result<()> {
    let stand = Stand::start().await?;
    let table = [
        ("c", json!(false), json!("text"), "error_description"),
        ("c", json!(false), json!(""), "error_description"),
        ("", json!(false), json!({}), "code"),
        ("", json!(true), json!({}), "error_description"),
        ("", json!(true), json!(""), "error_description"),
        ("c", json!(true), json!("text"), "code"),
        ("c", json!("false"), json!({}), "error"),
    ];
    for (code, error, description, field) in table {
        let mut body = good_body(LOGIN);
        body["code"] = code.into();
        body["error"] = error;
        body["error_description"] = description;
        names(&stand, LOGIN, &body, field).await?;
    }
    Ok(())
}

#[tokio::test]
async fn usernames_are_email_addresses() -> Result<()> {
    let stand = Stand::start().await?;
    let long = format!("{}@example.com", "a".repeat(243));
    for username in ["admin", "@example.com", "admin@", "a@b@c", "a b@c", long.as_str()] {
        names(&stand, INITIATE, &json!({"username": username}), "username").await?;
    }
    let longest = format!("{}@example.com", "a".repeat(242));
    let answer = stand.call(INITIATE, &json!({"username": longest})).await?;
    answer.is(200, "A0000")
}

async fn names(stand: &Stand, path: &str, body: &Value, field: &str) -> Result<()> {
    let answer = stand.call(path, body).await?;
    answer.is(400, "A4000")?;
    let message = answer.field("status_message")?;
    assert!(
        message.starts_with(&format!("{field}:")) || message.contains(&format!("`{field}`")),
        "{path} {body}: {message}"
    );
    Ok(())
}

#[tokio::test]
async fn the_api_key_must_be_there_and_right() -> Result<()> {
    let stand = Stand::start().await?;
    for path in CALLS {
        for authorization in ["", "Bearer wrong", "Bearer ", "Basic c2FuZGJveA==", KEY] {
            let request = stand.request(Method::POST, path).json(&good_body(path));
            let request = match authorization {
                "" => request,
                value => request.header("Authorization", value),
            };
            send(request).await?.is(401, "A2001")?;
        }
    }
    let twice = stand.request(Method::POST, INITIATE).json(&good_body(INITIATE));
    send(twice.bearer_auth(KEY).bearer_auth(KEY)).await?.is(401, "A2001")
}

#[tokio::test]
async fn the_content_type_must_be_json() -> Result<()> {
    let stand = Stand::start().await?;
    let body = good_body(INITIATE).to_string();
    let table = [
        (Some("application/json"), 200),
        (Some("application/json; charset=utf-8"), 200),
        (Some("text/plain"), 400),
        (Some("application/x-www-form-urlencoded"), 400),
        (Some("application/json; charset=latin1"), 400),
        (None, 400),
    ];
    for (content_type, status) in table {
        let request = stand.request(Method::POST, INITIATE).bearer_auth(KEY);
        let request = match content_type {
            Some(value) => request.header("Content-Type", value),
            None => request,
        };
        let answer = send(request.body(body.clone())).await?;
        assert_eq!(answer.status, status, "{content_type:?}");
    }
    Ok(())
}

#[tokio::test]
async fn bodies_are_one_json_value_of_at_most_64_kib() -> Result<()> {
    let stand = Stand::start().await?;
    let good = good_body(INITIATE).to_string();
    let padded = |length: usize| format!("{good}{}", " ".repeat(length - good.len()));
    let table = [
        (padded(65_536), 200),
        (padded(65_537), 413),
        (format!("{good}{good}"), 400),
        ("nonsense".to_owned(), 400),
        (String::new(), 400),
        ("[]".to_owned(), 400),
        (r#"{"username":"a@b.c","username":"a@b.c"}"#.to_owned(), 400),
    ];
    for (body, status) in table {
        let request = stand.request(Method::POST, INITIATE).bearer_auth(KEY);
        let request = request.header("Content-Type", "application/json");
        let start: String = body.chars().take(80).collect();
        let answer = send(request.body(body)).await?;
        assert_eq!(answer.status, status, "{start}");
        if status != 200 {
            answer.is(status, "A4000")?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn other_methods_and_paths_are_refused() -> Result<()> {
    let stand = Stand::start().await?;
    for path in CALLS {
        for method in [Method::GET, Method::PUT, Method::DELETE, Method::OPTIONS] {
            let request = stand.request(method, path).bearer_auth(KEY);
            send(request).await?.is(405, "A4000")?;
        }
    }
    send(stand.request(Method::POST, PROJECTS)).await?.is(405, "A4000")?;
    send(stand.request(Method::GET, "/v1/admin/nothing")).await?.is(404, "A4000")
}

#[tokio::test]
async fn projects_want_an_access_token_and_a_sensible_limit() -> Result<()> {
    let stand = Stand::start().await?;
    let access = stand.sign_in("admin@example.com").await?.access;
    send(stand.request(Method::GET, PROJECTS)).await?.is(401, "A2001")?;
    stand.projects(KEY).await?.is(401, "A2001")?;
    for (query, length) in [("?limit=1", 1), ("?limit=24", 24), ("?limit=99", 24), ("", 24)] {
        let path = format!("/v1/admin/projects{query}");
        let answer = send(stand.request(Method::GET, &path).bearer_auth(&access)).await?;
        answer.is(200, "A0000")?;
        let results = answer.json()["results"].as_array().map(Vec::len);
        assert_eq!(results, Some(length), "{query}");
    }
    for query in ["?limit=0", "?limit=-1", "?limit=x", "?limit=", "?other=1", "?limit=1&limit=1"] {
        let path = format!("/v1/admin/projects{query}");
        let answer = send(stand.request(Method::GET, &path).bearer_auth(&access)).await?;
        answer.is(400, "A4000")?;
        assert!(answer.text.contains("limit"), "{query}");
    }
    Ok(())
}
