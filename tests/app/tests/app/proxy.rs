//! A real nginx in front of the API: which requests it forwards, with which headers, how long it waits, and what it returns.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use app_tests::nginx::{Answer, Certificate, Example, Nginx, Proxied};
use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use futures_util::future::join_all;
use serde_json::Value;

/// The calls that carry the API key.
const KEYED: [&str; 4] =
    ["/v1/admin/auth/sso/initiate", "/v1/admin/auth/sso/login", "/v1/admin/auth/refresh", "/v1/admin/auth/logout"];

const LOGOUT: &str = KEYED[3];

/// The header that carries it.
const KEY_LINE: &str = "Authorization: Bearer sandbox-api-key";

/// File name extensions, among them all that static hosts tend to treat specially.
pub(crate) const ENDINGS: [&str; 26] = [
    "br",
    "css",
    "eot",
    "gif",
    "gz",
    "html",
    "ico",
    "jpeg",
    "jpg",
    "js",
    "json",
    "map",
    "mjs",
    "pdf",
    "php",
    "png",
    "svg",
    "tar.gz",
    "ttf",
    "txt",
    "wasm",
    "webmanifest",
    "webp",
    "woff",
    "woff2",
    "xml",
];

/// The request lines that the API received.
fn request_lines(sent: &str) -> Vec<&str> {
    sent.split("\r\n").filter(|line| line.ends_with(" HTTP/1.1")).collect()
}

/// Checks an error that nginx returned in place of the API.
fn check_refusal(answer: &Answer, status: u16) -> Result<()> {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.header("content-type")?, "application/json", "{answer:?}");
    assert_eq!(answer.header("cache-control")?, "no-store", "{answer:?}");
    let body: Value = serde_json::from_slice(&answer.body)?;
    ensure!(body["detail"].is_string() || body["status_code"].is_string(), "{body}");
    Ok(())
}

#[tokio::test]
async fn passes_api_paths_with_any_ending_to_the_api() -> Result<()> {
    for example in [Example::SameOrigin, Example::LoadBalancer] {
        let Proxied { sandbox, nginx, .. } = &Proxied::start_with(example, Certificate::Right).await?;
        let mut paths: Vec<String> = ENDINGS.iter().map(|end| format!("/v1/admin/files/report.{end}")).collect();
        // Named like a file of the build.
        paths.push("/v1/app-0123456789abcdef.js".to_owned());
        for path in &paths {
            nginx.ask_app(example, "GET", path, &[]).await?;
        }
        let received: Vec<String> = sandbox.received().into_iter().map(|request| request.path).collect();
        assert_eq!(received, paths, "{example:?}");
    }
    Ok(())
}

#[tokio::test]
async fn the_key_goes_with_the_four_calls_and_with_nothing_else() -> Result<()> {
    let Proxied { sandbox, nginx, .. } = &Proxied::start().await?;
    let own = ("authorization", "Bearer of-the-caller");
    for path in [
        "/v1/admin/projects",
        "/v1/admin/auth/other",
        "/v1/admin/auth/sso/initiate/",
        "/v1/admin/auth/../projects",
        "/v1/admin/auth/..%2fprojects",
        "/v1/admin/auth/refresh;/../../projects",
        "/v1/admin/auth/refresh%00",
        "/v1/admin/auth/refresh%0A",
        "/v1/admin/auth/refresh.json",
    ] {
        nginx.ask("POST", path, &[own]).await?;
    }
    // Spelt otherwise, but this path: the key goes to where it belongs.
    nginx.ask("POST", "/v1/admin/x/..%2fauth//refresh?to=elsewhere", &[own]).await?;
    let received = sandbox.received();
    ensure!(received.len() >= 8, "{received:?}");
    for request in received {
        let has_key = request.header("authorization") == Some("Bearer sandbox-api-key");
        let is_call = request.path == "/v1/admin/auth/refresh" && request.query.is_none();
        assert_eq!(has_key, is_call, "{request:?}");
        ensure!(has_key || request.header("authorization") == Some(own.1), "{request:?}");
    }
    Ok(())
}

