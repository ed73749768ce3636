//! A real nginx, configured by the files in `deploy/nginx`, in front of the release build and the API.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use axum::body::{Body, Bytes, to_bytes};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use sandbox::{Sandbox, Settings};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use crate::driver::{keeper, variable};
use crate::site::API_KEY;
use crate::stand::{Api, listen, start};

/// How often another port is tried: somebody else may take one between our look and nginx's start.
const ATTEMPTS: usize = 3;

/// What the configuration takes the API for: it sends this as `Host`.
pub(crate) const API_HOST: &str = "api.example.com";

/// A running nginx. It ends, and its folder goes, when this is dropped.
pub struct Nginx {
    folder: Folder,
    server: Child,
    keeper: Child,
    port: u16,
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
        let (listener, port) = listen().await?;
        let nginx = Nginx::start(Api::SameOrigin, port).await?;
        let allowed_hosts = vec![API_HOST.to_owned()];
        let settings = Settings { api_key: API_KEY.to_owned(), allowed_hosts, ..Settings::default() };
        let sandbox = Sandbox::new(settings)?;
        let api = start(listener, sandbox.api());
        Ok(Self { sandbox, nginx, api })
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
    /// Starts one on a port of its own, for an API that listens on `api_port`.
    pub(crate) async fn start(api: Api, api_port: u16) -> Result<Self> {
        for _ in 0..ATTEMPTS {
            let port = free_port().await?;
            let folder = Folder::create()?;
            folder.configure(api)?;
            folder.listen(port, free_port().await?, api_port)?;
            if let Some(nginx) = Self::run(folder, port).await? {
                return Ok(nginx);
            }
        }
        bail!("nginx does not start")
    }

    async fn run(folder: Folder, port: u16) -> Result<Option<Self>> {
        let server =
            folder.nginx()?.args(["-g", "daemon off;"]).process_group(0).spawn().context("cannot start nginx")?;
        // As for the browser's driver: however the test ends, this ends the server and removes its folder.
        let keeper = keeper(&server, &folder.0)?;
        let mut nginx = Self { folder, server, keeper, port };
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            if nginx.server.try_wait()?.is_some() {
                let log = nginx.log("error.log")?;
                ensure!(log.contains("Address already in use"), "nginx ended: {log}");
                return Ok(None);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(Some(nginx))
    }

    /// Where it listens.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// What its access log says.
    pub fn access_log(&self) -> Result<String> {
        self.log("indee-admin.access.log")
    }

    /// Everything that it logged.
    pub fn logs(&self) -> Result<String> {
        let logs = ["indee-admin.access.log", "indee-admin.error.log", "error.log"];
        logs.into_iter().map(|name| self.log(name)).collect()
    }

    fn log(&self, name: &str) -> Result<String> {
        let path = self.folder.0.join("logs").join(name);
        std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    }

    /// Asks for a path, as no browser would perhaps.
    pub async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Result<Answer> {
        let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
        let mut request = http::Request::builder().method(method).uri(format!("http://localhost:{}{path}", self.port));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = client.request(request.body(Body::empty())?).await.with_context(|| format!("{method} {path}"))?;
        let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        Ok(Answer {
            status: answer.status().as_u16(),
            headers: answer.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
            body: to_bytes(Body::new(answer.into_body()), usize::MAX).await?,
        })
    }
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
/// open, but with every other line, TLS among them.
pub fn check_example(api: Api) -> Result<()> {
    let folder = Folder::create()?;
    folder.configure(api)?;
    let tls = folder.0.join("tls");
    std::fs::create_dir(&tls)?;
    let certificate = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=admin.example.com", "-keyout", "admin.example.com.key", "-out", "admin.example.com.crt"])
        .current_dir(&tls)
        .output()
        .context("cannot start openssl")?;
    ensure!(certificate.status.success(), "{}", String::from_utf8_lossy(&certificate.stderr));
    folder.change(
        "server.conf",
        &[("/etc/nginx/tls/", &format!("{}/", tls.display())), ("listen 80;", "listen 18080;")],
    )?;
    folder.change("server.conf", &[("listen 443 ssl http2;", "listen 18443 ssl http2;")])?;
    // A machine may have no IPv6.
    folder.drop_lines("server.conf", "listen [::]:")?;
    if api == Api::SameOrigin {
        // A name would be looked up now.
        folder.change("server.conf", &[("server api.example.com:443;", "server 127.0.0.1:443;")])?;
    }
    let output = folder.nginx()?.arg("-t").stderr(Stdio::piped()).output().context("cannot start nginx")?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let log = std::fs::read_to_string(folder.0.join("logs/error.log")).unwrap_or_default();
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
        for part in ["indee-admin/headers", "logs", "temporary"] {
            std::fs::create_dir_all(folder.join(part))
                .with_context(|| format!("cannot create {}", folder.display()))?;
        }
        Ok(Self(folder))
    }

    /// Installs the files of `deploy/nginx` and of the build as its README says.
    fn configure(&self, api: Api) -> Result<()> {
        let Self(folder) = self;
        let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/nginx");
        let installed = folder.join("indee-admin");
        let (server, secret) = match api {
            Api::SameOrigin => ("same-origin.conf", "api-key.conf"),
            Api::CrossOrigin => ("cross-origin.conf", "page-key.conf"),
        };
        let mut parts = vec!["http.conf", "compression.conf", "static.conf", "proxy.conf"];
        if has_brotli()? {
            parts.push("brotli.conf");
        }
        for name in parts {
            copy(&examples.join(name), &installed.join(name))?;
        }
        copy(&examples.join(server), &folder.join("server.conf"))?;
        copy(&examples.join(format!("{secret}.example")), &installed.join(secret))?;
        self.change(&format!("indee-admin/{secret}"), &[("REPLACE-WITH-THE-API-KEY", API_KEY)])?;

        let dist = PathBuf::from(variable("APP_DIST")?);
        let mut fragments = dist.clone().into_os_string();
        fragments.push("-nginx");
        for name in ["api.conf", "asset.conf", "missing.conf", "page.conf"] {
            copy(&Path::new(&fragments).join(name), &installed.join("headers").join(name))?;
        }
        self.change(
            "server.conf",
            &[("/var/log/nginx/", "logs/"), ("root /srv/indee-admin;", &format!("root {};", dist.display()))],
        )?;
        std::fs::write(folder.join("nginx.conf"), main_configuration()?)?;
        Ok(())
    }

    /// On loopback and without TLS; everything else stays.
    fn listen(&self, port: u16, redirecting_port: u16, api_port: u16) -> Result<()> {
        for line in ["listen [::]:", "ssl_"] {
            self.drop_lines("server.conf", line)?;
        }
        self.change(
            "server.conf",
            &[
                ("listen 80;", &format!("listen 127.0.0.1:{redirecting_port};")),
                ("listen 443 ssl http2;", &format!("listen 127.0.0.1:{port};")),
                ("server_name admin.example.com;", "server_name localhost;"),
            ],
        )?;
        let text = std::fs::read_to_string(self.0.join("server.conf"))?;
        if text.contains("proxy_pass") {
            let server = format!("server 127.0.0.1:{api_port};");
            self.change(
                "server.conf",
                &[("server api.example.com:443;", &server), ("proxy_pass https://", "proxy_pass http://")],
            )
        } else {
            self.change("server.conf", &[("https://api.example.com", &format!("http://localhost:{api_port}"))])
        }
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
