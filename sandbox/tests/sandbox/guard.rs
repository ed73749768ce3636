//! Neither another host name nor a page of another origin gets anything out of the servers, or changes anything there.

use anyhow::{Context as _, Result};
use reqwest::{Method, RequestBuilder};
use sandbox::{Endpoint, Fault, Times};
use serde_json::{Value, json};

use crate::stand::{Answer, INITIATE, KEY, REFRESH, Stand, hidden_fields, query, send};

const FOREIGN: [&str; 8] = [
    "evil.example",
    "evil.example:8787",
    "localhost.evil.example",
    "evil.localhost",
    "192.168.0.1",
    "0.0.0.0",
    "[fe80::1]:80",
    "",
];

async fn asked_as(stand: &Stand, host: &str, path: &str, at_provider: bool) -> Result<Answer> {
    let server = if at_provider { &stand.provider } else { &stand.api };
    let http = crate::stand::client()?;
    send(http.get(format!("{server}{path}")).header("Host", host)).await
}

#[tokio::test]
async fn other_host_names_are_refused_by_both_servers_before_anything_else() -> Result<()> {
    let stand = Stand::start().await?;
    let begun = stand.begin("admin@example.com").await?;
    let authorize = begun.redirect.strip_prefix(&stand.provider).context("elsewhere")?.to_owned();
    stand.sandbox.forget_received();
    for host in FOREIGN {
        for path in ["/sandbox/requests", "/v1/admin/projects", "/sandbox/nothing"] {
            refused(&asked_as(&stand, host, path, false).await?, host);
        }
        for path in ["/", "/.well-known/openid-configuration", "/jwks", "/token", &authorize] {
            refused(&asked_as(&stand, host, path, true).await?, host);
        }
        let order = stand.request(Method::POST, "/sandbox/revoke").header("Host", host).json(&json!({}));
        refused(&send(order).await?, host);
    }
    assert!(stand.sandbox.received().is_empty(), "{:?}", stand.sandbox.received());
    Ok(())
}

fn refused(answer: &Answer, host: &str) {
    // An empty name is no valid header for some servers, and no name of ours.
    assert_eq!(answer.status, 421, "{host:?}: {}", answer.text);
    assert!(answer.text.contains("Host: "), "{host:?}: {}", answer.text);
}

#[tokio::test]
async fn names_of_this_machine_are_answered_at_any_port() -> Result<()> {
    let stand = Stand::start().await?;
    for host in ["localhost", "LOCALHOST:1", "localhost:3000", "127.0.0.1", "127.9.8.7:80", "[::1]", "[::1]:8787"] {
        assert_eq!(asked_as(&stand, host, "/sandbox/requests", false).await?.status, 200, "{host}");
        assert_eq!(asked_as(&stand, host, "/jwks", true).await?.status, 200, "{host}");
    }
    Ok(())
}

#[tokio::test]
async fn a_proxy_tells_which_host_it_was_asked_for() -> Result<()> {
    let stand = Stand::start_with(|settings| {
        settings.app_callback.set_host(Some("admin.example.test")).unwrap_or_default();
    })
    .await?;
    for (host, forwarded, status) in [
        ("127.0.0.1", "localhost:3000", 200),
        ("127.0.0.1", "admin.example.test", 200),
        ("localhost", "localhost", 200),
        ("127.0.0.1", "evil.example:3000", 421),
        ("admin.example.test", "localhost", 421),
    ] {
        let request = stand.request(Method::POST, INITIATE).bearer_auth(KEY);
        let request = request.header("Host", host).header("X-Forwarded-Host", forwarded);
        let answer = send(request.json(&json!({"username": "admin@example.com"}))).await?;
        assert_eq!(answer.status, status, "{host} for {forwarded}: {}", answer.text);
    }
    // Trunk adds its own to one that a page has set.
    for both in [["localhost", "evil.example"], ["evil.example", "localhost"]] {
        let request = stand.request(Method::POST, INITIATE).bearer_auth(KEY);
        let request = both.iter().fold(request, |request, host| request.header("X-Forwarded-Host", *host));
        let answer = send(request.json(&json!({"username": "admin@example.com"}))).await?;
        assert_eq!(answer.status, 421, "{both:?}: {}", answer.text);
    }
    Ok(())
}

#[tokio::test]
async fn two_hosts_or_none_are_refused() -> Result<()> {
    let stand = Stand::start().await?;
    for head in [
        "GET /sandbox/requests HTTP/1.0\r\n\r\n",
        "GET /sandbox/requests HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
        "GET http://evil.example/sandbox/requests HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    ] {
        let answer = String::from_utf8(stand.raw(head).await?)?;
        assert!(answer.contains(" 421 ") || answer.contains(" 400 "), "{head}: {answer}");
    }
    Ok(())
}

/// What browsers add to a request that a page of another origin sends; those without Fetch Metadata send the origin alone.
const PAGES: [&[(&str, &str)]; 5] = [
    &[("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site")],
    &[("Origin", "https://evil.example")],
    &[("Sec-Fetch-Site", "cross-site")],
    &[("Origin", "http://localhost:3000"), ("Sec-Fetch-Site", "same-site")],
    &[("Origin", "null")],
];

/// What a page can send without asking first (Fetch §4.8), and the one that needs to ask.
const TYPES: [&str; 4] =
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json"];

fn from_page(request: RequestBuilder, page: &[(&str, &str)]) -> RequestBuilder {
    page.iter().fold(request, |request, (name, value)| request.header(*name, *value))
}

