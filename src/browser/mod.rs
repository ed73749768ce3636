//! The browser, behind small functions: each can fail, and none decides anything.

pub mod clock;
pub mod fetch;
pub mod json;
pub mod location;
pub mod meta;
pub mod panic;
pub mod storage;
pub mod timer;
pub mod url;
