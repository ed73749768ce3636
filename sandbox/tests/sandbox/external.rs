//! In front of providers as they come: UserInfo, PKCE, outages, discovery, TLS.

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sandbox::{Endpoint, Fault, Times};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::other_provider::{ACCOUNT, DISCOVERY, KEYS, OtherProvider, TOKEN, USER_INFO, external, signed};
use crate::stand::{Answer, INITIATE, LOGIN, Stand, query};

/// An ID token without an email, as most providers give it by default.
fn bare() -> Value {
    json!({"email": null})
}

#[tokio::test]
async fn user_info_is_asked_for_the_email_that_the_id_token_has_not() -> Result<()> {
    let provider = OtherProvider::start().await?;
    let stand = provider.stand().await?;
    provider.replies(USER_INFO, 200, &json!({"sub": "1", "email": ACCOUNT, "email_verified": "true"}));
    provider.sign_in(&stand, &bare()).await?.is(200, "A0000")?;
    let asked = provider.asked(USER_INFO);
    let credentials: Vec<&str> = asked.iter().map(|asked| asked.authorization.as_str()).collect();
    assert_eq!(credentials, ["Bearer an-access-token"]);

    for (status, claims, named) in [
        (200, json!({"sub": "2", "email": ACCOUNT}), "another user"),
        (200, json!({"email": ACCOUNT}), ""),
        (200, json!({"sub": "1"}), "neither"),
        (200, json!({"sub": "1", "email": "other@example.com"}), "another user"),
        (200, json!({"sub": "1", "email": ACCOUNT, "email_verified": false}), "email_verified"),
        (200, json!({"sub": "1", "email": ACCOUNT, "email_verified": "false"}), "email_verified"),
        (401, json!({"error": "invalid_token"}), "HTTP 401"),
    ] {
        provider.replies(USER_INFO, status, &claims);
        let answer = provider.sign_in(&stand, &bare()).await?;
        assert!(!answer.status.is_success(), "{claims}");
        assert!(answer.text.contains(named), "{claims}: {}", answer.text);
        assert!(!answer.text.contains("an-access-token"), "{}", answer.text);
    }
    // `email_verified` of the ID token counts for an email from UserInfo as well.
    provider.replies(USER_INFO, 200, &json!({"sub": "1", "email": ACCOUNT}));
    let answer = provider.sign_in(&stand, &json!({"email": null, "email_verified": false})).await?;
    answer.is(401, "A2002")
}

#[tokio::test]
async fn a_provider_without_user_info_must_put_the_email_into_the_id_token() -> Result<()> {
    let provider = OtherProvider::start().await?;
    let mut document = provider.document();
    document["userinfo_endpoint"].take();
    provider.replies(DISCOVERY, 200, &document);
    let stand = provider.stand().await?;
    let answer = provider.sign_in(&stand, &bare()).await?;
    answer.is(401, "A2002")?;
    assert!(answer.text.contains("no UserInfo endpoint"), "{}", answer.text);
    Ok(())
}

#[tokio::test]
async fn an_access_token_that_fits_into_no_header_is_refused() -> Result<()> {
    let provider = OtherProvider::start().await?;
    let stand = provider.stand().await?;
    let begun = provider.begin(&stand, &bare()).await?;
    let mut claims = provider.claims(&begun.nonce)?;
    claims["email"].take();
    let id_token = signed(1, &claims);
    for access_token in ["a\r\nb", "", "ä", "a b"] {
        let begun = stand.begin(ACCOUNT).await?;
        claims["nonce"] = begun.nonce.clone().into();
        let id_token = if access_token.is_empty() { id_token.clone() } else { signed(1, &claims) };
        let answer = json!({"access_token": access_token, "token_type": "Bearer", "id_token": id_token});
        provider.replies(TOKEN, 200, &answer);
        let answer = stand.call(LOGIN, &begun.login_body("code")).await?;
        assert!(answer.status == 401 || answer.status == 500, "{access_token:?}: {}", answer.text);
    }
    Ok(())
}

