//! `GET /` on both servers: what this is, who can sign in, what can go wrong.

use std::fmt::Write as _;

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use crate::account::MAIN_ACCOUNT;
use crate::catalogue::{FAULTS, Scope};
use crate::html::{escape, page};

pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/", get(front_page))
}

async fn front_page() -> Response {
    let mut main = format!(
        "<p>A sandbox for signing in: Indee's admin authentication API and an OpenID provider, for localhost only. Open the \
         app, not this page, and sign in there.</p>\n\
         <h2>Accounts and faults</h2>\n\
         <p><code>{MAIN_ACCOUNT}</code> signs in, and so does any other address. No password.</p>\n\
         <p>An address of the form <code>endpoint.fault@example.com</code> makes that endpoint fail in that way, e.g. \
         <code>login.server-error@example.com</code> or <code>callback.refused@example.com</code>.</p>\n"
    );
    for scope in Scope::ALL {
        main.push_str(&table(scope));
    }
    main.push_str(
        "<h2>Control</h2>\n<p>On the API's origin, for programs and not for pages of other origins; what is posted is \
         <code>Content-Type: application/json</code>: <code>GET</code> and <code>DELETE \
         /sandbox/requests</code>; <code>POST /sandbox/faults</code> <code>{\"endpoint\": \"login\", \"fault\": \"slow\", \
         \"times\": \"once\"}</code> (or a number, or <code>\"always\"</code>) and <code>DELETE /sandbox/faults</code>; \
         <code>POST /sandbox/lifetimes</code> <code>{\"access_seconds\": 60, \"refresh_seconds\": 600}</code>; \
         <code>POST /sandbox/revoke</code>.</p>",
    );
    page(StatusCode::OK, "Sign-in sandbox", &main)
}

/// The faults of one scope; the caption says where they can be had.
fn table(scope: Scope) -> String {
    let mut table = format!(
        "<table><caption>{}</caption><thead><tr><th scope=\"col\">Fault</th>\
         <th scope=\"col\">What happens</th></tr></thead><tbody>\n",
        scope.label()
    );
    for row in FAULTS.iter().filter(|row| row.scope == scope) {
        let (name, what) = (row.fault.name(), escape(row.what));
        // Writing to a String cannot fail.
        let _ = writeln!(table, "<tr><th scope=\"row\"><code>{name}</code></th><td>{what}</td></tr>");
    }
    table.push_str("</tbody></table>\n");
    table
}
