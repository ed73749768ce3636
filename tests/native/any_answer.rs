//! Whatever answers, nothing panics, and nothing but a success is taken for one.

use std::cell::Cell;
use std::time::Duration;

use indee_admin_sso::api::answer::{self, Answer, Body, HttpStatus};
use indee_admin_sso::api::endpoints::{is_login, read_initiate, read_login, read_refresh};
use indee_admin_sso::api::projects::Projects;
use indee_admin_sso::domain::failure::Failure;
use indee_admin_sso::domain::retry_after;
use indee_admin_sso::domain::session::RefreshOutcome;
use indee_admin_sso::domain::time::UnixMillis;
use indee_admin_sso::domain::token_life;
use indee_admin_sso::domain::words::words;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};

use crate::any_json::json_value;
use crate::support::{NOW, TestJson, TestUrls, jwt, parse_date};

/// The right value mostly, otherwise one of another type, any text, or nothing.
fn field(right: impl Strategy<Value = String> + 'static) -> impl Strategy<Value = Option<Value>> {
    prop_oneof![
        12 => right.prop_map(|text| Some(Value::from(text))),
        1 => json_value().prop_map(Some),
        1 => any::<String>().prop_map(|text| Some(Value::from(text))),
        1 => Just(None),
    ]
}

/// A token: mostly a JWT, of whatever claims.
fn token() -> impl Strategy<Value = String> {
    let time = || prop_oneof![4 => (0_u32..2_000_000_000).prop_map(Value::from), 1 => json_value()];
    prop_oneof![
        (time(), time()).prop_map(|(exp, iat)| jwt(&json!({ "exp": exp, "iat": iat, "email": "a@b" }).to_string())),
        json_value().prop_map(|claims| jwt(&claims.to_string())),
        "[!-~]{1,20}",
        "[A-Za-z0-9_.-]{1,40}",
    ]
}

/// An object with the fields of every endpoint, some of them wrong.
fn object() -> impl Strategy<Value = Value> {
    let status_code = prop_oneof![
        8 => Just("A0000".to_owned()),
        3 => Just("A2003".to_owned()),
        3 => "A[0-9]{4}",
        1 => "[AB][0-9]{3,5}",
    ];
    let project = (field(any::<String>()), json_value()).prop_map(|(name, key)| json!({ "name": name, "key": key }));
    let projects = prop_oneof![
        6 => prop::collection::vec(project, 0..3).prop_map(|projects| Some(Value::from(projects))),
        1 => json_value().prop_map(Some),
    ];
    let count =
        prop_oneof![6 => any::<u32>().prop_map(|count| Some(Value::from(count))), 1 => json_value().prop_map(Some)];
    let redirect = prop_oneof![
        3 => Just("https://idp.example/authorize?state=s&nonce=n".to_owned()),
        1 => r"https?://[a-z.@:0-9]{0,12}/\?(state=s&?|nonce=n&?|%|[a-z=]){0,3}",
    ];
    let names = [
        "status_code",
        "status_message",
        "detail",
        "token",
        "refresh_token",
        "state",
        "nonce",
        "redirect",
        "results",
        "count",
    ];
    (
        field(status_code),
        field(any::<String>()),
        field(any::<String>()),
        field(token()),
        field(token()),
        field(Just("s".to_owned())),
        field(Just("n".to_owned())),
        field(redirect),
        projects,
        count,
    )
        .prop_map(move |(a, b, c, d, e, f, g, h, i, j)| {
            let fields = names.into_iter().zip([a, b, c, d, e, f, g, h, i, j]);
            Value::Object(fields.filter_map(|(name, value)| Some((name.to_owned(), value?))).collect::<Map<_, _>>())
        })
}

/// An answer does not print itself, and a test that fails must.
#[derive(Debug, Clone)]
struct Printable {
    status: HttpStatus,
    retry_after: Option<String>,
    body: Result<Vec<u8>, Lost>,
    received_at: UnixMillis,
}

#[derive(Debug, Clone, Copy)]
enum Lost {
    Broken,
    TooLarge,
}

impl From<Printable> for Answer {
    fn from(Printable { status, retry_after, body, received_at }: Printable) -> Self {
        let body = match body {
            Ok(bytes) => Body::Complete(bytes),
            Err(Lost::Broken) => Body::Broken,
            Err(Lost::TooLarge) => Body::TooLarge,
        };
        let retry_after = retry_after.and_then(|header| retry_after::parse(&header, received_at, parse_date));
        Self { status, retry_after, body, received_at }
    }
}

fn body() -> impl Strategy<Value = Result<Vec<u8>, Lost>> {
    prop_oneof![
        12 => object().prop_map(|object| Ok(object.to_string().into_bytes())),
        2 => (object(), any::<prop::sample::Index>()).prop_map(|(object, end)| {
            let mut bytes = object.to_string().into_bytes();
            bytes.truncate(end.index(bytes.len()));
            Ok(bytes)
        }),
        1 => json_value().prop_map(|value| Ok(value.to_string().into_bytes())),
        1 => any::<Vec<u8>>().prop_map(Ok),
        1 => Just(Err(Lost::Broken)),
        1 => Just(Err(Lost::TooLarge)),
    ]
}

