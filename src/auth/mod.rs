//! The flows, each to be read from top to bottom: [`begin`] and [`complete`] a sign-in, keep the [`session`] that comes of it,
//! make [`authorized`] calls in it.

#[cfg(feature = "app")]
pub mod authorized;
#[cfg(feature = "app")]
pub mod begin;
pub mod call;
pub mod complete;
#[cfg(feature = "app")]
pub mod session;
