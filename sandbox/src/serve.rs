//! Serving a router so that it can really stop.

use std::future::Future;
use std::io;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How long running requests have to end after the signal; those that hang by order never would.
const GRACE: Duration = Duration::from_millis(500);

/// Serves a router until `shutdown` is ready, then gives running requests half a second and closes every connection.
///
/// `axum::serve` would wait for each of them, and the `hang` fault never ends. The `drop` and `truncated` faults cut their
/// connection here as well as under any other hyper server: their response bodies end in an error.
///
/// # Errors
///
/// None today: a failed `accept` is the affair of one connection, and is tried again.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (stop, stopping) = watch::channel(());
    let mut connections = JoinSet::new();
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, router.clone(), stopping.clone()));
                }
                // Out of file descriptors, say: waiting lets some connections end.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
    drop(listener);
    drop(stop);
    let all_ended = async { while connections.join_next().await.is_some() {} };
    // Whatever is left after that ends with the set.
    let _ = tokio::time::timeout(GRACE, all_ended).await;
    Ok(())
}

async fn connection(stream: TcpStream, router: Router, mut stopping: watch::Receiver<()>) {
    // Small answers should not wait for more.
    let _ = stream.set_nodelay(true);
    let service = TowerToHyperService::new(router);
    let connection = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        // An error is a client that went away, or a fault that cut the connection.
        _ = &mut connection => return,
        // The sender is gone: time to stop.
        _ = stopping.changed() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}
