//! sessionStorage: there, blocked, and full (contract §4.3, §4.5).

use indee_admin_sso::browser::storage::{Unavailable, read, remove, take, write};
use js_sys::Function;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{Page, Replaced, stored, window};

const KEY: &str = "indee.sso.pending";

#[wasm_bindgen_test]
fn keeps_what_is_written_until_it_is_taken_once() {
    let _page = Page::new();
    assert_eq!(read(KEY), Ok(None));
    write(KEY, "first").unwrap();
    write(KEY, "sécond").unwrap();
    assert_eq!(read(KEY), Ok(Some("sécond".to_owned())));
    assert_eq!(take(KEY), Ok(Some("sécond".to_owned())));
    assert_eq!(take(KEY), Ok(None));
    assert_eq!(stored(KEY), None);
}

#[wasm_bindgen_test]
fn a_blocked_storage_is_a_failure_and_no_panic() {
    let _page = Page::new();
    let _blocked = Replaced::throws("sessionStorage");
    assert_eq!(read(KEY), Err(Unavailable));
    assert_eq!(write(KEY, "x"), Err(Unavailable));
    assert_eq!(remove(KEY), Err(Unavailable));
    assert_eq!(take(KEY), Err(Unavailable));
}

#[wasm_bindgen_test]
fn a_storage_that_is_not_there_is_a_failure() {
    let _page = Page::new();
    let _absent = Replaced::with("sessionStorage", &JsValue::NULL);
    assert_eq!(read(KEY), Err(Unavailable));
}

#[wasm_bindgen_test]
fn a_full_storage_is_a_failure() {
    let _page = Page::new();
    let storage = window().session_storage().unwrap().unwrap();
    let mut size = 16 << 20;
    let mut number = 0;
    // Really full: ever smaller pieces until not even one character fits.
    while size > 0 {
        match storage.set_item(&format!("filler {number}"), &"x".repeat(size)) {
            Ok(()) => number += 1,
            Err(_) => size /= 2,
        }
    }
    let outcome = write(KEY, &"x".repeat(1_000));
    for index in 0..number {
        storage.remove_item(&format!("filler {index}")).unwrap();
    }
    assert_eq!(outcome, Err(Unavailable));
    assert_eq!(write(KEY, "x"), Ok(()));
}

#[wasm_bindgen_test]
fn what_cannot_be_removed_is_not_taken() {
    let _page = Page::new();
    write(KEY, "x").unwrap();
    let stubborn = Function::new_no_args(
        "return { getItem: () => 'x', removeItem: () => { throw new DOMException('no', 'SecurityError') } }",
    );
    let _stubborn = Replaced::with("sessionStorage", &stubborn.call0(&JsValue::NULL).unwrap());
    assert_eq!(take(KEY), Err(Unavailable));
}