#[tokio::test]
async fn decodes_no_byte_of_a_request_line_or_redirect() -> Result<()> {
    let Proxied { nginx, .. } = &Proxied::start().await?;
    let ends = [
        "%0A",
        "%0a",
        "%0D%0A",
        "%0d%0aX-Injected:%20yes",
        "%0a%0aX-Injected:%20yes",
        "%20HTTP/1.1%0d%0aX-Injected:%20yes%0d%0a%0d%0a",
        "%00",
        "%20x",
        "%3fx",
        "%23x",
        "?a=%0d%0aX-Injected:%20yes",
        // Not even encoded.
        "\nX-Injected: yes",
        "\r\nX-Injected : yes",
        "\u{b}",
    ];
    for path in KEYED.iter().copied().chain(["/v1/admin/projects", "/v1/", "/login", "/login/sso_callback"]) {
        for end in ends {
            let request = format!(
                "POST {path}{end} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
            let answer = nginx.send_raw(request.as_bytes()).await?;
            // A response to HTTP/0.9 has no head.
            let head = answer.split_once("\r\n\r\n").map_or("", |(head, _)| head);
            ensure!(!head.to_ascii_lowercase().contains("\nx-injected"), "{path}{end:?}: {head}");
            ensure!(!head.replace("\r\n", "").contains(['\r', '\n']), "{path}{end:?}: {head}");
        }
    }
    let sent = nginx.sent_to_api();
    ensure!(!sent.replace("\r\n", "").contains(['\r', '\n', '\0']), "{sent:?}");
    for call in sent.split("\r\n\r\n").filter(|call| !call.is_empty()) {
        let line = call.lines().next().unwrap_or_default();
        let path = line.strip_prefix("POST ").and_then(|line| line.strip_suffix(" HTTP/1.1")).context("no request")?;
        ensure!(!path.contains(' '), "{line:?}");
        assert_eq!(call.contains(KEY_LINE), KEYED.contains(&path), "{call}");
        ensure!(!call.to_ascii_lowercase().contains("\nx-injected"), "{call}");
    }
    ensure!(request_lines(&sent).len() > 40, "{sent}");
    Ok(())
}

#[tokio::test]
async fn refuses_foreign_origins_before_key_and_rate_limit() -> Result<()> {
    let Proxied { sandbox, nginx, .. } = &Proxied::start().await?;
    let own = nginx.origin();
    let subdomain = own.replace("https://", "https://www.");
    let unprotected = own.replace("https://", "http://");
    let longer = format!("{own}0");
    let foreign: [&[(&str, &str)]; 13] = [
        &[("origin", "https://elsewhere.example"), ("sec-fetch-site", "cross-site")],
        &[("origin", "https://elsewhere.example")],
        &[("origin", "null")],
        &[("origin", &subdomain), ("sec-fetch-site", "same-site")],
        &[("origin", &unprotected)],
        &[("origin", &longer)],
        &[("origin", "https://localhost")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "none")],
        &[("origin", &own), ("sec-fetch-site", "cross-site")],
        &[("origin", "null"), ("sec-fetch-site", "cross-site")],
        &[("origin", "https://elsewhere.example"), ("sec-fetch-site", "same-origin")],
    ];
    for path in KEYED {
        for headers in foreign {
            // More requests in total than the rate limit allows.
            for _ in 0..3 {
                check_refusal(&nginx.ask("POST", path, headers).await?, 403).with_context(|| format!("{headers:?}"))?;
            }
        }
        // Images, links and preflight requests.
        for method in ["GET", "HEAD", "OPTIONS", "PUT"] {
            for _ in 0..30 {
                assert_eq!(nginx.ask(method, path, &[]).await?.status, 405, "{method} {path}");
            }
        }
    }
    ensure!(nginx.sent_to_api().is_empty(), "{}", nginx.sent_to_api());

    // The app itself in new and old browsers, and clients that are no browser.
    let ours: [&[(&str, &str)]; 5] = [
        &[("origin", &own), ("sec-fetch-site", "same-origin")],
        &[("origin", "null"), ("sec-fetch-site", "same-origin")],
        &[("origin", &own)],
        &[("sec-fetch-site", "same-origin")],
        &[],
    ];
    for path in KEYED {
        for headers in ours {
            let answer = nginx.ask("POST", path, headers).await?;
            ensure!(![403, 429].contains(&answer.status), "{path} {headers:?}: {answer:?}");
        }
    }
    assert_eq!(sandbox.received().len(), KEYED.len() * ours.len());
    Ok(())
}

