//! The browser's own JSON parser: serde's types without a second parser in the download.
//!
//! Reading goes through a deserializer of our own. serde-wasm-bindgen's works as well, but it writes error messages that
//! nobody here sees, and formatting numbers for them weighs more than all of our parsing (`docs/decisions/`).

use js_sys::{Array, Reflect};
use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;
use wasm_bindgen::{JsCast, JsValue};

use crate::domain::json::{Json, Object};

/// `JSON.parse` and `JSON.stringify`.
pub struct BrowserJson;

impl Json for BrowserJson {
    fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
        T::deserialize(Value(js_sys::JSON::parse(text).ok()?)).ok()
    }

    type Object = BrowserObject;

    fn object(text: &str) -> Option<BrowserObject> {
        js_sys::JSON::parse(text).ok().filter(JsValue::is_object).map(BrowserObject)
    }

    fn quote(text: &str) -> Option<String> {
        js_sys::JSON::stringify(&text.into()).ok()?.as_string()
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

/// The value is of another shape. It does not say which: that is the difference to other deserializers.
#[derive(Debug)]
struct OtherShape;

impl std::fmt::Display for OtherShape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not of the expected shape")
    }
}

impl std::error::Error for OtherShape {}

impl de::Error for OtherShape {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self
    }
}

/// What `JSON.parse` made: strings, numbers, booleans, `null`, arrays where a list is expected and objects where a struct is.
struct Value(JsValue);

impl<'de> Deserializer<'de> for Value {
    type Error = OtherShape;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, OtherShape> {
        if let Some(text) = self.0.as_string() {
            visitor.visit_string(text)
        } else if let Some(number) = self.0.as_f64() {
            // A whole number is what a Rust integer expects, and a Rust float takes it as well.
            #[expect(clippy::cast_possible_truncation, reason = "whole, and exact below 2^53")]
            if number.fract() == 0.0 && number.abs() <= js_sys::Number::MAX_SAFE_INTEGER {
                visitor.visit_i64(number as i64)
            } else {
                visitor.visit_f64(number)
            }
        } else if let Some(truth) = self.0.as_bool() {
            visitor.visit_bool(truth)
        } else if self.0.is_null() {
            visitor.visit_unit()
        } else {
            Err(OtherShape)
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, OtherShape> {
        let array = self.0.dyn_into::<Array>().map_err(|_| OtherShape)?;
        visitor.visit_seq(Items { array, next: 0 })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, OtherShape> {
        if !self.0.is_object() {
            return Err(OtherShape);
        }
        visitor.visit_map(Fields { object: self.0, names: fields.iter(), value: None })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct tuple tuple_struct map enum identifier ignored_any
    }
}

/// The items of an array.
struct Items {
    array: Array,
    next: u32,
}

impl<'de> SeqAccess<'de> for Items {
    type Error = OtherShape;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, OtherShape> {
        if self.next >= self.array.length() {
            return Ok(None);
        }
        let item = self.array.get(self.next);
        self.next += 1;
        seed.deserialize(Value(item)).map(Some)
    }
}

/// The fields of an object that a struct asks for; those that are not there are left out.
struct Fields {
    object: JsValue,
    names: std::slice::Iter<'static, &'static str>,
    value: Option<JsValue>,
}

impl<'de> MapAccess<'de> for Fields {
    type Error = OtherShape;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, OtherShape> {
        for name in self.names.by_ref() {
            let value = Reflect::get(&self.object, &JsValue::from_str(name)).map_err(|_| OtherShape)?;
            // JSON has no `undefined`: the field is not there.
            if !value.is_undefined() {
                self.value = Some(value);
                return seed.deserialize(StrDeserializer::new(name)).map(Some);
            }
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, OtherShape> {
        seed.deserialize(Value(self.value.take().ok_or(OtherShape)?))
    }
}
