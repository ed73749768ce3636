//! Which requests are answered at all: those to this machine's own names, and orders that no foreign web page sends.
//!
//! Listening on a loopback address keeps other machines out, but not the web pages in this machine's browser. A page whose
//! host name is made to resolve to 127.0.0.1 (DNS rebinding) counts as same-origin there; its requests still name that
//! host. Any page may also send a `POST` that needs no preflight request, without reading the answer.

use axum::extract::{Request, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::uri::Authority;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use url::Host;

use crate::Sandbox;
use crate::answer::{Code, Refusal};
use crate::strict::is_json;

/// What a proxy makes of the browser's `Host` when it sends one of its own, as `trunk serve` does.
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// Fetch Metadata; every current browser sends it to loopback addresses.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The outermost layer of both servers: refuses every host name but `localhost` and the loopback addresses, whatever the port.
pub(crate) async fn local_hosts_only(State(sandbox): State<Sandbox>, request: Request, next: Next) -> Response {
    match check_host(&sandbox, &request) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

fn check_host(sandbox: &Sandbox, request: &Request) -> Result<(), Refusal> {
    let is_app = |host: &Host| sandbox.settings().app_callback.host_str() == Some(host.to_string().as_str());

    let mut hosts = request.headers().get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return Err(misdirected("Host: there must be one"));
    };
    // A request line with a whole URL names the host there as well.
    let in_request_line = request.uri().authority().map(|name| name.as_str().as_bytes());
    for name in [Some(host.as_bytes()), in_request_line].into_iter().flatten() {
        if !host_of(name).is_some_and(|host| is_loopback(&host)) {
            return Err(foreign("Host", name));
        }
    }
    for name in request.headers().get_all(FORWARDED_HOST) {
        if !host_of(name.as_bytes()).is_some_and(|host| is_loopback(&host) || is_app(&host)) {
            return Err(foreign("X-Forwarded-Host", name.as_bytes()));
        }
    }
    Ok(())
}

fn host_of(name: &[u8]) -> Option<Host> {
    let authority = Authority::try_from(name).ok()?;
    Host::parse(authority.host()).ok()
}

fn is_loopback(host: &Host) -> bool {
    match host {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

fn foreign(header: &str, name: &[u8]) -> Refusal {
    let name = String::from_utf8_lossy(name);
    misdirected(format!("{header}: the sandbox answers to localhost and loopback addresses only, not to {name}"))
}

fn misdirected(message: impl Into<String>) -> Refusal {
    Refusal::new(Code::InvalidInput, message).with_status(StatusCode::MISDIRECTED_REQUEST)
}

/// The layer around the control endpoints: no page of another origin gives orders or reads the record, and a `POST` is JSON.
pub(crate) async fn own_orders_only(request: Request, next: Next) -> Response {
    let is_post = request.method() == Method::POST;
    if comes_from_elsewhere(request.headers(), &own_origin(request.headers())) {
        return forbidden("this is not for pages of other origins").into_response();
    }
    if is_post && !is_json(request.headers()) {
        let message = "Content-Type: must be application/json";
        let refusal = Refusal::new(Code::InvalidInput, message).with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE);
        return refusal.into_response();
    }
    let mut response = next.run(request).await;
    // The record holds keys, tokens and codes: it is not cached, and no other page can include it as a script or an image.
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The layer around the provider's form: it is pressed on the provider's own page.
pub(crate) async fn own_form_only(request: Request, next: Next) -> Response {
    // The page has no referrer, so that browsers send its form with `Origin: null`.
    let own = [own_origin(request.headers()), vec!["null".to_owned()]].concat();
    if request.method() == Method::POST && comes_from_elsewhere(request.headers(), &own) {
        return forbidden("this form belongs to the provider's own page").into_response();
    }
    next.run(request).await
}

/// Whether a browser reports that a page of another origin sent this. Other programs send neither header.
fn comes_from_elsewhere(headers: &HeaderMap, own: &[String]) -> bool {
    let has_other = |name: &HeaderName, is_own: &dyn Fn(&[u8]) -> bool| {
        headers.get_all(name).iter().any(|value| !is_own(value.as_bytes()))
    };
    has_other(&header::ORIGIN, &|origin| own.iter().any(|own| own.as_bytes() == origin))
        // Sites ignore ports, so `same-site` is another origin. `none` is the address bar.
        || has_other(&FETCH_SITE, &|site| site == b"same-origin" || site == b"none")
}

/// The origin at which the request found this server; it speaks plain HTTP only.
fn own_origin(headers: &HeaderMap) -> Vec<String> {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    host.map(|host| format!("http://{host}")).into_iter().collect()
}

fn forbidden(message: &str) -> Refusal {
    Refusal::new(Code::InvalidInput, message).with_status(StatusCode::FORBIDDEN)
}
