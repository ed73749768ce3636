//! The browser's JSON parser, where it differs from others. What it shares with them is in `tests/rules/shapes.rs`.

use indee_admin_sso::browser::json::BrowserJson;
use indee_admin_sso::domain::json::{Json, Object as _};
use js_sys::{Object, Reflect};
use serde::Deserialize;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

#[derive(Debug, Deserialize)]
struct Claims {
    exp: Option<f64>,
    token: Option<String>,
}

/// Some script on the page gave every object these, until this is dropped.
struct Polluted {
    prototype: Object,
}

impl Polluted {
    fn new() -> Self {
        let prototype = Object::get_prototype_of(&Object::new());
        Reflect::set(&prototype, &"exp".into(), &JsValue::from(1)).unwrap();
        Reflect::set(&prototype, &"token".into(), &"t.t.t".into()).unwrap();
        Self { prototype }
    }
}

impl Drop for Polluted {
    fn drop(&mut self) {
        for name in ["exp", "token"] {
            Reflect::delete_property(&self.prototype, &name.into()).unwrap();
        }
    }
}

#[wasm_bindgen_test]
fn only_what_the_text_says_is_in_an_object() {
    let (objects, claims) = {
        let _polluted = Polluted::new();
        let texts = ["{}", r#"{"__proto__":{"exp":2,"token":"u"}}"#, r#"{"exp":3,"token":"v"}"#];
        (
            texts.map(|text| BrowserJson::object(text).map(|o| (o.number("exp"), o.text("token")))),
            BrowserJson::read("{}"),
        )
    };
    assert_eq!(objects, [Some((None, None)), Some((None, None)), Some((Some(3.0), Some("v".to_owned())))]);
    assert!(matches!(claims, Some(Claims { exp: None, token: None })), "{claims:?}");
}
