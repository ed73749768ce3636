//! What one test stands on: the app's site, the sandbox and a browser, all of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::IntoResponse as _;
use sandbox::{Endpoint, ProviderChoice, Received, Sandbox, Server, Settings, local_url, serve};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::browser::{Browser, BrowserOptions};
use crate::nginx::{Nginx, Policy};
use crate::pages::{Home, Provider, SignIn};
pub use crate::site::Files;
use crate::site::{API_KEY, Site, SiteRequest};

/// Where the API is, seen from the app.
#[derive(Clone, Copy, Default, PartialEq)]
pub enum Api {
    /// On its own origin, behind a proxy that adds the key.
    #[default]
    SameOrigin,
    /// On another origin, with the key in the page's settings.
    CrossOrigin,
}

/// What serves the app.
#[derive(Clone, Copy, Default, PartialEq)]
pub enum Front {
    /// A server in the test, which records what it is asked.
    #[default]
    Site,
    /// The same, on a host that can send no headers of the build.
    Bare,
    /// A real nginx, as `deploy/nginx` configures it.
    Nginx,
    /// The same, with the build's policy except Trusted Types.
    NginxWithoutTrustedTypes,
}

/// What a test wants to be different.
#[derive(Default)]
pub struct Options {
    /// Where the API is.
    pub api: Api,
    /// What serves the app.
    pub front: Front,
    /// Settings of the app, `<meta>` names and values. Not for nginx, which has its own.
    pub settings: Vec<(&'static str, &'static str)>,
    /// How late the `slow` fault answers, if not as usual.
    pub slow: Option<Duration>,
    /// The browser.
    pub browser: BrowserOptions,
}

/// The servers and the browser. They stop with this value.
pub struct Stand {
    /// API and provider.
    pub sandbox: Sandbox,
    /// The browser.
    pub browser: Browser,
    /// The app's origin.
    pub origin: String,
    /// The provider's.
    pub provider: String,
    site: Site,
    nginx: Option<Nginx>,
    provider_is_silent: Arc<AtomicBool>,
    servers: Vec<JoinHandle<std::io::Result<()>>>,
}

impl Drop for Stand {
    fn drop(&mut self) {
        self.servers.iter().for_each(JoinHandle::abort);
    }
}

impl Stand {
    /// The usual stand.
    pub async fn start() -> Result<Self> {
        Self::start_with(Options::default()).await
    }

    /// A stand that differs.
    pub async fn start_with(options: Options) -> Result<Self> {
        // First, since it may have to wait for other tests.
        let browser = Browser::start(&options.browser).await?;
        let (site_listener, site_port) = listen().await?;
        let (provider_listener, provider_port) = listen().await?;
        let (api_listener, api_port) = listen().await?;
        let nginx = match options.front {
            Front::Site | Front::Bare => None,
            Front::Nginx => Some(Nginx::start_before(options.api.into(), Policy::Whole, api_port).await?),
            Front::NginxWithoutTrustedTypes => {
                Some(Nginx::start_before(options.api.into(), Policy::WithoutTrustedTypes, api_port).await?)
            }
        };
        let origin = nginx.as_ref().map_or_else(|| format!("http://localhost:{site_port}"), Nginx::origin);

        let mut settings = Settings {
            app_callback: format!("{origin}/login/sso_callback").parse()?,
            api_key: API_KEY.to_owned(),
            provider: ProviderChoice::BuiltIn { issuer: local_url(provider_port, "/") },
            ..Settings::default()
        };
        settings.slow = options.slow.unwrap_or(settings.slow);
        let mut app_settings: Vec<(&str, String)> =
            options.settings.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        if options.api == Api::CrossOrigin {
            settings.allowed_origins = vec![origin.clone()];
            app_settings.push(("indee-api-base", format!("http://localhost:{api_port}")));
            app_settings.push(("indee-api-key", API_KEY.to_owned()));
        }
        let sandbox = Sandbox::new(settings)?;
        let site = Site::load(&app_settings)?;
        let site = if options.front == Front::Bare { site.without_headers() } else { site };
        let provider_is_silent = Arc::new(AtomicBool::new(false));
        let mut servers = vec![start(provider_listener, or_silent(sandbox.provider(), provider_is_silent.clone()))];
        match (&nginx, options.api) {
            (Some(_), _) => servers.push(start(api_listener, sandbox.api())),
            (_, Api::SameOrigin) => servers.push(start(site_listener, site.router(Some(sandbox.api())))),
            (_, Api::CrossOrigin) => {
                servers.push(start(site_listener, site.router(None)));
                servers.push(start(api_listener, sandbox.api()));
            }
        }
        let provider = format!("http://localhost:{provider_port}");
        Ok(Self { sandbox, browser, origin, provider, site, nginx, provider_is_silent, servers })
    }

