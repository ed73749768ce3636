//! The flows of a sign-in, each to be read from top to bottom: [`begin`], [`complete`], and the [`session`] that comes of
//! it.

pub mod begin;
pub mod call;
pub mod complete;
pub mod session;
