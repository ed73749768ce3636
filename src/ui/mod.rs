//! What a person sees (contract §6). Views show values; they neither parse nor decide.

pub mod action;
pub mod app;
pub mod callback;
pub mod failure_notice;
pub mod home;
pub mod not_found;
pub mod page;
pub mod projects;
pub mod sign_in;
