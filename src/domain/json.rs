//! JSON as something that others do: the browser has a parser of its own, so none is compiled into the app, and native
//! tests bring another one for the same types.

use serde::de::DeserializeOwned;

/// Reads JSON text, and writes the one part of it that is not simple.
pub trait Json {
    /// The value of a JSON text; `None` where it is not JSON or not of this shape.
    fn read<T: DeserializeOwned>(text: &str) -> Option<T>;

    /// What [`Json::object`] makes.
    type Object: Object;

    /// The object that a JSON text is; `None` where it is something else.
    fn object(text: &str) -> Option<Self::Object>;

    /// A text as a JSON string, quotes and escapes included; `None` where it cannot be written.
    fn quote(text: &str) -> Option<String>;

    /// The text of a JSON string, quotes and escapes included; `None` if it is none, or has half a surrogate pair.
    fn unquote(string: &str) -> Option<String>;

    /// The value of a JSON number; `None` if it is none.
    fn number(number: &str) -> Option<f64>;
}

/// An object of which one field or the other is wanted. For shapes that the boot step reads: what serde derives for them
/// would be a tenth of its size.
pub trait Object {
    /// The string of this name; `None` where there is none.
    fn text(&self, name: &str) -> Option<String>;

    /// The number of this name; `None` where there is none.
    fn number(&self, name: &str) -> Option<f64>;
}

/// What stands in the objects that this app writes.
#[derive(Clone, Copy)]
pub enum Value<'a> {
    /// A string.
    Text(&'a str),
    /// A boolean.
    Truth(bool),
    /// A whole number.
    Number(i64),
    /// An object without fields.
    EmptyObject,
}

/// The JSON text of an object with these fields, in this order; `None` where it cannot be written.
///
/// The objects that this app writes are flat and few. A serializer for them would be most of what the boot step downloads.
#[must_use]
pub fn object<J: Json>(fields: &[(&'static str, Value<'_>)]) -> Option<String> {
    let mut text = String::from("{");
    for (name, value) in fields {
        if text.len() > 1 {
            text.push(',');
        }
        text.push_str(&J::quote(name)?);
        text.push(':');
        match *value {
            Value::Text(value) => text.push_str(&J::quote(value)?),
            Value::Truth(true) => text.push_str("true"),
            Value::Truth(false) => text.push_str("false"),
            Value::Number(number) => text.push_str(&number.to_string()),
            Value::EmptyObject => text.push_str("{}"),
        }
    }
    text.push('}');
    Some(text)
}
