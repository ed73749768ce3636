//! Authorized calls, for the rest of an admin console (contract §5).
//!
//! A success is read into any type that serde can deserialize from JSON, as serde_json would: structs, options, newtypes, tuples,
//! maps, enums in all four representations, flattened and renamed fields, integers of any size. It has to own what it holds
//! (`String`, not `&str`).
//!
//! ```ignore
//! use indee_admin_sso::api::request::Request;
//!
//! #[derive(serde::Deserialize)]
//! struct Project { name: String }
//!
//! // In a component: the task is kept with it, and the call aborted when it goes away.
//! let task = task::spawn(async move {
//!     match app.session.call::<Project>(Request::get("v1/admin/projects/prj-1")).await {
//!         Ok(project) => name.set(project.name),
//!         Err(CallError::Reconnecting) => notice.set("Reconnecting…"),
//!         Err(error) => failure.set(error),
//!     }
//! });
//! ```

use serde::de::DeserializeOwned;

use super::call;
use super::session::Session;
use crate::api::answer::{self, HttpStatus};
use crate::api::projects;
pub use crate::api::projects::{Project, Projects};
use crate::api::request::Request;
use crate::browser::fetch::{self, Bearer};
use crate::browser::json::BrowserJson;
use crate::browser::url::BrowserUrls;
use crate::domain::call_error::CallError;
use crate::domain::session::{Access, Event};

impl Session {
    /// Calls the API with the access token of this session, and reads the success of shape `T`.
    ///
    /// Only ever below the configured base. It waits for a refresh that is running; on a 401 it has the token refreshed once
    /// and repeats the call once, never with the token that was refused. Dropping the future aborts it, see [`crate::browser::task`].
    ///
    /// # Errors
    ///
    /// [`CallError`]. None of them ends the session.
    pub async fn call<T: DeserializeOwned>(self, request: Request) -> Result<T, CallError> {
        let (caller, config) = self.number().zip(self.config()).ok_or(CallError::SignedOut)?;
        let url = config.url_below_base(&request.path, &BrowserUrls).ok_or(CallError::ForeignPath)?;
        let mut refused = None;
        loop {
            let access = self.access(refused).filter(|_| self.number() == Some(caller)).ok_or(CallError::SignedOut)?;
            let (token, generation) = match access {
                Access::Granted { token, generation, .. } => (token, generation),
                Access::Reconnecting => return Err(CallError::Reconnecting),
                Access::Refused => return Err(CallError::Unauthorized),
                Access::Wait => {
                    self.changed().await;
                    continue;
                }
            };
            let sent = fetch::send(&url, Bearer::Token(&token), &request);
            let answer = match sent {
                Ok(sent) => call::answer(sent).await,
                Err(no_answer) => Err(call::failure(no_answer)),
            };
            // Whoever signed out, or in anew, meanwhile is not to see it.
            if self.number() != Some(caller) {
                return Err(CallError::SignedOut);
            }
            let answer = answer.map_err(CallError::Failed)?;
            if answer.status != HttpStatus::Code(401) {
                return answer::read::<BrowserJson, T>(&answer).map_err(CallError::Failed);
            }
            if refused.replace(generation).is_some() {
                return Err(CallError::Unauthorized);
            }
            self.dispatch(Event::Unauthorized { session: caller, generation });
        }
    }
}

/// The first projects, and how many there are (contract §1).
///
/// # Errors
///
/// [`CallError`], as for every authorized call.
pub async fn first_projects(session: Session) -> Result<Projects, CallError> {
    session.call(projects::first_projects()).await
}
