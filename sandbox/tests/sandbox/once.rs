//! States and codes are good once, and for one person.

use anyhow::Result;
use sandbox::{Endpoint, Fault, Times};
use serde_json::json;

use crate::stand::{LOGIN, REFRESH, Stand};

#[tokio::test]
async fn refuses_a_repeated_login() -> Result<()> {
    let stand = Stand::start().await?;
    let begun = stand.begin("admin@example.com").await?;
    let code = stand.code(&begun).await?;
    let body = begun.login_body(&code);
    stand.call(LOGIN, &body).await?.is(200, "A0000")?;
    stand.call(LOGIN, &body).await?.is(401, "A2002")
}

#[tokio::test]
async fn refuses_a_repeated_code_with_a_fresh_state() -> Result<()> {
    let stand = Stand::start().await?;
    let first = stand.begin("admin@example.com").await?;
    let code = stand.code(&first).await?;
    stand.call(LOGIN, &first.login_body(&code)).await?.is(200, "A0000")?;
    let second = stand.begin("admin@example.com").await?;
    let again = stand.call(LOGIN, &second.login_body(&code)).await?;
    again.is(401, "A2002")?;
    assert!(again.text.contains("does not accept this code"), "{}", again.text);
    Ok(())
}

#[tokio::test]
async fn a_state_is_used_up_by_a_failed_login() -> Result<()> {
    let stand = Stand::start().await?;
    let begun = stand.begin("admin@example.com").await?;
    let code = stand.code(&begun).await?;
    stand.call(LOGIN, &begun.login_body("made-up")).await?.is(401, "A2002")?;
    let again = stand.call(LOGIN, &begun.login_body(&code)).await?;
    again.is(401, "A2002")?;
    assert!(again.text.contains("state"), "{}", again.text);
    Ok(())
}

#[tokio::test]
async fn a_reported_error_is_a_rejection_and_uses_the_state_up() -> Result<()> {
    let stand = Stand::start().await?;
    let begun = stand.begin("admin@example.com").await?;
    let code = stand.code(&begun).await?;
    let mut report = begun.login_body("");
    report["error"] = true.into();
    report["error_description"] = "access_denied: no".into();
    let answer = stand.call(LOGIN, &report).await?;
    answer.is(401, "A2002")?;
    assert_eq!(answer.json()["status_message"], "Access Denied");
    stand.call(LOGIN, &begun.login_body(&code)).await?.is(401, "A2002")
}

#[tokio::test]
async fn a_faulty_api_answers_a_reported_error_with_a_session_and_a_code_as_usual() -> Result<()> {
    let stand = Stand::start().await?;
    let carried = "login.error-accepted@example.com";
    for (email, ordered) in [("admin@example.com", true), (carried, false)] {
        for reported in [true, false] {
            let begun = stand.begin(email).await?;
            let mut body = begun.login_body(&stand.code(&begun).await?);
            if reported {
                body["code"] = "".into();
                body["error"] = true.into();
                body["error_description"] = "access_denied: no".into();
            }
            if ordered {
                stand.sandbox.set_fault(Endpoint::Login, Fault::ErrorAccepted, Times::Once)?;
            }
            let answer = stand.call(LOGIN, &body).await?;
            answer.is(200, "A0000")?;
            stand.projects(&answer.field("token")?).await?.is(200, "A0000")?;
            let refresh = json!({"refresh_token": answer.field("refresh_token")?});
            stand.call(REFRESH, &refresh).await?.is(200, "A0000")?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn refuses_what_does_not_belong_to_the_state() -> Result<()> {
    let stand = Stand::start().await?;
    for (field, value) in
        [("state", json!("never-issued")), ("nonce", json!("another-nonce")), ("email", json!("other@example.com"))]
    {
        let begun = stand.begin("admin@example.com").await?;
        let code = stand.code(&begun).await?;
        let mut body = begun.login_body(&code);
        body[field] = value;
        let answer = stand.call(LOGIN, &body).await?;
        answer.is(401, "A2002")?;
        assert!(answer.text.contains(field), "{field}: {}", answer.text);
    }
    Ok(())
}

#[tokio::test]
async fn refuses_another_person_than_the_one_who_began() -> Result<()> {
    let stand = Stand::start().await?;
    let mut begun = stand.begin("admin@example.com").await?;
    begun.email = "other@example.com".to_owned();
    let code = stand.code(&begun).await?;
    begun.email = "admin@example.com".to_owned();
    let answer = stand.call(LOGIN, &begun.login_body(&code)).await?;
    answer.is(401, "A2002")?;
    assert!(answer.text.contains("another user"), "{}", answer.text);
    Ok(())
}

#[tokio::test]
async fn refuses_an_id_token_with_another_nonce() -> Result<()> {
    let stand = Stand::start().await?;
    let mut begun = stand.begin("admin@example.com").await?;
    let marked = format!("nonce={}", begun.nonce);
    begun.redirect = begun.redirect.replace(&marked, "nonce=of-somebody-else");
    let code = stand.code(&begun).await?;
    let answer = stand.call(LOGIN, &begun.login_body(&code)).await?;
    answer.is(401, "A2002")?;
    assert!(answer.text.contains("nonce"), "{}", answer.text);
    Ok(())
}
