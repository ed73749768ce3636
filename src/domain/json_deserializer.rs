//! Reads JSON text into every shape that serde derives, exactly as `serde_json::from_str` does.
//!
//! It is no second parser: the text is known to be JSON, and what a number or an escape means is asked of [`Json`]. It reads the
//! text and not what `JSON.parse` makes of it, since that has lost what serde goes by: the digits of integers over 2^53,
//! whether a number has a fraction, doubled keys, half surrogate pairs.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{
    self, Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::json::Json;

/// How deep the arrays and objects of a shape may be nested, as in serde_json: deeper ones could overflow the stack. What is
/// skipped takes no stack, so it may be as deep as it likes.
const MAX_DEPTH: u8 = 127;

/// The value of a text that is JSON; `None` if it is not of this shape.
#[must_use]
pub fn read<J: Json, T: DeserializeOwned>(text: &str) -> Option<T> {
    let mut reader = Reader::<J> { rest: text, depth: 0, json: PhantomData };
    let value = T::deserialize(&mut reader).ok()?;
    reader.peek().is_none().then_some(value)
}

/// The value is of another shape. It does not say how they differ: formatting that would be most of the download.
#[derive(Debug)]
struct ShapeMismatch;

type Result<T> = std::result::Result<T, ShapeMismatch>;

impl fmt::Display for ShapeMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not of the expected shape")
    }
}

impl std::error::Error for ShapeMismatch {}

impl de::Error for ShapeMismatch {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// A JSON text, read up to somewhere.
struct Reader<'de, J> {
    rest: &'de str,
    depth: u8,
    json: PhantomData<J>,
}

/// A number, in the first of these types that can hold it.
enum Number {
    Unsigned(u64),
    Signed(i64),
    Float(f64),
}

impl<'de, J: Json> Reader<'de, J> {
    /// The byte that comes next, white space aside.
    fn peek(&mut self) -> Option<u8> {
        self.rest = self.rest.trim_ascii_start();
        self.rest.bytes().next()
    }

    /// Takes this text, which must come next, white space aside.
    fn accept(&mut self, text: &str) -> Result<()> {
        self.peek();
        self.rest = self.rest.strip_prefix(text).ok_or(ShapeMismatch)?;
        Ok(())
    }

