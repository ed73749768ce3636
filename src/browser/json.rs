//! The browser's own JSON parser: serde's types without a second parser in the download.

use js_sys::Reflect;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};

use crate::domain::json::{Json, Object};
use crate::domain::json_deserializer;

/// `JSON.parse` and `JSON.stringify`.
pub struct BrowserJson;

impl Json for BrowserJson {
    fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
        js_sys::JSON::parse(text).ok()?;
        json_deserializer::read::<Self, T>(text)
    }

    type Object = BrowserObject;

    fn object(text: &str) -> Option<BrowserObject> {
        let object: js_sys::Object = js_sys::JSON::parse(text).ok()?.dyn_into().ok()?;
        // Without a prototype it has only what the text says.
        Reflect::set_prototype_of(&object, &JsValue::NULL).ok()?;
        Some(BrowserObject(object.into()))
    }

    fn quote(text: &str) -> Option<String> {
        js_sys::JSON::stringify(&text.into()).ok()?.as_string()
    }

    fn unquote(string: &str) -> Option<String> {
        let value = js_sys::JSON::parse(string).ok()?;
        let text = value.as_string()?;
        // Half a surrogate pair has become another character.
        (JsValue::from_str(&text) == value).then_some(text)
    }

    fn number(number: &str) -> Option<f64> {
        js_sys::JSON::parse(number).ok()?.as_f64()
    }
}

/// What `JSON.parse` made of an object.
pub struct BrowserObject(JsValue);

impl BrowserObject {
    fn get(&self, name: &str) -> JsValue {
        Reflect::get(&self.0, &JsValue::from_str(name)).unwrap_or_default()
    }
}

impl Object for BrowserObject {
    fn text(&self, name: &str) -> Option<String> {
        self.get(name).as_string()
    }

    fn number(&self, name: &str) -> Option<f64> {
        self.get(name).as_f64()
    }
}
