//! Whatever JSON there is, ours is read as serde_json reads it.

use std::collections::BTreeMap;
use std::fmt::Debug;

use indee_admin_sso::domain::json::Json;
use indee_admin_sso::domain::json_deserializer;
use proptest::prelude::*;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use crate::support::TestJson;

/// Any JSON value, nested a little, with keys and numbers that are more often near an edge than random ones are.
pub(crate) fn json_value() -> impl Strategy<Value = Value> {
    let key = || {
        prop_oneof![
            prop::sample::select(vec!["a", "Unit", "Tuple", "Struct", "1", "-7", "type", "__proto__"])
                .prop_map(str::to_owned),
            any::<String>()
        ]
    };
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0_u8..3).prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        key().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key(), inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// JSON texts, and texts that are nearly JSON: one character is another, or is left out, or is there twice.
fn nearly_json() -> impl Strategy<Value = String> {
    let characters = prop::sample::select("{}[],:\"\\-+.eE019 \ntn".chars().collect::<Vec<_>>());
    let change = prop_oneof![Just(None), (any::<prop::sample::Index>(), 0..3_u8, characters).prop_map(Some),];
    (json_value(), any::<bool>(), change).prop_map(|(value, is_pretty, change)| {
        let text = if is_pretty { serde_json::to_string_pretty(&value).unwrap() } else { value.to_string() };
        let Some((index, kind, character)) = change else { return text };
        let mut characters: Vec<char> = text.chars().collect();
        let index = index.index(characters.len());
        match kind {
            0 => characters[index] = character,
            1 => drop(characters.remove(index)),
            _ => characters.insert(index, characters[index]),
        }
        characters.into_iter().collect()
    })
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "compared as they print")]
enum External {
    Unit,
    Tuple(i64, Option<String>),
    Struct {
        #[serde(default)]
        a: Option<Box<External>>,
    },
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
#[allow(dead_code, reason = "compared as they print")]
enum Untagged {
    External(External),
    Whole(i64),
    Number(f64),
    Text(String),
    List(Vec<Untagged>),
    Map {
        a: Option<u64>,
        #[serde(flatten)]
        rest: BTreeMap<String, Untagged>,
    },
}

fn compare<T: DeserializeOwned + Debug>(text: &str) -> Result<(), TestCaseError> {
    let judge = serde_json::from_str::<T>(text).ok();
    let ours = serde_json::from_str::<IgnoredAny>(text).ok().and_then(|_| json_deserializer::read::<TestJson, T>(text));
    prop_assert_eq!(format!("{ours:?}"), format!("{judge:?}"), "{}", text);
    Ok(())
}

proptest! {
    #[test]
    fn every_shape_is_read_as_serde_json_reads_it(text in nearly_json()) {
        compare::<Value>(&text)?;
        compare::<IgnoredAny>(&text)?;
        compare::<External>(&text)?;
        compare::<Untagged>(&text)?;
        compare::<Option<Vec<External>>>(&text)?;
        compare::<Vec<Option<u8>>>(&text)?;
        compare::<BTreeMap<i16, IgnoredAny>>(&text)?;
        compare::<BTreeMap<String, External>>(&text)?;
        compare::<(String, i128)>(&text)?;
    }

    #[test]
    fn what_is_not_json_makes_nothing_panic(text in any::<String>(), nearly in nearly_json()) {
        for text in [text, nearly] {
            let _ = json_deserializer::read::<TestJson, Value>(&text);
            let _ = json_deserializer::read::<TestJson, Untagged>(&text);
            let _ = json_deserializer::read::<TestJson, BTreeMap<i16, IgnoredAny>>(&text);
            let _ = TestJson::object(&text);
        }
    }
}
