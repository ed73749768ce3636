//! The two settings (contract §2).

use indee_admin_sso::domain::config::Config;
use indee_admin_sso::domain::url::ParseUrl;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::TestUrls;

fn url(base: &str) -> Result<String, &'static str> {
    Config::parse(base, "", &TestUrls).map(|config| config.api_url("v1/x")).map_err(|bad| bad.name)
}

#[wasm_bindgen_test(unsupported = test)]
fn an_empty_base_is_this_origin() {
    assert_eq!(url(""), Ok("/v1/x".to_owned()));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_base_is_an_origin_with_an_optional_path() {
    let rows = [
        ("https://api.example.com", "https://api.example.com/v1/x"),
        ("https://api.example.com/", "https://api.example.com/v1/x"),
        ("https://api.example.com///", "https://api.example.com/v1/x"),
        ("https://api.example.com/a/b/", "https://api.example.com/a/b/v1/x"),
        ("http://localhost:8787", "http://localhost:8787/v1/x"),
        ("HTTPS://API.example.com:443", "https://api.example.com/v1/x"),
        ("https://api.example.com/a@b", "https://api.example.com/a@b/v1/x"),
    ];
    for (base, expected) in rows {
        assert_eq!(url(base), Ok(expected.to_owned()), "{base}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn any_other_base_is_refused() {
    let refused = [
        " ",
        "/",
        "/api",
        "api.example.com",
        "//api.example.com",
        "https:api.example.com",
        "https:/api.example.com",
        "https://",
        "https:///x",
        "ftp://api.example.com",
        "javascript://x",
        "data:,x",
        "https://user@api.example.com",
        "https://user:pass@api.example.com",
        "https://@api.example.com",
        "https://api.example.com?x=1",
        "https://api.example.com?",
        "https://api.example.com#x",
        "https://api.example.com/#",
        " https://api.example.com",
        "https://api.example.com ",
        "https://api.example.com/a b",
        "https://api.example.com\\x",
        "https://api.example.com\n",
        "https://api.example.com:99999",
        "https://[::1",
        "https://a b.example",
        "éhttps://x",
    ];
    for base in refused {
        assert_eq!(url(base), Err("indee-api-base"), "{base:?}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_key_is_visible_ascii() {
    let key = |key| Config::parse("", key, &TestUrls).map(|config| config.api_key().map(|key| key.reveal().to_owned()));
    assert_eq!(key(""), Ok(None));
    assert_eq!(key("!k~"), Ok(Some("!k~".to_owned())));
    for bad in [" ", "a b", "k ", "k\n", "k\u{7f}", "é"] {
        assert_eq!(key(bad).unwrap_err().name, "indee-api-key", "{bad:?}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn an_access_token_goes_nowhere_but_below_the_base() {
    let url = |base: &str, path: &str| Config::parse(base, "", &TestUrls).unwrap().url_below_base(path, &TestUrls);
    let api = "https://api.example.com/a/b";
    assert_eq!(url(api, "v1/x?y=1").unwrap(), "https://api.example.com/a/b/v1/x?y=1");
    assert_eq!(url(api, "v1/./x/../y").unwrap(), "https://api.example.com/a/b/v1/y");
    assert_eq!(url(api, "https://evil.example/").unwrap(), "https://api.example.com/a/b/https://evil.example/");
    assert_eq!(url(api, "@evil.example/").unwrap(), "https://api.example.com/a/b/@evil.example/");
    let origin = TestUrls.origin();
    assert_eq!(url("", "v1/x").unwrap(), format!("{origin}/v1/x"));
    assert_eq!(url("", "../../v1/x").unwrap(), format!("{origin}/v1/x"));
    for path in [
        "../x",
        "v1/../../x",
        "..",
        "%2e%2e/x",
        "v1/..\\..\\x",
        "../bc",
        "../../../x",
        "/evil.example",
        "\\evil.example",
        "\t/evil.example",
    ] {
        assert_eq!(url(api, path), None, "{path:?}");
    }
    for path in ["/evil.example", "\\evil.example", "\t/evil.example", "../..//evil.example"] {
        assert_eq!(url("", path), None, "{path:?}");
    }
}
