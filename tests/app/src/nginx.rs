//! A real nginx, configured by the files in `deploy/nginx`, in front of the release build and the API.

use std::net::IpAddr;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use sandbox::{Sandbox, Settings};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use crate::driver::{keeper, variable};
use crate::site::API_KEY;
use crate::stand::{Api, listen, start};
pub use crate::tls::Certificate;
use crate::tls::{Authority, HOST, Relay};

/// How often another port is tried: somebody else may take one between our look and nginx's start.
const ATTEMPTS: usize = 3;

/// A file of the previous build that is installed as well, and its content.
pub const PREVIOUS_FILE: (&str, &str) = ("/app-00000000000000aa.js", "the build before\n");

/// The server files that are shipped.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Example {
    /// App and API on one origin.
    SameOrigin,
    /// The same, behind a load balancer that ends TLS.
    LoadBalancer,
    /// The API on another origin.
    CrossOrigin,
}

impl From<Api> for Example {
    fn from(api: Api) -> Self {
        match api {
            Api::SameOrigin => Self::SameOrigin,
            Api::CrossOrigin => Self::CrossOrigin,
        }
    }
}

impl Example {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::SameOrigin, Self::LoadBalancer, Self::CrossOrigin];

    const fn file(self) -> &'static str {
        match self {
            Self::SameOrigin => "same-origin.conf",
            Self::LoadBalancer => "load-balancer.conf",
            Self::CrossOrigin => "cross-origin.conf",
        }
    }

    const fn secret(self) -> &'static str {
        if self.has_proxy() { "api-key.conf" } else { "page-key.conf" }
    }

    const fn has_proxy(self) -> bool {
        matches!(self, Self::SameOrigin | Self::LoadBalancer)
    }

    const fn has_tls(self) -> bool {
        matches!(self, Self::SameOrigin | Self::CrossOrigin)
    }
}

/// Which policy the page gets.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Policy {
    /// The whole policy of the build.
    Whole,
    /// The build's without Trusted Types, which refuse a script before the other directives apply.
    WithoutTrustedTypes,
}

/// The part of the policy that is then missing.
const TRUSTED_TYPES: &str = "; require-trusted-types-for 'script'; trusted-types 'none'";

/// A running nginx. It ends, and its folder goes, when this is dropped.
pub struct Nginx {
    folder: Folder,
    server: Child,
    keeper: Child,
    ports: Ports,
    relay: Relay,
    client: Client<HttpsConnector<HttpConnector>, Body>,
}

/// Where an nginx listens, and where its API does.
#[derive(Clone, Copy)]
struct Ports {
    app: u16,
    /// Without TLS; redirects to the app.
    redirecting: u16,
    api: u16,
}

/// nginx in front of the API on the same origin, for questions that need no browser. They stop with this value.
pub struct Proxied {
    /// The API.
    pub sandbox: Sandbox,
    /// What stands before it.
    pub nginx: Nginx,
    api: JoinHandle<std::io::Result<()>>,
}

impl Proxied {
    /// Starts both.
    pub async fn start() -> Result<Self> {
        Self::start_with(Example::SameOrigin, Certificate::Right).await
    }

    /// The same, with another server file, or in front of an API with a wrong certificate.
    pub async fn start_with(example: Example, certificate: Certificate) -> Result<Self> {
        let sandbox = Sandbox::new(Settings { api_key: API_KEY.to_owned(), ..Settings::default() })?;
        let router = sandbox.api();
        Self::before(example, certificate, sandbox, router).await
    }

    /// The same, in front of the test's own API.
    pub async fn start_before(router: Router) -> Result<Self> {
        let sandbox = Sandbox::new(Settings::default())?;
        Self::before(Example::SameOrigin, Certificate::Right, sandbox, router).await
    }

    async fn before(example: Example, certificate: Certificate, sandbox: Sandbox, router: Router) -> Result<Self> {
        let (listener, port) = listen().await?;
        let nginx = Nginx::start(example, Relay::start(certificate, port).await?).await?;
        Ok(Self { sandbox, nginx, api: start(listener, router) })
    }
}

impl Drop for Proxied {
    fn drop(&mut self) {
        self.api.abort();
    }
}

