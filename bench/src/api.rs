//! What stands in for the API: it answers at once, so that nothing of an API's own time is measured, unless it is told to
//! think about logins. It checks nothing; that the app speaks the API's language is what the tests with the sandbox show.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header;
use axum::routing::{get, post};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// The path of the login call.
pub(crate) const LOGIN: &str = "/v1/admin/auth/sso/login";

/// The path of the projects call, the last of a sign-in.
pub(crate) const PROJECTS: &str = "/v1/admin/projects";

/// The name of the last project.
pub(crate) const LAST_PROJECT: &str = "Project number 12";

const MINUTE: u64 = 60;
const DAY: u64 = 24 * 60 * MINUTE;

/// The API of one site.
#[derive(Clone)]
pub(crate) struct Api(Arc<Inner>);

struct Inner {
    /// Where the provider's page is.
    authorize: String,
    /// Where the provider sends the browser back to.
    callback: String,
    think_millis: AtomicU64,
    sign_ins: AtomicU64,
}

impl Api {
    /// An API for the app at `origin`.
    pub(crate) fn new(provider: &str, origin: &str) -> Self {
        Self(Arc::new(Inner {
            authorize: format!("{provider}/authorize"),
            callback: format!("{origin}/login/sso_callback"),
            think_millis: AtomicU64::new(0),
            sign_ins: AtomicU64::new(0),
        }))
    }

    /// From now on a login takes this long.
    pub(crate) fn think(&self, time: Duration) {
        self.0.think_millis.store(u64::try_from(time.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Its endpoints.
    pub(crate) fn router(&self) -> Router {
        Router::new()
            .route("/v1/admin/auth/sso/initiate", post(initiate))
            .route(LOGIN, post(login))
            .route("/v1/admin/auth/refresh", post(async || success(json!({"token": jwt(15 * MINUTE)}))))
            .route("/v1/admin/auth/logout", post(async || success(json!({}))))
            .route(PROJECTS, get(async || success(projects())))
            .with_state(self.clone())
    }
}

type Answer = ([(header::HeaderName, &'static str); 2], String);

fn success(mut body: Value) -> Answer {
    body["status_code"] = "A0000".into();
    body["status_message"] = "success".into();
    ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")], body.to_string())
}

async fn initiate(State(Api(api)): State<Api>) -> Answer {
    let number = api.sign_ins.fetch_add(1, Ordering::Relaxed);
    // As long as real ones; nobody has to be kept from guessing them here.
    let (state, nonce) = (format!("cvbhQlA5FNx{number:05}"), format!("hjkll1p5Fsd{number:05}"));
    let Inner { authorize, callback, .. } = &*api;
    let redirect = format!(
        "{authorize}?client_id=bench&response_type=code&scope=openid%20email&redirect_uri={callback}&state={state}\
         &nonce={nonce}"
    );
    success(json!({"state": state, "nonce": nonce, "redirect": redirect}))
}

/// The body is read first, as any API would.
async fn login(State(Api(api)): State<Api>, _: Bytes) -> Answer {
    let think = api.think_millis.load(Ordering::Relaxed);
    if think > 0 {
        tokio::time::sleep(Duration::from_millis(think)).await;
    }
    success(json!({"token": jwt(15 * MINUTE), "refresh_token": jwt(DAY)}))
}

fn projects() -> Value {
    let results: Vec<Value> = (1..=12)
        .map(|number| json!({"key": format!("prj-{number:04}"), "name": format!("Project number {number}")}))
        .collect();
    json!({"count": 24, "results": results})
}

/// A token that can be read. Its signature is none: verifying it would be the API's own work.
fn jwt(life: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let claims = json!({"sub": "admin@example.com", "iat": now, "exp": now + life});
    let part = |value: Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let signature = BASE64_URL_SAFE_NO_PAD.encode([7; 32]);
    format!("{}.{}.{signature}", part(json!({"alg": "HS256", "typ": "JWT"})), part(claims))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_can_be_read() {
        let token = jwt(900);
        let parts: Vec<&str> = token.split('.').collect();
        assert_eq!(parts.len(), 3);
        let claims: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
        assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 900);
    }

    #[test]
    fn answers_say_that_they_are_successes() {
        let (_, body) = success(projects());
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(body["status_code"], "A0000");
        assert_eq!(body["results"][11]["name"], LAST_PROJECT);
        assert!(body["results"][12].is_null());
    }
}
