//! What an answer means, first match wins (contract §1).

use std::time::Duration;

use indee_admin_sso::api::answer::{Answer, Body, HttpStatus};
use indee_admin_sso::api::endpoints::{is_login, read_initiate, read_login, read_refresh};
use indee_admin_sso::domain::failure::Failure;
use indee_admin_sso::domain::session::RefreshOutcome;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{NOW, TestJson, TestUrls};

const TOKENS: &str = r#"{"status_code":"A0000","status_message":"success","token":"t.t.t","refresh_token":"r.r.r"}"#;

fn answer(status: u16, body: &str) -> Answer {
    Answer { status: HttpStatus::Code(status), retry_after: None, body: Body::Complete(body.into()), received_at: NOW }
}

/// The page says who is signed in by a rule of its own, which must agree in every row.
fn login(answer: &Answer) -> Result<(), Failure> {
    let login = read_login::<TestJson>(answer).map(|_| ());
    if let (HttpStatus::Code(status), Some(body)) = (answer.status, answer.text()) {
        assert_eq!(is_login::<TestJson>(status, body), login.is_ok(), "{status} {body}");
    }
    login
}

fn outcome(answer: &Answer) -> &'static str {
    login(answer).map_or_else(|failure| failure.code(), |()| "success")
}

#[wasm_bindgen_test(unsupported = test)]
fn the_first_match_of_the_list_wins() {
    let code =
        |code: &str| format!(r#"{{"status_code":"{code}","status_message":"m","token":"t","refresh_token":"r"}}"#);
    let rows = [
        ("success", 200, TOKENS.to_owned()),
        ("success", 299, TOKENS.to_owned()),
        ("rate_limited", 429, String::new()),
        ("rate_limited", 429, TOKENS.to_owned()),
        ("rate_limited", 429, code("A5000")),
        ("rate_limited", 200, code("A5001")),
        ("rate_limited", 401, code("A5001")),
        ("rate_limited", 500, code("A5001")),
        ("server_error", 500, String::new()),
        ("server_error", 502, "<html>".to_owned()),
        ("server_error", 599, code("A2002")),
        ("server_error", 500, TOKENS.to_owned()),
        ("server_error", 200, code("A5000")),
        ("server_error", 401, code("A5999")),
        ("bad_response", 301, code("A2002")),
        ("bad_response", 304, String::new()),
        ("login_rejected", 401, String::new()),
        ("login_rejected", 401, code("A2002")),
        ("login_rejected", 404, "<html>".to_owned()),
        ("login_rejected", 400, TOKENS.to_owned()),
        ("login_rejected", 403, code("B0000")),
        ("login_rejected", 600, TOKENS.to_owned()),
        ("login_rejected", 200, code("A2002")),
        ("login_rejected", 200, code("A1000")),
        ("login_rejected", 200, code("A4001")),
        ("login_rejected", 200, code("A9999")),
        ("bad_response", 200, code("A0001")),
        ("bad_response", 200, code("B0000")),
        ("bad_response", 200, code("a0000")),
        ("bad_response", 200, code("A00000")),
        ("bad_response", 200, code(" A0000")),
        ("bad_response", 200, code("")),
        ("bad_response", 200, String::new()),
        ("bad_response", 200, "A0000".to_owned()),
        ("bad_response", 200, "[]".to_owned()),
        ("bad_response", 200, r#"{"token":"t","refresh_token":"r"}"#.to_owned()),
        ("bad_response", 200, r#"{"status_code":0,"token":"t","refresh_token":"r"}"#.to_owned()),
        ("bad_response", 204, String::new()),
    ];
    for (expected, status, body) in rows {
        assert_eq!(outcome(&answer(status, &body)), expected, "{status} {body}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_redirect_that_cannot_be_seen_is_a_bad_response() {
    let answer = Answer { status: HttpStatus::Redirect, ..answer(0, "") };
    assert_eq!(login(&answer), Err(Failure::BadResponse { status_code: None }));
}

#[wasm_bindgen_test(unsupported = test)]
fn tokens_are_strings_that_can_stand_in_a_header() {
    let tokens = |token: &str, refresh: &str| {
        outcome(&answer(
            200,
            &format!(r#"{{"status_code":"A0000","token":{token},"refresh_token":{refresh},"later":[]}}"#),
        ))
    };
    assert_eq!(tokens(r#""t""#, r#""r""#), "success");
    for bad in ["1", "null", "{}", r#""""#, r#""a b""#, r#""a\nb""#, r#""é""#, r#""\u0000""#] {
        assert_eq!(tokens(bad, r#""r""#), "bad_response", "{bad}");
        assert_eq!(tokens(r#""t""#, bad), "bad_response", "{bad}");
    }
    assert_eq!(outcome(&answer(200, r#"{"status_code":"A0000","token":"t"}"#)), "bad_response");
    assert_eq!(outcome(&answer(200, r#"{"status_code":"A0000","refresh_token":"r"}"#)), "bad_response");
}

#[wasm_bindgen_test(unsupported = test)]
fn a_body_that_is_too_large_or_not_utf8_or_cut_off_is_no_success() {
    let with = |status, body| outcome(&Answer { body, ..answer(status, "") });
    assert_eq!(with(200, Body::TooLarge), "bad_response");
    assert_eq!(
        with(200, Body::Complete(TOKENS.replace("success", "\u{0}").replace('\0', "\u{fffd}").into_bytes())),
        "success"
    );
    let mut not_utf8 = TOKENS.as_bytes().to_vec();
    not_utf8[TOKENS.find("success").unwrap()] = 0xff;
    assert_eq!(with(200, Body::Complete(not_utf8)), "bad_response");
    // Where it was cut off the status may still say enough.
    assert_eq!(with(200, Body::Broken), "network_error");
    assert_eq!(with(401, Body::Broken), "login_rejected");
    assert_eq!(with(429, Body::TooLarge), "rate_limited");
    assert_eq!(with(503, Body::Broken), "server_error");
    assert_eq!(with(302, Body::Broken), "bad_response");
}

#[wasm_bindgen_test(unsupported = test)]
fn the_apis_status_code_is_kept_where_it_is_one() {
    let status_code =
        |status, body| login(&answer(status, body)).unwrap_err().status_code().map(|code| code.to_string());
    assert_eq!(status_code(401, r#"{"status_code":"A2002"}"#).as_deref(), Some("A2002"));
    assert_eq!(status_code(500, r#"{"status_code":"A5000"}"#).as_deref(), Some("A5000"));
    assert_eq!(status_code(200, r#"{"status_code":"B1234"}"#).as_deref(), Some("B1234"));
    assert_eq!(status_code(200, r#"{"status_code":"A0000"}"#).as_deref(), Some("A0000"));
    for body in [
        "",
        r#"{"status_code":"<script>"}"#,
        r#"{"status_code":"A200"}"#,
        r#"{"status_code":"é002"}"#,
        r#"{"status_code":2002}"#,
    ] {
        assert_eq!(status_code(401, body), None, "{body}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn only_a_rejection_repeats_the_apis_words_cleaned() {
    let message = |status, body: &str| match login(&answer(status, body)) {
        Err(Failure::LoginRejected { message, .. }) => message.map(|message| message.as_str().to_owned()),
        Err(_) | Ok(()) => Some("not a rejection".to_owned()),
    };
    let rows = [
        (r#"{"status_code":"A2002","status_message":"Access Denied"}"#, Some("Access Denied")),
        (r#"{"status_code":"A2100","detail":"Not yours"}"#, Some("Not yours")),
        (r#"{"status_message":"a","detail":"b"}"#, Some("a")),
        (r#"{"status_message":1,"detail":"b"}"#, Some("b")),
        (r#"{"status_message":"<b>\u202ea\n</b>"}"#, Some("<b>a</b>")),
        (r#"{"status_message":"\u200b \n"}"#, None),
        (r#"{"status_code":"A2002"}"#, None),
        ("<html>", None),
    ];
    for (body, expected) in rows {
        assert_eq!(message(401, body).as_deref(), expected, "{body}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn rate_limited_says_when_to_try_again() {
    let retry_after = |wait: Option<Duration>| {
        let answer = Answer { retry_after: wait, ..answer(429, "") };
        match login(&answer) {
            Err(Failure::RateLimited { retry_after, .. }) => retry_after,
            other => panic!("{other:?}"),
        }
    };
    for wait in [None, Some(Duration::from_secs(30))] {
        assert_eq!(retry_after(wait), wait);
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn initiate_is_only_used_where_all_of_it_can_be_trusted() {
    let read = |body: &str| read_initiate::<TestJson>(&answer(200, body), &TestUrls);
    let good = r#"{"status_code":"A0000","state":"s","nonce":"n","redirect":"https://idp.example/?state=s&nonce=n"}"#;
    assert!(read(good).is_ok());
    for (from, to) in [
        ("A0000", "A0001"),
        ("\"s\"", "\"x\""),
        ("\"s\"", "7"),
        ("\"n\"", "null"),
        ("redirect", "redirect_to"),
        ("https", "http"),
    ] {
        assert_eq!(read(&good.replace(from, to)).unwrap_err().code(), "bad_response", "{from} as {to}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_refresh_is_over_only_where_the_api_says_so() {
    let code = |code: &str| format!(r#"{{"status_code":"{code}","token":"t"}}"#);
    let rows = [
        ("renewed", 200, code("A0000")),
        ("over", 401, code("A2003")),
        ("over", 401, code("A2000")),
        ("over", 200, code("A2099")),
        ("over", 403, code("A2003")),
        ("over", 401, String::new()),
        ("over", 401, "<html>".to_owned()),
        ("over", 401, r#"{"status_code":"nonsense"}"#.to_owned()),
        ("failed", 401, code("A4000")),
        ("failed", 401, code("A2100")),
        ("failed", 401, code("B2003")),
        ("failed", 403, String::new()),
        ("failed", 404, "<html>".to_owned()),
        ("failed", 400, code("A4000")),
        ("failed", 429, code("A2003")),
        ("failed", 503, code("A2003")),
        ("failed", 401, code("A5001")),
        ("failed", 401, code("A5000")),
        ("failed", 302, code("A2003")),
        ("failed", 200, code("A0001")),
        ("failed", 200, "nonsense".to_owned()),
        ("failed", 200, r#"{"status_code":"A0000"}"#.to_owned()),
        ("failed", 200, r#"{"status_code":"A0000","token":"two words"}"#.to_owned()),
    ];
    for (expected, status, body) in rows {
        let outcome = match read_refresh::<TestJson>(&answer(status, &body), 0.5) {
            RefreshOutcome::Renewed { .. } => "renewed",
            RefreshOutcome::Over { .. } => "over",
            RefreshOutcome::Failed { .. } => "failed",
        };
        assert_eq!(outcome, expected, "{status} {body}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn refresh_answer_that_is_cut_off_or_too_long_ends_nothing() {
    for body in [Body::Broken, Body::TooLarge] {
        let outcome = read_refresh::<TestJson>(&Answer { body, ..answer(401, "") }, 0.5);
        assert!(matches!(outcome, RefreshOutcome::Failed { .. }), "{outcome:?}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_new_refresh_token_is_taken_where_one_comes_that_can_be_used() {
    let new = |field: &str| {
        let body = format!(r#"{{"status_code":"A0000","token":"t"{field}}}"#);
        match read_refresh::<TestJson>(&answer(200, &body), 0.5) {
            RefreshOutcome::Renewed { refresh, .. } => refresh.map(|(token, life)| (token.reveal().to_owned(), life)),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(new(r#","refresh_token":"r""#), Some(("r".to_owned(), Duration::from_secs(86_400))));
    for field in
        ["", r#","refresh_token":null"#, r#","refresh_token":7"#, r#","refresh_token":"""#, r#","refresh_token":"a b""#]
    {
        assert_eq!(new(field), None, "{field}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_refresh_that_failed_keeps_retry_after_whatever_the_status() {
    for status in [429, 500, 503, 200] {
        let answer = Answer { retry_after: Some(Duration::from_secs(40)), ..answer(status, "") };
        let RefreshOutcome::Failed { retry_after, jitter } = read_refresh::<TestJson>(&answer, 0.25) else {
            panic!("not failed");
        };
        assert_eq!((retry_after, jitter), (Some(Duration::from_secs(40)), 0.25), "{status}");
    }
}
