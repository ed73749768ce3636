//! Requests to the provider, with what a message about a failed one needs.

use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;

use anyhow::anyhow;
use axum::http::StatusCode;
use openidconnect::{AsyncHttpClient, HttpClientError, HttpRequest, HttpResponse, reqwest};

use super::Unproven;
use crate::sync::locked;

/// What a request can end in besides an answer.
pub(super) type RequestError = HttpClientError<reqwest::Error>;

/// The HTTP client, as the library calls it. It remembers the last request: the library's errors have neither its URL nor,
/// if the body was readable, the status of the response.
pub(super) struct Ask<'a> {
    http: &'a reqwest::Client,
    last: Mutex<Last>,
}

#[derive(Clone, Default)]
struct Last {
    url: String,
    status: Option<StatusCode>,
}

impl<'a> Ask<'a> {
    pub(super) fn new(http: &'a reqwest::Client) -> Self {
        Self { http, last: Mutex::default() }
    }

    /// Where the last request went.
    pub(super) fn url(&self) -> String {
        locked(&self.last).url.clone()
    }

    /// Whether the status means that the provider is out of order, rather than that it refuses.
    pub(super) fn is_outage(&self) -> bool {
        let status = locked(&self.last).status;
        status.is_some_and(|status| status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS)
    }

    /// A failure of the provider at this endpoint.
    pub(super) fn unavailable(&self, endpoint: &str, why: &str) -> Unproven {
        let Last { url, status } = locked(&self.last).clone();
        Unproven::Unavailable(match status {
            Some(status) => anyhow!("{endpoint} {url}: {why} (HTTP {})", status.as_u16()),
            None => anyhow!("{endpoint} {url}: {why}"),
        })
    }
}

impl<'c> AsyncHttpClient<'c> for Ask<'_> {
    type Error = RequestError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Self::Error>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        *locked(&self.last) = Last { url: request.uri().to_string(), status: None };
        Box::pin(async move {
            let response = self.http.call(request).await?;
            locked(&self.last).status = Some(response.status());
            Ok(response)
        })
    }
}
