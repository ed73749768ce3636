//! What the browser does for the app, done natively: JSON by serde_json, URLs by the `url` crate.

use indee_admin_sso::domain::authorization_request::AuthorizationRequest;
use indee_admin_sso::domain::email::Email;
use indee_admin_sso::domain::json::Json;
use indee_admin_sso::domain::pending::PendingSignIn;
use indee_admin_sso::domain::return_to::ReturnTo;
use indee_admin_sso::domain::secret::{Nonce, State};
use indee_admin_sso::domain::time::UnixMillis;
use indee_admin_sso::domain::url::{ParseUrl, UrlParts};
use serde::{Serialize, de::DeserializeOwned};
use url::Url;

/// The origin that the app is served from in these tests.
pub(crate) const ORIGIN: &str = "https://admin.example.com";

/// Now, in these tests: 2026-11-24T12:00:00Z.
pub(crate) const NOW: UnixMillis = UnixMillis(1_795_521_600_000);

pub(crate) struct NativeJson;

impl Json for NativeJson {
    fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
        serde_json::from_str(text).ok()
    }

    fn write<T: Serialize>(value: &T) -> Option<String> {
        serde_json::to_string(value).ok()
    }
}

pub(crate) struct NativeUrls;

impl ParseUrl for NativeUrls {
    fn absolute(&self, text: &str) -> Option<UrlParts> {
        Url::parse(text).ok().map(|url| parts(&url))
    }

    fn on_this_origin(&self, reference: &str) -> Option<UrlParts> {
        Url::parse(ORIGIN).ok()?.join(reference).ok().map(|url| parts(&url))
    }

    fn origin(&self) -> String {
        ORIGIN.to_owned()
    }
}

fn parts(url: &Url) -> UrlParts {
    UrlParts {
        href: url.as_str().to_owned(),
        scheme: url.scheme().to_owned(),
        origin: url.origin().ascii_serialization(),
        username: url.username().to_owned(),
        password: url.password().unwrap_or_default().to_owned(),
        hostname: url.host_str().unwrap_or_default().to_owned(),
        path: url.path().to_owned(),
        query: url.query().unwrap_or_default().to_owned(),
        fragment: url.fragment().unwrap_or_default().to_owned(),
    }
}

/// A sign-in that was begun a minute before [`NOW`].
pub(crate) fn pending() -> PendingSignIn {
    PendingSignIn {
        state: State::new("the-state==".to_owned()).unwrap(),
        nonce: Nonce::new("the-nonce".to_owned()).unwrap(),
        email: Email::parse("admin@example.com").unwrap(),
        return_to: ReturnTo::parse("/projects?page=2", &NativeUrls),
        created_at: UnixMillis(NOW.0 - 60_000),
    }
}

/// The checks on an `initiate` answer with these fields.
pub(crate) fn authorization_request(state: &str, nonce: &str, redirect: &str) -> Option<AuthorizationRequest> {
    AuthorizationRequest::parse(state.to_owned(), nonce.to_owned(), redirect, &NativeUrls)
}
