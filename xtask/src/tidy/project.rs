//! Rules about single files and about what must stand somewhere.

use super::source::File;
use super::words::{app, contains};
use super::{Offence, Rule};
use crate::setup::locked_version;

/// The error codes of the contract, section 7.
const ERROR_CODES: [&str; 16] = [
    "bad_config",
    "storage_unavailable",
    "bad_response",
    "network_error",
    "timeout",
    "rate_limited",
    "server_error",
    "login_rejected",
    "malformed_callback",
    "no_pending_login",
    "login_expired",
    "state_missing",
    "state_mismatch",
    "provider_error",
    "code_missing",
    "session_ended",
];

/// The first thing in the page's head: the app's own files are requested while the query still stands in the URL.
const NO_REFERRER: &str = "<meta name=\"referrer\" content=\"no-referrer\">";

/// Where packages come from; put together here, so that this file is as clean as all others.
const REGISTRIES: [&str; 6] = [
    concat!("registry", ".npmjs"),
    concat!("registry", ".yarnpkg"),
    concat!("index", ".crates.io"),
    concat!("static", ".crates.io"),
    concat!("pypi", ".org"),
    concat!("files", ".pythonhosted"),
];

/// What cargo writes for the public registry, whichever mirror is used.
const CARGO_SOURCE: &str = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "every error code stands in src/domain and in a test",
        reason: "the codes are part of what others rely on",
        offences: |files| {
            let domain = |file: &File, code: &str| {
                file.is_rust_in("src/domain") && file.shipped().any(|(_, line)| contains(line, code))
            };
            let tested = |file: &File, code: &str| {
                file.is_rust_in("tests/") && file.code().any(|(_, line)| contains(line, code))
                    || app(file) && file.tests().any(|(_, line)| contains(line, code))
            };
            let mut offences = Vec::new();
            for code in ERROR_CODES {
                if !files.iter().any(|file| domain(file, code)) {
                    offences.push(whole("src/domain", format!("no `{code}`")));
                }
                if !files.iter().any(|file| tested(file, code)) {
                    offences.push(whole("tests", format!("no `{code}`")));
                }
            }
            offences
        },
    },
    Rule {
        name: "the README names the two commands",
        reason: "a newcomer needs no others",
        offences: |files| {
            ["cargo xtask dev", "cargo xtask test"]
                .into_iter()
                .filter(|command| !text_of(files, "README.md").contains(command))
                .map(|command| whole("README.md", format!("no `{command}`")))
                .collect()
        },
    },
    Rule {
        name: "no package registry is named",
        reason: "where packages come from is the machine's setting",
        offences: |files| {
            let is_other = |file: &File, line: &str| {
                let other_source = file.path == "Cargo.lock" && line.starts_with("source = ") && line != CARGO_SOURCE;
                other_source || REGISTRIES.iter().any(|host| line.contains(host))
            };
            let in_file = |file: &File| -> Vec<Offence> {
                let lines = file.lines().filter(|(_, line)| is_other(file, line));
                lines.map(|(number, line)| at(file, number, line.trim().to_owned())).collect()
            };
            files.iter().flat_map(in_file).collect()
        },
    },
    Rule {
        name: "the page's head begins with its referrer policy",
        reason: "what loads first would otherwise send the callback's address, and the code in it, along",
        offences: |files| {
            let text = text_of(files, "index.html");
            let head = text.split_once("<head>").map_or("", |(_, head)| after_comments(head));
            if head.starts_with(NO_REFERRER) {
                return Vec::new();
            }
            let line = (1..).zip(text.lines()).find(|(_, line)| line.contains("<head>")).map(|(number, _)| number);
            vec![Offence {
                path: "index.html".to_owned(),
                line,
                what: format!("<head> does not begin with {NO_REFERRER}"),
            }]
        },
    },
    Rule {
        name: "Cargo.toml pins wasm-bindgen",
        reason: "the wasm-bindgen command has to be of exactly the library's version",
        offences: |files| {
            let locked = locked_version(text_of(files, "Cargo.lock"), "wasm-bindgen").unwrap_or("none");
            let pin = format!("\"={locked}\"");
            let is_pinned = |line: &str| {
                line.strip_prefix("wasm-bindgen")
                    .is_some_and(|rest| rest.trim_start().starts_with('=') && rest.contains(&pin))
            };
            if text_of(files, "Cargo.toml").lines().any(is_pinned) {
                return Vec::new();
            }
            vec![whole("Cargo.toml", format!("no `wasm-bindgen = {pin}`, the version in Cargo.lock"))]
        },
    },
];

