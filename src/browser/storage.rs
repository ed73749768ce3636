//! sessionStorage. Where cookies are blocked its mere mention throws, and gloo-storage then panics, so web-sys is asked first.

use gloo_storage::{SessionStorage, Storage};

/// The storage is blocked, full, or did not do as it was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unavailable;

fn session_storage() -> Result<web_sys::Storage, Unavailable> {
    match web_sys::window().map(|window| window.session_storage()) {
        Some(Ok(Some(_))) => Ok(SessionStorage::raw()),
        _ => Err(Unavailable),
    }
}

/// Reads an entry; `None` where there is none.
///
/// # Errors
///
/// [`Unavailable`] where the storage cannot be read.
pub fn read(key: &str) -> Result<Option<String>, Unavailable> {
    session_storage()?.get_item(key).map_err(|_| Unavailable)
}

/// Writes an entry, over one that is there.
///
/// # Errors
///
/// [`Unavailable`] where the storage is blocked or full.
pub fn write(key: &str, value: &str) -> Result<(), Unavailable> {
    session_storage()?.set_item(key, value).map_err(|_| Unavailable)
}

/// Removes an entry, if it is there.
///
/// # Errors
///
/// [`Unavailable`] where the storage is blocked.
pub fn remove(key: &str) -> Result<(), Unavailable> {
    session_storage()?.remove_item(key).map_err(|_| Unavailable)
}

/// Reads an entry and removes it: what comes out of here can be taken once.
///
/// # Errors
///
/// [`Unavailable`] where it cannot be read, and also where it cannot be removed.
pub fn take(key: &str) -> Result<Option<String>, Unavailable> {
    let value = read(key)?;
    if value.is_some() {
        remove(key)?;
    }
    Ok(value)
}
