//! Every fault of the API answers what its name says, at every endpoint, and uses nothing up.

use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, Result, ensure};
use sandbox::{Endpoint, FAULTS, Fault, Scope, Times};
use serde_json::Value;

use crate::stand::{Answer, Good, Stand};

const API: [Endpoint; 5] =
    [Endpoint::Initiate, Endpoint::Login, Endpoint::Projects, Endpoint::Refresh, Endpoint::Logout];

#[tokio::test]
async fn ordered_faults_do_what_their_names_say_and_the_same_request_succeeds_afterwards() -> Result<()> {
    let stand = Stand::start().await?;
    for row in FAULTS.iter().filter(|row| row.scope == Scope::Api) {
        for endpoint in API {
            let context = || format!("{}.{}", endpoint.name(), row.fault.name());
            let good = stand.good_request(endpoint, "admin@example.com").await?;
            stand.sandbox.set_fault(endpoint, row.fault, Times::Once)?;
            meets(&stand, &good, endpoint, row.fault).await.with_context(context)?;
            if row.fault != Fault::Slow {
                let after = stand.send(&good).await?;
                after.is(200, "A0000").with_context(context)?;
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn accounts_carry_faults_to_their_endpoint_alone() -> Result<()> {
    let stand = Stand::start().await?;
    for endpoint in API {
        let faulty = format!("{}.server-error@example.com", endpoint.name());
        let good = stand.good_request(endpoint, &faulty).await?;
        let answer = stand.send(&good).await?;
        answer.is(500, "A5000").with_context(|| faulty.clone())?;
        stand.send(&good).await?.is(500, "A5000")?;
    }
    for harmless in [
        "login.server-error@example.org",
        "login.nonsense@example.com",
        "server-error@example.com",
        "login@example.com",
    ] {
        stand.sign_in(harmless).await.context(harmless)?;
    }
    Ok(())
}

#[tokio::test]
async fn orders_are_met_one_after_the_other() -> Result<()> {
    let stand = Stand::start().await?;
    let sandbox = &stand.sandbox;
    let good = stand.good_request(Endpoint::Projects, "admin@example.com").await?;
    sandbox.set_fault(Endpoint::Projects, Fault::ServerError, Times::Count(2))?;
    sandbox.set_fault(Endpoint::Projects, Fault::Rejected, Times::Once)?;
    sandbox.set_fault(Endpoint::Refresh, Fault::Rejected, Times::Always)?;
    for (status, code) in [(500, "A5000"), (500, "A5000"), (401, "A2002"), (200, "A0000")] {
        stand.send(&good).await?.is(status, code)?;
    }
    sandbox.set_fault(Endpoint::Projects, Fault::Over, Times::Always)?;
    for _ in 0..3 {
        stand.send(&good).await?.is(401, "A2003")?;
    }
    sandbox.set_fault(Endpoint::Projects, Fault::Invalid, Times::Always)?;
    stand.send(&good).await?.is(400, "A4000")?;
    sandbox.clear_faults();
    stand.send(&good).await?.is(200, "A0000")
}

#[tokio::test]
async fn faults_that_an_endpoint_has_not_cannot_be_ordered() -> Result<()> {
    let stand = Stand::start().await?;
    let order = |endpoint, fault| stand.sandbox.set_fault(endpoint, fault, Times::Once);
    assert!(order(Endpoint::Login, Fault::WrongState).is_err());
    assert!(order(Endpoint::Callback, Fault::Hang).is_err());
    assert!(order(Endpoint::Initiate, Fault::WrongState).is_ok());
    Ok(())
}

#[tokio::test]
async fn a_fault_does_not_hide_a_malformed_request() -> Result<()> {
    let stand = Stand::start().await?;
    stand.sandbox.set_fault(Endpoint::Initiate, Fault::Hang, Times::Always)?;
    let answer = stand.call("/v1/admin/auth/sso/initiate", &Value::Null).await?;
    answer.is(400, "A4000")
}

async fn meets(stand: &Stand, good: &Good, endpoint: Endpoint, fault: Fault) -> Result<()> {
    match fault {
        Fault::Slow => {
            let start = Instant::now();
            stand.send(good).await?.is(200, "A0000")?;
            ensure!(start.elapsed() >= Duration::from_millis(300), "not slow");
        }
        Fault::Hang => {
            let wait = Duration::from_millis(300);
            ensure!(tokio::time::timeout(wait, stand.send(good)).await.is_err(), "answered");
            ensure!(answered(stand) == Some(None), "not on record without an answer");
        }
        Fault::Drop => {
            ensure!(stand.raw(&good.raw()).await?.is_empty(), "bytes came");
            ensure!(answered(stand) == Some(None), "not on record without an answer");
        }
        Fault::Truncated => {
            let text = String::from_utf8(stand.raw(&good.raw()).await?)?;
            let (head, body) = text.split_once("\r\n\r\n").context("no head")?;
            ensure!(head.starts_with("HTTP/1.1 200"), "{head}");
            let promised = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let promised: usize = promised.context("no length")?.parse()?;
            ensure!(!body.is_empty() && body.len() < promised, "{} of {promised}", body.len());
            ensure!(answered(stand) == Some(Some(200)), "not on record");
            stand.sandbox.set_fault(endpoint, Fault::Truncated, Times::Once)?;
            ensure!(stand.send(good).await.is_err(), "a client takes it for whole");
        }
        _ => says(&stand.send(good).await?, endpoint, fault)?,
    }
    Ok(())
}

fn answered(stand: &Stand) -> Option<Option<u16>> {
    stand.sandbox.received().last().map(|request| request.answered)
}

fn says(answer: &Answer, endpoint: Endpoint, fault: Fault) -> Result<()> {
    let json = answer.json();
    let retry_after = answer.header("retry-after");
    match fault {
        Fault::ServerError => answer.is(500, "A5000")?,
        Fault::BadGateway => {
            ensure!(answer.status == 502 && answer.text.starts_with("<!doctype html>"));
            ensure!(json.is_null() && answer.header("content-type") == Some("text/html"));
        }
        Fault::RateLimited => {
            answer.is(429, "A5001")?;
            ensure!(retry_after == Some("30"));
        }
        Fault::RateLimitedDate => {
            answer.is(429, "A5001")?;
            let date = httpdate::parse_http_date(retry_after.context("no header")?)?;
            let ahead = date.duration_since(SystemTime::now())?.as_secs();
            ensure!((110..=120).contains(&ahead), "{ahead} s ahead");
        }
        Fault::RateLimitedSilent => {
            answer.is(429, "A5001")?;
            ensure!(retry_after.is_none());
        }
        Fault::Rejected => {
            answer.is(401, "A2002")?;
            ensure!(json["status_message"] == "Access Denied");
        }
        Fault::Forbidden => {
            answer.is(403, "A2100")?;
            ensure!(json["detail"].is_string() && json["status_message"].is_null());
        }
        Fault::Invalid => answer.is(400, "A4000")?,
        Fault::Over => answer.is(401, "A2003")?,
        Fault::Rubbish => ensure!(answer.status == 200 && json.is_null(), "{}", answer.text),
        Fault::Oversized => {
            answer.is(200, "A0000")?;
            ensure!(answer.text.len() > 65_536);
            ensure!(has_its_fields(&json, endpoint), "an ordinary success otherwise");
        }
        Fault::Redirected => {
            ensure!(answer.status == 302);
            ensure!(answer.header("location").is_some_and(|to| !to.is_empty()));
        }
        Fault::OddCode => {
            answer.is(200, "B0000")?;
            ensure!(has_its_fields(&json, endpoint));
        }
        Fault::MissingField if endpoint == Endpoint::Logout => ensure!(answer.text == "{}"),
        Fault::MissingField => {
            answer.is(200, "A0000")?;
            ensure!(json.as_object().is_some_and(|fields| fields.len() == 2), "{json}");
        }
        Fault::WrongType => {
            ensure!(answer.status == 200);
            ensure!(match endpoint {
                Endpoint::Initiate => json["state"].is_number(),
                Endpoint::Login | Endpoint::Refresh => json["token"].is_number(),
                Endpoint::Projects => json["count"].is_string(),
                Endpoint::Logout | Endpoint::Callback | Endpoint::Token => json["status_code"].is_number(),
            });
        }
        Fault::Markup => {
            answer.is(401, "A2002")?;
            let message = answer.field("status_message")?;
            ensure!(message.contains("<img src=x onerror="));
            ensure!(message.contains('\u{202e}') && message.contains('\u{200b}'));
            ensure!(message.chars().count() > 300);
        }
        other => anyhow::bail!("no expectation for {}", other.name()),
    }
    Ok(())
}

fn has_its_fields(json: &Value, endpoint: Endpoint) -> bool {
    let names: &[&str] = match endpoint {
        Endpoint::Initiate => &["state", "nonce", "redirect"],
        Endpoint::Login => &["token", "refresh_token"],
        Endpoint::Refresh => &["token"],
        Endpoint::Projects => &["count", "results"],
        Endpoint::Logout | Endpoint::Callback | Endpoint::Token => &[],
    };
    names.iter().all(|name| !json[name].is_null())
}

#[tokio::test]
async fn a_followed_redirect_is_on_record() -> Result<()> {
    let stand = Stand::start().await?;
    let good = stand.good_request(Endpoint::Login, "admin@example.com").await?;
    stand.sandbox.set_fault(Endpoint::Login, Fault::Redirected, Times::Once)?;
    let answer = stand.send(&good).await?;
    let from = url::Url::parse(&stand.api)?.join("/v1/admin/auth/sso/login")?;
    let to = from.join(answer.header("location").context("no Location")?)?;
    stand.page(to.as_str()).await?.is(404, "A4000")?;
    let received = stand.sandbox.received();
    let last = received.last().context("nothing")?;
    assert_eq!(last.path, to.path());
    assert!(last.path.starts_with("/v1/"));
    Ok(())
}
