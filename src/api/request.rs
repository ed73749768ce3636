//! A call of the API, ready to be sent.

/// A `POST` of a JSON body to one of the four authentication calls. It may hold secrets, so it does not print itself.
#[derive(Clone)]
pub struct Request {
    /// The path, without a leading slash: `v1/admin/auth/sso/login`.
    pub path: &'static str,
    /// The JSON text.
    pub body: String,
    /// Whether it outlives the page.
    pub delivery: Delivery,
}

/// Whether a request outlives the page that sends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// Somebody waits for the answer.
    Ordinary,
    /// It is to arrive even if the page goes away meanwhile: fetch's `keepalive`.
    OutlivesPage,
}