/// An answer, as it was sent.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The negotiated protocol version.
    pub version: http::Version,
    /// Header names (lower case) and values.
    pub headers: Vec<(String, String)>,
    /// The body, compressed perhaps.
    pub body: Bytes,
}

impl Answer {
    /// The one header of that name (lower case), empty where there is none.
    pub fn header(&self, name: &str) -> Result<&str> {
        let mut values = self.headers.iter().filter(|(header, _)| header == name).map(|(_, value)| value.as_str());
        let value = values.next().unwrap_or_default();
        ensure!(values.next().is_none(), "{name} comes twice: {self:?}");
        Ok(value)
    }
}

impl Nginx {
    /// Starts nginx in front of an API that listens on `api_port`, with the right certificate.
    pub(crate) async fn start_before(example: Example, policy: Policy, api_port: u16) -> Result<Self> {
        let relay = Relay::start(Certificate::Right, api_port).await?;
        Self::start_at(example, policy, relay.port, relay).await
    }

    async fn start(example: Example, relay: Relay) -> Result<Self> {
        Self::start_at(example, Policy::Whole, relay.port, relay).await
    }

    /// Starts nginx in front of a server that accepts connections and never answers, after the TLS handshake or before it.
    pub async fn start_before_silence(has_certificate: bool) -> Result<(Self, tokio::net::TcpListener)> {
        // The system accepts the connections; nothing reads from them.
        let (listener, port) = listen().await?;
        let relay = Relay::start(Certificate::Right, port).await?;
        let api = if has_certificate { relay.port } else { port };
        Ok((Self::start_at(Example::SameOrigin, Policy::Whole, api, relay).await?, listener))
    }

    /// On ports of its own.
    async fn start_at(example: Example, policy: Policy, api: u16, relay: Relay) -> Result<Self> {
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(Authority::get()?.client()?)
            .https_or_http()
            .enable_all_versions()
            .build();
        let client = Client::builder(TokioExecutor::new()).build(connector);
        for _ in 0..ATTEMPTS {
            let ports = Ports { app: free_port().await?, redirecting: free_port().await?, api };
            let folder = Folder::create()?;
            folder.configure(example)?;
            if policy == Policy::WithoutTrustedTypes {
                folder.drop_trusted_types()?;
            }
            folder.listen(example, ports)?;
            if let Some((server, keeper)) = run(&folder, ports).await? {
                return Ok(Self { folder, server, keeper, ports, relay, client });
            }
        }
        bail!("nginx does not start")
    }

    /// Where it listens.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.ports.app
    }

    /// The app's origin.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("https://{HOST}:{}", self.ports.app)
    }

    /// The API's origin, if it is another one.
    #[must_use]
    pub fn api_origin(&self) -> String {
        format!("https://{HOST}:{}", self.ports.api)
    }

    /// Every byte that the API received.
    #[must_use]
    pub fn sent_to_api(&self) -> String {
        self.relay.received()
    }

    /// Makes buffering in a file fail from now on.
    pub fn forbid_temporary_files(&self) -> Result<()> {
        Ok(std::fs::remove_dir_all(self.folder.0.join("temporary"))?)
    }

    /// What its access log says.
    pub fn access_log(&self) -> Result<String> {
        self.folder.log("indee-admin.access.log")
    }

    /// Everything that it logged.
    pub fn logs(&self) -> Result<String> {
        let logs = ["indee-admin.access.log", "indee-admin.error.log", "error.log"];
        logs.into_iter().map(|name| self.folder.log(name)).collect()
    }

    /// Asks for a path, as no browser would perhaps.
    pub async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Result<Answer> {
        self.send(method, path, headers, Bytes::new()).await
    }

    /// The same, with a body.
    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Bytes) -> Result<Answer> {
        self.request(method, &format!("{}{path}", self.origin()), headers, body).await
    }

    /// Asks over TLS, or without it behind a load balancer.
    pub async fn ask_app(
        &self,
        example: Example,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Result<Answer> {
        let scheme = if example.has_tls() { "https" } else { "http" };
        let url = format!("{scheme}://{HOST}:{}{path}", self.ports.app);
        self.request(method, &url, headers, Bytes::new()).await
    }

    /// Asks on the port that redirects to TLS.
    pub async fn ask_redirecting(&self, path: &str) -> Result<Answer> {
        self.request("GET", &format!("http://{HOST}:{}{path}", self.ports.redirecting), &[], Bytes::new()).await
    }

    async fn request(&self, method: &str, url: &str, headers: &[(&str, &str)], body: Bytes) -> Result<Answer> {
        let mut request = http::Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let what = || format!("{method} {}", url.get(..200).unwrap_or(url));
        let answer = self.client.request(request.body(Body::from(body))?).await.with_context(what)?;
        let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        Ok(Answer {
            status: answer.status().as_u16(),
            version: answer.version(),
            headers: answer.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
            body: to_bytes(Body::new(answer.into_body()), usize::MAX).await?,
        })
    }

    /// Sends raw bytes over TLS and HTTP/1.1, and returns everything until the connection ends.
    pub async fn send_raw(&self, bytes: &[u8]) -> Result<String> {
        let stream = TcpStream::connect(("127.0.0.1", self.ports.app)).await?;
        let connector = TlsConnector::from(Arc::new(Authority::get()?.client()?));
        exchange(connector.connect(ServerName::try_from(HOST)?, stream).await?, bytes).await
    }

    /// The same without TLS, from a given address of this machine.
    pub async fn send_raw_from(&self, address: IpAddr, bytes: &[u8]) -> Result<String> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((address, 0).into())?;
        exchange(socket.connect(([127, 0, 0, 1], self.ports.app).into()).await?, bytes).await
    }

    /// The same on the port that redirects to TLS.
    pub async fn send_raw_redirecting(&self, bytes: &[u8]) -> Result<String> {
        exchange(TcpStream::connect(("127.0.0.1", self.ports.redirecting)).await?, bytes).await
    }
}

