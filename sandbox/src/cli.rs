//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use clap::Parser;
use sandbox::{ProviderChoice, faults_as_text};
use url::Url;

const ABOUT: &str = "Indee's admin authentication API and an OpenID provider, for trying the sign-in on localhost.

The app talks to the API; the API sends the browser to the provider; there you sign in as anybody, without a \
password, or refuse, or make something go wrong. Both listen on this machine only and forget everything when they stop.";

/// `--help` only; it is built when the program starts, from the same table that the servers use.
fn examples() -> String {
    format!(
        "Examples:
  sandbox
      API at http://localhost:8787, provider at http://localhost:8788, for an app at http://localhost:3000
  sandbox --access-seconds 30 --refresh-seconds 120
      short sessions, to watch them being renewed and ending
  sandbox --allow-origin http://localhost:3000
      for an app that calls the API across origins instead of through a proxy
  SANDBOX_CLIENT_SECRET=... sandbox --issuer https://login.example.com --client-id indee-admin
      in front of a real provider, where <app-url>/login/sso_callback is registered

Accounts:
  {account} signs in, and so does any other address.
  <endpoint>.<fault>@example.com makes that endpoint fail in that way, for example
  login.server-error@example.com or callback.refused@example.com. The faults:

{faults}",
        account = sandbox::MAIN_ACCOUNT,
        faults = faults_as_text()
    )
}

/// What the program was asked to do.
#[derive(Parser)]
#[command(name = "sandbox", version, about = ABOUT, after_long_help = examples())]
pub(crate) struct Options {
    /// Port of the API; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 8787)]
    pub(crate) api_port: u16,

    /// Port of the built-in provider; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 8788)]
    pub(crate) provider_port: u16,

    /// Where the app is served; people come back to <URL>/login/sso_callback
    #[arg(long, value_name = "URL", default_value = "http://localhost:3000")]
    pub(crate) app_url: Url,

    /// The key that the app (or its proxy) sends as `Authorization: Bearer`
    #[arg(long, value_name = "KEY", default_value = "sandbox-api-key")]
    pub(crate) api_key: String,

    /// How long access tokens live
    #[arg(long, value_name = "SECONDS", default_value_t = 900)]
    access_seconds: u32,

    /// How long refresh tokens live
    #[arg(long, value_name = "SECONDS", default_value_t = 86_400)]
    refresh_seconds: u32,

    /// An origin whose pages may call the API from a browser; may be repeated
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) allow_origin: Vec<String>,

    /// A real provider instead of the built-in one, exactly as it writes its issuer
    #[arg(long, value_name = "URL", requires = "client_id")]
    pub(crate) issuer: Option<String>,

    /// The client registered at --issuer
    #[arg(long, value_name = "ID", requires = "issuer")]
    client_id: Option<String>,

    /// That client's secret; better given by the environment, where no process list shows it
    #[arg(long, value_name = "SECRET", env = "SANDBOX_CLIENT_SECRET", hide_env_values = true)]
    client_secret: Option<String>,

    /// Certificate authorities to trust besides the usual ones, for --issuer: a PEM file
    #[arg(long, value_name = "FILE", env = "SSL_CERT_FILE")]
    ca: Option<PathBuf>,

    /// Print the faults and end
    #[arg(long)]
    pub(crate) list_faults: bool,
}

impl Options {
    pub(crate) fn access_life(&self) -> Duration {
        Duration::from_secs(self.access_seconds.into())
    }

    pub(crate) fn refresh_life(&self) -> Duration {
        Duration::from_secs(self.refresh_seconds.into())
    }

    pub(crate) fn app_callback(&self) -> anyhow::Result<Url> {
        let base = self.app_url.as_str().trim_end_matches('/');
        let callback = format!("{base}/login/sso_callback");
        Url::parse(&callback).with_context(|| format!("--app-url: {callback} is not a URL"))
    }

    /// The provider that `--issuer` names.
    pub(crate) fn external_provider(&self) -> anyhow::Result<Option<ProviderChoice>> {
        let (Some(issuer), Some(client_id)) = (&self.issuer, &self.client_id) else {
            return Ok(None);
        };
        let secret = self
            .client_secret
            .as_ref()
            .context("--issuer needs the client's secret: set SANDBOX_CLIENT_SECRET, or give --client-secret.")?;
        let url = Url::parse(issuer).with_context(|| format!("--issuer: {issuer} is not a URL"))?;
        ensure!(matches!(url.scheme(), "http" | "https"), "--issuer: {issuer} is neither http nor https");
        let plain =
            url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
        ensure!(plain, "--issuer: credentials, a query or a fragment do not belong into an issuer");
        let authorities = match &self.ca {
            Some(file) => Some(std::fs::read(file).with_context(|| format!("--ca: cannot read {}", file.display()))?),
            None => None,
        };
        Ok(Some(ProviderChoice::External {
            issuer: issuer.clone(),
            client_id: client_id.clone(),
            client_secret: secret.clone(),
            authorities,
        }))
    }
}
