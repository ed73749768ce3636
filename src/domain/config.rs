//! The two settings of a deployment (contract §2).

use super::secret::ApiKey;
use super::url::ParseUrl;

/// The `<meta>` name of the API's base URL.
pub const API_BASE: &str = "indee-api-base";
/// The `<meta>` name of the API key.
pub const API_KEY: &str = "indee-api-key";

/// Where the API is, and the key to its authentication calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    api_base: ApiBase,
    api_key: Option<ApiKey>,
}

/// Origin and optional path prefix of the API, without a trailing slash; empty for this page's own origin.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ApiBase(String);

/// A setting that cannot be used. It names the setting only: the value may be the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadSetting {
    /// The `<meta>` name.
    pub name: &'static str,
}

impl Config {
    /// Checks the contents of the two `<meta>` elements; a missing one is as good as an empty one.
    ///
    /// # Errors
    ///
    /// [`BadSetting`] (`bad_config`) names the first that cannot be used.
    pub fn parse(api_base: &str, api_key: &str, urls: &impl ParseUrl) -> Result<Self, BadSetting> {
        let api_base = ApiBase::parse(api_base, urls).ok_or(BadSetting { name: API_BASE })?;
        let api_key = match api_key {
            "" => None,
            key => Some(ApiKey::new(key.to_owned()).ok_or(BadSetting { name: API_KEY })?),
        };
        Ok(Self { api_base, api_key })
    }

    /// The URL of an API path such as `v1/admin/auth/refresh`.
    #[must_use]
    pub fn api_url(&self, path: &str) -> String {
        [&self.api_base.0, "/", path].concat()
    }

    /// The URL of a path of the API that other code asks for, with a query perhaps; `None` where it would lead anywhere else
    /// than below the API's base. An access token goes nowhere else (contract §5).
    #[must_use]
    pub fn url_below_base(&self, path: &str, urls: &impl ParseUrl) -> Option<String> {
        let base = if self.api_base.0.is_empty() { urls.origin() } else { self.api_base.0.clone() };
        let url = urls.absolute(&format!("{base}/{path}"))?;
        // Judged after parsing: `../` and backslashes have had their effect by now.
        let is_below =
            url.href.strip_prefix(&base).is_some_and(|rest| rest.starts_with('/') && !rest.starts_with("//"));
        (is_below && !url.has_credentials()).then_some(url.href)
    }

    /// The key of the four authentication calls; `None` where a reverse proxy adds it.
    #[must_use]
    pub const fn api_key(&self) -> Option<&ApiKey> {
        self.api_key.as_ref()
    }
}

impl ApiBase {
    /// http(s), no credentials, query or fragment. Judged as it is written, too: the URL parser drops an empty query and
    /// white space, and takes `\` for `/`, none of which an operator means.
    fn parse(text: &str, urls: &impl ParseUrl) -> Option<Self> {
        if text.is_empty() {
            return Some(Self(String::new()));
        }
        let rest = strip_scheme(text, "https://").or_else(|| strip_scheme(text, "http://"))?;
        let authority = rest.split('/').next()?;
        let is_plain = !text.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '?' | '#' | '\\'));
        if !is_plain || authority.is_empty() || authority.contains('@') {
            return None;
        }
        Some(Self(urls.normalized(text)?.trim_end_matches('/').to_owned()))
    }
}

/// What follows the scheme, whose letters may be of either case (RFC 3986 §3.1).
fn strip_scheme<'a>(text: &'a str, scheme: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(scheme.len())?;
    start.eq_ignore_ascii_case(scheme).then_some(rest)
}