    fn take(&mut self, length: usize) -> Result<&'de str> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(ShapeMismatch)?;
        self.rest = rest;
        Ok(taken)
    }

    /// Takes a string, as it is written: with its quotes and escapes.
    fn string(&mut self) -> Result<&'de str> {
        if self.peek() != Some(b'"') {
            return Err(ShapeMismatch);
        }
        let mut is_escaped = false;
        let ends = |byte| {
            let ends = byte == b'"' && !is_escaped;
            is_escaped = byte == b'\\' && !is_escaped;
            ends
        };
        let inside = self.rest.bytes().skip(1).position(ends).ok_or(ShapeMismatch)?;
        self.take(inside + 2)
    }

    /// Takes a string, and says what it means.
    fn text(&mut self) -> Result<Cow<'de, str>> {
        let string = self.string()?;
        let plain =
            string.strip_prefix('"').and_then(|text| text.strip_suffix('"')).filter(|text| !text.contains('\\'));
        match plain {
            Some(text) => Ok(Cow::Borrowed(text)),
            None => J::unquote(string).map(Cow::Owned).ok_or(ShapeMismatch),
        }
    }

    /// Takes a number, as it is written. Inside of a key it need not be one of JSON.
    fn number_text(&mut self) -> Result<&'de str> {
        self.peek();
        let is_part = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
        let length = self.rest.bytes().position(|byte| !is_part(byte)).unwrap_or(self.rest.len());
        let text = self.take(length)?;
        let mut digits = text.strip_prefix('-').unwrap_or(text).bytes();
        match (digits.next(), digits.next()) {
            (Some(b'0'), Some(b'0'..=b'9')) => Err(ShapeMismatch),
            (Some(b'0'..=b'9'), _) => Ok(text),
            _ => Err(ShapeMismatch),
        }
    }

    fn number(&mut self) -> Result<Number> {
        let text = self.number_text()?;
        let negative = text.strip_prefix('-');
        let integer = match (negative.unwrap_or(text).parse(), negative) {
            (Ok(number), None) => Some(Number::Unsigned(number)),
            // Only a float can be -0.
            (Ok(number), Some(_)) if number > 0 => 0_i64.checked_sub_unsigned(number).map(Number::Signed),
            _ => None,
        };
        let float = || J::number(text).filter(|number| number.is_finite()).map(Number::Float);
        integer.or_else(float).ok_or(ShapeMismatch)
    }

    /// Takes a value, whatever it is and however deeply it is nested.
    fn skip(&mut self) -> Result<()> {
        let mut depth = 0_u32;
        loop {
            match self.peek().ok_or(ShapeMismatch)? {
                b'"' => {
                    self.string()?;
                }
                byte => {
                    match byte {
                        b'[' | b'{' => depth += 1,
                        b']' | b'}' => depth = depth.checked_sub(1).ok_or(ShapeMismatch)?,
                        _ => {}
                    }
                    // All of a number or a word, or one byte of what is around values.
                    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
                    let length = self.rest.bytes().position(|byte| !is_part(byte)).unwrap_or(self.rest.len());
                    self.take(length.max(1))?;
                }
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }

    /// Goes into an array or an object.
    fn open(&mut self, bracket: &str) -> Result<()> {
        if self.depth == MAX_DEPTH {
            return Err(ShapeMismatch);
        }
        self.accept(bracket)?;
        self.depth += 1;
        Ok(())
    }

    /// Leaves an array or an object, all of which must have been read.
    fn close(&mut self, bracket: &str) -> Result<()> {
        self.depth -= 1;
        self.accept(bracket)
    }
}

/// These read what another method reads: JSON has one kind of number and one of string.
macro_rules! forward {
    ($to:ident: $($from:ident)*) => {
        $(fn $from<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            self.$to(visitor)
        })*
    };
}

impl<'de, J: Json> Deserializer<'de> for &mut Reader<'de, J> {
    type Error = ShapeMismatch;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.peek() {
            Some(b'"') => self.deserialize_str(visitor),
            Some(b'[') => self.deserialize_seq(visitor),
            Some(b'{') => self.deserialize_map(visitor),
            Some(b'n') => self.deserialize_unit(visitor),
            Some(b't' | b'f') => self.deserialize_bool(visitor),
            _ => self.deserialize_f64(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let value = self.peek() == Some(b't');
        self.accept(if value { "true" } else { "false" })?;
        visitor.visit_bool(value)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.number()? {
            Number::Unsigned(number) => visitor.visit_u64(number),
            Number::Signed(number) => visitor.visit_i64(number),
            Number::Float(number) => visitor.visit_f64(number),
        }
    }

    fn deserialize_i128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_i128(self.number_text()?.parse().map_err(|_| ShapeMismatch)?)
    }

    fn deserialize_u128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_u128(self.number_text()?.parse().map_err(|_| ShapeMismatch)?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_str(&self.text()?)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.peek() == Some(b'[') {
            return self.deserialize_seq(visitor);
        }
        visitor.visit_bytes(self.text()?.as_bytes())
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.peek() == Some(b'n') {
            self.accept("null")?;
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.accept("null")?;
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.open("[")?;
        let value = visitor.visit_seq(Entries { reader: self, is_first: true })?;
        self.close("]")?;
        Ok(value)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Result<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _length: usize,
        visitor: V,
    ) -> Result<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.open("{")?;
        let value = visitor.visit_map(Entries { reader: self, is_first: true })?;
        self.close("}")?;
        Ok(value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        if self.peek() == Some(b'[') { self.deserialize_seq(visitor) } else { self.deserialize_map(visitor) }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        if self.peek() == Some(b'"') {
            return visitor.visit_enum(Variant { reader: self, has_value: false });
        }
        self.open("{")?;
        let value = visitor.visit_enum(Variant { reader: self, has_value: true })?;
        self.close("}")?;
        Ok(value)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.skip()?;
        visitor.visit_unit()
    }

    forward! {
        deserialize_f64: deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u8 deserialize_u16
        deserialize_u32 deserialize_u64 deserialize_f32
    }
    forward! { deserialize_str: deserialize_char deserialize_string deserialize_identifier }
    forward! { deserialize_bytes: deserialize_byte_buf }
}

