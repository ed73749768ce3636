//! The stored sign-in (contract §4.3, §4.7).

use indee_admin_sso::domain::pending::PendingSignIn;
use indee_admin_sso::domain::time::UnixMillis;
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{NOW, TestJson, TestUrls, pending};

fn read(stored: &str) -> Option<PendingSignIn> {
    PendingSignIn::from_json::<TestJson>(stored, &TestUrls)
}

fn record() -> Value {
    json!({
        "v": 1,
        "state": "the-state==",
        "nonce": "the-nonce",
        "email": "admin@example.com",
        "return_to": "/projects?page=2",
        "created_at": NOW.0 - 60_000,
    })
}

/// The record with one field replaced.
fn with(field: &str, value: Value) -> String {
    let mut record = record();
    record[field] = value;
    record.to_string()
}

#[wasm_bindgen_test(unsupported = test)]
fn is_written_exactly_as_documented() {
    let written = pending().to_json::<TestJson>().unwrap();
    assert_eq!(
        written,
        format!(
            r#"{{"v":1,"state":"the-state==","nonce":"the-nonce","email":"admin@example.com","return_to":"/projects?page=2","created_at":{}}}"#,
            NOW.0 - 60_000
        )
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn is_read_as_it_was_written() {
    assert_eq!(read(&pending().to_json::<TestJson>().unwrap()).unwrap(), pending());
    assert_eq!(read(&record().to_string()).unwrap(), pending());
}

#[wasm_bindgen_test(unsupported = test)]
fn ignores_further_fields_and_any_order() {
    let stored = r#"{"created_at":5,"later":{"x":[1]},"return_to":"/","email":"a@b","nonce":"n","state":"s","v":1.0}"#;
    assert_eq!(read(stored).unwrap().created_at, UnixMillis(5));
}

#[wasm_bindgen_test(unsupported = test)]
fn it_leads_home_where_it_says_so_as_it_is_written() {
    let leads_home = |stored: &str| PendingSignIn::leads_home::<TestJson>(stored);
    assert!(leads_home(&with("return_to", json!("/"))));
    for return_to in [json!("/projects"), json!("/?a"), json!("/#a"), json!("//"), json!(""), json!(1), Value::Null] {
        assert!(!leads_home(&with("return_to", return_to.clone())), "{return_to}");
    }
    for stored in ["", "{}", "null", "\"/\""] {
        assert!(!leads_home(stored), "{stored}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_return_to_that_is_not_acceptable_counts_as_the_start_page() {
    for return_to in ["//evil.example", "https://evil.example/", "/login", ""] {
        assert_eq!(read(&with("return_to", json!(return_to))).unwrap().return_to.as_str(), "/");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn is_unreadable_where_it_is_not_of_the_stored_shape() {
    for stored in ["", "x", "null", "[]", "{}", "1", r#"{"v":1"#] {
        assert!(read(stored).is_none(), "{stored}");
    }
    let rows = [
        ("v", json!(2)),
        ("v", json!("1")),
        ("v", json!(true)),
        ("state", json!("")),
        ("state", json!(7)),
        ("state", json!("a\nb")),
        ("nonce", json!(null)),
        ("nonce", json!("é")),
        ("email", json!("nobody")),
        ("email", json!({})),
        ("return_to", json!(1)),
        ("created_at", json!("5")),
        ("created_at", json!(1.5)),
        ("created_at", json!(null)),
    ];
    for (field, value) in rows {
        let stored = with(field, value);
        assert!(read(&stored).is_none(), "{stored}");
    }
    for field in ["v", "state", "nonce", "email", "return_to", "created_at"] {
        let mut stored = record();
        stored.as_object_mut().unwrap().remove(field);
        assert!(read(&stored.to_string()).is_none(), "without {field}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_time_beyond_all_clocks_is_expired_and_not_unreadable() {
    for created_at in [json!(1e300), json!(-1e300), json!(u64::MAX)] {
        assert!(read(&with("created_at", created_at)).unwrap().is_expired(NOW));
    }
}
