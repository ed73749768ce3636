//! The app's own server: what nginx would be in front of the release build and the API.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt as _, stream};

use crate::driver::variable;
use crate::headers::{Headers, with_connection};

/// The key that the sandbox wants.
pub(crate) const API_KEY: &str = "sandbox-api-key";

/// How often a file that is held looks whether it may go.
const PERIOD: Duration = Duration::from_millis(20);

/// The calls that carry it (contract §1).
const AUTHENTICATION_CALLS: &str = "/v1/admin/auth/";

/// One request to the site, as the browser sent it: before anything was added to it.
#[derive(Clone)]
pub struct SiteRequest {
    /// `GET`, `POST`, …
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Header names (lower case) and values.
    pub headers: Vec<(String, String)>,
}

impl SiteRequest {
    /// The first header of that name (lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }
}

/// What becomes of the files of the build; the page itself is always there.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Files {
    /// They are there.
    #[default]
    There,
    /// Those with this ending are not there.
    Missing(&'static str),
    /// Those with this ending are not what the build made.
    Altered(&'static str),
    /// None of them comes before this is set anew.
    Held,
    /// Those with this ending are not there when they are asked for the first time, under their own address.
    MissingAtFirst(&'static str),
    /// Those with this ending do not come when they are asked for the first time.
    HeldAtFirst(&'static str),
    /// Of those with this ending the first half comes, and the rest never.
    Stuck(&'static str),
    /// They are there, and the page is late: its body comes half a second after its head.
    AheadOfThePage,
}

/// The release build in memory, and the record of what was asked of it.
#[derive(Clone)]
pub(crate) struct Site {
    files: Arc<HashMap<String, File>>,
    page: Arc<str>,
    headers: Arc<Headers>,
    state: Arc<Mutex<Files>>,
    /// The API's origin, where the settings name another one.
    api: Option<Arc<str>>,
    received: Arc<Mutex<Vec<SiteRequest>>>,
}

struct File {
    content_type: &'static str,
    content: Bytes,
}

impl Site {
    /// Reads the release build. `settings` are `<meta>` elements whose empty value is replaced.
    pub(crate) fn load(settings: &[(&str, String)]) -> Result<Self> {
        let folder = PathBuf::from(variable("APP_DIST")?);
        let mut files = HashMap::new();
        let entries = std::fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).context("a file name that is not Unicode")?;
            // No browser asks for these.
            if name == "_headers" || name.ends_with(".br") || name.ends_with(".gz") {
                continue;
            }
            let file = File { content_type: content_type(&path)?, content: std::fs::read(&path)?.into() };
            files.insert(format!("/{name}"), file);
        }
        let page = files.remove("/index.html").context("no index.html in APP_DIST")?;
        let mut page = String::from_utf8(page.content.to_vec())?;
        for (name, value) in settings {
            let empty = format!(r#"<meta name="{name}" content="">"#);
            ensure!(page.contains(&empty), "index.html has no empty {name}");
            page = page.replace(&empty, &format!(r#"<meta name="{name}" content="{value}">"#));
        }
        let base =
            settings.iter().find(|(name, _)| *name == "indee-api-base").and_then(|(_, value)| value.parse().ok());
        let api = base.filter(|base: &url::Url| base.has_host() && base.scheme().starts_with("http"));
        Ok(Self {
            files: Arc::new(files),
            page: page.into(),
            headers: Arc::new(Headers::load()?),
            state: Arc::default(),
            api: api.map(|api| api.origin().ascii_serialization().into()),
            received: Arc::default(),
        })
    }

    /// The same site on a host that can set no headers.
    pub(crate) fn without_headers(self) -> Self {
        Self { headers: Arc::default(), ..self }
    }

    /// The site, with the API on the same origin if there is one.
    pub(crate) fn router(&self, api: Option<Router>) -> Router {
        let api = api.map(|api| api.layer(from_fn(add_key))).unwrap_or_default();
        let files = Router::new().fallback(file_or_page).with_state(self.clone());
        api.merge(files).layer(from_fn_with_state(self.clone(), record))
    }

    /// Decides what becomes of the files from now on.
    pub(crate) fn set_files(&self, files: Files) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = files;
    }

    fn files(&self) -> Files {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every request so far.
    pub(crate) fn received(&self) -> Vec<SiteRequest> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn content_type(path: &Path) -> Result<&'static str> {
    Ok(match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        _ => anyhow::bail!("what is {}?", path.display()),
    })
}

async fn record(State(site): State<Site>, request: Request, next: Next) -> Response {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let received = SiteRequest {
        method: request.method().to_string(),
        target: request.uri().to_string(),
        headers: request.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
    };
    site.received.lock().unwrap_or_else(PoisonError::into_inner).push(received);
    next.run(request).await
}

/// The reverse proxy's part: the key, which so never reaches a browser.
async fn add_key(mut request: Request, next: Next) -> Response {
    if request.uri().path().starts_with(AUTHENTICATION_CALLS) {
        let key = HeaderValue::try_from(format!("Bearer {API_KEY}"));
        key.into_iter().for_each(|key| drop(request.headers_mut().insert(header::AUTHORIZATION, key)));
    }
    next.run(request).await
}

/// The page up to its body, and the rest after a while.
fn in_two_parts(page: &str) -> Body {
    let (head, body) = page.split_at(page.find("<body>").unwrap_or_default());
    let parts = [(Duration::ZERO, head.to_owned()), (Duration::from_millis(500), body.to_owned())];
    Body::from_stream(stream::iter(parts).then(async |(pause, part)| {
        tokio::time::sleep(pause).await;
        Ok::<_, std::convert::Infallible>(part)
    }))
}

/// The first half, and then nothing.
fn half(content: &Bytes) -> Body {
    let half = Ok::<_, std::convert::Infallible>(content.slice(..content.len() / 2));
    Body::from_stream(stream::iter([half]).chain(stream::pending()))
}

/// A file of the build, or the page for every other path, with the headers that the build says.
async fn file_or_page(State(site): State<Site>, method: Method, uri: Uri) -> Response {
    if method != Method::GET {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let file = site.files.get(uri.path());
    let is_meant = |end: &str| uri.path().ends_with(end);
    let is_first = uri.query().is_none();
    let is_held = || match site.files() {
        Files::Held => true,
        Files::HeldAtFirst(end) => is_first && is_meant(end),
        _ => false,
    };
    while file.is_some() && is_held() {
        tokio::time::sleep(PERIOD).await;
    }
    let is_missing = match site.files() {
        Files::Missing(end) => is_meant(end),
        Files::MissingAtFirst(end) => is_first && is_meant(end),
        _ => false,
    };
    let (content_type, content) = match file {
        Some(_) if is_missing => return StatusCode::NOT_FOUND.into_response(),
        Some(file) if matches!(site.files(), Files::Altered(end) if uri.path().ends_with(end)) => {
            (file.content_type, [file.content.as_ref(), b"\0"].concat().into())
        }
        Some(file) => (file.content_type, file.content.clone()),
        None => ("text/html; charset=utf-8", Bytes::from(site.page.to_string())),
    };
    let content = match file {
        None if site.files() == Files::AheadOfThePage => in_two_parts(&site.page),
        Some(file) if matches!(site.files(), Files::Stuck(end) if is_meant(end)) => half(&file.content),
        _ => Body::from(content),
    };
    let mut response = ([(header::CONTENT_TYPE, content_type)], content).into_response();
    let headers = response.headers_mut();
    // What a host does where no rule says otherwise.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    for (name, value) in site.headers.of(uri.path()) {
        let value = match (name.as_str(), &site.api) {
            ("content-security-policy", Some(api)) => with_connection(&value, api),
            _ => value,
        };
        let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) else {
            return (StatusCode::INTERNAL_SERVER_ERROR, "_headers holds what is no header").into_response();
        };
        headers.insert(name, value);
    }
    response
}
