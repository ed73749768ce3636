//! The one ordinary call: the first user of a session (contract §1).

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde_json::{Value, json};

use super::faults::{self, Instead};
use crate::Sandbox;
use crate::answer::{Code, Fields, Refusal, fields, success};
use crate::fault::Endpoint;
use crate::strict::bearer;
use crate::tokens::{Claims, Use};

/// How many projects there are.
const COUNT: usize = 24;

pub(super) async fn list(State(sandbox): State<Sandbox>, uri: Uri, headers: HeaderMap) -> Result<Response, Refusal> {
    let token = bearer(&headers)
        .ok_or_else(|| Refusal::new(Code::NotAuthenticated, "Authorization: must be `Bearer <access token>`"))?;
    let limit = limit(uri.query())?;
    let claims = sandbox.tokens().read(token, Use::Access);
    let account = claims.as_ref().and_then(Claims::account);
    let met = faults::meet(&sandbox, Endpoint::Projects, account.as_ref()).await?;
    if let Instead::This(response) = met {
        return Ok(response);
    }
    match claims {
        None => Err(Refusal::new(Code::NotAuthenticated, "Authorization: not an access token that was issued here")),
        Some(claims) if claims.has_expired() => {
            Err(Refusal::new(Code::NotAuthenticated, "Authorization: the access token has expired"))
        }
        Some(_) => Ok(success(projects(limit))),
    }
}

/// The answer's fields.
pub(super) fn projects(limit: usize) -> Fields {
    let results: Vec<Value> = (1..=COUNT.min(limit))
        .map(|number| json!({"key": format!("prj-{number:04}"), "name": format!("Project {number}")}))
        .collect();
    fields([("count", COUNT.into()), ("results", results.into())])
}

/// The query is `limit` alone, a positive whole number.
fn limit(query: Option<&str>) -> Result<usize, Refusal> {
    let Some(query) = query else {
        return Ok(COUNT);
    };
    let number = query.strip_prefix("limit=").and_then(|n| n.parse().ok());
    number.filter(|number| *number > 0).ok_or_else(|| {
        let message = "limit: the query must be `limit=<positive number>` or absent";
        Refusal::new(Code::InvalidInput, message)
    })
}
