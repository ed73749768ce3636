//! The flows, each to be read from top to bottom: [`begin`] and [`complete`] a sign-in, keep the [`session`] that comes of it,
//! make [`authorized`] calls in it.

pub mod authorized;
pub mod begin;
pub mod call;
pub mod complete;
pub mod session;
