//! Answers to initiate that look right and are not (contract §4, step 2).

use url::Url;

use crate::answer::Fields;
use crate::fault::Fault;

/// A redirect may have so many characters (contract §4).
const LONGEST_REDIRECT: usize = 8_192;

/// Takes the fields of a real answer and spoils exactly one thing.
pub(super) fn spoil(fault: Fault, mut fields: Fields) -> Fields {
    let text = fields.get("redirect").and_then(|value| value.as_str());
    let Some(url) = text.and_then(|text| Url::parse(text).ok()) else {
        return fields;
    };
    let query = url.query().unwrap_or("").to_owned();
    let redirect = match fault {
        Fault::WrongState => with_query(&url, |name, value| match name {
            "state" => vec![(name, format!("{value}x"))],
            _ => vec![(name, value)],
        }),
        Fault::DoubledState => with_query(&url, |name, value| match name {
            "state" => vec![(name, value.clone()), (name, value)],
            _ => vec![(name, value)],
        }),
        Fault::MissingState => with_query(&url, |name, value| match name {
            "state" => vec![],
            _ => vec![(name, value)],
        }),
        Fault::EmptyState => {
            fields.insert("state".to_owned(), "".into());
            with_query(&url, |name, value| match name {
                "state" => vec![(name, String::new())],
                _ => vec![(name, value)],
            })
        }
        Fault::WrongNonce => with_query(&url, |name, value| match name {
            "nonce" => vec![(name, format!("{value}x"))],
            _ => vec![(name, value)],
        }),
        // Harmless, and visible to a test: were it followed, the title would change.
        Fault::ScriptRedirect => {
            format!("javascript:void(document.title='script-redirect%20ran')//?{query}")
        }
        Fault::InsecureRedirect => format!("http://example.com/authorize?{query}"),
        Fault::CredentialsRedirect => format!("https://user:pass@example.com/authorize?{query}"),
        Fault::LongRedirect => format!("{url}&padding={}", "x".repeat(LONGEST_REDIRECT)),
        // Every other fault is met before.
        _ => url.into(),
    };
    fields.insert("redirect".to_owned(), redirect.into());
    fields
}

/// The URL with each pair of its query replaced by what `change` makes of it.
fn with_query(url: &Url, change: impl Fn(&str, String) -> Vec<(&str, String)>) -> String {
    let mut changed = url.clone();
    let mut pairs = changed.query_pairs_mut();
    pairs.clear();
    for (name, value) in url.query_pairs() {
        pairs.extend_pairs(change(&name, value.into_owned()));
    }
    drop(pairs);
    changed.into()
}
