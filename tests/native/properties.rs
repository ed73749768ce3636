//! What holds for every input.

use indee_admin_sso::api::answer::{Answer, Body, HttpStatus};
use indee_admin_sso::api::endpoints::{is_login, read_login};
use indee_admin_sso::domain::authorization_response::{AuthorizationResult, is_callback, parse};
use indee_admin_sso::domain::form_urlencoded::{decode, encode};
use indee_admin_sso::domain::pending::PendingSignIn;
use indee_admin_sso::domain::return_to::ReturnTo;
use indee_admin_sso::domain::time::UnixMillis;
use indee_admin_sso::domain::url::ParseUrl;
use indee_admin_sso::domain::validate::{Verdict, validate};
use proptest::prelude::*;

use crate::support::{NOW, ORIGIN, TestJson, TestUrls, pending};

const KNOWN: [&str; 7] = ["state", "code", "error", "error_description", "error_uri", "iss", "session_state"];

/// A query that a test wrote by the book, and what it says.
fn written(pairs: &[(String, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// Pieces that are more often near the edge than random text is.
fn raw_query() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("code".to_owned()),
        Just("state".to_owned()),
        Just("error".to_owned()),
        Just("the-state%3D%3D".to_owned()),
        Just("=".to_owned()),
        Just("&".to_owned()),
        Just("%".to_owned()),
        Just("%C3".to_owned()),
        Just("+".to_owned()),
        any::<String>(),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_query_makes_anything_panic(query in raw_query()) {
        let _ = is_callback(&query);
        let _ = parse(&query);
        let _ = validate(&query, Some(&pending()), NOW);
        let _ = ReturnTo::from_query(&query, &TestUrls);
    }

    #[test]
    fn what_is_accepted_is_what_a_reference_encoder_wrote(
        state in "[ -~]{1,40}", code in "[ -~]{1,40}", name in "[^&=%+]{0,12}", other in any::<String>(), is_first in any::<bool>(),
    ) {
        prop_assume!(!KNOWN.contains(&name.as_str()));
        let mut pairs = vec![("state".to_owned(), state.clone()), ("code".to_owned(), code.clone())];
        pairs.insert(if is_first { 0 } else { 2 }, (name, other));
        let response = parse(&written(&pairs)).unwrap();
        prop_assert_eq!(response.state.as_ref().map(|read| read.reveal()), Some(state.as_str()));
        prop_assert!(matches!(&response.result, AuthorizationResult::Code(read) if read.reveal() == code));
    }

    #[test]
    fn an_error_is_read_as_it_was_written(error in any::<String>(), description in any::<String>()) {
        prop_assume!(!error.is_empty());
        let pairs = [("error".to_owned(), error.clone()), ("error_description".to_owned(), description.clone())];
        let AuthorizationResult::Error(read) = parse(&written(&pairs)).unwrap().result else { panic!("no error") };
        prop_assert_eq!(read.error, error);
        prop_assert_eq!(read.description.unwrap_or_default(), description);
    }

    #[test]
    fn a_doubled_parameter_never_gets_through(
        which in 0..KNOWN.len(), first in "[ -~]{0,8}", second in "[ -~]{0,8}", place in 0_usize..4,
    ) {
        let mut pairs = vec![
            ("state".to_owned(), "the-state==".to_owned()), ("code".to_owned(), "c".to_owned()), ("x".to_owned(), "y".to_owned()),
        ];
        pairs.retain(|(name, _)| name != KNOWN[which]);
        pairs.insert(0, (KNOWN[which].to_owned(), first));
        pairs.insert(place.min(pairs.len()), (KNOWN[which].to_owned(), second));
        prop_assert!(parse(&written(&pairs)).is_err());
    }

    #[test]
    fn only_the_right_state_is_redeemed(query in raw_query(), state in "[ -~]{1,20}") {
        for query in [query, written(&[("code".to_owned(), "c".to_owned()), ("state".to_owned(), state)])] {
            if let Verdict::Redeem(response) | Verdict::Refused(response, _) = validate(&query, Some(&pending()), NOW) {
                prop_assert_eq!(response.state().reveal(), "the-state==");
            }
        }
    }

    #[test]
    fn decoding_undoes_encoding(value in any::<String>()) {
        prop_assert_eq!(decode(&encode(&value)).unwrap(), value);
    }

    #[test]
    fn a_return_to_stays_on_this_origin(path in prop_oneof![any::<String>(), "[/\\\\.%a-z0-9?#:@\t ]{0,20}", "/[/\\\\.]{0,4}[a-z./]{0,12}"]) {
        let return_to = ReturnTo::parse(&path, &TestUrls);
        let url = TestUrls.on_this_origin(return_to.as_str()).unwrap();
        prop_assert_eq!(&url.origin, ORIGIN);
        prop_assert!(!url.path.starts_with("//") && url.path != "/login" && !url.path.starts_with("/login/"));
        // Checked once more it is the same: it is checked again when it is used.
        prop_assert_eq!(ReturnTo::parse(return_to.as_str(), &TestUrls), return_to);
    }

    #[test]
    fn no_stored_text_makes_anything_panic(text in any::<String>(), created_at in any::<f64>(), now in any::<i64>()) {
        let _ = PendingSignIn::from_json::<TestJson>(&text, &TestUrls);
        let record = serde_json::json!({
            "v": 1, "state": "s", "nonce": "n", "email": "a@b", "return_to": text, "created_at": created_at,
        });
        if let Some(pending) = PendingSignIn::from_json::<TestJson>(&record.to_string(), &TestUrls) {
            let _ = pending.is_expired(UnixMillis(now));
        }
    }

    #[test]
    fn the_page_and_the_app_take_the_same_answers_for_a_login(
        status in prop::sample::select(vec![0, 199, 200, 204, 299, 300, 302, 401, 429, 500]),
        code in prop::sample::select(vec!["A0000", "A0001", "A2002", "A5001", "A5000", "B0000", "a0000", "A00000", ""]),
        token in prop::sample::select(vec!["t.t.t", "", "a b", "\u{e9}", "t\n"]),
        refresh_token in prop::sample::select(vec!["r.r.r", "", "a b"]),
    ) {
        let body = serde_json::json!({ "status_code": code, "token": token, "refresh_token": refresh_token }).to_string();
        let answer = Answer {
            status: HttpStatus::Code(status),
            retry_after: None,
            body: Body::Complete(body.clone().into_bytes()),
            received_at: NOW,
        };
        prop_assert_eq!(is_login::<TestJson>(status, &body), read_login::<TestJson>(&answer).is_ok());
    }
}
