//! Indee's admin authentication API and an OpenID provider, for trying the sign-in on localhost.
//!
//! Nobody can try a sign-in front end without a backend and an identity provider, so here are both. They really run the
//! authorization code flow (OpenID Connect Core §3.1): the API makes state and nonce and builds the authorization URL; the
//! provider, on an origin of its own, shows a page on which a person signs in, refuses, or makes something go wrong; the
//! API exchanges the code, verifies the ID token, and asks UserInfo for an email that is not in it. With
//! [`ProviderChoice::External`] the same API stands in front of any real provider.
//!
//! The API is strict: it refuses whatever contract §1 does not allow, and it has its own request types, so that it is an
//! independent witness. Everything hangs on a cloneable [`Sandbox`]; there are no globals, so tests run many side by side.
//!
//! # Layout
//!
//! - `settings`, `account`: what can be set, who signs in; `fault`, `catalogue`, `plan`: what can go wrong, how, and when
//! - `strict`, `answer`: the API's requests and answers; `tokens`, `sign_ins`: what it issues and remembers
//! - `api`: the endpoints, their faults, and the control endpoints under `/sandbox/`
//! - `relying_party`: the API's side of OpenID Connect
//! - `provider`: discovery, keys, page, codes and tokens of the built-in provider
//! - `guard`: which hosts and pages are answered
//! - `received`: the record of requests; `serve`, `cut`: connections, and how they are cut
//! - `html`, `front_page`: pages for people

mod account;
mod answer;
mod api;
mod catalogue;
mod clock;
mod cut;
mod fault;
mod front_page;
mod guard;
mod html;
mod plan;
mod provider;
mod random;
mod received;
mod relying_party;
mod sandbox;
mod serve;
mod settings;
mod sign_ins;
mod strict;
mod sync;
mod tokens;

pub use account::MAIN_ACCOUNT;
pub use catalogue::{FAULTS, FaultRow, Scope, faults_as_markdown, faults_as_text, faults_of};
pub use fault::{Endpoint, Fault};
pub use plan::{NoSuchFault, Times};
pub use received::{Received, Server};
pub use sandbox::Sandbox;
pub use serve::serve;
pub use settings::{ProviderChoice, Settings, local_url};
