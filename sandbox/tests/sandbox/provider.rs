//! The provider's page and endpoints.

use anyhow::{Context as _, Result};
use sandbox::{Endpoint, FAULTS, faults_of};
use url::Url;

use crate::stand::{Stand, hidden_fields};

fn changed(redirect: &str, change: impl Fn(&str, &str) -> Vec<String>) -> Result<String> {
    let url = Url::parse(redirect)?;
    let mut new = url.clone();
    let mut pairs = new.query_pairs_mut();
    pairs.clear();
    for (name, value) in url.query_pairs() {
        for value in change(&name, &value) {
            pairs.append_pair(&name, &value);
        }
    }
    drop(pairs);
    Ok(new.into())
}

#[tokio::test]
async fn the_page_names_its_parts_and_every_callback_fault() -> Result<()> {
    let stand = Stand::start().await?;
    let begun = stand.begin("admin@example.com").await?;
    let page = stand.page(&begun.redirect).await?;
    assert_eq!(page.status, 200);
    for part in [
        "<h1>Sign in to the sandbox provider</h1>",
        r#"<label for="email">Account</label>"#,
        r#"<input id="email" name="email" type="email" autocomplete="username" value="admin@example.com">"#,
        r#"<label for="fault">Make something go wrong</label>"#,
        r#"<select id="fault" name="fault">"#,
        r#"<button id="sign-in" name="decision" value="sign-in">Sign in</button>"#,
        r#"<button id="refuse" name="decision" value="refuse">Refuse</button>"#,
        r#"<html lang="en">"#,
        r#"<meta name="viewport" content="width=device-width, initial-scale=1">"#,
    ] {
        assert!(page.text.contains(part), "{part} is not in {}", page.text);
    }
    for row in faults_of(Endpoint::Callback) {
        let option = format!("<option value=\"{}\">", row.fault.name());
        assert!(page.text.contains(&option), "{option}");
    }
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    Ok(())
}

#[tokio::test]
async fn what_the_request_brings_is_text_on_the_page() -> Result<()> {
    let stand = Stand::start().await?;
    let begun = stand.begin("admin@example.com").await?;
    let hostile = "\"><script>alert('x')</script>&";
    let redirect = changed(&begun.redirect, |name, value| match name {
        "login_hint" | "state" | "nonce" => vec![hostile.to_owned()],
        _ => vec![value.to_owned()],
    })?;
    let page = stand.page(&redirect).await?;
    assert_eq!(page.status, 200);
    assert!(!page.text.contains("<script"));
    let escaped = "&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;";
    assert_eq!(page.text.matches(escaped).count(), 3);
    Ok(())
}

#[tokio::test]
async fn an_account_that_is_none_is_asked_for_again() -> Result<()> {
    let stand = Stand::start().await?;
    let begun = stand.begin("admin@example.com").await?;
    let mut pairs = hidden_fields(&stand.page(&begun.redirect).await?.text);
    for (name, value) in [("email", "<b>nobody"), ("fault", ""), ("decision", "sign-in")] {
        pairs.push((name.to_owned(), value.to_owned()));
    }
    let action = format!("{}/authorize", stand.provider);
    let again = stand.post_form(&action, &pairs).await?;
    assert_eq!(again.status, 400);
    assert!(again.text.contains("aria-invalid=\"true\""));
    assert!(again.text.contains("value=\"&lt;b&gt;nobody\""));
    assert_eq!(hidden_fields(&again.text).len(), 8, "the form still works");
    Ok(())
}

