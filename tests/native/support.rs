//! What the browser does for the app, done natively: JSON by serde_json, URLs by the `url` crate.

use std::time::UNIX_EPOCH;

use indee_admin_sso::domain::json::{Json, Object};
use indee_admin_sso::domain::time::UnixMillis;
use indee_admin_sso::domain::url::{ParseUrl, UrlParts};
use serde::de::DeserializeOwned;
use url::Url;

#[path = "../rules/samples.rs"]
mod samples;
pub(crate) use samples::*;

/// The origin that the app is served from in these tests.
pub(crate) const ORIGIN: &str = "https://admin.example.com";

/// JSON as the app has it from the browser.
pub(crate) struct TestJson;

impl Json for TestJson {
    fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
        serde_json::from_str(text).ok()
    }

    type Object = TestObject;

    fn object(text: &str) -> Option<TestObject> {
        serde_json::from_str(text).ok().map(TestObject)
    }

    fn quote(text: &str) -> Option<String> {
        serde_json::to_string(text).ok()
    }

    fn unquote(string: &str) -> Option<String> {
        serde_json::from_str(string).ok()
    }

    fn number(number: &str) -> Option<f64> {
        serde_json::from_str(number).ok()
    }
}

/// An object of serde_json.
pub(crate) struct TestObject(serde_json::Map<String, serde_json::Value>);

impl Object for TestObject {
    fn text(&self, name: &str) -> Option<String> {
        self.0.get(name)?.as_str().map(str::to_owned)
    }

    fn number(&self, name: &str) -> Option<f64> {
        self.0.get(name)?.as_f64()
    }
}

/// Dates as the app has them from the browser.
pub(crate) fn parse_date(text: &str) -> Option<UnixMillis> {
    // The crate knows the format without a zone as it is, browsers with a zone.
    let date = httpdate::parse_http_date(text).or_else(|_| httpdate::parse_http_date(text.trim_end_matches(" GMT")));
    let since = date.ok()?.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok().map(UnixMillis)
}

/// URLs as the app has them taken apart by the browser.
pub(crate) struct TestUrls;

impl ParseUrl for TestUrls {
    fn normalized(&self, text: &str) -> Option<String> {
        Url::parse(text).ok().map(String::from)
    }

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
