//! The release build behind a real nginx, configured by the files in `deploy/nginx`: headers, policy, caching, logs, the key.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use app_tests::headers::{Headers, with_connection};
use app_tests::nginx::{Answer, Certificate, Example, Nginx, PREVIOUS_FILE, Proxied, check_example, has_brotli};
use app_tests::pages::{Alert, Callback, Home, SignIn};
use app_tests::stand::{Api, Front, Options, Stand};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sandbox::{Endpoint, Fault, Times};
use serde_json::{Value, json};

use crate::proxy::ENDINGS;
use crate::support::{EMAIL, FAILED_LOAD, authorization_query, parameter, show_in_frame};

const KEY: &str = "sandbox-api-key";

/// What documents alone obey need not come with other answers.
const FOR_DOCUMENTS: [&str; 4] =
    ["content-security-policy", "cross-origin-opener-policy", "permissions-policy", "x-frame-options"];

/// The policy of the API's answers, if one is opened by itself.
const FOR_ANSWERS: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

/// Says each violation of a policy aloud, on every page, so that `finish` fails.
const LISTEN: &str = "
    addEventListener('securitypolicyviolation', event => {
        console.error(`violation of ${event.effectiveDirective} by ${event.blockedURI} ${event.sample}`);
    });";

async fn start(api: Api) -> Result<Stand> {
    let stand = Stand::start_with(Options { api, front: Front::Nginx, ..Options::default() }).await?;
    stand.browser.before_every_page(LISTEN).await?;
    Ok(stand)
}

fn dist() -> Result<PathBuf> {
    Ok(std::env::var_os("APP_DIST").context("APP_DIST is not set")?.into())
}

/// The files of the build that the page asks for, as paths on the site.
fn assets() -> Result<Vec<String>> {
    let mut assets = Vec::new();
    for entry in std::fs::read_dir(dist()?)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let is_asset = [".css", ".js", ".svg", ".wasm"].iter().any(|end| name.ends_with(end));
        assets.extend(is_asset.then(|| format!("/{name}")));
    }
    ensure!(assets.len() == 4, "{assets:?}");
    Ok(assets)
}

/// Sign-in, projects, failures that are shown, pages that are not there, sign-out.
async fn whole_flow(stand: &Stand) -> Result<()> {
    let browser = &stand.browser;
    stand.sign_in(EMAIL).await?.wait_for_projects().await?;
    stand.reach_provider("/login", EMAIL).await?.refuse().await?;
    let (callback, _) = Callback::failed(browser, "provider_error").await?;
    callback.start_over().await?;
    SignIn::shown(browser).await?;

    stand.reach_provider("/login", EMAIL).await?.sign_in_with(Fault::WrongState).await?;
    Callback::failed(browser, "state_mismatch").await?;

    stand.sandbox.set_fault(Endpoint::Login, Fault::Markup, Times::Once)?;
    stand.reach_provider("/login", EMAIL).await?.sign_in().await?;
    Callback::failed(browser, "login_rejected").await?;

    stand.sandbox.set_fault(Endpoint::Initiate, Fault::ServerError, Times::Once)?;
    stand.open("/login").await?;
    SignIn::shown(browser).await?.submit(EMAIL).await?;
    Alert::shown(browser, "server_error").await?;

    stand.sandbox.set_fault(Endpoint::Login, Fault::ServerError, Times::Once)?;
    stand.reach_provider("/login?return_to=%2Fnowhere", EMAIL).await?.sign_in().await?;
    let (callback, _) = Callback::failed(browser, "server_error").await?;
    callback.try_again().await?;
    browser.wait_for("heading", "Page not found").await?;
    // As the router does it, since a reload would end the session.
    browser.click("link", "Go to the start page").await?;
    Home::shown(browser).await?.sign_out().await?;
    SignIn::shown(browser).await?;
    Ok(())
}

/// Every answer of the site to a browser, in plain.
async fn everything_that_a_browser_gets(nginx: &Nginx) -> Result<String> {
    let mut text = String::new();
    for path in assets()?.iter().map(String::as_str).chain(["/", "/login/sso_callback", "/index.html", "/missing.js"]) {
        for encoding in ["identity", "gzip"] {
            let answer = nginx.ask("GET", path, &[("accept-encoding", encoding)]).await?;
            text.push_str(&String::from_utf8_lossy(&plain(&answer)?));
            text.push_str(&format!("{:?}", answer.headers));
        }
    }
    Ok(text)
}

fn plain(answer: &Answer) -> Result<Vec<u8>> {
    let mut plain = Vec::new();
    match answer.header("content-encoding")? {
        "gzip" => drop(flate2::read::GzDecoder::new(&*answer.body).read_to_end(&mut plain)?),
        "br" => brotli::BrotliDecompress(&mut &*answer.body, &mut plain)?,
        "" => plain.extend_from_slice(&answer.body),
        other => anyhow::bail!("{other}?"),
    }
    Ok(plain)
}

#[tokio::test]
async fn the_whole_flow_violates_no_policy_leaves_no_code_in_a_log_and_needs_no_key_in_the_browser() -> Result<()> {
    let stand = start(Api::SameOrigin).await?;
    whole_flow(&stand).await?;
    let logins = stand.api_bodies(Endpoint::Login)?;
    ensure!(logins.len() >= 4, "{} logins", logins.len());
    let codes = logins.iter().filter_map(|body| body["code"].as_str()).filter(|code| !code.is_empty());
    let states = logins.iter().filter_map(|body| body["state"].as_str());
    let newest = parameter(&authorization_query(&stand)?, "state");
    let nginx = stand.nginx()?;
    let logs = nginx.logs()?;
    for secret in codes.chain(states).chain([newest.as_str(), KEY, "code=", "state=", EMAIL, "eyJ"]) {
        ensure!(!logs.contains(secret), "{secret} in a log: {logs}");
    }
    ensure!(logs.contains("\"GET /login/sso_callback HTTP/2.0\" 200 "), "{logs}");

    let everything = everything_that_a_browser_gets(nginx).await?;
    ensure!(!everything.contains(KEY) && everything.contains("indee-api-key"), "the key");
    stand.finish_although(&[FAILED_LOAD]).await
}

