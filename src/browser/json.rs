//! The browser's own JSON parser: serde's types without a second parser in the download.

use serde::{Serialize, de::DeserializeOwned};

use crate::domain::json::Json;

/// `JSON.parse` and `JSON.stringify`.
pub struct BrowserJson;

impl Json for BrowserJson {
    fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
        serde_wasm_bindgen::from_value(js_sys::JSON::parse(text).ok()?).ok()
    }

    fn write<T: Serialize>(value: &T) -> Option<String> {
        let value = value.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).ok()?;
        js_sys::JSON::stringify(&value).ok()?.as_string()
    }
}
