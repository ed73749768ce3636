//! Where to go after the sign-in (contract §3).

use indee_admin_sso::domain::return_to::ReturnTo;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::TestUrls;

fn parse(path: &str) -> String {
    ReturnTo::parse(path, &TestUrls).as_str().to_owned()
}

#[wasm_bindgen_test(unsupported = test)]
fn keeps_a_path_on_this_origin() {
    for path in [
        "/",
        "/projects",
        "/projects?page=2&q=a%20b",
        "/projects?next=//evil.example",
        "/a#part",
        "/loginx",
        "/x/login",
        "/Login",
    ] {
        assert_eq!(parse(path), path);
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn everything_else_counts_as_the_start_page() {
    let refused = [
        "",
        "projects",
        "?x",
        "#x",
        " /x",
        "//evil.example",
        "//evil.example/x",
        "/\\evil.example",
        "\\evil.example",
        "///x",
        "https://evil.example/",
        "https:/evil.example",
        "javascript:alert(1)",
        "/x\n",
        "/\t/evil.example",
        "/x\u{7f}",
        "/x\u{85}",
        "/login",
        "/login/",
        "/login?x",
        "/login#x",
        "/login/sso_callback",
        "/login/sso_callback?code=c",
        "/./login",
        "/x/../login",
        "/x/..//evil.example",
        "/.//evil.example",
        "/%2e/login",
        "/%2e%2e//evil.example",
        "/x\\..\\..\\\\evil.example",
    ];
    for path in refused {
        assert_eq!(parse(path), "/", "{path:?}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn is_normalized_as_the_browser_does() {
    assert_eq!(parse("/a/../b"), "/b");
    assert_eq!(parse("/a b"), "/a%20b");
    assert_eq!(parse("/é?é"), "/%C3%A9?%C3%A9");
    assert_eq!(parse("/a\\b"), "/a/b");
}

#[wasm_bindgen_test(unsupported = test)]
fn is_read_from_the_query_once_and_strictly() {
    let rows = [
        ("return_to=%2Fprojects%3Fpage%3D2", "/projects?page=2"),
        ("return_to=/projects", "/projects"),
        ("x=1&return%5Fto=%2Fa", "/a"),
        ("return_to=%2Fa+b", "/a%20b"),
        ("", "/"),
        ("return_to", "/"),
        ("return_to=%2Fa&return_to=%2Fb", "/"),
        ("return_to=%2Fa&return_to=%2Fa", "/"),
        ("return_to=%2Fa%", "/"),
        ("return_to=%2F%FF", "/"),
        ("return_to=%2F%2Fevil.example", "/"),
        ("return_to=%252F%252Fevil.example", "/"),
    ];
    for (query, expected) in rows {
        assert_eq!(ReturnTo::from_query(query, &TestUrls).as_str(), expected, "{query}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn starting_over_keeps_it() {
    let start_over = |path| ReturnTo::parse(path, &TestUrls).start_over();
    assert_eq!(start_over("/"), "/login");
    assert_eq!(start_over("/projects?page=2"), "/login?return_to=%2Fprojects%3Fpage%3D2");
}
