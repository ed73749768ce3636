//! The pages, found by role and accessible name as contract §6 fixes them.

mod callback;
mod home;
mod provider;
mod sign_in;

pub use callback::{Alert, Callback};
pub use home::Home;
pub use provider::Provider;
pub use sign_in::SignIn;