    /// Decides what becomes of the files of the build.
    pub fn set_files(&self, files: Files) {
        self.site.set_files(files);
    }

    /// Opens a path of the app.
    pub async fn open(&self, path: &str) -> Result<()> {
        Ok(self.browser.client().goto(&format!("{}{path}", self.origin)).await?)
    }

    /// From the form at `path` to the provider's page.
    pub async fn reach_provider(&self, path: &str, email: &str) -> Result<Provider<'_>> {
        self.open(path).await?;
        SignIn::shown(&self.browser).await?.submit(email).await?;
        Provider::shown(&self.browser).await
    }

    /// A whole sign-in, from the form to the signed-in page.
    pub async fn sign_in(&self, email: &str) -> Result<Home<'_>> {
        self.reach_provider("/login", email).await?.sign_in().await?;
        Home::shown(&self.browser).await
    }

    /// Lets the provider answer 204: the browser then stays where it is.
    pub fn silence_provider(&self, is_silent: bool) {
        self.provider_is_silent.store(is_silent, Ordering::Relaxed);
    }

    /// The nginx, where one serves the app.
    pub fn nginx(&self) -> Result<&Nginx> {
        self.nginx.as_ref().context("no nginx here")
    }

    /// The requests of the browser to the site (not to nginx), before the proxy added anything.
    #[must_use]
    pub fn site_requests(&self) -> Vec<SiteRequest> {
        self.site.received()
    }

    /// The requests to an endpoint of the API, without preflight requests.
    #[must_use]
    pub fn api_requests(&self, endpoint: Endpoint) -> Vec<Received> {
        let path = match endpoint {
            Endpoint::Initiate => "/v1/admin/auth/sso/initiate",
            Endpoint::Login => "/v1/admin/auth/sso/login",
            Endpoint::Refresh => "/v1/admin/auth/refresh",
            Endpoint::Logout => "/v1/admin/auth/logout",
            Endpoint::Projects => "/v1/admin/projects",
            Endpoint::Callback => "/login/sso_callback",
            Endpoint::Token => "/token",
        };
        let is_meant = |request: &Received| request.server == Server::Api && request.path == path;
        self.sandbox.received().into_iter().filter(|request| is_meant(request) && request.method != "OPTIONS").collect()
    }

    /// The JSON bodies of those requests.
    pub fn api_bodies(&self, endpoint: Endpoint) -> Result<Vec<Value>> {
        let requests = self.api_requests(endpoint);
        requests.iter().map(|request| serde_json::from_str(&request.body).context("not JSON")).collect()
    }

    /// Checks how many requests the API got: initiate, login, logout, and none elsewhere but for what a session does by itself:
    /// projects and refreshes.
    pub fn assert_calls(&self, initiate: usize, login: usize, logout: usize) -> Result<()> {
        let count = |endpoint| self.api_requests(endpoint).len();
        let found = (count(Endpoint::Initiate), count(Endpoint::Login), count(Endpoint::Logout));
        ensure!(found == (initiate, login, logout), "initiate, login, logout: {found:?}");
        let is_api = |request: &&Received| request.server == Server::Api && request.method != "OPTIONS";
        let known = ["initiate", "login", "logout", "projects", "refresh"];
        let other: Vec<Received> = self.sandbox.received().iter().filter(is_api).cloned().collect();
        let other = other.iter().find(|request| !known.iter().any(|name| request.path.ends_with(name)));
        ensure!(other.is_none(), "unexpected: {other:?}");
        Ok(())
    }

    /// The end of every test: nothing secret is left anywhere, the console is clean, and the browser closes.
    pub async fn finish(self) -> Result<()> {
        self.finish_although(&[]).await
    }

    /// The same, where faults make the browser itself complain: messages that contain one of `expected`.
    pub async fn finish_although(self, expected: &[&str]) -> Result<()> {
        self.assert_nothing_left().await?;
        for message in self.browser.console().await? {
            ensure!(expected.iter().any(|text| message.text.contains(text)), "console: {message:?}");
        }
        self.browser.close().await
    }
}

pub(crate) async fn listen() -> Result<(TcpListener, u16)> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let port = listener.local_addr()?.port();
    Ok((listener, port))
}

pub(crate) fn start(listener: TcpListener, router: Router) -> JoinHandle<std::io::Result<()>> {
    tokio::spawn(serve(listener, router, std::future::pending()))
}

fn or_silent(router: Router, is_silent: Arc<AtomicBool>) -> Router {
    router.layer(from_fn(move |request: Request, next: Next| {
        let is_silent = is_silent.load(Ordering::Relaxed);
        async move {
            // The API's own requests to the provider go on.
            let is_for_people = request.uri().path() == "/authorize";
            if is_silent && is_for_people { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await }
        }
    }))
}