#[tokio::test]
async fn forwards_25_sign_outs_at_once_when_other_calls_are_limited() -> Result<()> {
    let Proxied { sandbox, nginx, .. } = &Proxied::start().await?;
    let mut is_limited = false;
    for _ in 0..60 {
        is_limited |= nginx.ask("POST", "/v1/admin/auth/refresh", &[]).await?.status == 429;
    }
    ensure!(is_limited, "no limit");
    let own = nginx.origin();
    // All at once, as when the tabs hear of the sign-out.
    let tabs = (0..25).map(|tab| {
        let (nginx, own) = (&nginx, &own);
        async move {
            let body = format!(r#"{{"refresh_token":"of-tab-{tab}"}}"#);
            let headers = [("content-type", "application/json"), ("origin", own.as_str())];
            nginx.send("POST", LOGOUT, &headers, body.into()).await
        }
    });
    for answer in join_all(tabs).await {
        let answer = answer?;
        ensure!(answer.status != 429, "{answer:?}");
    }
    let received = sandbox.received();
    for tab in 0..25 {
        let is_there = |body: &str| body.contains(&format!("\"of-tab-{tab}\""));
        ensure!(received.iter().any(|request| request.path == LOGOUT && is_there(&request.body)), "tab {tab}");
    }
    // There is a limit, though.
    let mut is_limited = false;
    for _ in 0..300 {
        is_limited |= nginx.ask("POST", LOGOUT, &[]).await?.status == 429;
    }
    ensure!(is_limited, "no limit for sign-outs");
    Ok(())
}

/// The app itself gives up after 30 seconds (contract §1).
#[tokio::test]
async fn gives_up_on_a_silent_api_within_30_seconds() -> Result<()> {
    let (silent, _listener) = Nginx::start_before_silence(true).await?;
    let (dead, _other_listener) = Nginx::start_before_silence(false).await?;
    let start = Instant::now();
    let ask = async |nginx: &Nginx, path| -> Result<Duration> {
        check_refusal(&nginx.ask("POST", path, &[]).await?, 504)?;
        Ok(start.elapsed())
    };
    let times = tokio::try_join!(ask(&silent, LOGOUT), ask(&silent, "/v1/x"), ask(&dead, LOGOUT), ask(&dead, "/v1/x"))?;
    let (silent, others, dead, dead_others) = times;
    for time in [silent, others, dead, dead_others] {
        ensure!(time < Duration::from_secs(29), "{times:?}");
    }
    // Without a TLS handshake only the connect timeout counts.
    ensure!(dead < Duration::from_secs(12), "{times:?}");

    // The worst case: every step takes its whole timeout. Connecting includes the TLS handshake.
    let file = include_str!("../../../../deploy/nginx/proxy.conf");
    let seconds = |name: &str| -> Result<u64> {
        let mut values = file.lines().filter_map(|line| line.strip_prefix(name)?.trim().strip_suffix("s;"));
        Ok(values.next().with_context(|| format!("no {name}"))?.parse()?)
    };
    let connect = seconds("proxy_connect_timeout")?;
    let sum = connect + seconds("proxy_send_timeout")? + seconds("proxy_read_timeout")?;
    ensure!(sum < 30, "{sum} seconds");
    ensure!(file.contains("\nproxy_next_upstream off;"), "a second attempt takes as long again");
    Ok(())
}

/// An API that returns the length of the body.
fn echo() -> Router {
    Router::new().fallback(async |body: Bytes| body.len().to_string())
}

#[tokio::test]
async fn keeps_request_bodies_in_memory() -> Result<()> {
    let nginx = &Proxied::start_before(echo()).await?.nginx;
    // Buffering a body in a file fails from now on.
    nginx.forbid_temporary_files()?;
    for (path, limit) in [(LOGOUT, 64 * 1024), ("/v1/admin/files", 1024 * 1024)] {
        for length in [0, 1, 16 * 1024, 16 * 1024 + 1, limit - 1, limit] {
            let body = Bytes::from(vec![b'x'; length]);
            let answer = nginx.send("POST", path, &[], body.clone()).await?;
            assert_eq!((answer.status, &*answer.body), (200, length.to_string().as_bytes()), "{path} {length}");
            // Over HTTP/1.1, with and without a known length.
            let head = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
            let known = [format!("{head}Content-Length: {length}\r\n\r\n").as_bytes(), &body].concat();
            let mut chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
            for chunk in body.chunks(10_000) {
                chunked.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                chunked.extend_from_slice(&[chunk, b"\r\n"].concat());
            }
            chunked.extend_from_slice(b"0\r\n\r\n");
            for request in [known, chunked] {
                let answer = nginx.send_raw(&request).await?;
                ensure!(answer.starts_with("HTTP/1.1 200 "), "{path} {length}: {answer}");
            }
        }
        let answer = nginx.send("POST", path, &[], Bytes::from(vec![b'x'; limit + 1])).await?;
        check_refusal(&answer, 413)?;
    }
    Ok(())
}

#[tokio::test]
async fn keeps_long_answers_in_memory() -> Result<()> {
    let answer = "x".repeat(4 * 1024 * 1024);
    let router = Router::new().fallback(async move || answer);
    let nginx = &Proxied::start_before(router).await?.nginx;
    nginx.forbid_temporary_files()?;
    let answer = nginx.ask("GET", "/v1/admin/files", &[]).await?;
    assert_eq!((answer.status, answer.body.len()), (200, 4 * 1024 * 1024));
    Ok(())
}

#[tokio::test]
async fn replaces_invented_forwarding_headers() -> Result<()> {
    let Proxied { nginx, .. } = &Proxied::start().await?;
    let invented = [
        ("x-forwarded-for", "203.0.113.66"),
        ("x-forwarded-for", "203.0.113.66, 127.0.0.1"),
        ("x-forwarded-proto", "invented"),
        ("x-forwarded-host", "invented.example"),
        ("x-forwarded-port", "16666"),
        ("x-forwarded-prefix", "/invented"),
        ("x-real-ip", "203.0.113.66"),
        ("x-client-ip", "203.0.113.66"),
        ("true-client-ip", "203.0.113.66"),
        ("forwarded", "for=203.0.113.66;host=invented.example"),
        ("x-forwarded-scheme", "invented"),
        ("x-forwarded-server", "invented.example"),
        ("x-forwarded-ssl", "invented"),
        ("x-cluster-client-ip", "203.0.113.66"),
        ("cf-connecting-ip", "203.0.113.66"),
        ("fastly-client-ip", "203.0.113.66"),
        ("x-host", "invented.example"),
        ("x-original-host", "invented.example"),
        ("x-original-url", "/invented"),
        ("x-rewrite-url", "/invented"),
        ("x-http-method", "INVENTED"),
        ("x-http-method-override", "INVENTED"),
        ("x-method-override", "INVENTED"),
        ("cookie", "invented=1"),
        ("referer", "https://invented.example/"),
    ];
    for path in KEYED.iter().chain(&["/v1/admin/projects"]) {
        nginx.ask("POST", path, &invented).await?;
        // The same without such headers.
        nginx.ask("POST", path, &[]).await?;
    }
    let sent = nginx.sent_to_api();
    for trace in ["203.0.113.66", "invented", "INVENTED", "16666"] {
        ensure!(!sent.contains(trace), "{trace}: {sent}");
    }
    let calls: Vec<&str> = sent.split("\r\n\r\n").filter(|call| !call.is_empty()).collect();
    assert_eq!(calls.len(), 10, "{sent}");
    for call in calls {
        for line in
            ["X-Forwarded-For: 127.0.0.1", "X-Real-IP: 127.0.0.1", "X-Forwarded-Proto: https", "Host: localhost"]
        {
            assert_eq!(call.matches(line).count(), 1, "{line}: {call}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn sends_no_unknown_header_with_the_key() -> Result<()> {
    let Proxied { nginx, .. } = &Proxied::start().await?;
    let headers = [
        ("accept", "application/json"),
        ("content-type", "application/json"),
        ("user-agent", "Browser/1.0"),
        ("authorization", "Bearer of-the-caller"),
        ("x-anything", "unknown"),
    ];
    for path in KEYED {
        nginx.send("POST", path, &headers, Bytes::from_static(b"{}")).await?;
    }
    let sent = nginx.sent_to_api();
    for line in ["Accept: application/json", "Content-Type: application/json", "User-Agent: Browser/1.0", KEY_LINE] {
        assert_eq!(sent.matches(line).count(), 4, "{line}: {sent}");
    }
    ensure!(!sent.contains("of-the-caller") && !sent.contains("unknown"), "{sent}");
    // Other calls keep their headers.
    nginx.ask("GET", "/v1/admin/projects", &headers).await?;
    let sent = nginx.sent_to_api();
    ensure!(sent.contains("of-the-caller") && sent.to_ascii_lowercase().contains("x-anything: unknown"), "{sent}");
    Ok(())
}

#[tokio::test]
async fn hides_api_headers_that_steer_nginx_or_the_browser() -> Result<()> {
    const HEADERS: [(&str, &str); 21] = [
        ("www-authenticate", "Basic realm=\"API\""),
        ("set-cookie", "a=b"),
        ("access-control-allow-origin", "*"),
        ("access-control-allow-credentials", "true"),
        ("alt-svc", "h3=\":443\""),
        ("clear-site-data", "\"*\""),
        ("nel", r#"{"report_to":"cf-nel","max_age":604800}"#),
        ("report-to", r#"{"group":"cf-nel","max_age":604800,"endpoints":[{"url":"https://elsewhere.example"}]}"#),
        ("reporting-endpoints", "default=\"https://elsewhere.example\""),
        ("strict-transport-security", "max-age=0"),
        ("content-security-policy", "default-src *"),
        ("cache-control", "public, max-age=60"),
        ("expires", "Thu, 01 Jan 2099 00:00:00 GMT"),
        ("pragma", "cache"),
        ("referrer-policy", "unsafe-url"),
        ("cross-origin-resource-policy", "cross-origin"),
        ("x-content-type-options", "none"),
        ("x-powered-by", "something"),
        ("x-accel-redirect", "/index.html"),
        ("x-accel-charset", "utf-16"),
        ("x-accel-limit-rate", "1"),
    ];
    let router = Router::new().fallback(async || {
        let mut answer = axum::response::Response::new(axum::body::Body::from("of the API"));
        *answer.status_mut() = StatusCode::UNAUTHORIZED;
        for (name, value) in HEADERS.into_iter().chain([("retry-after", "7"), ("x-request-id", "r-1")]) {
            let value = axum::http::HeaderValue::from_static(value);
            answer.headers_mut().append(name, value);
        }
        answer
    });
    let nginx = &Proxied::start_before(router).await?.nginx;
    for path in KEYED.iter().chain(&["/v1/admin/projects"]) {
        let answer = nginx.ask("POST", path, &[]).await?;
        assert_eq!((answer.status, &*answer.body), (401, b"of the API".as_slice()), "{path}");
        for (name, value) in HEADERS {
            ensure!(answer.header(name)? != value, "{path}: {name}: {value}");
        }
        for absent in [
            "www-authenticate",
            "set-cookie",
            "access-control-allow-origin",
            "alt-svc",
            "clear-site-data",
            "nel",
            "report-to",
            "reporting-endpoints",
        ] {
            assert_eq!(answer.header(absent)?, "", "{path}");
        }
        assert_eq!((answer.header("retry-after")?, answer.header("x-request-id")?), ("7", "r-1"), "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn sends_nothing_to_an_api_with_a_wrong_certificate() -> Result<()> {
    for certificate in [Certificate::OtherAuthority, Certificate::OtherName, Certificate::Expired] {
        for example in [Example::SameOrigin, Example::LoadBalancer] {
            let Proxied { sandbox, nginx, .. } = &Proxied::start_with(example, certificate).await?;
            for path in KEYED.iter().chain(&["/v1/admin/projects"]) {
                let answer = nginx.ask_app(example, "POST", path, &[("authorization", "Bearer of-the-caller")]).await?;
                check_refusal(&answer, 502).with_context(|| format!("{certificate:?} {path}"))?;
            }
            let sent = nginx.sent_to_api();
            ensure!(sent.is_empty() && sandbox.received().is_empty(), "{certificate:?}: {sent}");
        }
    }
    // The right certificate, for comparison.
    let Proxied { nginx, .. } = &Proxied::start().await?;
    ensure!(nginx.ask("POST", LOGOUT, &[]).await?.status != 502);
    ensure!(nginx.sent_to_api().contains(KEY_LINE));
    Ok(())
}

#[tokio::test]
async fn believes_only_the_load_balancer_about_clients() -> Result<()> {
    const EXAMPLE: Example = Example::LoadBalancer;
    let Proxied { nginx, .. } = &Proxied::start_with(EXAMPLE, Certificate::Right).await?;
    // A load balancer appends the address it sees to what the client sent.
    for forwarded in ["203.0.113.7", "203.0.113.66, 203.0.113.7"] {
        nginx
            .ask_app(EXAMPLE, "POST", LOGOUT, &[("x-forwarded-for", forwarded), ("x-forwarded-proto", "https")])
            .await?;
    }
    let sent = nginx.sent_to_api();
    assert_eq!(sent.matches("X-Forwarded-For: 203.0.113.7\r\n").count(), 2, "{sent}");
    assert_eq!(sent.matches("X-Forwarded-Proto: https\r\n").count(), 2, "{sent}");
    ensure!(!sent.contains("203.0.113.66"), "{sent}");
    ensure!(nginx.access_log()?.contains("203.0.113.7 ["), "{}", nginx.access_log()?);

    // Each client has its own limit.
    let refresh = async |client: &str| -> Result<u16> {
        Ok(nginx.ask_app(EXAMPLE, "POST", KEYED[2], &[("x-forwarded-for", client)]).await?.status)
    };
    let mut is_limited = false;
    for _ in 0..40 {
        is_limited |= refresh("203.0.113.7").await? == 429;
    }
    ensure!(is_limited && refresh("203.0.113.8").await? != 429);

    // Anyone else's header is ignored.
    let request = format!(
        "POST {LOGOUT} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 203.0.113.99\r\nConnection: close\r\n\r\n"
    );
    nginx.send_raw_from([127, 0, 0, 2].into(), request.as_bytes()).await?;
    let sent = nginx.sent_to_api();
    ensure!(sent.contains("X-Forwarded-For: 127.0.0.2\r\n") && !sent.contains("203.0.113.99"), "{sent}");
    Ok(())
}
