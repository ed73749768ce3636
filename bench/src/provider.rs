//! What stands in for the identity provider: a page that waits until it is told to go on. It is on another site than the
//! app, as providers are: the browser then changes processes on the way back, as it does for users.

use anyhow::Result;
use axum::Router;
use axum::http::header;
use axum::routing::get;

use crate::wire::{self, Written};

/// The heading of the provider's page.
pub(crate) const HEADING: &str = "Provider";

/// A running provider.
pub(crate) struct Provider {
    /// Its origin.
    pub(crate) origin: String,
}

impl Provider {
    /// Starts it on a free port.
    pub(crate) async fn start() -> Result<Self> {
        let (listener, port) = wire::listen().await?;
        let router = Router::new().route("/authorize", get(|| page(HEADING))).route("/rest", get(|| page("Rest")));
        wire::serve(listener, Written::default(), router);
        // By number, since the app is at `localhost`: two ports of one name would be one site.
        Ok(Self { origin: format!("http://127.0.0.1:{port}") })
    }

    /// A page between two sign-ins, so that both begin alike, in a new process.
    pub(crate) fn rest(&self) -> String {
        format!("{}/rest", self.origin)
    }
}

async fn page(heading: &'static str) -> ([(header::HeaderName, &'static str); 2], String) {
    let page = format!(
        "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><link rel=\"icon\" href=\"data:,\"><title>{heading}\
         </title><h1>{heading}</h1></html>"
    );
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")], page)
}