/// The items of an array or the members of an object, up to the bracket that closes it.
struct Entries<'a, 'de, J> {
    reader: &'a mut Reader<'de, J>,
    is_first: bool,
}

impl<J: Json> Entries<'_, '_, J> {
    fn has_next(&mut self) -> Result<bool> {
        let is_first = std::mem::take(&mut self.is_first);
        match self.reader.peek() {
            Some(b']' | b'}') => return Ok(false),
            Some(_) if is_first => {}
            _ => self.reader.accept(",")?,
        }
        Ok(true)
    }
}

impl<'de, J: Json> SeqAccess<'de> for Entries<'_, 'de, J> {
    type Error = ShapeMismatch;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        if self.has_next()? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }
}

impl<'de, J: Json> MapAccess<'de> for Entries<'_, 'de, J> {
    type Error = ShapeMismatch;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        if self.has_next()? { seed.deserialize(Key { reader: self.reader }).map(Some) } else { Ok(None) }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        self.reader.accept(":")?;
        seed.deserialize(&mut *self.reader)
    }
}

/// The key of a member: a string, which may have to be a number or a boolean.
struct Key<'a, 'de, J> {
    reader: &'a mut Reader<'de, J>,
}

impl<'de, J: Json> Key<'_, 'de, J> {
    /// What is between the quotes, where white space means something.
    fn inside<T>(self, read: impl FnOnce(&mut Reader<'de, J>) -> Result<T>) -> Result<T> {
        self.reader.accept("\"")?;
        if self.reader.rest.starts_with(|first: char| first.is_ascii_whitespace()) {
            return Err(ShapeMismatch);
        }
        let value = read(self.reader)?;
        self.reader.rest = self.reader.rest.strip_prefix('"').ok_or(ShapeMismatch)?;
        Ok(value)
    }
}

impl<'de, J: Json> Deserializer<'de> for Key<'_, 'de, J> {
    type Error = ShapeMismatch;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.reader.deserialize_str(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.inside(|reader| reader.deserialize_bool(visitor))
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.inside(|reader| reader.deserialize_f64(visitor))
    }

    fn deserialize_i128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.inside(|reader| reader.deserialize_i128(visitor))
    }

    fn deserialize_u128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.inside(|reader| reader.deserialize_u128(visitor))
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.reader.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.reader.deserialize_enum(name, variants, visitor)
    }

    forward! {
        deserialize_f64: deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u8 deserialize_u16
        deserialize_u32 deserialize_u64 deserialize_f32
    }
    forward! { deserialize_bytes: deserialize_byte_buf }
    forward_to_deserialize_any! {
        char str string unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// The variant of an enum: a string that names it, or the one member of an object, with its value.
struct Variant<'a, 'de, J> {
    reader: &'a mut Reader<'de, J>,
    has_value: bool,
}

impl<'a, 'de, J: Json> Variant<'a, 'de, J> {
    fn value(self) -> Result<&'a mut Reader<'de, J>> {
        if self.has_value { Ok(self.reader) } else { Err(ShapeMismatch) }
    }
}

impl<'de, J: Json> EnumAccess<'de> for Variant<'_, 'de, J> {
    type Error = ShapeMismatch;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self)> {
        let name = seed.deserialize(&mut *self.reader)?;
        if self.has_value {
            self.reader.accept(":")?;
        }
        Ok((name, self))
    }
}

impl<'de, J: Json> VariantAccess<'de> for Variant<'_, 'de, J> {
    type Error = ShapeMismatch;

    fn unit_variant(self) -> Result<()> {
        if self.has_value { Deserialize::deserialize(self.reader) } else { Ok(()) }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value> {
        seed.deserialize(self.value()?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Result<V::Value> {
        self.value()?.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value> {
        self.value()?.deserialize_struct("", fields, visitor)
    }
}