#[tokio::test]
async fn the_exchange_proves_by_pkce_who_began() -> Result<()> {
    let provider = OtherProvider::start().await?;
    let stand = provider.stand().await?;
    let mut challenges = Vec::new();
    for _ in 0..2 {
        let begun = provider.begin(&stand, &json!({})).await?;
        let sent = query(&begun.redirect)?;
        assert_eq!(sent.get("code_challenge_method").map(String::as_str), Some("S256"));
        let challenge = sent.get("code_challenge").context("no challenge")?.clone();
        stand.call(LOGIN, &begun.login_body("code")).await?.is(200, "A0000")?;
        let exchange = provider.asked(TOKEN).pop().context("no exchange")?;
        let pairs = url::form_urlencoded::parse(exchange.body.as_bytes());
        let verifier = pairs.clone().find(|(name, _)| name == "code_verifier").context("no verifier")?.1;
        assert!((43..=128).contains(&verifier.len()), "{}", verifier.len());
        assert_eq!(URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())), challenge);
        assert!(!begun.redirect.contains(verifier.as_ref()));
        challenges.push(challenge);
    }
    assert_ne!(challenges[0], challenges[1]);
    Ok(())
}

#[tokio::test]
async fn a_login_can_be_tried_again_after_an_outage_and_only_then() -> Result<()> {
    let provider = OtherProvider::start().await?;
    let stand = provider.stand().await?;
    for (status, content_type, body) in [
        (503, "text/html", "<h1>Under maintenance</h1>"),
        (502, "text/plain", ""),
        (500, "application/json", r#"{"error":"server_error"}"#),
        (429, "application/json", r#"{"error":"temporarily_unavailable"}"#),
    ] {
        let begun = provider.begin(&stand, &json!({})).await?;
        let good = signed(1, &provider.claims(&begun.nonce)?);
        provider.replies_with(TOKEN, status, content_type, body);
        let login = begun.login_body("code");
        for _ in 0..2 {
            let answer = stand.call(LOGIN, &login).await?;
            answer.is(500, "A5000").with_context(|| body.to_owned())?;
            assert!(answer.text.contains(&format!("HTTP {status}")), "{}", answer.text);
        }
        provider.hands_out(&good);
        stand.call(LOGIN, &login).await?.is(200, "A0000").with_context(|| body.to_owned())?;
        stand.call(LOGIN, &login).await?.is(401, "A2002")?;
    }
    // What the provider has judged stays judged.
    for error in ["invalid_grant", "invalid_request"] {
        let begun = provider.begin(&stand, &json!({})).await?;
        let good = signed(1, &provider.claims(&begun.nonce)?);
        provider.replies(TOKEN, 400, &json!({"error": error, "error_description": "code code-of-a-user"}));
        let login = begun.login_body("code-of-a-user");
        let answer = stand.call(LOGIN, &login).await?;
        answer.is(401, "A2002").context(error)?;
        assert!(!answer.text.contains("code-of-a-user"), "{}", answer.text);
        provider.hands_out(&good);
        let again = stand.call(LOGIN, &login).await?;
        again.is(401, "A2002").context(error)?;
        assert!(again.text.contains("state"), "{}", again.text);
    }
    Ok(())
}

#[tokio::test]
async fn a_code_is_exchanged_once_also_where_what_follows_fails() -> Result<()> {
    let provider = OtherProvider::start().await?;
    let stand = provider.stand().await?;
    let good = json!({"sub": "1", "email": ACCOUNT});
    provider.replies(USER_INFO, 503, &json!({}));
    let begun = provider.begin(&stand, &bare()).await?;
    let login = begun.login_body("code");
    stand.call(LOGIN, &login).await?.is(500, "A5000")?;
    provider.replies(USER_INFO, 200, &good);
    // As a provider answers that knows the code no more.
    provider.replies(TOKEN, 400, &json!({"error": "invalid_grant"}));
    stand.call(LOGIN, &login).await?.is(200, "A0000")?;
    assert_eq!(provider.asked(TOKEN).len(), 1);

    // The keys are away just when they are needed again.
    let begun = provider.begin(&stand, &json!({})).await?;
    provider.hands_out(&signed(2, &provider.claims(&begun.nonce)?));
    provider.replies(KEYS, 503, &json!({}));
    let login = begun.login_body("code");
    stand.call(LOGIN, &login).await?.is(500, "A5000")?;
    provider.publishes(&[1, 2]);
    provider.replies(TOKEN, 400, &json!({"error": "invalid_grant"}));
    stand.call(LOGIN, &login).await?.is(200, "A0000")?;

    // Another code under the same state is another exchange.
    let begun = provider.begin(&stand, &bare()).await?;
    provider.replies(USER_INFO, 503, &json!({}));
    stand.call(LOGIN, &begun.login_body("code")).await?.is(500, "A5000")?;
    provider.replies(TOKEN, 400, &json!({"error": "invalid_grant"}));
    stand.call(LOGIN, &begun.login_body("another")).await?.is(401, "A2002")
}

#[tokio::test]
async fn the_built_in_provider_has_outages_in_the_midst_of_a_login() -> Result<()> {
    let stand = Stand::start().await?;
    for fault in [Fault::ServerError, Fault::Drop] {
        let begun = stand.begin(ACCOUNT).await?;
        let login = begun.login_body(&stand.code(&begun).await?);
        stand.sandbox.set_fault(Endpoint::Token, fault, Times::Count(2))?;
        for _ in 0..2 {
            stand.call(LOGIN, &login).await?.is(500, "A5000").context(fault.name())?;
        }
        stand.call(LOGIN, &login).await?.is(200, "A0000").context(fault.name())?;

        let begun = stand.begin(&format!("token.{}@example.com", fault.name())).await?;
        let login = begun.login_body(&stand.code(&begun).await?);
        stand.call(LOGIN, &login).await?.is(500, "A5000").context(fault.name())?;
        stand.call(LOGIN, &login).await?.is(500, "A5000").context(fault.name())?;
    }
    Ok(())
}

async fn initiate(stand: &Stand) -> Result<Answer> {
    stand.call(INITIATE, &json!({"username": ACCOUNT})).await
}

#[tokio::test]
async fn each_failure_of_discovery_has_its_own_words() -> Result<()> {
    let provider = OtherProvider::start().await?;
    let issuer = &provider.issuer;
    let mut no_keys = provider.document();
    no_keys.as_object_mut().and_then(|document| document.remove("jwks_uri"));
    let (json, html) = ("application/json", "text/html");
    let good = provider.document().to_string();
    for (status, content_type, body, named) in [
        (404, html, "<h1>Not found</h1>".to_owned(), "HTTP 404"),
        (503, json, "{}".to_owned(), "HTTP 503"),
        (301, html, String::new(), "HTTP 301: a redirect"),
        (200, html, "<h1>Welcome</h1>".to_owned(), "is not JSON"),
        (200, json, "<h1>Welcome</h1>".to_owned(), "is not JSON"),
        (200, json, "{}".to_owned(), "missing field"),
        (200, json, no_keys.to_string(), "jwks_uri"),
    ] {
        provider.replies_with(DISCOVERY, status, content_type, &body);
        let answer = initiate(&provider.stand().await?).await?;
        answer.is(500, "A5000")?;
        let url = format!("{issuer}{DISCOVERY}");
        assert!(answer.text.contains(named) && answer.text.contains(&url), "{named}: {}", answer.text);
    }
    provider.replies_with(DISCOVERY, 200, json, &good);
    provider.replies(KEYS, 500, &json!({}));
    let answer = initiate(&provider.stand().await?).await?;
    let url = format!("{issuer}{KEYS}: HTTP 500");
    assert!(answer.status == 500 && answer.text.contains(&url), "{}", answer.text);
    provider.publishes(&[1]);
    initiate(&provider.stand().await?).await?.is(200, "A0000")
}

#[tokio::test]
async fn other_spellings_of_the_issuer_are_named_beside_the_right_one() -> Result<()> {
    let provider = OtherProvider::start().await?;
    let issuer = &provider.issuer;
    for given in [format!("{issuer}/"), issuer.replace("localhost", "127.0.0.1")] {
        let stand = Stand::start_with(|settings| settings.provider = external(&given)).await?;
        let answer = initiate(&stand).await?;
        answer.is(500, "A5000")?;
        for named in [&given, issuer] {
            assert!(answer.text.contains(&format!("`{named}`")), "{given}: {}", answer.text);
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_connection_that_fails_says_how() -> Result<()> {
    let provider = OtherProvider::start().await?;
    let plain = provider.issuer.replace("http:", "https:");
    for (issuer, named) in [("http://localhost:1", "cannot connect"), (plain.as_str(), "TLS: ")] {
        let stand = Stand::start_with(|settings| settings.provider = external(issuer)).await?;
        let answer = initiate(&stand).await?;
        answer.is(500, "A5000")?;
        assert!(answer.text.contains(named) && answer.text.contains(issuer), "{issuer}: {}", answer.text);
    }
    Ok(())
}