fn whole(path: &str, what: String) -> Offence {
    Offence { path: path.to_owned(), line: None, what }
}

fn at(file: &File, line: usize, what: String) -> Offence {
    Offence { path: file.path.clone(), line: Some(line), what }
}

/// The text of a file; empty when there is no such file.
fn text_of<'a>(files: &'a [File], path: &str) -> &'a str {
    files.iter().find(|file| file.path == path).map_or("", |file| &file.text)
}

/// What follows white space and HTML comments.
fn after_comments(html: &str) -> &str {
    let html = html.trim_start();
    match html.strip_prefix("<!--").and_then(|comment| comment.split_once("-->")) {
        Some((_, rest)) => after_comments(rest),
        None => html,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::broken;
    use super::*;

    const CODES: &str = "every error code stands in src/domain and in a test";
    const README: &str = "the README names the two commands";
    const REGISTRY: &str = "no package registry is named";
    const HEAD: &str = "the page's head begins with its referrer policy";
    const PIN: &str = "Cargo.toml pins wasm-bindgen";

    #[test]
    fn a_missing_error_code_is_found() {
        let all: String = ERROR_CODES.map(|code| format!("\"{code}\"\n")).concat();
        let files = [("src/domain/error.rs", all.as_str()), ("tests/native.rs", all.as_str())];
        assert_eq!(broken(CODES, &files), [""; 0]);
        let fewer = all.replace("\"timeout\"", "// timeout");
        assert_eq!(broken(CODES, &[("src/domain/error.rs", &fewer), ("tests/native.rs", &all)]), ["src/domain"]);
        assert_eq!(broken(CODES, &[("src/domain/error.rs", &all), ("tests/app/tests/a.rs", &fewer)]), ["tests"]);
    }

    #[test]
    fn a_readme_without_a_command_is_found() {
        assert_eq!(broken(README, &[("README.md", "`cargo xtask dev`")]), ["README.md"]);
        assert_eq!(broken(README, &[("README.md", "`cargo xtask dev`, `cargo xtask test`")]), [""; 0]);
    }

    #[test]
    fn a_registry_is_found() {
        let npm = format!("{{\n\"resolved\": \"https://{}.org/a\"\n}}", REGISTRIES[0]);
        let mirror = "name = \"a\"\nsource = \"sparse+https://mirror.example/\"";
        assert_eq!(
            broken(REGISTRY, &[("package-lock.json", &npm), ("Cargo.lock", mirror)]),
            ["package-lock.json:2", "Cargo.lock:2"]
        );
        assert_eq!(broken(REGISTRY, &[("Cargo.lock", CARGO_SOURCE), ("README.md", "crates.io")]), [""; 0]);
    }

    #[test]
    fn a_head_that_begins_otherwise_is_found() {
        let late = format!("<html>\n<head><meta charset=\"utf-8\">{NO_REFERRER}");
        assert_eq!(broken(HEAD, &[("index.html", &late)]), ["index.html:2"]);
        assert_eq!(broken(HEAD, &[]), ["index.html"]);
        let first = format!("<html><head>\n  <!-- First. -->\n  {NO_REFERRER}");
        assert_eq!(broken(HEAD, &[("index.html", &first)]), [""; 0]);
    }

    #[test]
    fn a_version_that_is_not_pinned_is_found() {
        let lock = ("Cargo.lock", "name = \"wasm-bindgen\"\nversion = \"0.2.1\"");
        for loose in ["wasm-bindgen = \"0.2.1\"", "wasm-bindgen = \"=0.2.0\"", "wasm-bindgen-test = \"=0.2.1\""] {
            assert_eq!(broken(PIN, &[lock, ("Cargo.toml", loose)]), ["Cargo.toml"], "{loose}");
        }
        assert_eq!(broken(PIN, &[lock, ("Cargo.toml", "wasm-bindgen = \"=0.2.1\"")]), [""; 0]);
    }
}
