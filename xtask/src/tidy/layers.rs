//! The layers of the app, each of which knows only some others.

use super::source::File;
use super::{Offence, Rule};

/// Each layer with those that it may name.
const LAYERS: [(&str, &[&str]); 5] = [
    ("domain", &["domain"]),
    ("api", &["domain", "api"]),
    ("browser", &["domain", "browser"]),
    ("auth", &["domain", "api", "browser", "auth"]),
    ("ui", &["domain", "auth", "ui"]),
];

pub(super) const RULES: &[Rule] = &[Rule {
    name: "a layer knows only those before it",
    reason: "what decides stays apart from what acts, so that it can be tested without a browser",
    offences: |files| files.iter().flat_map(offences).collect(),
}];

fn offences(file: &File) -> Vec<Offence> {
    let Some((layer, known)) = LAYERS.iter().find(|(layer, _)| is_in(&file.path, layer)) else {
        return Vec::new();
    };
    let unknown =
        |name: &str| LAYERS.iter().any(|(layer, _)| *layer == name) && !known.contains(&name);
    named(file)
        .into_iter()
        .filter(|(_, name)| unknown(name))
        .map(|(line, name)| Offence {
            path: file.path.clone(),
            line: Some(line),
            what: format!("`{layer}` names `crate::{name}`"),
        })
        .collect()
}

fn is_in(path: &str, layer: &str) -> bool {
    path.strip_prefix("src/")
        .and_then(|path| path.strip_prefix(layer))
        .is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

/// The modules that follow `crate::`, also in a group of several over many lines, with their lines.
fn named(file: &File) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    // How many brackets are open in a group `crate::{…}`; its modules stand where that is one.
    let mut depth = 0;
    for (number, line) in file.code() {
        let mut rest = line;
        let mut expects_name = depth == 1;
        while let Some(first) = rest.chars().next() {
            let word = rest.len()
                - rest
                    .trim_start_matches(|c: char| c.is_alphanumeric() || c == '_')
                    .len();
            if depth == 0 {
                if word > 0 {
                    let (name, after) = rest.split_at(word);
                    rest = after;
                    if let Some(after) = after.strip_prefix("::").filter(|_| name == "crate") {
                        rest = after;
                        expects_name = true;
                        if let Some(after) = after.strip_prefix('{') {
                            rest = after;
                            depth = 1;
                        }
                    } else if expects_name {
                        found.push((number, name.to_owned()));
                        expects_name = false;
                    }
                    continue;
                }
                expects_name = false;
            } else if word > 0 {
                let (name, after) = rest.split_at(word);
                if expects_name && depth == 1 {
                    found.push((number, name.to_owned()));
                    expects_name = false;
                }
                rest = after;
                continue;
            } else {
                match first {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    ',' if depth == 1 => expects_name = true,
                    _ => {}
                }
            }
            rest = &rest[first.len_utf8()..];
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::testing::broken;

    const RULE: &str = "a layer knows only those before it";

    #[test]
    fn a_later_or_neighbouring_layer_is_found() {
        let files = [
            ("src/domain/a.rs", "use crate::api::X;"),
            ("src/api/a.rs", "fn a() {\n    crate::browser::now()\n}"),
            ("src/browser.rs", "pub(crate) use crate::auth::X;"),
            ("src/ui/a.rs", "use crate::{auth::A, api::B};"),
            (
                "src/auth/mod.rs",
                "use crate::{\n    domain::{a, ui},\n    ui::B,\n};",
            ),
        ];
        assert_eq!(
            broken(RULE, &files),
            [
                "src/domain/a.rs:1",
                "src/api/a.rs:2",
                "src/browser.rs:1",
                "src/ui/a.rs:1",
                "src/auth/mod.rs:3"
            ]
        );
    }

    #[test]
    fn earlier_layers_are_fine() {
        let files = [
            (
                "src/domain/a.rs",
                "// crate::ui\nuse crate::domain::X;\nuse super::api;",
            ),
            (
                "src/auth/a.rs",
                "use crate::{api, browser::{self, ui}, domain::X};\nlet ui = 1;",
            ),
            (
                "src/ui/a.rs",
                "use crate::auth::{api, browser};\nlet browser = domain::x();",
            ),
            ("src/main.rs", "use crate::ui;"),
            ("src/domains.rs", "use crate::ui;"),
        ];
        assert_eq!(broken(RULE, &files), [""; 0]);
    }
}
