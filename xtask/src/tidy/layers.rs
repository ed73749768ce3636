//! The layers of the app, each of which knows only some others.

use super::source::File;
use super::{Offence, Rule};

/// Each layer with those that it may name.
const LAYERS: [(&str, &[&str]); 5] = [
    ("domain", &["domain"]),
    ("api", &["domain", "api"]),
    ("browser", &["domain", "api", "browser"]),
    ("auth", &["domain", "api", "browser", "auth"]),
    // The API's shapes stop at the flows; the browser's timers and address bar do not.
    ("ui", &["domain", "browser", "auth", "ui"]),
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
    let unknown = |name: &str| LAYERS.iter().any(|(layer, _)| *layer == name) && !known.contains(&name);
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

/// The modules that follow `crate::`, also in a group `crate::{…}` of any length, with their lines.
fn named(file: &File) -> Vec<(usize, &str)> {
    let tokens: Vec<(usize, &str)> =
        file.code().flat_map(|(number, line)| tokens(line).map(move |token| (number, token))).collect();
    let mut found = Vec::new();
    for (index, _) in tokens.iter().enumerate().filter(|(_, (_, token))| *token == "crate") {
        let Some([(_, "::"), path @ ..]) = tokens.get(index + 1..) else {
            continue;
        };
        // A module stands first, or in a group after the bracket that opens it or a comma between its members.
        let mut depth = 0;
        let mut before = "{";
        for (number, token) in path {
            match *token {
                "{" => depth += 1,
                "}" => depth -= 1,
                name if depth <= 1 && matches!(before, "{" | ",") => found.push((*number, name)),
                _ => {}
            }
            before = token;
            if depth == 0 {
                break;
            }
        }
    }
    found
}

/// Words, `::` and single characters.
fn tokens(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line.trim_start();
    std::iter::from_fn(move || {
        let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let length = match rest.chars().next()? {
            _ if word > 0 => word,
            ':' if rest.starts_with("::") => 2,
            other => other.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        rest = after.trim_start();
        Some(token)
    })
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
            ("src/auth/mod.rs", "use crate::{\n    domain::{a, ui},\n    ui::B,\n};"),
        ];
        assert_eq!(
            broken(RULE, &files),
            ["src/domain/a.rs:1", "src/api/a.rs:2", "src/browser.rs:1", "src/ui/a.rs:1", "src/auth/mod.rs:3"]
        );
    }

    #[test]
    fn earlier_layers_are_fine() {
        let files = [
            ("src/domain/a.rs", "// crate::ui\nuse crate::domain::X;\nuse super::api;"),
            ("src/auth/a.rs", "use crate::{api, browser::{self, ui}, domain::X};\nlet ui = 1;"),
            ("src/ui/a.rs", "use crate::auth::{api, browser};\nlet browser = domain::x();"),
            ("src/main.rs", "use crate::ui;"),
            ("src/domains.rs", "use crate::ui;"),
        ];
        assert_eq!(broken(RULE, &files), [""; 0]);
    }
}
