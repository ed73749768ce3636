//! The rules of a sign-in, and nothing else: protocol values as types, the strict query parser, the order of
//! validation, error codes and texts for people.
//!
//! Nothing here knows a browser, a clock or a network: the time is an argument, URLs are taken apart by whatever
//! implements [`url::ParseUrl`], JSON by whatever implements [`json::Json`]. So every rule is tested natively.

pub mod authorization_request;
pub mod authorization_response;
pub mod call_error;
pub mod config;
pub mod email;
pub mod failure;
pub mod form_urlencoded;
pub mod json;
pub mod json_deserializer;
pub mod pending;
pub mod provider_error;
pub mod retry_after;
pub mod return_to;
pub mod route;
pub mod secret;
pub mod session;
pub mod status_code;
pub mod time;
pub mod token_life;
pub mod tokens;
pub mod untrusted_text;
pub mod url;
pub mod validate;
pub mod words;
