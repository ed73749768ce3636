//! Futures that run by themselves, and can be stopped.

use futures_util::future::{AbortHandle, abortable};
use wasm_bindgen_futures::spawn_local;

/// A running future. Dropping this drops the future, and whatever it holds: a request on its way is aborted.
#[must_use = "a task stops when it is dropped"]
pub struct Task {
    handle: AbortHandle,
}

impl Drop for Task {
    fn drop(&mut self) {
        self.handle.abort();
    }
}

/// Runs a future until it ends or its [`Task`] is dropped.
pub fn spawn(future: impl Future<Output = ()> + 'static) -> Task {
    let (future, handle) = abortable(future);
    spawn_local(async {
        // That it was stopped is no news for anybody.
        let _ = future.await;
    });
    Task { handle }
}
