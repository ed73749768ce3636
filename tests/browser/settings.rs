//! The two `<meta>` elements (contract §2).

use indee_admin_sso::auth::call::load_config;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{Page, set_meta};

#[wasm_bindgen_test]
fn without_settings_the_api_is_on_this_origin_and_has_no_key() {
    let _page = Page::new();
    let config = load_config().unwrap();
    assert_eq!(config.api_url("v1/x"), "/v1/x");
    assert!(config.api_key().is_none());
    set_meta("indee-api-base", Some(""));
    set_meta("indee-api-key", Some(""));
    assert_eq!(load_config().unwrap(), config);
}

#[wasm_bindgen_test]
fn settings_are_read_from_the_page() {
    let _page = Page::new();
    set_meta("indee-api-base", Some("https://api.example.com/a/"));
    set_meta("indee-api-key", Some("the-key"));
    let config = load_config().unwrap();
    assert_eq!(config.api_url("v1/x"), "https://api.example.com/a/v1/x");
    assert_eq!(config.api_key().unwrap().reveal(), "the-key");
}

#[wasm_bindgen_test]
fn bad_settings_are_a_bad_config() {
    let _page = Page::new();
    set_meta("indee-api-base", Some("ftp://api.example.com"));
    assert_eq!(load_config().unwrap_err().code(), "bad_config");
    set_meta("indee-api-base", Some(""));
    set_meta("indee-api-key", Some("two words"));
    assert_eq!(load_config().unwrap_err().code(), "bad_config");
}