#[tokio::test]
async fn across_origins_the_page_has_key_and_api_and_the_policy_lets_it_there_only() -> Result<()> {
    let stand = start(Api::CrossOrigin).await?;
    whole_flow(&stand).await?;
    let login = stand.api_requests(Endpoint::Login).remove(0);
    assert_eq!(login.header("origin"), Some(stand.origin.as_str()));

    let nginx = stand.nginx()?;
    let api = nginx.api_origin();
    let page = nginx.ask("GET", "/login", &[("accept-encoding", "gzip, br")]).await?;
    // What was filled in cannot have been compressed before.
    assert_eq!(page.header("content-encoding")?, "gzip");
    let text = String::from_utf8(plain(&page)?)?;
    ensure!(text.contains(&format!(r#"<meta name="indee-api-base" content="{api}">"#)), "{text}");
    ensure!(text.contains(&format!(r#"<meta name="indee-api-key" content="{KEY}">"#)), "{text}");
    for validator in ["etag", "last-modified"] {
        assert_eq!(page.header(validator)?, "", "{validator} would not change with the settings");
    }
    for (name, expected) in Headers::load()?.of("/login") {
        let expected = match name.as_str() {
            "content-security-policy" => with_connection(&expected, &api),
            _ => expected,
        };
        assert_eq!(page.header(&name)?, expected, "{name}");
    }
    stand.finish_although(&[FAILED_LOAD]).await
}

/// The policy as built, without the API's origin that the deployment adds.
fn without_api(policy: &str) -> String {
    const CONNECT: &str = "connect-src 'self'";
    let Some((before, after)) = policy.split_once(CONNECT) else { return policy.to_owned() };
    let added = after.find(';').unwrap_or_default();
    format!("{before}{CONNECT}{}", after.get(added..).unwrap_or_default())
}

/// Compares all headers that the build decides.
fn check_headers(answer: &Answer, what: &str, is_document: bool, cache: &str) -> Result<()> {
    let all = Headers::load()?.of("/any/path");
    ensure!(all.len() == 8, "{all:?}");
    for (name, expected) in all {
        let is_meant = is_document || !FOR_DOCUMENTS.contains(&name.as_str());
        let sent = without_api(answer.header(&name)?);
        let expected = match name.as_str() {
            _ if is_meant => expected,
            // Only the API's answers are neither documents nor kept.
            "content-security-policy" if cache == "no-store" => FOR_ANSWERS.to_owned(),
            _ => String::new(),
        };
        assert_eq!(sent, expected, "{name} of {what}");
    }
    assert_eq!(answer.header("cache-control")?, cache, "{what}");
    assert_eq!(answer.header("server")?, "nginx", "{what}");
    Ok(())
}

#[tokio::test]
async fn every_answer_has_the_headers_of_the_build() -> Result<()> {
    let nginx = &Proxied::start().await?.nginx;
    let headers = Headers::load()?;
    let cache =
        |path: &str| headers.of(path).into_iter().find(|(name, _)| name == "cache-control").map(|(_, value)| value);
    assert_eq!(cache("/").as_deref(), Some("no-cache"));

    let page = std::fs::read(dist()?.join("index.html"))?;
    for path in ["/", "/index.html", "/login", "/login/", "/login/sso_callback?code=a&state=b", "/deep/path/v1.2"] {
        let answer = nginx.ask("GET", path, &[]).await?;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.body, page, "{path}");
        assert_eq!(answer.header("content-type")?, "text/html; charset=utf-8", "{path}");
        check_headers(&answer, path, true, "no-cache")?;
        // The next visit costs next to nothing.
        for (validator, condition) in [("etag", "if-none-match"), ("last-modified", "if-modified-since")] {
            let again = nginx.ask("GET", path, &[(condition, answer.header(validator)?)]).await?;
            assert_eq!((again.status, again.body.len()), (304, 0), "{path} {condition}");
            check_headers(&again, path, true, "no-cache")?;
        }
    }
    for path in assets()? {
        let answer = nginx.ask("GET", &path, &[]).await?;
        assert_eq!(answer.status, 200, "{path}");
        check_headers(&answer, &path, false, &cache(&path).context("no rule")?)?;
        assert!(answer.header("cache-control")?.contains("immutable"), "{path}");
        let kind = match path.rsplit_once('.').map(|(_, kind)| kind) {
            // `text/javascript` in newer versions.
            Some("js") => "/javascript",
            Some("css") => "text/css",
            Some("svg") => "image/svg+xml",
            _ => "application/wasm",
        };
        assert!(answer.header("content-type")?.ends_with(kind), "{path}: {answer:?}");
    }
    for path in ["/app-0123456789abcdef.js", "/app-0123456789abcdef.wasm", "/a-b-0123456789abcdef.css"] {
        let answer = nginx.ask("GET", path, &[]).await?;
        assert_eq!(answer.status, 404, "{path}");
        assert!(!String::from_utf8_lossy(&answer.body).contains("Indee"), "{path} is the page");
        check_headers(&answer, path, true, "no-store")?;
    }
    // Whatever is refused, no cache keeps the refusal in place of the file.
    let asset = assets()?.remove(0);
    for path in [asset.as_str(), "/login"] {
        for (method, headers, status) in [
            ("DELETE", &[][..], 405),
            ("TRACE", &[], 405),
            ("GET", &[("if-match", "\"other\"")], 412),
            ("GET", &[("if-unmodified-since", "Thu, 01 Jan 2015 00:00:00 GMT")], 412),
        ] {
            let answer = nginx.ask(method, path, headers).await?;
            check_error_page(&answer, status).with_context(|| format!("{method} {path} {headers:?}"))?;
        }
        let answer = nginx.ask("GET", path, &[("range", "bytes=99999999-")]).await?;
        // `header` refuses one that comes twice.
        let cache = answer.header("cache-control")?;
        assert_eq!((answer.status, cache.contains("immutable")), (200, path == asset), "{path}");
    }
    assert_eq!(nginx.ask("POST", &asset, &[]).await?.status, 405, "{asset}");
    for path in ["/v1/admin/projects", "/v1/nowhere"] {
        let answer = nginx.ask("GET", path, &[]).await?;
        assert!(answer.status >= 400, "{path}");
        check_headers(&answer, path, false, "no-store")?;
    }
    // The one that fails by itself, for want of a body.
    let answer = nginx.ask("POST", "/v1/admin/auth/sso/initiate", &[]).await?;
    check_headers(&answer, "initiate", false, "no-store")?;
    for (method, path) in [("DELETE", "/"), ("GET", "/v1/admin/auth/refresh")] {
        let answer = nginx.ask(method, path, &[]).await?;
        assert_eq!(answer.status, 405, "{method} {path}");
        assert_eq!(answer.header("x-content-type-options")?, "nosniff");
    }
    Ok(())
}

#[tokio::test]
async fn serves_the_page_for_every_path_that_is_no_file_of_the_build() -> Result<()> {
    let page = std::fs::read(dist()?.join("index.html"))?;
    for example in [Example::SameOrigin, Example::LoadBalancer] {
        let nginx = &Proxied::start_with(example, Certificate::Right).await?.nginx;
        let mut paths: Vec<String> = ENDINGS.iter().map(|end| format!("/reports/q3.{end}")).collect();
        paths.extend(ENDINGS.iter().map(|end| format!("/q3.{end}")));
        let others = [
            "/v1x.json",
            "/v1",
            "/v1.json",
            "/robots.txt",
            "/_headers",
            "/index.html.gz",
            "/previous/",
            "/deep/app-0123456789abcdef.js",
            "/app-0123456789abcdef.js/",
            "/app-0123456789abcdef.js%0A",
            "/app-0123456789ABCDEF.js",
            "/app-0123456789abcde.js",
            "/reports/",
            "/.well-known/change-password",
        ];
        paths.extend(others.map(str::to_owned));
        paths.push(format!("/previous{}", PREVIOUS_FILE.0));
        for path in paths {
            let answer = nginx.ask_app(example, "GET", &path, &[]).await?;
            assert_eq!(answer.status, 200, "{path}");
            ensure!(answer.body == page, "{path}: {}", String::from_utf8_lossy(&answer.body));
            check_headers(&answer, &path, true, "no-cache")?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn serves_hashed_files_of_the_previous_build() -> Result<()> {
    let (path, content) = PREVIOUS_FILE;
    for example in Example::ALL {
        let nginx = &Proxied::start_with(example, Certificate::Right).await?.nginx;
        let answer = nginx.ask_app(example, "GET", path, &[]).await?;
        assert_eq!((answer.status, &*answer.body), (200, content.as_bytes()), "{example:?}");
        let cache = "public, max-age=31536000, immutable";
        check_headers(&answer, path, false, cache)?;
    }
    Ok(())
}

#[tokio::test]
async fn redirects_a_post_to_the_bare_page() -> Result<()> {
    for example in Example::ALL {
        let nginx = &Proxied::start_with(example, Certificate::Right).await?.nginx;
        for (path, location) in [
            ("/login/sso_callback", "/login/sso_callback"),
            ("/login/sso_callback/?code=a&state=b", "/login/sso_callback/"),
            ("//login/sso_callback?code=a", "/login/sso_callback"),
            ("/login/start?login_hint=a", "/login/start"),
            ("/", "/"),
            ("/reports/q3.pdf?a", "/reports/q3.pdf"),
            ("/deep%0d%0aSet-Cookie:%20a=b", "/deep%0d%0aSet-Cookie:%20a=b"),
            // Never to another host.
            ("//elsewhere.example/", "/elsewhere.example/"),
            ("///elsewhere.example", "/elsewhere.example"),
            ("/%2felsewhere.example", "/%2felsewhere.example"),
            ("/?https://elsewhere.example", "/"),
        ] {
            let answer = nginx.ask_app(example, "POST", path, &[]).await?;
            assert_eq!((answer.status, answer.header("location")?), (303, location), "{example:?} {path}");
            check_headers(&answer, path, true, "no-cache")?;
        }
    }
    let nginx = &Proxied::start().await?.nginx;
    for path in [r"/\elsewhere.example", r"//\elsewhere.example", r"\\elsewhere.example"] {
        let request =
            format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        let answer = nginx.send_raw(request.as_bytes()).await?;
        ensure!(answer.starts_with("HTTP/1.1 400 ") || answer.contains("\r\nLocation: /\r\n"), "{path}: {answer}");
    }
    // A form with an ID token is large.
    let answer = nginx.send("POST", "/login/sso_callback", &[], vec![b'x'; 60_000].into()).await?;
    assert_eq!(answer.status, 303);
    Ok(())
}

#[tokio::test]
async fn a_callback_by_form_post_reaches_the_app_as_a_bare_get() -> Result<()> {
    let stand = start(Api::SameOrigin).await?;
    let browser = &stand.browser;
    stand.reach_provider("/login", EMAIL).await?;
    // A provider's page submits a form by itself.
    let form = "
        const f = document.createElement('form');
        Object.assign(f, { method: 'post', action: arguments[0] });
        f.innerHTML = '<input name=code value=a><input name=state value=b>';
        document.body.append(f);
        f.submit();";
    browser.script(form, vec![format!("{}/login/sso_callback?from=form", stand.origin).into()]).await?;
    // The host's part is the bare GET.
    browser
        .until("the app", async || {
            Ok(stand.nginx()?.access_log()?.contains("\"GET /login/sso_callback ").then_some(()))
        })
        .await?;
    ensure!(stand.nginx()?.access_log()?.contains("\"POST /login/sso_callback HTTP/2.0\" 303 "));
    SignIn::shown(browser).await?;
    ensure!(!stand.nginx()?.logs()?.contains("from=form"));
    // The pending sign-in stays, as it should.
    browser.script("sessionStorage.clear();", Vec::new()).await?;
    stand.finish_although(&[FAILED_LOAD]).await
}

/// Checks an error page: a link to the form, and the headers of every other answer.
fn check_error_page(answer: &Answer, status: u16) -> Result<()> {
    let text = String::from_utf8_lossy(&answer.body);
    assert_eq!(answer.status, status, "{text}");
    assert_eq!(answer.header("content-type")?, "text/html; charset=utf-8");
    ensure!(text.contains(r#"<a href="/login">"#), "{text}");
    check_headers(answer, "an error", true, "no-store")
}

/// Parses a raw response.
fn read_raw(text: &str) -> Result<Answer> {
    let (head, body) = text.split_once("\r\n\r\n").context("no head")?;
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).context("no status")?.parse()?;
    let headers = lines.filter_map(|line| line.split_once(": "));
    Ok(Answer {
        status,
        version: http::Version::HTTP_11,
        headers: headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect(),
        body: body.to_owned().into(),
    })
}

#[tokio::test]
async fn serves_an_error_page_with_a_link_for_its_own_errors() -> Result<()> {
    for example in Example::ALL {
        let nginx = &Proxied::start_with(example, Certificate::Right).await?.nginx;
        // The app itself reports a query that is too long.
        for length in [16_384, 20_481, 60_000] {
            let answer =
                nginx.ask_app(example, "GET", &format!("/login/sso_callback?code={}", "X".repeat(length)), &[]).await?;
            assert_eq!(answer.status, 200, "{example:?} {length}");
            check_headers(&answer, "a long one", true, "no-cache")?;
        }
        check_error_page(&nginx.ask_app(example, "GET", "/app-0123456789abcdef.js", &[]).await?, 404)?;
        check_error_page(&nginx.ask_app(example, "GET", "/login/%00", &[]).await?, 400)?;
        let long = "a".repeat(70_000);
        let requests = [
            (
                414,
                format!("GET /login/sso_callback?code={long} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
            ),
            (400, format!("GET /login HTTP/1.1\r\nHost: localhost\r\nCookie: a={long}\r\nConnection: close\r\n\r\n")),
            (400, "GET /login HTTP/1.1\r\nConnection: close\r\n\r\n".to_owned()),
            (
                413,
                format!(
                    "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 70000\r\nConnection: close\r\n\r\n{long}"
                ),
            ),
        ];
        for (status, request) in requests {
            let answer = if example == Example::LoadBalancer {
                nginx.send_raw_from([127, 0, 0, 1].into(), request.as_bytes()).await?
            } else {
                nginx.send_raw(request.as_bytes()).await?
            };
            check_error_page(&read_raw(&answer)?, status)?;
        }
        if example != Example::LoadBalancer {
            let request = format!("GET /login?{long} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            check_error_page(&read_raw(&nginx.send_raw_redirecting(request.as_bytes()).await?)?, 414)?;
            // Larger than nginx's own limit.
            for path in ["/login", "/app-0123456789abcdef.js"] {
                check_error_page(&nginx.send("POST", path, &[], vec![b'x'; 1_100_000].into()).await?, 413)?;
            }
            // Plain HTTP on the TLS port.
            let request = b"GET /login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            check_error_page(&read_raw(&nginx.send_raw_from([127, 0, 0, 1].into(), request).await?)?, 400)?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn speaks_tls_and_http_2_and_redirects_plain_http() -> Result<()> {
    for example in [Example::SameOrigin, Example::CrossOrigin] {
        let nginx = &Proxied::start_with(example, Certificate::Right).await?.nginx;
        let answer = nginx.ask("GET", "/login", &[]).await?;
        assert_eq!((answer.status, answer.version), (200, http::Version::HTTP_2), "{example:?}");
        let hsts = answer.header("strict-transport-security")?;
        let seconds: u64 = hsts.strip_prefix("max-age=").context("no HSTS")?.parse()?;
        ensure!(seconds >= 31_536_000, "{hsts}");
        // HTTP/1.1 works, too.
        let old = b"GET /login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        ensure!(nginx.send_raw(old).await?.starts_with("HTTP/1.1 200 "));

        for path in [
            "/",
            "/login/sso_callback?code=a&state=b",
            "/v1/admin/projects?limit=12",
            "//elsewhere.example/x",
            "/a%0d%0aSet-Cookie:%20a=b",
        ] {
            let answer = nginx.ask_redirecting(path).await?;
            let location = format!("{}{path}", nginx.origin());
            assert_eq!((answer.status, answer.header("location")?), (301, location.as_str()), "{example:?}");
        }
        ensure!(nginx.sent_to_api().is_empty());
        ensure!(!nginx.access_log()?.contains("code="), "{}", nginx.access_log()?);
    }
    Ok(())
}

#[tokio::test]
async fn never_redirects_in_a_loop_behind_a_load_balancer() -> Result<()> {
    const EXAMPLE: Example = Example::LoadBalancer;
    let nginx = &Proxied::start_with(EXAMPLE, Certificate::Right).await?.nginx;
    let path = "/login/sso_callback?code=a";
    for said in [&[("x-forwarded-proto", "https")][..], &[], &[("x-forwarded-proto", "https, http")]] {
        let answer = nginx.ask_app(EXAMPLE, "GET", path, said).await?;
        assert_eq!(answer.status, 200, "{said:?}");
        check_headers(&answer, path, true, "no-cache")?;
        // A redirect leaves scheme, host and port to the browser.
        let answer = nginx.ask_app(EXAMPLE, "POST", path, said).await?;
        assert_eq!((answer.status, answer.header("location")?), (303, "/login/sso_callback"), "{said:?}");
    }
    let answer = nginx.ask_app(EXAMPLE, "GET", path, &[("x-forwarded-proto", "http")]).await?;
    assert_eq!((answer.status, answer.header("location")?), (301, format!("{}{path}", nginx.origin()).as_str()));
    // A health check.
    let alive = b"GET / HTTP/1.0\r\n\r\n";
    ensure!(nginx.send_raw_from([127, 0, 0, 1].into(), alive).await?.starts_with("HTTP/1.1 200 "));
    Ok(())
}

#[tokio::test]
async fn what_was_compressed_by_the_build_is_sent_as_it_is() -> Result<()> {
    let nginx = &Proxied::start().await?.nginx;
    let mut encodings = vec![("gzip", "gz", "gzip")];
    if has_brotli()? {
        // As Chromium says it.
        encodings.push(("gzip, deflate, br, zstd", "br", "br"));
    }
    let mut paths = assets()?;
    paths.push("/index.html".to_owned());
    for path in paths {
        let file = dist()?.join(path.trim_start_matches('/'));
        let asked = if path == "/index.html" { "/login" } else { &path };
        for (accepted, extension, sent) in &encodings {
            let answer = nginx.ask("GET", asked, &[("accept-encoding", accepted)]).await?;
            assert_eq!(answer.header("content-encoding")?, *sent, "{path}");
            assert_eq!(answer.header("vary")?, "Accept-Encoding", "{path}");
            let compressed = std::fs::read(format!("{}.{extension}", file.display()))?;
            ensure!(answer.body == compressed, "{path}.{extension}: other bytes");
            ensure!(plain(&answer)? == std::fs::read(&file)?, "{path}.{extension}: another content");
        }
        let answer = nginx.ask("GET", asked, &[]).await?;
        assert_eq!(answer.header("content-encoding")?, "", "{path}");
        assert_eq!(answer.header("vary")?, "Accept-Encoding", "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn a_second_visit_asks_for_the_page_only() -> Result<()> {
    let stand = start(Api::SameOrigin).await?;
    let nginx = stand.nginx()?;
    let mut seen = 0;
    let mut visit = async |requests: usize| -> Result<BTreeMap<String, (u16, usize)>> {
        stand.open("/login").await?;
        SignIn::shown(&stand.browser).await?;
        // The icon comes when all else is there.
        let look = async || Ok(Some(nginx.access_log()?).filter(|log| log.lines().count() >= seen + requests));
        let log = stand.browser.until("the visit in the log", look).await?;
        let lines: Vec<&str> = log.lines().skip(seen).collect();
        seen += lines.len();
        let line = |line: &&str| -> Option<(String, (u16, usize))> {
            let (_, request) = line.split_once("\"GET ")?;
            let (path, rest) = request.split_once(" HTTP/2.0\" ")?;
            let mut numbers = rest.split(' ');
            Some((path.to_owned(), (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?)))
        };
        lines.iter().map(|text| line(text).with_context(|| format!("not understood: {text}"))).collect()
    };
    let first = visit(5).await?;
    let second = visit(1).await?;
    println!("first visit: {first:#?}\nsecond visit: {second:#?}");
    ensure!(first.len() == 5 && first.values().all(|(status, _)| *status == 200), "{first:?}");
    ensure!(second.keys().eq(["/login"]), "{second:?}");
    ensure!(second["/login"].0 == 304, "{second:?}");
    stand.finish().await
}

/// The directive that must refuse an attempt, and the attempt. Each runs detached from the driver, for which the browser makes
/// exceptions.
const INTRUDERS: [(&str, &str); 5] = [
    // Trusted Types do not apply to this one.
    ("script-src-elem", "import(elsewhere + '/intruder.js').then(() => { window.ran = true; }, () => {});"),
    ("style-src-elem", STYLE),
    ("img-src", "new Image().src = elsewhere;"),
    ("connect-src", "fetch(elsewhere).then(() => { window.ran = true; }, () => {});"),
    (
        "form-action",
        "const f = document.createElement('form'); f.action = elsewhere; document.body.append(f); f.submit();",
    ),
];

const STYLE: &str =
    "const s = document.createElement('style'); s.append('body { color: red }'); document.head.append(s);";
const SCRIPT: &str =
    "const s = document.createElement('script'); s.append('window.ran = true'); document.head.append(s);";
const EVAL: &str = "window.ran = (0, eval)('true');";
const HANDLER: &str =
    "const b = document.createElement('button'); b.setAttribute('onclick', 'window.ran = true'); b.click();";

/// Trusted Types refuse these before other directives apply.
const TRUSTED_TYPES: &str = "require-trusted-types-for";
const UNTRUSTED: [(&str, &str); 3] = [
    (TRUSTED_TYPES, SCRIPT),
    (TRUSTED_TYPES, EVAL),
    (TRUSTED_TYPES, "document.body.innerHTML = '<h1>Sign in</h1>'; window.ran = true;"),
];

/// The same scripts without Trusted Types.
const SCRIPTS: [(&str, &str); 3] = [("script-src-elem", SCRIPT), ("script-src", EVAL), ("script-src-attr", HANDLER)];

/// Each attempt is refused, has no effect, and is reported under its directive and no other.
async fn check_intruders(stand: &Stand, intruders: &[(&str, &str)]) -> Result<()> {
    for (directive, attempt) in intruders {
        let script = format!(
            "return new Promise(done => {{
                const found = [];
                const note = event => found.push(`${{event.effectiveDirective}} ${{event.disposition}}`);
                addEventListener('securitypolicyviolation', note);
                window.ran = false;
                const attempt = elsewhere => {{ {attempt} }};
                setTimeout(() => {{ try {{ attempt(arguments[0]); }} catch {{}} }});
                setTimeout(() => {{
                    removeEventListener('securitypolicyviolation', note);
                    done([found, window.ran]);
                }}, 300);
            }});"
        );
        let found = stand.browser.script(&script, vec![stand.provider.clone().into()]).await?;
        let reports = found[0].as_array().map(Vec::as_slice).unwrap_or_default();
        // Reported twice if header and page both have a policy.
        let expected = format!("{directive} enforce");
        ensure!(!reports.is_empty() && reports.iter().all(|report| report == &expected), "{directive}: {found}");
        ensure!(found[1] == false, "{directive}: it ran");
    }
    Ok(())
}

/// What the browser says of them.
const REFUSED: [&str; 4] = [
    "violation of",
    "Content Security Policy",
    "This document requires",
    // The provider has no TLS.
    "Mixed Content",
];

#[tokio::test]
async fn the_policy_is_in_force() -> Result<()> {
    let stand = start(Api::SameOrigin).await?;
    let browser = &stand.browser;
    stand.open("/login").await?;
    SignIn::shown(browser).await?;
    check_intruders(&stand, &[&INTRUDERS[..], &UNTRUSTED].concat()).await?;
    ensure!(stand.sandbox.received().is_empty(), "{:?}", stand.sandbox.received());
    // The form is still there and works: nothing of all that had an effect.
    SignIn::shown(browser).await?.type_email(EMAIL).await?;
    stand.finish_although(&REFUSED).await
}

#[tokio::test]
async fn refuses_scripts_without_trusted_types() -> Result<()> {
    let stand = Stand::start_with(Options { front: Front::NginxWithoutTrustedTypes, ..Options::default() }).await?;
    stand.open("/login").await?;
    SignIn::shown(&stand.browser).await?;
    check_intruders(&stand, &[&INTRUDERS[..], &SCRIPTS].concat()).await?;
    ensure!(stand.sandbox.received().is_empty(), "{:?}", stand.sandbox.received());
    stand.finish_although(&REFUSED).await
}

#[tokio::test]
async fn without_headers_the_page_has_a_policy_of_its_own_and_any_api_can_be_configured() -> Result<()> {
    let options = Options { api: Api::CrossOrigin, front: Front::Bare, ..Options::default() };
    let stand = Stand::start_with(options).await?;
    stand.browser.before_every_page(LISTEN).await?;
    stand.sign_in(EMAIL).await?.wait_for_projects().await?;
    let console = stand.browser.console().await?;
    ensure!(console.is_empty(), "{console:?}");
    // It lets the page connect to wherever its settings say.
    let mut intruders = INTRUDERS.to_vec();
    intruders.retain(|(directive, _)| *directive != "connect-src");
    intruders.extend(UNTRUSTED);
    check_intruders(&stand, &intruders).await?;
    stand.finish_although(&REFUSED).await
}

#[tokio::test]
async fn no_other_page_can_hold_the_app_in_a_frame() -> Result<()> {
    let stand = start(Api::SameOrigin).await?;
    let browser = &stand.browser;
    show_in_frame(browser, &format!("{}/login", stand.origin)).await?;
    browser.client().enter_frame(0).await?;
    let shown = browser.text_of("location.protocol + document.body.innerText").await?;
    ensure!(shown.starts_with("chrome-error:") && !shown.contains("Sign in"), "{shown}");
    browser.client().enter_parent_frame().await?;
    let console = browser.console().await?;
    ensure!(console.iter().any(|message| message.text.contains("frame-ancestors 'none'")), "{console:?}");
    stand.open("/login").await?;
    SignIn::shown(browser).await?;
    stand.finish_although(&["frame-ancestors", FAILED_LOAD]).await
}

#[tokio::test]
async fn too_many_calls_from_one_address_are_answered_429_and_the_app_says_when_to_try_again() -> Result<()> {
    let stand = start(Api::SameOrigin).await?;
    let browser = &stand.browser;
    stand.open("/login").await?;
    let form = SignIn::shown(browser).await?;
    form.type_email(EMAIL).await?;
    let nginx = stand.nginx()?;
    let mut limited = None;
    for _ in 0..40 {
        let answer = nginx.ask("POST", "/v1/admin/auth/refresh", &[]).await?;
        if answer.status == 429 {
            limited = Some(answer);
            break;
        }
    }
    let answer = limited.context("no limit")?;
    assert_eq!(answer.header("retry-after")?, "10");
    assert_eq!(
        serde_json::from_slice::<Value>(&answer.body)?,
        json!({"status_code": "A5001", "status_message": "Too many requests"})
    );
    check_headers(&answer, "429", false, "no-store")?;
    // One a second is let through again: it shall not be the browser's.
    let others = async {
        loop {
            if let Err(error) = nginx.ask("POST", "/v1/admin/auth/refresh", &[]).await {
                break Err(error);
            }
        }
    };
    let ours = async {
        form.press().await?;
        Alert::shown(browser, "rate_limited").await
    };
    let alert = tokio::select! {
        alert = others => alert,
        alert = ours => alert,
    }?;
    ensure!(alert.text.contains("You can try again in 10 seconds."), "{}", alert.text);
    // Other calls are not limited.
    ensure!(nginx.ask("GET", "/v1/admin/projects", &[]).await?.status != 429);
    stand.finish_although(&[FAILED_LOAD]).await
}

#[test]
fn the_examples_are_valid_as_they_are_shipped() -> Result<()> {
    Example::ALL.into_iter().try_for_each(check_example)
}

#[test]
fn the_script_fills_settings_in_as_text_and_refuses_what_is_none() -> Result<()> {
    let folder = std::env::temp_dir().join(format!("app-tests-configure-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    for name in ["index.html", "_headers"] {
        std::fs::copy(dist()?.join(name), folder.join(name))?;
    }
    let configure = |base: &str, key: &str| -> Result<bool> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/configure.sh");
        Ok(Command::new("sh").arg(script).arg(&folder).args([base, key]).output()?.status.success())
    };
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).with_context(|| format!("cannot read {name}"));
    ensure!(configure("https://api.example.com:8443/v2", r"a&b|$1*`#")?);
    let page = read("index.html")?;
    ensure!(page.contains(r#"<meta name="indee-api-base" content="https://api.example.com:8443/v2">"#), "{page}");
    ensure!(page.contains(r#"<meta name="indee-api-key" content="a&amp;b|$1*`#">"#), "{page}");
    let headers = read("_headers")?;
    ensure!(headers.contains("; connect-src 'self' https://api.example.com:8443; "), "{headers}");
    let mut unpacked = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(folder.join("index.html.gz"))?).read_to_string(&mut unpacked)?;
    ensure!(unpacked == page, "an old page is compressed");

    for (base, key) in [
        ("api.example.com", ""),
        ("javascript:alert(1)", ""),
        ("https:///v1", ""),
        ("https://a.example\"", ""),
        ("https://a.example;script-src", ""),
        ("https://a.example https://b.example", ""),
        ("https://a.example\n/*", ""),
        ("", "two words"),
        ("", "a\"b"),
        ("", "a'b"),
        ("", "a\\b"),
        ("", "<a>"),
        ("", "a\nb"),
        ("", "\u{e4}"),
    ] {
        ensure!(!configure(base, key)?, "{base:?} {key:?}");
    }
    assert_eq!(read("index.html")?, page, "what is refused changes nothing");

    ensure!(configure("", "")?);
    assert_eq!(read("index.html")?, std::fs::read_to_string(dist()?.join("index.html"))?);
    assert_eq!(read("_headers")?, std::fs::read_to_string(dist()?.join("_headers"))?);
    Ok(std::fs::remove_dir_all(&folder)?)
}

/// The RUN steps of the container file, one script each, with all folders of the image moved below `root`.
fn container_steps(root: &Path) -> Result<Vec<String>> {
    let file = std::fs::read_to_string(deploy().join("Containerfile"))?;
    let mut steps: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in file.lines() {
        let (text, continues) = line.strip_suffix('\\').map_or((line, false), |text| (text, true));
        match text.strip_prefix("RUN ") {
            Some(command) => steps.push(command.to_owned()),
            None if goes_on => steps.last_mut().context("no RUN")?.push_str(text),
            None => continue,
        }
        goes_on = continues;
    }
    let below = |folder: &str| format!(" {}{folder}", root.display());
    let folders = ["/etc/nginx", "/var/log/nginx", "/srv", "/previous"];
    let moved = |step: String| {
        let step = folders.iter().fold(step, |step, folder| step.replace(&format!(" {folder}"), &below(folder)));
        step.replace(">/etc/nginx", &format!(">{}/etc/nginx", root.display()))
    };
    Ok(steps.into_iter().map(moved).collect())
}

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy")
}

fn names(folder: &Path) -> Result<Vec<String>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut names: Vec<String> =
        entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect::<Result<_>>()?;
    names.sort();
    Ok(names)
}

#[test]
fn container_keeps_hashed_files_of_the_previous_image() -> Result<()> {
    let root = std::env::temp_dir().join(format!("app-tests-container-{}", std::process::id()));
    for site in ["same-origin", "load-balancer"] {
        let (site_folder, configuration) = (root.join("srv/indee-admin"), root.join("etc/nginx"));
        std::fs::create_dir_all(site_folder.join("previous"))?;
        for folder in ["conf.d", "indee-admin"] {
            std::fs::create_dir_all(configuration.join(folder))?;
        }
        std::fs::create_dir_all(root.join("var/log/nginx"))?;
        // The previous image: its own build, and leftovers of the build before that.
        for name in ["index.html", "index.html.gz", "_headers", "app-00000000000000aa.js", "app-00000000000000aa.js.gz"]
        {
            std::fs::write(site_folder.join(name), "")?;
        }
        std::fs::write(site_folder.join("previous/app-00000000000000bb.js"), "")?;
        std::fs::write(configuration.join("conf.d/default.conf"), "")?;
        for name in names(&deploy().join("nginx"))? {
            std::fs::copy(deploy().join("nginx").join(&name), configuration.join("indee-admin").join(&name))?;
        }
        let steps = container_steps(&root)?;
        assert_eq!(steps.len(), 2, "{steps:?}");
        for step in &steps {
            let arguments =
                [("SERVER_NAME", "app.test"), ("API_HOST", "api.test"), ("SITE", site), ("BALANCER", "10.0.0.0/24")];
            let output = Command::new("sh").args(["-ec", step]).envs(arguments).output()?;
            ensure!(output.status.success(), "{step}: {}", String::from_utf8_lossy(&output.stderr));
        }
        assert_eq!(names(&root.join("previous"))?, ["app-00000000000000aa.js", "app-00000000000000aa.js.gz"]);
        assert_eq!(names(&configuration.join("conf.d"))?, ["00-indee-admin-http.conf", "indee-admin.conf"]);
        let server = std::fs::read_to_string(configuration.join("conf.d/indee-admin.conf"))?;
        ensure!(server.contains("server_name app.test;") && server.contains("server api.test:443;"), "{server}");
        ensure!(!server.contains("example.com") && !server.contains("192.0.2"), "{server}");
        assert_eq!(server.contains("set_real_ip_from 10.0.0.0/24;"), site == "load-balancer");
        // Every included file is installed, except the build's headers and the mounted secret.
        let installed = names(&configuration.join("indee-admin"))?;
        ensure!(
            !installed.iter().any(|name| name.starts_with("brotli") || name.ends_with(".example")),
            "{installed:?}"
        );
        for name in &installed {
            let text = std::fs::read_to_string(configuration.join("indee-admin").join(name))?;
            for line in text.lines().chain(server.lines()) {
                let Some(included) = line.trim().strip_prefix("include indee-admin/") else { continue };
                let included = included.trim_end_matches(';');
                let is_elsewhere =
                    included.starts_with("headers/") || included == "api-key.conf" || included.contains('*');
                ensure!(is_elsewhere || installed.iter().any(|name| name == included), "{name} includes {included}");
            }
        }
        std::fs::remove_dir_all(&root)?;
    }
    // A build without the names, or without the balancer's address, fails.
    let steps = container_steps(&root)?;
    let last = steps.last().context("no step")?;
    let guard = last
        .split("&& rm ")
        .next()
        .context("no guard")?
        .split_once("&&")
        .context("no guard")?
        .1
        .trim()
        .trim_end_matches("&&");
    for (arguments, is_fine) in [
        ([("SERVER_NAME", "a"), ("API_HOST", "b"), ("SITE", "same-origin"), ("BALANCER", "")], true),
        ([("SERVER_NAME", "a"), ("API_HOST", "b"), ("SITE", "load-balancer"), ("BALANCER", "")], false),
        ([("SERVER_NAME", "a"), ("API_HOST", ""), ("SITE", "same-origin"), ("BALANCER", "")], false),
    ] {
        let status = Command::new("sh").args(["-ec", guard]).envs(arguments).status()?;
        assert_eq!(status.success(), is_fine, "{guard} {arguments:?}");
    }
    Ok(())
}

#[test]
fn readme_names_every_shipped_file() -> Result<()> {
    let readme = std::fs::read_to_string(deploy().join("README.md"))?;
    for name in names(&deploy().join("nginx"))?.iter().chain(&names(&deploy().join("netlify/edge-functions"))?) {
        ensure!(readme.contains(name.as_str()), "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn netlify_function_answers_missing_files_and_posts() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    browser.client().goto("about:blank").await?;
    let function = std::fs::read(deploy().join("netlify/edge-functions/files-and-forms.js"))?;
    // Like the host: calls the function for paths of its pattern only, with the regular response as `next`.
    let script = "
        return import('data:text/javascript;base64,' + arguments[0]).then(async ({ default: answer, config }) => {
            const served = (path, kind) => new Response(path, { headers: { 'content-type': kind } });
            const ask = async (method, path, kind) => {
                if (!new RegExp(config.pattern).test(path.split('?')[0])) return null;
                const next = async () => served(path, kind);
                const response = await answer(new Request('https://admin.example.com' + path, { method }), { next });
                return [response.status, response.headers.get('location'), await response.text()];
            };
            return Promise.all(arguments[1].map(parts => ask(...parts)));
        });";
    let html = "text/html; charset=utf-8";
    let asked = json!([
        ["GET", "/app-0123456789abcdef.js", "text/javascript"],
        ["GET", "/app-0123456789abcdef.js", html],
        ["GET", "/app-0123456789abcdef.wasm", html],
        ["GET", "/login/sso_callback?code=a", html],
        ["POST", "/login/sso_callback?code=a", html],
        ["POST", "/login/sso_callback/", html],
        ["GET", "/reports/q3.pdf", html],
        ["GET", "/reports/app-0123456789abcdef.js", html],
        ["GET", "/login", html],
    ]);
    let answers = browser.script(script, vec![STANDARD.encode(function).into(), asked]).await?;
    let expected = json!([
        [200, null, "/app-0123456789abcdef.js"],
        [404, null, ""],
        [404, null, ""],
        [200, null, "/login/sso_callback?code=a"],
        [303, "/login/sso_callback", ""],
        [303, "/login/sso_callback", ""],
        null,
        null,
        null,
    ]);
    assert_eq!(answers, expected);
    // A blank page has no storage to search.
    stand.open("/login").await?;
    SignIn::shown(browser).await?;
    stand.finish().await
}
