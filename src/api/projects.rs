//! `GET v1/admin/projects` (contract §1): the first user of a session.

use serde::Deserialize;

use super::request::Request;

/// How many projects are asked for.
const LIMIT: u32 = 12;

/// Some of the projects, and how many there are.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Projects {
    /// How many there are in all.
    pub count: u32,
    /// The first of them.
    pub results: Vec<Project>,
}

/// A project.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Project {
    /// Its name.
    pub name: String,
}

/// Asks for the first projects.
#[must_use]
pub fn first_projects() -> Request {
    Request::get(format!("v1/admin/projects?limit={LIMIT}"))
}