async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, bytes: &[u8]) -> Result<String> {
    stream.write_all(bytes).await?;
    let mut answer = Vec::new();
    // The connection may end without a TLS close notification.
    let ended = stream.read_to_end(&mut answer).await;
    ensure!(ended.is_ok() || !answer.is_empty(), "no answer: {ended:?}");
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Starts nginx and its keeper. Nothing if another process has taken a port meanwhile.
async fn run(folder: &Folder, ports: Ports) -> Result<Option<(Child, Child)>> {
    let mut server =
        folder.nginx()?.args(["-g", "daemon off;"]).process_group(0).spawn().context("cannot start nginx")?;
    // As for the browser's driver: however the test ends, this ends the server and removes its folder.
    let mut keeper = keeper(&server, &folder.0)?;
    while TcpStream::connect(("127.0.0.1", ports.app)).await.is_err() {
        if server.try_wait()?.is_some() {
            let log = folder.log("error.log")?;
            drop(keeper.stdin.take());
            let _ = keeper.wait();
            ensure!(log.contains("Address already in use"), "nginx ended: {log}");
            return Ok(None);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(Some((server, keeper)))
}

impl Drop for Nginx {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        // After this nothing is left. There is nobody to tell of a failure here.
        let _ = self.keeper.wait();
        let _ = self.server.wait();
    }
}

/// Is there the module that sends what was compressed with brotli? Everything else works without.
pub fn has_brotli() -> Result<bool> {
    Ok(brotli_module()?.is_file())
}

/// Whether nginx takes an example as it is shipped: with certificates and secrets of no worth, and on ports that anybody may
/// open, but with every other line.
pub fn check_example(example: Example) -> Result<()> {
    let folder = Folder::create()?;
    folder.configure(example)?;
    folder.change("server.conf", &[("listen 80;", "listen 18080;")])?;
    if example.has_tls() {
        folder.change("server.conf", &[("listen 443 ssl http2;", "listen 18443 ssl http2;")])?;
    }
    // A machine may have no IPv6.
    folder.drop_lines("server.conf", "listen [::]:")?;
    if example.has_proxy() {
        // A name would be looked up now.
        folder.change("server.conf", &[("server api.example.com:443;", "server 127.0.0.1:443;")])?;
    }
    let output = folder.nginx()?.arg("-t").stderr(Stdio::piped()).output().context("cannot start nginx")?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let log = folder.log("error.log").unwrap_or_default();
    std::fs::remove_dir_all(&folder.0)?;
    ensure!(output.status.success(), "{said}{log}");
    ensure!(!said.contains("[warn]") && !log.contains("[warn]"), "{said}{log}");
    Ok(())
}

/// The configuration of one nginx, and all that it writes.
struct Folder(PathBuf);

impl Folder {
    fn create() -> Result<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("app-tests-nginx-{}-{number}", std::process::id()));
        for part in ["indee-admin/headers", "logs", "temporary", "tls"] {
            std::fs::create_dir_all(folder.join(part))
                .with_context(|| format!("cannot create {}", folder.display()))?;
        }
        Ok(Self(folder))
    }

    /// Installs the files of `deploy/nginx` and of the build as its README says, with certificates of the tests.
    fn configure(&self, example: Example) -> Result<()> {
        let Self(folder) = self;
        let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/nginx");
        let installed = folder.join("indee-admin");
        let mut parts = vec!["http.conf", "compression.conf", "error.html", "errors.conf", "page.conf", "site.conf"];
        parts.extend(["api.conf", "authentication.conf", "proxy.conf"]);
        if has_brotli()? {
            parts.push("brotli.conf");
        }
        for name in parts {
            copy(&examples.join(name), &installed.join(name))?;
        }
        copy(&examples.join(example.file()), &folder.join("server.conf"))?;
        let secret = example.secret();
        copy(&examples.join(format!("{secret}.example")), &installed.join(secret))?;
        self.change(&format!("indee-admin/{secret}"), &[("REPLACE-WITH-THE-API-KEY", API_KEY)])?;

        let dist = PathBuf::from(variable("APP_DIST")?);
        let mut fragments = dist.clone().into_os_string();
        fragments.push("-nginx");
        for name in ["api.conf", "asset.conf", "missing.conf", "page.conf"] {
            copy(&Path::new(&fragments).join(name), &installed.join("headers").join(name))?;
        }
        let site = folder.join("site");
        std::fs::create_dir_all(site.join("previous"))?;
        for entry in std::fs::read_dir(&dist).with_context(|| format!("cannot read {}", dist.display()))? {
            let entry = entry?;
            std::os::unix::fs::symlink(entry.path(), site.join(entry.file_name()))?;
        }
        let (name, content) = PREVIOUS_FILE;
        std::fs::write(site.join(format!("previous{name}")), content)?;

        let authority = Authority::get()?;
        std::fs::write(folder.join("authority.crt"), authority.pem())?;
        std::fs::write(folder.join("tls/admin.example.com.crt"), authority.certificate(Certificate::Right)?.pem())?;
        std::fs::write(folder.join("tls/admin.example.com.key"), authority.key_pem())?;

        let here = |path: &str| folder.join(path).display().to_string();
        if example.has_tls() {
            self.change("server.conf", &[("/var/log/nginx/", "logs/"), ("/etc/nginx/tls/", &here("tls/"))])?;
        }
        self.change("indee-admin/site.conf", &[("/var/log/nginx/", "logs/"), ("/srv/indee-admin", &here("site"))])?;
        self.change("indee-admin/errors.conf", &[("/etc/nginx/indee-admin/", &here("indee-admin/"))])?;
        let trusted = ("/etc/ssl/certs/ca-certificates.crt", here("authority.crt"));
        self.change("indee-admin/proxy.conf", &[(trusted.0, &trusted.1)])?;
        std::fs::write(folder.join("nginx.conf"), main_configuration()?)?;
        Ok(())
    }

    /// Moves it to loopback; every other line stays.
    fn listen(&self, example: Example, ports: Ports) -> Result<()> {
        let Ports { app, redirecting, api } = ports;
        self.drop_lines("server.conf", "listen [::]:")?;
        let own_name = ("server_name admin.example.com;", format!("server_name {HOST};"));
        // In the tests no load balancer is in front of the app.
        let own_origin = ("https://admin.example.com", format!("https://{HOST}:{app}"));
        self.change("server.conf", &[(own_name.0, &own_name.1), (own_origin.0, &own_origin.1)])?;
        let plain = if example.has_tls() {
            let listen = format!("listen 127.0.0.1:{app} ssl http2;");
            self.change("server.conf", &[("listen 443 ssl http2;", &listen)])?;
            redirecting
        } else {
            self.change("server.conf", &[("set_real_ip_from 192.0.2.10;", "set_real_ip_from 127.0.0.1;")])?;
            app
        };
        self.change("server.conf", &[("listen 80;", &format!("listen 127.0.0.1:{plain};"))])?;
        if example.has_proxy() {
            let server = format!("server 127.0.0.1:{api};");
            let host = format!("set $indee_api_host {HOST};");
            self.change(
                "server.conf",
                &[("server api.example.com:443;", &server), ("set $indee_api_host api.example.com;", &host)],
            )
        } else {
            self.change("server.conf", &[("https://api.example.com", &format!("https://{HOST}:{api}"))])
        }
    }

    fn log(&self, name: &str) -> Result<String> {
        let path = self.0.join("logs").join(name);
        std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    }

    /// From the header and from the page, without its compressed copies.
    fn drop_trusted_types(&self) -> Result<()> {
        self.change("indee-admin/headers/page.conf", &[(TRUSTED_TYPES, "")])?;
        for extension in ["br", "gz"] {
            std::fs::remove_file(self.0.join(format!("site/index.html.{extension}")))?;
        }
        let page = self.0.join("site/index.html");
        let text = std::fs::read_to_string(&page)?;
        // Removes the link, not the build's own file.
        std::fs::remove_file(&page)?;
        std::fs::write(&page, text)?;
        self.change("site/index.html", &[(TRUSTED_TYPES, "")])
    }

    /// Replaces texts that must be there.
    fn change(&self, name: &str, changes: &[(&str, &str)]) -> Result<()> {
        let path = self.0.join(name);
        let mut text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        for (old, new) in changes {
            ensure!(text.contains(old), "{name} has no `{old}`");
            text = text.replace(old, new);
        }
        Ok(std::fs::write(&path, text)?)
    }

    fn drop_lines(&self, name: &str, start: &str) -> Result<()> {
        let path = self.0.join(name);
        let text = std::fs::read_to_string(&path)?;
        let lines = text.lines().filter(|line| !line.trim_start().starts_with(start));
        Ok(std::fs::write(&path, lines.collect::<Vec<_>>().join("\n"))?)
    }

    fn nginx(&self) -> Result<Command> {
        let Self(folder) = self;
        let mut nginx = Command::new(variable("NGINX")?);
        // nginx itself takes this variable for a list of sockets.
        nginx.env_remove("NGINX");
        // From the first message on nothing goes to the system's own log.
        nginx.arg("-p").arg(folder).args(["-c", "nginx.conf", "-e", "logs/error.log"]);
        nginx.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(nginx)
    }
}

