//! Secrets do not print themselves.

use super::source::File;
use super::words::contains;
use super::{Offence, Rule};

/// Where the types of secrets are defined.
const HOME: &str = "src/domain/secret.rs";

/// What would put a secret into a message, a page or a store.
const FORBIDDEN: [&str; 3] = ["Debug", "Serialize", "Display"];

pub(super) const RULES: &[Rule] = &[Rule {
    name: "no secret derives Debug, Serialize or Display",
    reason: "a token, a code, a state, a nonce or the API key must not get anywhere by accident",
    offences: |files| files.iter().filter(|file| file.path == HOME).flat_map(offences).collect(),
}];

/// Derives of `struct`s, also over several lines, and traits implemented by hand: `Debug` may be, to say "secret".
fn offences(file: &File) -> Vec<Offence> {
    let mut offences = Vec::new();
    let offence = |line, what| Offence { path: file.path.clone(), line: Some(line), what };
    // The forbidden derives since the last item; whether they matter is known when the item's own line comes.
    let mut derived = Vec::new();
    let mut is_deriving = false;
    for (number, line) in file.shipped() {
        is_deriving |= line.contains("derive(");
        if is_deriving {
            let found = FORBIDDEN.into_iter().filter(|name| contains(line, name));
            derived.extend(found.map(|name| offence(number, format!("derives `{name}`"))));
            is_deriving = !line.contains(")]");
            continue;
        }
        let is_attribute = line.trim().is_empty() || line.trim_start().starts_with("#[");
        if contains(line, "struct") {
            offences.append(&mut derived);
        } else if !is_attribute {
            derived.clear();
        }
        for name in ["Serialize", "Display"] {
            if contains(line, "impl*") && contains(line, name) && contains(line, "for") {
                offences.push(offence(number, format!("implements `{name}`")));
            }
        }
    }
    offences
}

#[cfg(test)]
mod tests {
    use super::super::testing::broken;

    const RULE: &str = "no secret derives Debug, Serialize or Display";

    #[test]
    fn a_secret_that_prints_itself_is_found() {
        let text = "#[derive(Clone, Debug)]\npub struct Token(String);\n#[derive(\n    Clone,\n    Serialize,\n)]\n\
                    #[serde(transparent)]\nstruct Code(String);\nimpl fmt::Display for Nonce {\n}\n";
        assert_eq!(
            broken(RULE, &[("src/domain/secret.rs", text)]),
            ["src/domain/secret.rs:1", "src/domain/secret.rs:5", "src/domain/secret.rs:9"]
        );
    }

    #[test]
    fn a_silent_secret_passes() {
        let text = "/// Not `Debug`.\n#[derive(Clone, Deserialize)]\npub struct Token(String);\n\
                    #[derive(Debug)]\npub enum Kind {}\nimpl fmt::Debug for Token {\n}\n";
        let other = "#[derive(Debug)]\nstruct Public(String);";
        assert_eq!(broken(RULE, &[("src/domain/secret.rs", text), ("src/domain/a.rs", other)]), [""; 0]);
    }
}
