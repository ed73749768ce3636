//! The static host of a build, as a good one would be: files compressed beforehand, kept for ever where their name has a
//! hash, and the page for every path that is no file. The API is on the same origin.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};

use crate::api::Api;
use crate::host_headers::HostHeaders;
use crate::wire::{self, Written};

const PAGE: &str = "/index.html";

/// A request that has arrived.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    /// Its path, without the query.
    pub(crate) path: String,
    /// When its head had been read; the body had not.
    pub(crate) at: SystemTime,
}

/// A running site.
#[derive(Clone)]
pub(crate) struct Site {
    /// Its origin.
    pub(crate) origin: String,
    /// Its API.
    pub(crate) api: Api,
    /// What it has written into its connections.
    pub(crate) written: Written,
    content: Arc<Content>,
    arrivals: Arc<Mutex<Vec<Arrival>>>,
}

impl Site {
    /// Serves `content` on a free port.
    pub(crate) async fn start(content: Content, provider: &str) -> Result<Self> {
        let (listener, port) = wire::listen().await?;
        let origin = format!("http://localhost:{port}");
        let api = Api::new(provider, &origin);
        let site =
            Self { origin, api, written: Written::default(), content: Arc::new(content), arrivals: Arc::default() };
        let files = Router::new().fallback(file_or_page).with_state(site.content.clone());
        let router = site.api.router().merge(files).layer(from_fn_with_state(site.clone(), record));
        wire::serve(listener, site.written.clone(), router);
        Ok(site)
    }

    /// The requests since this was last asked for.
    pub(crate) fn take_arrivals(&self) -> Vec<Arrival> {
        std::mem::take(&mut *self.arrivals.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether that path has been asked for since then.
    pub(crate) fn was_asked_for(&self, path: &str) -> bool {
        self.arrivals.lock().unwrap_or_else(PoisonError::into_inner).iter().any(|arrival| arrival.path == path)
    }
}

/// Files in memory, and the headers that go with them.
#[derive(Default)]
pub(crate) struct Content {
    files: HashMap<String, File>,
    headers: HostHeaders,
}

struct File {
    content_type: &'static str,
    plain: Bytes,
    /// None where it would be no smaller.
    brotli: Option<Bytes>,
}

impl Content {
    /// A build that lies in a folder.
    pub(crate) fn of_folder(folder: &Path) -> Result<Self> {
        let cannot = || format!("cannot read {}", folder.display());
        let mut paths = Vec::new();
        list(folder, &mut paths).with_context(cannot)?;
        let mut content = Self::default();
        for path in paths {
            let name = path.strip_prefix(folder)?.to_str().context("a file name that is not Unicode")?.to_owned();
            let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            if name == "_headers" {
                content.headers = HostHeaders::parse(&String::from_utf8(bytes)?).context("_headers")?;
            } else if !is_for_the_host(&name) {
                let precompressed = std::fs::read(folder.join(format!("{name}.br"))).ok();
                content.files.insert(format!("/{name}"), File::new(&name, bytes, precompressed)?);
            }
        }
        anyhow::ensure!(content.files.contains_key(PAGE), "no index.html in {}", folder.display());
        Ok(content)
    }

    /// A single page.
    pub(crate) fn of_page(html: &str) -> Result<Self> {
        let page = File::new(PAGE, html.as_bytes().to_vec(), None)?;
        Ok(Self { files: HashMap::from([(PAGE.to_owned(), page)]), headers: HostHeaders::default() })
    }

    fn answer(&self, path: &str, accepts_brotli: bool) -> Response {
        let (file, cache) = match self.files.get(path).filter(|_| path != PAGE) {
            Some(file) => (Some(file), "public, max-age=31536000, immutable"),
            None => (self.files.get(PAGE), "no-cache"),
        };
        let Some(file) = file else { return StatusCode::NOT_FOUND.into_response() };
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.content_type));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
        let body = match &file.brotli {
            Some(brotli) if accepts_brotli => {
                headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
                brotli
            }
            _ => &file.plain,
        };
        if file.brotli.is_some() {
            headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        }
        // What the build says replaces what was said here, and adds to what it said before.
        let mut own = HeaderMap::new();
        for (name, value) in self.headers.of(path) {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                own.append(name, value);
            }
        }
        headers.extend(own);
        (headers, body.clone()).into_response()
    }
}

impl File {
    /// A file with what the builder has compressed, or else compressed here.
    fn new(name: &str, plain: Vec<u8>, precompressed: Option<Vec<u8>>) -> Result<Self> {
        let brotli = match precompressed {
            Some(brotli) => brotli,
            None => compress(&plain)?,
        };
        let brotli = (brotli.len() < plain.len()).then(|| Bytes::from(brotli));
        Ok(Self { content_type: content_type(name), plain: plain.into(), brotli })
    }
}

fn compress(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let best = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut compressed, &best)?;
    Ok(compressed)
}