/// What Debian's own `nginx.conf` does, as far as it matters, with every path in the folder.
fn main_configuration() -> Result<String> {
    let module = brotli_module()?;
    let load = if module.is_file() { format!("load_module {};", module.display()) } else { String::new() };
    let types = installation()?.join("etc/nginx/mime.types");
    ensure!(types.is_file(), "{} is missing", types.display());
    let temporary = ["client_body", "fastcgi", "proxy", "scgi", "uwsgi"]
        .map(|what| format!("    {what}_temp_path temporary/{what};\n"))
        .concat();
    Ok(format!(
        "{load}
pid nginx.pid;
worker_processes 1;
error_log logs/error.log;
# Whoever runs the tests can read the build; another account perhaps not.
{user}
events {{ worker_connections 128; }}
http {{
    include {types};
    default_type application/octet-stream;
    gzip on;
{temporary}
    include indee-admin/http.conf;
    include server.conf;
}}
",
        user = if is_root() { "user root root;" } else { "" },
        types = types.display(),
    ))
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}

/// The folder in which nginx has its `usr/sbin` and `etc`: `/`, or wherever Debian's package was unpacked.
fn installation() -> Result<PathBuf> {
    let nginx = PathBuf::from(variable("NGINX")?);
    Ok(nginx.ancestors().nth(3).with_context(|| format!("NGINX: {}", nginx.display()))?.to_owned())
}

fn brotli_module() -> Result<PathBuf> {
    Ok(installation()?.join("usr/lib/nginx/modules/ngx_http_brotli_static_module.so"))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
    Ok(())
}

async fn free_port() -> Result<u16> {
    let (_, port) = listen().await?;
    Ok(port)
}
