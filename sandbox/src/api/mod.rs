//! The API's routes (contract §1), and the layers around them.

mod auth;
mod control;
mod faults;
mod initiate_faults;
mod projects;

use anyhow::Context as _;
use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{any, get, post};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::Sandbox;
use crate::answer::{Code, Refusal};
use crate::guard::{local_hosts_only, own_orders_only};
use crate::received::record_api;

pub(crate) fn router(sandbox: &Sandbox) -> Router {
    let v1 = Router::new()
        .route("/v1/admin/auth/sso/initiate", post(auth::initiate).fallback(wrong_method))
        .route("/v1/admin/auth/sso/login", post(auth::login).fallback(wrong_method))
        .route("/v1/admin/auth/refresh", post(auth::refresh).fallback(wrong_method))
        .route("/v1/admin/auth/logout", post(auth::logout).fallback(wrong_method))
        .route("/v1/admin/projects", get(projects::list).fallback(wrong_method))
        // A route, not a fallback: two routers that both have one cannot be merged.
        .route("/v1/{*rest}", any(no_such_path));
    let origins = &sandbox.settings().allowed_origins;
    // Without origins not even a preflight request is answered: the API has POST and GET only.
    let v1 = if origins.is_empty() { v1 } else { v1.layer(cors(origins)) };
    // Outermost: preflight requests are recorded too.
    v1.layer(from_fn_with_state(sandbox.clone(), record_api))
        .merge(control::router().layer(from_fn(own_orders_only)))
        .layer(from_fn_with_state(sandbox.clone(), local_hosts_only))
        .with_state(sandbox.clone())
}

/// Refuses origins that no browser would ever send.
pub(crate) fn check_origins(origins: &[String]) -> anyhow::Result<()> {
    for origin in origins {
        let url = url::Url::parse(origin).with_context(|| format!("{origin} is not an origin"))?;
        anyhow::ensure!(
            url.origin().ascii_serialization() == *origin,
            "{origin} is not an origin: scheme, host and port only, without a slash at the end"
        );
    }
    Ok(())
}

fn cors(origins: &[String]) -> CorsLayer {
    let origins = origins.iter();
    let origins = origins.filter_map(|origin| HeaderValue::from_str(origin).ok());
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
        .expose_headers([header::RETRY_AFTER])
}

async fn wrong_method(request: Request) -> Refusal {
    let message = format!("{} is not a method of this path", request.method());
    Refusal::new(Code::InvalidInput, message).with_status(StatusCode::METHOD_NOT_ALLOWED)
}

async fn no_such_path() -> Refusal {
    Refusal::new(Code::InvalidInput, "the API has no such path").with_status(StatusCode::NOT_FOUND)
}
