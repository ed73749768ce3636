//! Indee's admin API (contract §1): what goes out, and what an answer means.
//!
//! Nothing here sends anything. An endpoint makes a [`request::Request`]; the browser layer sends it; what comes back is
//! an [`answer::Answer`], and the endpoint reads it.

pub mod answer;
pub mod endpoints;
pub mod projects;
pub mod request;
