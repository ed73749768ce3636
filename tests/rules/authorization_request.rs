//! The checks on the `initiate` answer (contract §4.2).
use indee_admin_sso::domain::form_urlencoded::encode;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::authorization_request as check;

const REDIRECT: &str = "https://idp.example/authorize?client_id=c&response_type=code&state=s%3D&nonce=n&scope=openid";

#[wasm_bindgen_test(unsupported = test)]
fn accepts_what_leads_to_a_provider_over_https() {
    assert_eq!(check("s=", "n", REDIRECT).unwrap().url.reveal(), REDIRECT);
}

#[wasm_bindgen_test(unsupported = test)]
fn accepts_http_only_towards_this_machine() {
    for host in [
        "localhost",
        "localhost:8788",
        "127.0.0.1:8788",
        "127.1.2.3",
        "[::1]:8788",
        "idp.localhost",
        "LOCALHOST",
        "127.1",
    ] {
        assert!(check("s", "n", &format!("http://{host}/authorize?state=s&nonce=n")).is_some(), "{host}");
    }
    for host in [
        "idp.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "10.0.0.1",
        "[::2]",
        "0.0.0.0",
        "evillocalhost",
    ] {
        assert!(check("s", "n", &format!("http://{host}/authorize?state=s&nonce=n")).is_none(), "{host}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn refuses_what_is_no_safe_url() {
    let refused = [
        "",
        "x",
        "/authorize?state=s",
        "//idp.example/?state=s",
        "javascript:alert(1)//?state=s",
        "data:text/html,?state=s",
        "ftp://idp.example/?state=s",
        "blob:https://idp.example/x?state=s",
        "https://user@idp.example/?state=s",
        "https://user:pass@idp.example/?state=s",
        "https://:pass@idp.example/?state=s",
        "https:///?state=s",
        "https://idp.example:99999/?state=s",
    ];
    for redirect in refused {
        assert!(check("s", "n", redirect).is_none(), "{redirect}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn the_query_names_this_sign_in_and_no_other() {
    let rows = [
        ("state=s&nonce=n", true),
        ("state=s", true),
        ("st%61te=s&nonce=n", true),
        ("state=s&nonce=n&utm=%zz", true),
        ("", false),
        ("nonce=n", false),
        ("state=&nonce=n", false),
        ("state=other&nonce=n", false),
        ("state=S&nonce=n", false),
        ("state=s&state=s&nonce=n", false),
        ("state=s&st%61te=x&nonce=n", false),
        ("state=s&state&nonce=n", false),
        ("state=s%zz&nonce=n", false),
        ("state=s&nonce=other", false),
        ("state=s&nonce=", false),
        ("state=s&nonce=n&nonce=n", false),
        ("x=1#state=s&nonce=n", false),
    ];
    for (query, accepted) in rows {
        assert_eq!(check("s", "n", &format!("https://idp.example/authorize?{query}")).is_some(), accepted, "{query}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn state_and_nonce_are_printable_and_at_most_1024_characters_long() {
    let url = |state: &str, nonce: &str| {
        format!("https://idp.example/authorize?state={}&nonce={}", encode(state), encode(nonce))
    };
    let (longest, longer) = ("s".repeat(1_024), "s".repeat(1_025));
    let rows = [
        ("s", "n", true),
        (" ~", "~ ", true),
        (&longest, &longest, true),
        (&longer, "n", false),
        ("s", &longer, false),
        ("", "n", false),
        ("s", "", false),
        ("s\n", "n", false),
        ("s", "n\u{7f}", false),
        ("é", "n", false),
        ("s", "\u{fffd}", false),
    ];
    for (state, nonce, accepted) in rows {
        assert_eq!(check(state, nonce, &url(state, nonce)).is_some(), accepted, "{state:.20?} {nonce:.20?}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn the_url_has_at_most_8192_characters() {
    let start = "https://idp.example/authorize?state=s&x=";
    let longest = format!("{start}{}", "x".repeat(8_192 - start.len()));
    assert!(check("s", "n", &longest).is_some());
    assert!(check("s", "n", &format!("{longest}x")).is_none());
}
