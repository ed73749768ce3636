//! The address bar (contract §4.5).

use indee_admin_sso::browser::location::{path, query, replace};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{Page, address, window};

#[wasm_bindgen_test]
fn the_query_is_read_raw() {
    let _page = Page::at("/login/sso_callback?code=a%2Bb+c&state=s%3D%3D&x=%25#_=_");
    assert_eq!(path(), "/login/sso_callback");
    assert_eq!(query(), "code=a%2Bb+c&state=s%3D%3D&x=%25");
    let _bare = Page::at("/login/sso_callback");
    assert_eq!(query(), "");
    let _empty = Page::at("/login/sso_callback?");
    assert_eq!(query(), "");
    let _doubled = Page::at("/login/sso_callback??code=c");
    assert_eq!(query(), "?code=c");
}

#[wasm_bindgen_test]
fn scrubbing_removes_query_and_fragment_and_adds_no_history() {
    let _page = Page::at("/login/sso_callback?code=c&state=s#_=_");
    let entries = window().history().unwrap().length().unwrap();
    replace(&path()).unwrap();
    assert_eq!(address(), "/login/sso_callback");
    assert_eq!(window().history().unwrap().length().unwrap(), entries);
}

#[wasm_bindgen_test]
fn another_origin_is_refused() {
    let _page = Page::new();
    assert!(replace("https://evil.example/").is_err());
}
