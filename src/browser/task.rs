//! Futures that run by themselves, and can be stopped.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use futures_util::future::{AbortHandle, abortable};
use wasm_bindgen_futures::spawn_local;

use super::panic::has_stopped;

/// Any future. What runs one is compiled for each type anew, so all of ours are of one.
type AnyFuture = Pin<Box<dyn Future<Output = ()>>>;

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
    let future: AnyFuture = Box::pin(future);
    let (future, handle) = abortable(future);
    spawn_detached(async {
        // That it was stopped is no news for anybody.
        let _ = future.await;
    });
    Task { handle }
}

/// Runs a future until it ends.
pub fn spawn_detached(future: impl Future<Output = ()> + 'static) {
    let mut future: AnyFuture = Box::pin(future);
    let future: AnyFuture = Box::pin(poll_fn(move |context| match has_stopped() {
        true => Poll::Pending,
        false => future.as_mut().poll(context),
    }));
    spawn_local(future);
}
