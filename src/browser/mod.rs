//! The browser, behind small functions: each can fail, and none decides anything.

pub mod channel;
pub mod clock;
pub mod events;
pub mod fetch;
pub mod json;
pub mod location;
pub mod meta;
pub mod panic;
pub mod sign_out_mark;
pub mod storage;
pub mod task;
pub mod timer;
pub mod url;
