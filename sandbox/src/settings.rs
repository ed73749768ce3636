//! What a sandbox is started with.

use std::fmt;
use std::time::Duration;

use url::Url;

/// Everything that can be set; `Settings::default()` is what the binary starts with on its usual ports.
#[derive(Clone)]
pub struct Settings {
    /// The app's callback address: the provider's `redirect_uri`. Default `http://localhost:3000/login/sso_callback`.
    pub app_callback: Url,
    /// The key that the four authentication calls must carry. Default `sandbox-api-key`.
    pub api_key: String,
    /// Who signs people in. Default: the built-in provider at `http://localhost:8788`.
    pub provider: ProviderChoice,
    /// How long an access token lives, in whole seconds. Default 15 minutes.
    pub access_token_life: Duration,
    /// How long a refresh token lives, in whole seconds. Default one day.
    pub refresh_token_life: Duration,
    /// Origins whose pages may call the API from a browser. Default none: the app reaches the API on its own origin.
    pub allowed_origins: Vec<String>,
    /// How long the `slow` fault waits before it answers. Default 10 seconds.
    pub slow: Duration,
}

/// Who signs people in.
#[derive(Clone)]
pub enum ProviderChoice {
    /// The sandbox's own provider ([`Sandbox::provider`](crate::Sandbox::provider)), served at `issuer`.
    BuiltIn {
        /// The origin at which the provider is served, e.g. `http://localhost:8788`.
        issuer: Url,
    },
    /// Any OpenID provider that has a discovery document.
    External {
        /// The issuer exactly as the provider writes it: a trailing slash counts (OpenID Connect Discovery §4.3).
        issuer: String,
        /// The client registered there, with [`Settings::app_callback`] as its redirect URI.
        client_id: String,
        /// That client's secret.
        client_secret: String,
        /// Certificate authorities to trust besides the usual ones, as PEM.
        authorities: Option<Vec<u8>>,
    },
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            app_callback: local_url(3000, "/login/sso_callback"),
            api_key: "sandbox-api-key".to_owned(),
            provider: ProviderChoice::BuiltIn { issuer: local_url(8788, "/") },
            access_token_life: Duration::from_secs(15 * 60),
            refresh_token_life: Duration::from_secs(24 * 60 * 60),
            allowed_origins: Vec::new(),
            slow: Duration::from_secs(10),
        }
    }
}

/// `http://localhost:<port><path>`; the path starts with `/`.
#[must_use]
pub fn local_url(port: u16, path: &str) -> Url {
    let text = format!("http://localhost:{port}{path}");
    // Whatever the port, and whatever follows it: the parser escapes what a path may not hold.
    Url::parse(&text).unwrap_or_else(|_| unreachable!("{text} is a URL"))
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("app_callback", &self.app_callback.as_str())
            .field("api_key", &"[redacted]")
            .field("provider", &self.provider)
            .field("access_token_life", &self.access_token_life)
            .field("refresh_token_life", &self.refresh_token_life)
            .field("allowed_origins", &self.allowed_origins)
            .field("slow", &self.slow)
            .finish()
    }
}

impl fmt::Debug for ProviderChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn { issuer } => f.debug_struct("BuiltIn").field("issuer", &issuer.as_str()).finish(),
            Self::External { issuer, client_id, .. } => f
                .debug_struct("External")
                .field("issuer", issuer)
                .field("client_id", client_id)
                .field("client_secret", &"[redacted]")
                .finish(),
        }
    }
}