/// What hosts read themselves, and other encodings of files that are there.
fn is_for_the_host(name: &str) -> bool {
    name.starts_with('_') || [".br", ".gz", ".zst"].iter().any(|ending| name.ends_with(ending))
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

fn content_type(name: &str) -> &'static str {
    match Path::new(name).extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Whether an `Accept-Encoding` allows brotli (RFC 9110 §12.5.3).
fn accepts_brotli(accept: &str) -> bool {
    let mut codings = accept.split(',').map(|coding| coding.split(';').map(str::trim));
    codings.any(|mut parts| {
        let is_brotli = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("br"));
        let is_refused = |part: &str| part.strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0));
        is_brotli && !parts.any(is_refused)
    })
}

async fn record(State(site): State<Site>, request: Request, next: Next) -> Response {
    let arrival = Arrival { path: request.uri().path().to_owned(), at: SystemTime::now() };
    site.arrivals.lock().unwrap_or_else(PoisonError::into_inner).push(arrival);
    next.run(request).await
}

async fn file_or_page(State(content): State<Arc<Content>>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    if method != Method::GET {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let accept = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    content.answer(uri.path(), accepts_brotli(accept))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brotli_is_sent_to_those_who_take_it() {
        for accept in ["br", "gzip, deflate, br, zstd", "gzip;q=0.5, BR;q=1.0", "gzip , br ; q=0.1"] {
            assert!(accepts_brotli(accept), "{accept}");
        }
        for accept in ["", "gzip", "br;q=0", "gzip, br; q=0.000", "brotli", "x-br"] {
            assert!(!accepts_brotli(accept), "{accept}");
        }
    }

    fn content() -> Content {
        let text = "a".repeat(1000);
        let file = |name: &str| File::new(name, text.as_bytes().to_vec(), None).unwrap();
        let files = [PAGE, "/app-1.js"].map(|name| (name.to_owned(), file(name)));
        let headers = "/*\n  Link: <a>\n/login/*\n  Cache-Control: no-store\n  Link: <b>\n";
        Content { files: HashMap::from(files), headers: HostHeaders::parse(headers).unwrap() }
    }

    fn header<'a>(response: &'a Response, name: &str) -> &'a str {
        response.headers().get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    #[test]
    fn files_are_for_ever_and_every_other_path_is_the_page() {
        let content = content();
        let file = content.answer("/app-1.js", true);
        assert_eq!(header(&file, "content-type"), "text/javascript; charset=utf-8");
        assert_eq!(header(&file, "cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(header(&file, "content-encoding"), "br");
        for path in ["/", "/login", PAGE, "/v1/unknown"] {
            let page = content.answer(path, false);
            assert_eq!(header(&page, "content-type"), "text/html; charset=utf-8", "{path}");
            assert_eq!(header(&page, "cache-control"), "no-cache", "{path}");
            assert_eq!(header(&page, "content-encoding"), "", "{path}");
            assert_eq!(header(&page, "vary"), "Accept-Encoding", "{path}");
        }
    }

    #[test]
    fn the_build_has_the_last_word_on_headers() {
        let page = content().answer("/login/sso_callback", true);
        assert_eq!(header(&page, "cache-control"), "no-store");
        let links: Vec<&str> = page.headers().get_all("link").iter().map(|value| value.to_str().unwrap()).collect();
        assert_eq!(links, ["<a>", "<b>"]);
    }

    #[test]
    fn what_does_not_shrink_is_sent_as_it_is() {
        assert!(File::new("a.bin", vec![1], None).unwrap().brotli.is_none());
        let given = File::new("a.js", vec![b'a'; 100], Some(vec![1, 2])).unwrap();
        assert_eq!(given.brotli.as_deref(), Some(&[1, 2][..]));
    }

    #[test]
    fn a_build_is_read_with_what_was_compressed_beforehand() {
        let folder = std::env::temp_dir().join(format!("bench-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("a")).unwrap();
        let text = "a".repeat(100);
        for (name, content) in [
            ("index.html", text.as_str()),
            ("a/app-1.js", text.as_str()),
            ("a/app-1.js.br", "compressed"),
            ("_headers", "/a/*\n  X-A: 1"),
        ] {
            std::fs::write(folder.join(name), content).unwrap();
        }
        let content = Content::of_folder(&folder);
        std::fs::remove_dir_all(&folder).unwrap();
        let content = content.unwrap();
        let mut names: Vec<&str> = content.files.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["/a/app-1.js", PAGE]);
        assert_eq!(content.files["/a/app-1.js"].brotli.as_deref(), Some(&b"compressed"[..]));
        assert_eq!(header(&content.answer("/a/app-1.js", true), "x-a"), "1");
        assert!(Content::of_folder(&folder).is_err());
    }

    #[test]
    fn files_for_the_host_are_told_apart() {
        assert!(["_headers", "_redirects", "app.js.br", "app.js.gz"].into_iter().all(is_for_the_host));
        assert!(!["index.html", "app.js", "icon.svg"].into_iter().any(is_for_the_host));
    }
}
