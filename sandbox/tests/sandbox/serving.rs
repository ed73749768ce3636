//! Serving and stopping, and the API inside a bigger router.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use axum::Router;
use axum::routing::get;
use sandbox::{Endpoint, Fault, Sandbox, Settings, Times, serve};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::stand::{KEY, client, send};

async fn app_and_api(
    sandbox: &Sandbox,
) -> Result<(String, oneshot::Sender<()>, tokio::task::JoinHandle<std::io::Result<()>>)> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let origin = format!("http://{}", listener.local_addr()?);
    let router = Router::new()
        .route("/", get(|| async { "the app" }))
        .merge(sandbox.api())
        .nest("/prefix", sandbox.api())
        .fallback(|| async { "the app, again" });
    let (stop, stopped) = oneshot::channel();
    let server = serve(listener, router, async { drop(stopped.await) });
    Ok((origin, stop, tokio::spawn(server)))
}

#[tokio::test]
async fn the_api_can_be_merged_and_nested_beside_an_app() -> Result<()> {
    let sandbox = Sandbox::new(Settings::default())?;
    let (origin, _stop, _server) = app_and_api(&sandbox).await?;
    let http = client()?;
    assert_eq!(send(http.get(format!("{origin}/"))).await?.text, "the app");
    assert_eq!(send(http.get(format!("{origin}/login"))).await?.text, "the app, again");
    for prefix in ["", "/prefix"] {
        let url = format!("{origin}{prefix}/v1/admin/auth/refresh");
        let request = || http.post(&url).bearer_auth(KEY).json(&json!({"refresh_token": "x"}));
        send(request()).await?.is(401, "A2002")?;
        let received = sandbox.received();
        let last = received.last().context("nothing")?;
        assert_eq!(last.path, format!("{prefix}/v1/admin/auth/refresh"));
        for fault in [Fault::Drop, Fault::Truncated] {
            sandbox.set_fault(Endpoint::Refresh, fault, Times::Once)?;
            assert!(send(request()).await.is_err(), "{prefix} {fault:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn stopping_closes_connections_that_hang() -> Result<()> {
    let sandbox = Sandbox::new(Settings::default())?;
    let (origin, stop, server) = app_and_api(&sandbox).await?;
    sandbox.set_fault(Endpoint::Refresh, Fault::Hang, Times::Always)?;
    let url = format!("{origin}/v1/admin/auth/refresh");
    let request = client()?.post(&url).bearer_auth(KEY).json(&json!({"refresh_token": "x"}));
    let hanging = tokio::spawn(send(request));
    while sandbox.received().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let start = Instant::now();
    assert!(stop.send(()).is_ok());
    tokio::time::timeout(Duration::from_secs(5), server).await???;
    assert!(hanging.await?.is_err(), "closed without an answer");
    assert!(start.elapsed() < Duration::from_secs(3));
    assert!(send(client()?.get(&origin)).await.is_err(), "nobody listens any more");
    Ok(())
}