#[tokio::test]
async fn no_web_page_gives_orders_or_reads_the_record() -> Result<()> {
    let stand = Stand::start().await?;
    let tokens = stand.sign_in("admin@example.com").await?;
    stand.sandbox.set_fault(Endpoint::Logout, Fault::Over, Times::Once)?;
    let before = stand.sandbox.received().len();
    let orders = [
        ("/sandbox/revoke", json!({})),
        ("/sandbox/faults", json!({"endpoint": "refresh", "fault": "server-error", "times": "always"})),
        ("/sandbox/lifetimes", json!({"access_seconds": 0, "refresh_seconds": 0})),
    ];
    for page in PAGES {
        for (path, body) in &orders {
            for content_type in TYPES {
                let request = stand.request(Method::POST, path).header("Content-Type", content_type);
                let answer = send(from_page(request.body(body.to_string()), page)).await?;
                assert_eq!(answer.status, 403, "{path} {content_type} {page:?}");
            }
        }
        for (method, path) in [
            (Method::GET, "/sandbox/requests"),
            (Method::DELETE, "/sandbox/requests"),
            (Method::DELETE, "/sandbox/faults"),
        ] {
            let answer = send(from_page(stand.request(method, path), page)).await?;
            assert_eq!(answer.status, 403, "{path} {page:?}");
            assert!(!answer.text.contains(KEY), "{path} {page:?}");
        }
    }
    // Other content types are refused from any sender.
    for (path, body) in &orders {
        for content_type in TYPES.iter().filter(|content_type| **content_type != "application/json") {
            let request = stand.request(Method::POST, path).header("Content-Type", *content_type);
            assert_eq!(send(request.body(body.to_string())).await?.status, 415, "{path} {content_type}");
        }
        assert_eq!(send(stand.request(Method::POST, path)).await?.status, 415, "{path}");
    }
    // Nothing has changed: the session goes on, as long as before, and the one order is still there.
    stand.call(REFRESH, &json!({"refresh_token": tokens.refresh})).await?.is(200, "A0000")?;
    stand.projects(&stand.sign_in("admin@example.com").await?.access).await?.is(200, "A0000")?;
    assert!(stand.sandbox.received().len() > before);
    let logout = stand.call(crate::stand::LOGOUT, &json!({"refresh_token": tokens.refresh})).await?;
    logout.is(401, "A2003")
}

#[tokio::test]
async fn its_own_page_and_the_address_bar_may() -> Result<()> {
    let stand = Stand::start().await?;
    let own: [&[(&str, &str)]; 3] =
        [&[("Origin", &stand.api), ("Sec-Fetch-Site", "same-origin")], &[("Sec-Fetch-Site", "none")], &[]];
    for page in own {
        let read = from_page(stand.request(Method::GET, "/sandbox/requests"), page);
        let answer = send(read).await?;
        assert_eq!(answer.status, 200, "{page:?}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("cross-origin-resource-policy"), Some("same-origin"));
        let order = from_page(stand.request(Method::POST, "/sandbox/revoke").json(&json!({})), page);
        assert_eq!(send(order).await?.status, 204, "{page:?}");
    }
    Ok(())
}

#[tokio::test]
async fn no_web_page_presses_the_providers_buttons() -> Result<()> {
    let stand = Stand::start().await?;
    let begun = stand.begin("admin@example.com").await?;
    let mut pairs = hidden_fields(&stand.page(&begun.redirect).await?.text);
    for (name, value) in [("email", "admin@example.com"), ("fault", ""), ("decision", "sign-in")] {
        pairs.push((name.to_owned(), value.to_owned()));
    }
    let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
    let press = |page: &[(&str, &str)]| {
        let request = crate::stand::client()?.post(format!("{}/authorize", stand.provider));
        let request = request.header("Content-Type", "application/x-www-form-urlencoded").body(form.clone());
        Ok::<_, anyhow::Error>(from_page(request, page))
    };
    stand.sandbox.set_fault(Endpoint::Callback, Fault::Refused, Times::Once)?;
    // `Origin: null` alone is what the provider's own form sends as well; current browsers add Fetch Metadata.
    for page in &PAGES[..4] {
        let answer = send(press(page)?).await?;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (403, None), "{page:?}");
    }
    let answer = send(press(&[("Origin", "null"), ("Sec-Fetch-Site", "cross-site")])?).await?;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (403, None));

    let own = send(press(&[("Origin", "null"), ("Sec-Fetch-Site", "same-origin")])?).await?;
    assert_eq!(own.status, 303);
    let back = query(own.header("location").context("no Location")?)?;
    assert_eq!(back.get("error").map(String::as_str), Some("access_denied"), "the order was met by the own form alone");
    Ok(())
}

#[tokio::test]
async fn the_api_is_closed_to_pages_without_the_key() -> Result<()> {
    let stand = Stand::start().await?;
    let tokens = stand.sign_in("admin@example.com").await?;
    // What a proxy on the app's origin would do for any page: it adds the key. The content type stops what needs no preflight.
    for content_type in TYPES.iter().filter(|content_type| **content_type != "application/json") {
        let body = json!({"refresh_token": tokens.refresh}).to_string();
        let request = stand.request(Method::POST, crate::stand::LOGOUT).bearer_auth(KEY);
        let request = from_page(request.header("Content-Type", *content_type), PAGES[0]);
        send(request.body(body)).await?.is(400, "A4000")?;
    }
    let preflight = from_page(stand.request(Method::OPTIONS, crate::stand::LOGOUT), PAGES[0]);
    let answer = send(preflight.header("Access-Control-Request-Method", "POST")).await?;
    assert_eq!((answer.status.as_u16(), answer.header("access-control-allow-origin")), (405, None));
    let refreshed = stand.call(REFRESH, &json!({"refresh_token": tokens.refresh})).await?;
    assert_ne!(refreshed.json()["token"], Value::Null);
    Ok(())
}
