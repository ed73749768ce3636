//! JSON as something that others do: the browser has a parser of its own, so none is compiled into the app, and native
//! tests bring another one for the same types.

use serde::{Serialize, de::DeserializeOwned};

/// Reads and writes JSON text.
pub trait Json {
    /// The value of a JSON text; `None` where it is not JSON or not of this shape.
    fn read<T: DeserializeOwned>(text: &str) -> Option<T>;

    /// The JSON text of a value; `None` where it cannot be written.
    fn write<T: Serialize>(value: &T) -> Option<String>;
}
