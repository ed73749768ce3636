//! How long a token lives (contract §5).

use std::time::Duration;

use indee_admin_sso::domain::token_life::{ACCESS, Bounds, REFRESH, life};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{NOW, TestJson, jwt};

fn seconds(claims: &str, bounds: Bounds) -> f64 {
    life::<TestJson>(&jwt(claims), NOW, bounds).as_secs_f64()
}

#[wasm_bindgen_test(unsupported = test)]
fn is_what_the_token_says_whatever_the_clock_says() {
    assert_eq!(seconds(r#"{"iat":1000,"exp":1600}"#, ACCESS), 600.0);
    assert_eq!(seconds(r#"{"iat":99999999999,"exp":99999999999.5}"#, ACCESS), 0.5);
    assert_eq!(seconds(r#"{"sub":"ü?>~","iat":0,"exp":86400}"#, ACCESS), 86_400.0);
    assert_eq!(seconds(r#"{"iat":0,"exp":34560000}"#, REFRESH), 34_560_000.0);
}

#[wasm_bindgen_test(unsupported = test)]
fn without_a_readable_iat_it_counts_from_receipt() {
    let exp = NOW.0 / 1_000 + 300;
    for iat in ["", r#","iat":"1000""#, r#","iat":null"#] {
        assert_eq!(seconds(&format!(r#"{{"exp":{exp}{iat}}}"#), ACCESS), 300.0, "{iat}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn where_it_is_absurd_or_cannot_be_read_the_default_counts() {
    let claims = [
        "{}",
        "",
        "[]",
        r#"{"iat":1000}"#,
        r#"{"exp":"soon","iat":1000}"#,
        r#"{"iat":1000,"exp":1000}"#,
        r#"{"iat":1000,"exp":999}"#,
        r#"{"iat":1000,"exp":1000.0001}"#,
        r#"{"iat":0,"exp":86401}"#,
        r#"{"iat":0,"exp":1e300}"#,
        r#"{"iat":-1e300,"exp":1e300}"#,
        r#"{"exp":1}"#,
    ];
    for claims in claims {
        assert_eq!(seconds(claims, ACCESS), 900.0, "{claims}");
    }
    assert_eq!(seconds(r#"{"iat":0,"exp":34560001}"#, REFRESH), 86_400.0);
}

#[wasm_bindgen_test(unsupported = test)]
fn what_is_no_jwt_lives_as_long_as_the_default() {
    for token in ["", "x", "a.b", "a.!.c", "a..c", "...", "é.é.é", "e30.eyJleHAiOjF9Cg==.x"] {
        assert_eq!(life::<TestJson>(token, NOW, ACCESS), Duration::from_secs(900), "{token}");
    }
}