#[tokio::test]
async fn requests_that_cannot_be_answered_get_a_page_and_never_a_redirect() -> Result<()> {
    let stand = Stand::start().await?;
    let begun = stand.begin("admin@example.com").await?;
    let hidden = hidden_fields(&stand.page(&begun.redirect).await?.text);
    let table: [(&str, &[&str]); 15] = [
        ("client_id", &["somebody"]),
        ("client_id", &[]),
        ("redirect_uri", &["https://example.com/login/sso_callback"]),
        ("redirect_uri", &["http://localhost:3000/login/sso_callback/"]),
        ("redirect_uri", &[]),
        ("response_type", &["token"]),
        ("scope", &["email"]),
        ("state", &[]),
        ("nonce", &[""]),
        ("state", &["a", "a"]),
        ("code_challenge", &[]),
        ("code_challenge", &["a", "a"]),
        ("code_challenge_method", &[]),
        ("code_challenge_method", &["plain"]),
        ("client_id", &["sandbox-api", "sandbox-api"]),
    ];
    for (parameter, values) in table {
        let replaced = |name: &str, value: &str| -> Vec<String> {
            match name == parameter {
                true => values.iter().map(|value| (*value).to_owned()).collect(),
                false => vec![value.to_owned()],
            }
        };
        let shown = stand.page(&changed(&begun.redirect, replaced)?).await?;

        let mut pairs: Vec<(String, String)> = Vec::new();
        for (name, value) in &hidden {
            pairs.extend(replaced(name, value).into_iter().map(|new| (name.clone(), new)));
        }
        pairs.push(("email".to_owned(), "admin@example.com".to_owned()));
        pairs.push(("decision".to_owned(), "sign-in".to_owned()));
        let action = format!("{}/authorize", stand.provider);
        let posted = stand.post_form(&action, &pairs).await?;

        for answer in [shown, posted] {
            assert_eq!(answer.status, 400, "{parameter} {values:?}");
            assert_eq!(answer.header("location"), None);
            assert!(answer.text.contains(parameter), "{}", answer.text);
        }
    }
    Ok(())
}

#[tokio::test]
async fn the_token_endpoint_wants_the_client_and_a_good_code() -> Result<()> {
    let stand = Stand::start().await?;
    let begun = stand.begin("admin@example.com").await?;
    let code = stand.code(&begun).await?;
    let good = [
        ("grant_type", "authorization_code"),
        ("redirect_uri", "http://localhost:3000/login/sso_callback"),
        ("code", code.as_str()),
        ("client_id", "sandbox-api"),
        ("client_secret", "guessed"),
    ];
    let pairs = good.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let answer = stand.post_form(&format!("{}/token", stand.provider), &pairs).await?;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.json()["error"], "invalid_client");

    // The API's own exchange, repeated by somebody who has its secret: the code is used up.
    stand.call("/v1/admin/auth/sso/login", &begun.login_body(&code)).await?.is(200, "A0000")?;
    let received = stand.sandbox.received();
    let exchange = received.last().context("no exchange")?;
    assert_eq!((exchange.path.as_str(), exchange.answered), ("/token", Some(200)));
    let credentials = exchange.header("authorization").context("no credentials")?;
    let http = crate::stand::client()?;
    let repeat = |body: String| {
        http.post(format!("{}/token", stand.provider))
            .header("Authorization", credentials)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(body)
    };
    let answer = crate::stand::send(repeat(exchange.body.clone())).await?;
    assert_eq!((answer.status.as_u16(), answer.field("error")?.as_str()), (400, "invalid_grant"));
    // A good code without what began the sign-in (RFC 7636 §4.6): refused, and then used up.
    let begun = stand.begin("admin@example.com").await?;
    let code = stand.code(&begun).await?;
    for (verifier, error) in [("", "invalid_request"), ("another", "invalid_grant")] {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in url::form_urlencoded::parse(exchange.body.as_bytes()) {
            let value = match name.as_ref() {
                "code" => code.as_str(),
                "code_verifier" => verifier,
                _ => value.as_ref(),
            };
            body.append_pair(&name, value);
        }
        let body = body.finish();
        let answer = crate::stand::send(repeat(body)).await?;
        assert_eq!((answer.status.as_u16(), answer.field("error")?.as_str()), (400, error), "{verifier}");
    }
    let login = stand.call("/v1/admin/auth/sso/login", &begun.login_body(&code)).await?;
    login.is(401, "A2002")?;
    let elsewhere = exchange.body.replace("sso_callback", "elsewhere");
    let answer = crate::stand::send(repeat(elsewhere)).await?;
    assert_eq!(answer.field("error")?, "invalid_grant");
    Ok(())
}

#[tokio::test]
async fn the_front_page_lists_accounts_and_faults() -> Result<()> {
    let stand = Stand::start().await?;
    let page = stand.page(&format!("{}/", stand.provider)).await?;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("admin@example.com"));
    for row in FAULTS {
        assert!(page.text.contains(&format!("<code>{}</code>", row.fault.name())));
    }
    Ok(())
}
