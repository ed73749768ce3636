//! What the browser is sent back to the app with (OpenID Connect Core §3.1.2.5 and §3.1.2.6), right or wrong.

use url::form_urlencoded::Serializer;

use super::Provider;
use super::authorize::AuthorizationRequest;
use crate::account::Account;
use crate::fault::Fault;
use crate::{html, random};

/// A callback's query may have so many bytes (contract §4).
const LONGEST_QUERY: usize = 16_384;

/// What the person decided.
pub(super) enum Decision {
    Refused,
    SignedIn { account: Account, fault: Option<Fault> },
}

/// The app's callback with its query.
pub(super) fn location(provider: &Provider, request: &AuthorizationRequest<'_>, decision: &Decision) -> String {
    let tail = match decision {
        Decision::Refused => refused(request.state),
        Decision::SignedIn { account, fault } => {
            let code = provider.codes.issue(account, request);
            match fault {
                None => success(&code, request.state),
                Some(fault) => faulty(provider, *fault, &code, request.state),
            }
        }
    };
    let has_query = request.redirect_uri.contains('?');
    let separator = if has_query { '&' } else { '?' };
    format!("{}{separator}{tail}", request.redirect_uri)
}

fn success(code: &str, state: &str) -> String {
    query(&[("code", code), ("state", state)])
}

fn refused(state: &str) -> String {
    let description = "The person refused to sign in.";
    error("access_denied", Some(description), state)
}

fn error(error: &str, description: Option<&str>, state: &str) -> String {
    let mut pairs = vec![("error", error)];
    pairs.extend(description.map(|text| ("error_description", text)));
    pairs.push(("state", state));
    query(&pairs)
}

fn query(pairs: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// The query (and fragment) of a fault. Where a code is in it, it is a good one: only what the fault's name says is wrong.
fn faulty(provider: &Provider, fault: Fault, code: &str, state: &str) -> String {
    let good = success(code, state);
    match fault {
        Fault::Refused => refused(state),
        Fault::WrongState => success(code, &random::text()),
        Fault::MissingState => query(&[("code", code)]),
        Fault::EmptyState => success(code, ""),
        Fault::DoubledState => query(&[("code", code), ("state", state), ("state", state)]),
        Fault::DoubledCode => query(&[("code", code), ("code", code), ("state", state)]),
        Fault::MissingCode => query(&[("state", state)]),
        Fault::CodeAndError => query(&[("code", code), ("state", state), ("error", "access_denied")]),
        Fault::BrokenEscape => format!("{good}&session_state=50%"),
        Fault::NotUtf8 => format!("{good}&session_state=%FF%FE"),
        Fault::ControlCharacters => success(&format!("{code}\0\r\n\u{7f}"), state),
        Fault::OverLong => format!("{good}&padding={}", "x".repeat(LONGEST_QUERY)),
        Fault::ServerError => {
            let description = "The provider met an unexpected condition.";
            error("server_error", Some(description), state)
        }
        Fault::TemporarilyUnavailable => {
            let description = "The provider is overloaded or under maintenance.";
            error("temporarily_unavailable", Some(description), state)
        }
        Fault::UnknownError => error("sandbox_made_this_up", None, state),
        Fault::Markup => error("access_denied", Some(&html::hostile_text()), state),
        Fault::UsedCode => {
            provider.codes.redeem(code);
            good
        }
        Fault::Extra => {
            let session_state = random::text();
            let extra = query(&[("iss", &provider.issuer), ("session_state", &session_state)]);
            format!("{good}&{extra}")
        }
        Fault::Fragment => format!("{good}#_=_"),
        // The faults of the API are never met here.
        _ => good,
    }
}
