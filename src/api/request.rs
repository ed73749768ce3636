//! A call of the API, ready to be sent.

use std::borrow::Cow;

/// A call of the API. It may hold secrets, so it does not print itself.
#[derive(Clone)]
pub struct Request {
    /// Relative to the API's base, without a leading slash: `v1/admin/auth/sso/login`. It may have a query.
    pub path: Cow<'static, str>,
    /// What is asked.
    pub content: Content,
    /// Whether it outlives the page.
    pub delivery: Delivery,
}

/// What a call asks.
#[derive(Clone)]
pub enum Content {
    /// `GET`
    Get,
    /// `POST` of this JSON text.
    Post(String),
}

/// Whether a request outlives the page that sends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// Somebody waits for the answer.
    Ordinary,
    /// It is to arrive even if the page goes away meanwhile: fetch's `keepalive`.
    OutlivesPage,
}

impl Request {
    /// A `GET` that somebody waits for.
    #[must_use]
    pub fn get(path: impl Into<Cow<'static, str>>) -> Self {
        Self { path: path.into(), content: Content::Get, delivery: Delivery::Ordinary }
    }

    /// A `POST` of a JSON text that somebody waits for.
    #[must_use]
    pub fn post(path: impl Into<Cow<'static, str>>, json: String) -> Self {
        Self { path: path.into(), content: Content::Post(json), delivery: Delivery::Ordinary }
    }

    /// The same, to arrive even if the page goes away.
    #[must_use]
    pub fn outliving_the_page(self) -> Self {
        Self { delivery: Delivery::OutlivesPage, ..self }
    }
}
