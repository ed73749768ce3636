//! The page on which a person signs in, refuses, or makes something go wrong.

use std::fmt::Write as _;

use axum::http::StatusCode;
use axum::response::Response;

use super::CLIENT_ID;
use super::authorize::AuthorizationRequest;
use crate::catalogue::faults_of;
use crate::fault::Endpoint;
use crate::html::{escape, page};

/// The form. `email` is what the request hints at or the person typed; `problem` says what was wrong with it.
pub(super) fn sign_in(request: &AuthorizationRequest<'_>, email: &str, problem: Option<&str>) -> Response {
    let (status, described, message) = match problem {
        None => (StatusCode::OK, "", String::new()),
        Some(problem) => (
            StatusCode::BAD_REQUEST,
            r#" aria-invalid="true" aria-describedby="email-problem""#,
            format!(r#"<p id="email-problem" class="error" role="alert">{}</p>"#, escape(problem)),
        ),
    };
    let (hidden, email, options) = (hidden_fields(request), escape(email), fault_options());
    // A relative action, and no validation by the browser: "Refuse" must work without an account.
    let main = format!(
        r#"<p>This provider asks for no password: whoever you say you are, you are.</p>
<form method="post" action="authorize" novalidate>
{hidden}<label for="email">Account</label>
<input id="email" name="email" type="email" autocomplete="username" value="{email}"{described}>
{message}
<label for="fault">Make something go wrong</label>
<select id="fault" name="fault">
<option value="">Nothing but what the account carries</option>
{options}</select>
<p><button id="sign-in" name="decision" value="sign-in">Sign in</button>
<button id="refuse" name="decision" value="refuse">Refuse</button></p>
</form>"#
    );
    page(status, "Sign in to the sandbox provider", &main)
}

/// The whole request, for the form to bring back.
fn hidden_fields(request: &AuthorizationRequest<'_>) -> String {
    let pairs = [
        ("client_id", CLIENT_ID),
        ("redirect_uri", request.redirect_uri),
        ("response_type", "code"),
        ("scope", request.scope),
        ("state", request.state),
        ("nonce", request.nonce),
        ("code_challenge", request.code_challenge),
        ("code_challenge_method", "S256"),
    ];
    let mut fields = String::new();
    for (name, value) in pairs {
        let value = escape(value);
        // Writing to a String cannot fail.
        let _ = writeln!(fields, r#"<input type="hidden" name="{name}" value="{value}">"#);
    }
    fields
}

fn fault_options() -> String {
    let mut options = String::new();
    for row in faults_of(Endpoint::Callback) {
        let (name, what) = (row.fault.name(), escape(row.what));
        let _ = writeln!(options, r#"<option value="{name}">{name}: {what}</option>"#);
    }
    options
}

/// A request that must not be answered with a redirect.
pub(super) fn invalid_request(problem: &str) -> Response {
    let main = format!(
        r#"<p class="error" role="alert">{}</p>
<p>Nobody was signed in, and nobody is sent back. Begin again in the app.</p>"#,
        escape(problem)
    );
    page(StatusCode::BAD_REQUEST, "This sign-in cannot go on", &main)
}
