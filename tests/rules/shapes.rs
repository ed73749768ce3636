//! Every shape that serde derives, read as serde_json reads it: serde_json is the judge of every row.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Debug;

use indee_admin_sso::domain::json::Json;
use indee_admin_sso::domain::json_deserializer;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::TestJson;

/// Compared as they print, which tells -0 from 0.
fn check<T: DeserializeOwned + Debug>(text: &str, expected: Option<T>) {
    let expected = format!("{expected:?}");
    let judge = serde_json::from_str::<T>(text);
    assert_eq!(format!("{:?}", judge.as_ref().ok()), expected, "serde_json, {text}: {judge:?}");
    assert_eq!(format!("{:?}", TestJson::read::<T>(text)), expected, "{text}");
    // Natively the line above asks serde_json again. Ours reads only what is JSON.
    if serde_json::from_str::<IgnoredAny>(text).is_ok() {
        assert_eq!(format!("{:?}", json_deserializer::read::<TestJson, T>(text)), expected, "{text}");
    }
}

macro_rules! rows {
    ($($type:ty { $($text:expr => $expected:expr,)* })*) => { $($(check::<$type>($text.as_ref(), $expected);)*)* };
}

#[wasm_bindgen_test(unsupported = test)]
fn scalars() {
    rows! {
        bool { "true" => Some(true), " false\n" => Some(false), "0" => None, "\"true\"" => None, "null" => None, "[true]" => None, }
        char { "\"a\"" => Some('a'), "\"\u{1f600}\"" => Some('\u{1f600}'), r#""\ud83d\ude00""# => Some('\u{1f600}'), "\"ab\"" => None, "\"\"" => None, "97" => None, }
        String {
            "\"\"" => Some(String::new()),
            r#""a\"\\\/\b\f\n\r\tz""# => Some("a\"\\/\u{8}\u{c}\n\r\tz".to_owned()),
            r#""\u00e9\u0000é""# => Some("\u{e9}\0\u{e9}".to_owned()),
            r#""\\\\""# => Some("\\\\".to_owned()),
            r#""\ud800""# => None, r#""\udc00\ud800""# => None, r#""a\ud83dz""# => None,
            "\"\n\"" => None, "\"a" => None, r#""\x""# => None, "1" => None, "null" => None, "true" => None, "[]" => None, "{}" => None, "" => None, "a" => None,
            "\"a\"\"b\"" => None, "\"a\" x" => None,
        }
        Box<str> { "\"a\"" => Some("a".into()), }
        Cow<'static, str> { "\"a\"" => Some("a".into()), "1" => None, }
        () { "null" => Some(()), "{}" => None, "[]" => None, "0" => None, }
        IgnoredAny { "[{\"a\":[1,-2.5e3,\"]\\\"\",null]},true]" => Some(IgnoredAny), "1e999" => Some(IgnoredAny), "[1" => None, "[]]" => None, "" => None, }
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn numbers() {
    rows! {
        u8 { "0" => Some(0), "255" => Some(255), "256" => None, "-1" => None, "-0" => None, "1.0" => None, "1e1" => None, "\"1\"" => None, "true" => None, "null" => None, "01" => None, "+1" => None, "1." => None, }
        i8 { "-128" => Some(-128), "-129" => None, "127" => Some(127), }
        i32 { "-2147483648" => Some(i32::MIN), "2147483648" => None, }
        u32 { "4294967295" => Some(u32::MAX), "4294967296" => None, }
        // JSON.parse would round what is over 2^53.
        i64 {
            "9007199254740991" => Some(9_007_199_254_740_991), "9007199254740993" => Some(9_007_199_254_740_993),
            "-9007199254740993" => Some(-9_007_199_254_740_993),
            "9223372036854775807" => Some(i64::MAX), "-9223372036854775808" => Some(i64::MIN),
            "9223372036854775808" => None, "-9223372036854775809" => None, "1e3" => None,
        }
        u64 { "18446744073709551615" => Some(u64::MAX), "18446744073709551616" => None, "9007199254740993" => Some(9_007_199_254_740_993), "9007199254740993.0" => None, }
        i128 { "-170141183460469231731687303715884105728" => Some(i128::MIN), "170141183460469231731687303715884105728" => None, "-0" => Some(0), "1.5" => None, "1e2" => None, "\"1\"" => None, "-" => None, }
        u128 { "340282366920938463463374607431768211455" => Some(u128::MAX), "340282366920938463463374607431768211456" => None, "-1" => None, "-0" => None, }
        f64 {
            "0" => Some(0.0), "-0" => Some(-0.0), "-0.0" => Some(-0.0), "1" => Some(1.0), "-1" => Some(-1.0), "0.5" => Some(0.5), "-2.5e-3" => Some(-0.0025), "1E2" => Some(100.0),
            "18446744073709551616" => Some(18_446_744_073_709_551_616.0), "-9223372036854775809" => Some(-9_223_372_036_854_775_808.0),
            "1e308" => Some(1e308), "1e309" => None, "-1e309" => None, "1e-400" => Some(0.0), "NaN" => None, "Infinity" => None, "\"1\"" => None, "null" => None, ".5" => None,
        }
        f32 { "0.5" => Some(0.5), "16777217" => Some(16_777_216.0), "1e39" => Some(f32::INFINITY), }
        std::num::NonZeroU8 { "1" => std::num::NonZeroU8::new(1), "0" => None, }
    }
}

#[derive(Debug, Deserialize, PartialEq)]
struct Optional {
    a: Option<String>,
    b: Option<Option<u8>>,
}

#[wasm_bindgen_test(unsupported = test)]
fn options() {
    let optional = |a: Option<&str>, b| Some(Optional { a: a.map(str::to_owned), b });
    rows! {
        Option<String> { "null" => Some(None), "\"a\"" => Some(Some("a".to_owned())), "1" => None, "nul" => None, }
        Option<u8> { "null" => Some(None), "1" => Some(Some(1)), "256" => None, }
        Option<()> { "null" => Some(None), }
        Option<Vec<Option<bool>>> { "[true,null]" => Some(Some(vec![Some(true), None])), }
        Optional {
            "{}" => optional(None, None),
            r#"{"a":null,"b":null}"# => optional(None, None),
            r#"{"a":"x","b":1}"# => optional(Some("x"), Some(Some(1))),
            r#"{"a":1}"# => None,
        }
    }
}

#[derive(Debug, Deserialize, PartialEq)]
struct Unit;

#[derive(Debug, Deserialize, PartialEq)]
struct Newtype(String);

#[derive(Debug, Deserialize, PartialEq)]
#[serde(transparent)]
struct Transparent {
    inner: Option<Newtype>,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Pair(u8, Option<String>);

#[derive(Debug, Deserialize, PartialEq)]
struct Point {
    x: i32,
    #[serde(default)]
    y: i32,
}

#[wasm_bindgen_test(unsupported = test)]
fn structs_and_tuples() {
    rows! {
        Unit { "null" => Some(Unit), "{}" => None, "[]" => None, "\"Unit\"" => None, }
        Newtype { "\"a\"" => Some(Newtype("a".to_owned())), "[\"a\"]" => None, "1" => None, }
        Transparent { "null" => Some(Transparent { inner: None }), "\"a\"" => Some(Transparent { inner: Some(Newtype("a".to_owned())) }), }
        Pair { "[1,\"a\"]" => Some(Pair(1, Some("a".to_owned()))), "[1,null]" => Some(Pair(1, None)), "[1]" => None, "[1,null,2]" => None, "[]" => None, "{}" => None, "{\"0\":1,\"1\":null}" => None, }
        (u8, String) { "[1,\"a\"]" => Some((1, "a".to_owned())), "[\"a\",1]" => None, }
        [u8; 2] { "[1,2]" => Some([1, 2]), "[1]" => None, "[1,2,3]" => None, }
        Vec<u8> { "[]" => Some(vec![]), "[ 1 , 2 ]" => Some(vec![1, 2]), "\"ab\"" => None, "[256]" => None, "[1,]" => None, "[1 2]" => None, "{}" => None, "null" => None, }
        Vec<(String, f64)> { r#"[["a",1],["b",-0]]"# => Some(vec![("a".to_owned(), 1.0), ("b".to_owned(), -0.0)]), }
        BTreeSet<char> { r#"["b","a","b"]"# => Some(BTreeSet::from(['a', 'b'])), }
        Point {
            r#"{"x":1,"y":2}"# => Some(Point { x: 1, y: 2 }), r#"{"y":2,"x":1,"z":[{}]}"# => Some(Point { x: 1, y: 2 }), r#"{"x":1}"# => Some(Point { x: 1, y: 0 }), r#"{"\u0078":1}"# => Some(Point { x: 1, y: 0 }),
            // serde takes a struct as the list of its fields, too.
            "[1,2]" => Some(Point { x: 1, y: 2 }), "[1]" => Some(Point { x: 1, y: 0 }), "[1,2,3]" => None,
            "{}" => None, r#"{"x":null}"# => None, r#"{"x":1,"y":null}"# => None, r#"{"X":1}"# => None, r#"{"x":1"# => None, "null" => None,
            // The browser's parser would keep the last.
            r#"{"x":1,"x":2}"# => None, r#"{"x":1,"z":1,"z":2}"# => Some(Point { x: 1, y: 0 }),
        }
    }
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Named {
    project_name: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(alias = "identifier", alias = "key")]
    id: u8,
    #[serde(skip)]
    skipped: u8,
    #[serde(default = "seven")]
    defaulted: u8,
}

fn seven() -> u8 {
    7
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Strict {
    a: u8,
}

#[derive(Debug, Deserialize, Default, PartialEq)]
#[serde(default)]
struct Defaulted {
    a: u8,
    b: String,
}

#[wasm_bindgen_test(unsupported = test)]
fn attributes_of_fields() {
    let named = |kind: Option<&str>, id, defaulted| {
        Some(Named { project_name: "n".to_owned(), kind: kind.map(str::to_owned), id, skipped: 0, defaulted })
    };
    rows! {
        Named {
            r#"{"projectName":"n","id":1}"# => named(None, 1, 7),
            r#"{"projectName":"n","type":"t","key":2,"skipped":9,"defaulted":3}"# => named(Some("t"), 2, 3),
            r#"{"projectName":"n","identifier":3}"# => named(None, 3, 7),
            r#"{"projectName":"n","id":1,"key":2}"# => None,
            r#"{"project_name":"n","id":1}"# => None,
        }
        Strict { r#"{"a":1}"# => Some(Strict { a: 1 }), r#"{"a":1,"b":2}"# => None, r#"{"a":1,"__proto__":{}}"# => None, }
        Defaulted { "{}" => Some(Defaulted::default()), r#"{"b":"x"}"# => Some(Defaulted { a: 0, b: "x".to_owned() }), r#"{"a":null}"# => None, }
    }
}

#[derive(Debug, Deserialize, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
enum Role {
    Admin,
    #[serde(alias = "guest")]
    ReadOnly,
    #[serde(other)]
    Unknown,
}

#[derive(Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct Id(u32);

fn map<K: Ord, V>(entries: impl IntoIterator<Item = (K, V)>) -> Option<BTreeMap<K, V>> {
    Some(entries.into_iter().collect())
}

#[wasm_bindgen_test(unsupported = test)]
fn maps() {
    rows! {
        HashMap<String, u8> { "{}" => Some(HashMap::new()), r#"{"a":1,"a":2}"# => Some(HashMap::from([("a".to_owned(), 2)])), "[]" => None, "null" => None, r#"{"a":null}"# => None, }
        BTreeMap<String, Option<Vec<u8>>> { r#"{"b":[1],"a":null,"":[]}"# => map([("a".to_owned(), None), ("b".to_owned(), Some(vec![1])), (String::new(), Some(vec![]))]), }
        BTreeMap<String, IgnoredAny> {
            r#"{"__proto__":{"a":1},"constructor":2,"a\"b":3}"# => map(["__proto__", "constructor", "a\"b"].map(|key| (key.to_owned(), IgnoredAny))),
        }
        BTreeMap<u32, bool> {
            r#"{"1":true,"20":false}"# => map([(1, true), (20, false)]), r#"{"-1":true}"# => None, r#"{"1.0":true}"# => None, r#"{"1e1":true}"# => None, r#"{"01":true}"# => None, r#"{"+1":true}"# => None,
            r#"{" 1":true}"# => None, r#"{"1 ":true}"# => None, r#"{"":true}"# => None, r#"{"a":true}"# => None, r#"{"4294967296":true}"# => None, r#"{"\u0031":true}"# => None, r#"{"0x1":true}"# => None, r#"{"1-":true}"# => None,
        }
        BTreeMap<i64, ()> { r#"{"-9223372036854775808":null,"0":null}"# => map([(i64::MIN, ()), (0, ())]), r#"{"-":null}"# => None, r#"{"-0":null}"# => None, }
        BTreeMap<u64, ()> { r#"{"18446744073709551615":null}"# => map([(u64::MAX, ())]), }
        BTreeMap<i128, ()> { r#"{"-170141183460469231731687303715884105728":null}"# => map([(i128::MIN, ())]), r#"{" 1":null}"# => None, r#"{"00":null}"# => None, }
        BTreeMap<u128, ()> { r#"{"340282366920938463463374607431768211455":null}"# => map([(u128::MAX, ())]), r#"{"-1":null}"# => None, }
        BTreeMap<bool, u8> { r#"{"true":1,"false":0}"# => map([(true, 1), (false, 0)]), r#"{"1":1}"# => None, r#"{" true":1}"# => None, r#"{"true ":1}"# => None, }
        BTreeMap<char, u8> { r#"{"a":1}"# => map([('a', 1)]), r#"{"ab":1}"# => None, }
        BTreeMap<Id, u8> { r#"{"7":1}"# => map([(Id(7), 1)]), r#"{"x":1}"# => None, }
        BTreeMap<Option<u8>, u8> { r#"{"7":1}"# => map([(Some(7), 1)]), r#"{"null":1}"# => None, }
        BTreeMap<Role, u8> { r#"{"admin":1,"guest":2,"x":3}"# => map([(Role::Admin, 1), (Role::ReadOnly, 2), (Role::Unknown, 3)]), }
        BTreeMap<(u8, u8), u8> { r#"{"[1,2]":1}"# => None, "{}" => map([]), }
        BTreeMap<(), u8> { r#"{"null":1}"# => None, }
    }
}

#[derive(Debug, Deserialize, PartialEq)]
enum External {
    Unit,
    Newtype(u8),
    Nothing(()),
    Ignored(IgnoredAny),
    Tuple(u8, String),
    Struct { a: Option<u8> },
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(tag = "type")]
enum Internal {
    Unit,
    Newtype(Strict),
    Struct {
        a: Option<u8>,
        #[serde(default)]
        big: u64,
    },
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    Unit,
    Newtype(Option<u8>),
    Tuple(u8, String),
    Struct { a: u8 },
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(untagged)]
enum Untagged {
    Nothing,
    Yes(bool),
    Whole(u64),
    Less(i64),
    Number(f64),
    Text(String),
    Tuple(u8, u8),
    List(Vec<Untagged>),
    Struct { a: Box<Untagged> },
    Map(BTreeMap<String, Untagged>),
}

#[wasm_bindgen_test(unsupported = test)]
fn enums_of_all_four_representations() {
    use Untagged::{Less, List, Map, Nothing, Number, Text, Tuple, Whole, Yes};
    rows! {
        Role { "\"admin\"" => Some(Role::Admin), "\"read_only\"" => Some(Role::ReadOnly), "\"guest\"" => Some(Role::ReadOnly), "\"Admin\"" => Some(Role::Unknown), r#"{"admin":null}"# => Some(Role::Admin), "0" => None, "null" => None, }
        External {
            "\"Unit\"" => Some(External::Unit), r#"{"Unit":null}"# => Some(External::Unit), r#"{"Unit":1}"# => None, r#""\u0055nit""# => Some(External::Unit),
            r#"{"Newtype":1}"# => Some(External::Newtype(1)), "\"Newtype\"" => None, r#"{"Newtype":null}"# => None, r#"{"Nothing":null}"# => Some(External::Nothing(())), "\"Nothing\"" => None,
            r#"{"Tuple":[1,"a"]}"# => Some(External::Tuple(1, "a".to_owned())), r#"{"Tuple":[1]}"# => None, "\"Tuple\"" => None,
            r#"{"Struct":{}}"# => Some(External::Struct { a: None }), r#"{"Struct":{"a":1}}"# => Some(External::Struct { a: Some(1) }), r#"{"Struct":[1]}"# => Some(External::Struct { a: Some(1) }), "\"Struct\"" => None,
            "{}" => None, r#"{"Unit":null,"Newtype":1}"# => None, r#"{"Other":1}"# => None, "[\"Unit\"]" => None, "null" => None, "0" => None,
        }
        Internal {
            r#"{"type":"Unit"}"# => Some(Internal::Unit), r#"{"x":1,"type":"Unit"}"# => Some(Internal::Unit),
            r#"{"a":1,"type":"Newtype"}"# => Some(Internal::Newtype(Strict { a: 1 })), r#"{"type":"Newtype","a":1,"b":2}"# => None,
            r#"{"type":"Struct","a":1,"big":9007199254740993}"# => Some(Internal::Struct { a: Some(1), big: 9_007_199_254_740_993 }), r#"{"type":"Struct","a":null}"# => Some(Internal::Struct { a: None, big: 0 }), r#"{"type":"Struct","big":1.0}"# => None,
            "[\"Unit\"]" => Some(Internal::Unit), "{}" => None, r#"{"type":"Other"}"# => None, r#"{"type":"Unit","type":"Unit"}"# => None, "\"Unit\"" => None,
        }
        Adjacent {
            r#"{"t":"Unit"}"# => Some(Adjacent::Unit), r#"{"t":"Unit","c":null}"# => Some(Adjacent::Unit), r#"{"t":"Newtype","c":null}"# => Some(Adjacent::Newtype(None)), r#"{"c":1,"t":"Newtype"}"# => Some(Adjacent::Newtype(Some(1))),
            r#"{"c":[1,"a"],"t":"Tuple","x":0}"# => Some(Adjacent::Tuple(1, "a".to_owned())), r#"{"t":"Struct","c":{"a":1}}"# => Some(Adjacent::Struct { a: 1 }),
            r#"["Newtype",1]"# => Some(Adjacent::Newtype(Some(1))), r#"{"t":"Tuple"}"# => None, r#"{"c":1}"# => None, r#"{"t":"Newtype","c":1,"c":2}"# => None,
        }
        Untagged {
            "null" => Some(Nothing), "true" => Some(Yes(true)), "1" => Some(Whole(1)), "18446744073709551615" => Some(Whole(u64::MAX)), "-1" => Some(Less(-1)), "1.0" => Some(Number(1.0)), "-0" => Some(Number(-0.0)), "1e20" => Some(Number(1e20)),
            r#""\u0061""# => Some(Text("a".to_owned())), "[1,2]" => Some(Tuple(1, 2)), "[1,-2,null]" => Some(List(vec![Whole(1), Less(-2), Nothing])), "[]" => Some(List(vec![])),
            r#"{"a":{"a":"x"}}"# => Some(Untagged::Struct { a: Box::new(Untagged::Struct { a: Box::new(Text("x".to_owned())) }) }),
            r#"{"b":[true]}"# => Some(Map(BTreeMap::from([("b".to_owned(), List(vec![Yes(true)]))]))), "1e999" => None, r#""\ud800""# => None,
        }
        Vec<External> { r#"["Ignored",1]"# => None, r#"["Unit",{"Newtype":2},{"Tuple":[3,"c"]}]"# => Some(vec![External::Unit, External::Newtype(2), External::Tuple(3, "c".to_owned())]), }
    }
}

#[derive(Debug, Deserialize, PartialEq)]
struct Flat {
    id: u64,
    #[serde(flatten)]
    inner: Defaulted,
    #[serde(flatten)]
    kind: Option<External>,
    #[serde(flatten)]
    rest: BTreeMap<String, serde_json::Value>,
}

#[wasm_bindgen_test(unsupported = test)]
fn flattened_fields() {
    let flat = |kind, rest: serde_json::Value| {
        let serde_json::Value::Object(rest) = rest else { panic!("no object") };
        let inner = Defaulted { a: 1, b: String::new() };
        Some(Flat { id: 9_007_199_254_740_993, inner, kind, rest: rest.into_iter().collect() })
    };
    rows! {
        Flat {
            r#"{"id":9007199254740993,"a":1}"# => flat(None, serde_json::json!({})),
            r#"{"a":1,"Newtype":2,"x":[1,{"y":-1.5}],"id":9007199254740993}"# => flat(Some(External::Newtype(2)), serde_json::json!({ "x": [1, { "y": -1.5 }] })),
            r#"{"a":1}"# => None, r#"{"id":1,"id":1}"# => None,
        }
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn values_that_describe_themselves() {
    for text in [
        "null",
        "true",
        "1",
        "-1",
        "1.5",
        "-0",
        "18446744073709551615",
        "18446744073709551616",
        "\"a\\n\"",
        "[]",
        "{}",
        r#"[null,true,{"a":[1,2.0,{"b":"c"}]},"d"]"#,
        r#"{"__proto__":{"exp":1},"constructor":null,"a":1,"a":2}"#,
    ] {
        check::<serde_json::Value>(text, Some(serde_json::from_str(text).unwrap()));
    }
    rows! { serde_json::Value { "[1,]" => None, "{\"a\"}" => None, "1e999" => None, "[" => None, "\u{feff}1" => None, "\"\\ud800\"" => None, } }
}

/// Every object of JavaScript has these by inheritance.
#[derive(Debug, Deserialize, PartialEq)]
struct Inherited {
    constructor: Option<IgnoredAny>,
    #[serde(rename = "toString")]
    to_string: Option<IgnoredAny>,
    #[serde(rename = "__proto__")]
    proto: Option<Strict>,
    length: Option<u8>,
}

#[wasm_bindgen_test(unsupported = test)]
fn what_javascript_objects_inherit_is_not_there() {
    let inherited = |proto, length| Some(Inherited { constructor: None, to_string: None, proto, length });
    rows! {
        Inherited {
            "{}" => inherited(None, None), r#"{"__proto__":{"a":1}}"# => inherited(Some(Strict { a: 1 }), None),
            r#"{"length":1}"# => inherited(None, Some(1)),
        }
    }
}

#[derive(Debug, Deserialize)]
struct Nested {
    #[serde(rename = "n")]
    _inner: Option<Box<Nested>>,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Bytes(#[serde(deserialize_with = "bytes")] Vec<u8>);

fn bytes<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    struct AnyBytes;
    impl<'de> serde::de::Visitor<'de> for AnyBytes {
        type Value = Vec<u8>;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("bytes")
        }
        fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
            Ok(bytes.to_vec())
        }
        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut items: A) -> Result<Vec<u8>, A::Error> {
            let mut bytes = Vec::new();
            while let Some(byte) = items.next_element()? {
                bytes.push(byte);
            }
            Ok(bytes)
        }
    }
    deserializer.deserialize_bytes(AnyBytes)
}

/// Takes nothing of the text.
#[derive(Debug)]
struct Absent;

impl<'de> Deserialize<'de> for Absent {
    fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Ok(Self)
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn nothing_is_left_over() {
    rows! {
        Absent { "null" => None, "[]" => None, }
        Vec<Absent> { "[]" => Some(vec![]), "[1]" => None, }
        Result<Absent, ()> { "\"Ok\"" => None, r#"{"Err":null}"# => Some(Err(())), }
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn bytes_are_a_string_or_a_list() {
    rows! { Bytes {
        "\"a\u{e9}\"" => Some(Bytes("a\u{e9}".into())), r#""\u00e9""# => Some(Bytes("\u{e9}".into())), "[1,2]" => Some(Bytes(vec![1, 2])), "1" => None,
    } }
}

/// The largest body that is read has room for 32,768 arrays in each other.
#[wasm_bindgen_test(unsupported = test)]
fn depth_is_bounded() {
    let arrays = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    let objects = |depth: usize| "{\"n\":".repeat(depth) + "null" + &"}".repeat(depth);
    let is_read = |text: &str| {
        let value = serde_json::from_str::<serde_json::Value>(text).is_ok();
        assert_eq!(TestJson::read::<serde_json::Value>(text).is_some(), value);
        assert_eq!(json_deserializer::read::<TestJson, serde_json::Value>(text).is_some(), value);
        value
    };
    for (depth, expected) in [(1, true), (127, true), (128, false), (10_000, false), (32_768, false)] {
        assert_eq!(is_read(&arrays(depth)), expected, "{depth} arrays");
        assert_eq!(is_read(&objects(depth)), expected, "{depth} objects");
        assert_eq!(TestJson::read::<Nested>(&objects(depth)).is_some(), expected, "{depth} objects in a struct");
        // What nobody asks for may be as deep as it likes.
        let ignored = format!(r#"{{"x":1,"deep":{}}}"#, arrays(depth));
        check::<Point>(&ignored, Some(Point { x: 1, y: 0 }));
    }
    assert_eq!(TestJson::read::<serde_json::Value>(&"[".repeat(65_536)), None);
    // What is side by side is not deep.
    assert!(is_read(&format!("[{}[]]", "[],".repeat(1_000))));
}
