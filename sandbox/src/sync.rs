//! Locks that no panic elsewhere can break.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is behind these locks is valid after every statement, so a poisoned one is as good as new. The guards are held for
/// a few statements and never across an `await`, hence a standard mutex.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