fn any_answer() -> impl Strategy<Value = Printable> {
    let status = prop_oneof![
        8 => Just(HttpStatus::Code(200)),
        2 => prop::sample::select(vec![0, 201, 204, 299, 300, 304, 401, 403, 429, 500, 511]).prop_map(HttpStatus::Code),
        1 => any::<u16>().prop_map(HttpStatus::Code),
        1 => Just(HttpStatus::Redirect),
    ];
    let retry_after = prop_oneof![
        Just(None),
        any::<String>().prop_map(Some),
        any::<u64>().prop_map(|seconds| Some(seconds.to_string())),
        Just(Some("Tue, 24 Nov 2026 12:00:30 GMT".to_owned()))
    ];
    let received_at = prop_oneof![Just(NOW), any::<i64>().prop_map(UnixMillis)];
    (status, retry_after, body(), received_at).prop_map(|(status, retry_after, body, received_at)| Printable {
        status,
        retry_after,
        body,
        received_at,
    })
}

/// The body of an answer that may be a success: JSON, HTTP 2xx, `A0000`.
fn possible_success(answer: &Answer) -> Option<Value> {
    let Body::Complete(bytes) = &answer.body else { return None };
    let body: Value = serde_json::from_slice(bytes).ok()?;
    let is_success = matches!(answer.status, HttpStatus::Code(200..=299)) && body.get("status_code")? == "A0000";
    is_success.then_some(body)
}

/// What is shown of a failure is harmless, and its numbers are within their bounds.
fn check_failure(failure: &Failure) -> Result<(), TestCaseError> {
    prop_assert!(!words(failure).heading.is_empty());
    match failure {
        Failure::LoginRejected { message: Some(message), .. } => {
            prop_assert!(message.as_str().chars().all(|c| !c.is_control()));
        }
        Failure::RateLimited { retry_after: Some(wait), .. } => prop_assert!(*wait <= Duration::from_secs(86_400)),
        _ => {}
    }
    Ok(())
}

#[test]
fn no_answer_makes_anything_panic_or_is_mistaken_for_a_success() {
    // A test that never gets as far as a success would prove little.
    let successes = [const { Cell::new(0) }; 5];
    let count = |reader: usize| successes[reader].set(successes[reader].get() + 1);
    let check = |answer: Printable| {
        let answer = Answer::from(answer);
        let body = possible_success(&answer);
        let text = |name: &str| body.as_ref()?.get(name)?.as_str();

        let login = read_login::<TestJson>(&answer);
        if let (HttpStatus::Code(status), Some(body)) = (answer.status, answer.text()) {
            prop_assert_eq!(is_login::<TestJson>(status, body), login.is_ok());
        }
        match login {
            Ok(tokens) => {
                count(0);
                prop_assert_eq!(Some(tokens.access.reveal()), text("token"));
                prop_assert_eq!(Some(tokens.refresh.reveal()), text("refresh_token"));
            }
            Err(failure) => check_failure(&failure)?,
        }

        match read_initiate::<TestJson>(&answer, &TestUrls) {
            Ok(request) => {
                count(1);
                prop_assert_eq!(Some(request.state.reveal()), text("state"));
                prop_assert_eq!(Some(request.nonce.reveal()), text("nonce"));
                prop_assert!(request.url.reveal().starts_with("https://") && text("redirect").is_some());
            }
            Err(failure) => check_failure(&failure)?,
        }

        match read_refresh::<TestJson>(&answer, 0.5) {
            RefreshOutcome::Renewed { access, access_life, refresh } => {
                count(2);
                prop_assert_eq!(Some(access.reveal()), text("token"));
                prop_assert!(!access_life.is_zero() && access_life <= token_life::ACCESS.longest);
                if let Some((refresh, life)) = refresh {
                    prop_assert_eq!(Some(refresh.reveal()), text("refresh_token"));
                    prop_assert!(!life.is_zero() && life <= token_life::REFRESH.longest);
                }
            }
            RefreshOutcome::Over { .. } => {
                count(3);
                prop_assert!(body.is_none() && matches!(answer.body, Body::Complete(_)));
            }
            RefreshOutcome::Failed { retry_after, .. } => {
                prop_assert!(retry_after.is_none_or(|wait| wait <= Duration::from_secs(86_400)));
            }
        }

        match answer::read::<TestJson, Projects>(&answer) {
            Ok(projects) => {
                count(4);
                let body = body.as_ref();
                prop_assert_eq!(Some(u64::from(projects.count)), body.and_then(|body| body.get("count")?.as_u64()));
                prop_assert_eq!(
                    Some(projects.results.len()),
                    body.and_then(|body| Some(body.get("results")?.as_array()?.len()))
                );
            }
            Err(failure) => check_failure(&failure)?,
        }
        Ok(())
    };
    TestRunner::default().run(&any_answer(), check).unwrap();
    for (reader, successes) in ["login", "initiate", "refresh", "the end", "projects"].iter().zip(&successes) {
        assert!(successes.get() > 0, "{reader} never came");
    }
}
