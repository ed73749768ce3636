//! Rules about words that must not stand in some files.

use super::source::{File, Line};
use super::{Offence, Rule};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "nothing under src/domain knows the browser or a clock",
        reason: "it is tested natively, with the time passed in",
        offences: |files| {
            let words = ["web_sys", "js_sys", "wasm_bindgen", "gloo*", "leptos*", "SystemTime", "Instant"];
            search(files, |file| file.is_rust_in("src/domain"), |file| file.code().collect(), &words)
        },
    },
    Rule {
        name: "the boot step does not know leptos",
        reason: "it decides how soon the login request leaves, and may become a small wasm of its own",
        offences: |files| {
            let boot = |file: &File| {
                ["src/domain", "src/api", "src/browser", "src/auth/complete.rs"]
                    .iter()
                    .any(|place| file.is_rust_in(place))
            };
            search(files, boot, |file| file.code().collect(), &["leptos*"])
        },
    },
    Rule {
        name: "the app does not use serde_json",
        reason: "the browser has a JSON parser, and a second one costs every visitor 17 KB",
        offences: |files| search(files, app, shipped, &["serde_json"]),
    },
    Rule {
        name: "the app writes nothing to the console",
        reason: "a token, a code or a nonce must not be left there",
        offences: |files| {
            let words = ["console::", "console_log*", "log!", "println!", "print!", "dbg!"];
            search(files, app, shipped, &words)
        },
    },
    Rule {
        name: "the app does not panic",
        reason: "a panic ends the page: bad input gets an error code and a way on",
        offences: |files| {
            // One of them in two parts: who looks for what was left open must not find this list.
            let words = [".unwrap()", ".expect(", "panic!", "unreachable!", concat!("todo", "!"), "unimplemented!"];
            search(files, app, shipped, &words)
        },
    },
    Rule {
        name: "the app keeps nothing for longer than the tab, and makes no markup of text",
        reason: "tokens live in memory only, and a provider's words are shown as text",
        offences: |files| {
            let words = [
                "indexed_db",
                "indexedDB",
                "set_cookie",
                "inner_html",
                "set_inner_html",
                "innerHTML",
                "set_outer_html",
                "insert_adjacent_html",
            ];
            search(files, app, shipped, &words)
        },
    },
    Rule {
        name: "localStorage is in src/browser/sign_out_mark.rs only",
        reason: "it outlives the tab: all that it may hold is the mark of a sign-out",
        offences: |files| {
            let others = |file: &File| app(file) && file.path != "src/browser/sign_out_mark.rs";
            search(files, others, shipped, &["localStorage", "local_storage", "gloo_storage::LocalStorage"])
        },
    },
    Rule {
        name: "no unload handler",
        reason: "it would keep the pages out of the back/forward cache, so Back would load them anew",
        offences: |files| {
            let page = |file: &File| app(file) || file.path == "index.html";
            let words = ["unload", "onunload", "beforeunload", "onbeforeunload", "set_onbeforeunload"];
            search(files, page, shipped, &words)
        },
    },
    Rule {
        name: "routes are written down in src/domain/route.rs only",
        reason: "one place decides what an address means",
        offences: |files| {
            let others = |file: &File| app(file) && file.path != "src/domain/route.rs";
            search(files, others, shipped, &["\"/login*"])
        },
    },
    Rule {
        name: "no test is ignored",
        reason: "a test that does not run proves nothing",
        offences: |files| {
            search(files, |file| file.is_rust_in(""), |file| file.code().collect(), &[concat!("#[", "ignore*")])
        },
    },
    Rule {
        name: "nothing is left to be done later",
        reason: "what is missing belongs in an issue, where it is seen",
        offences: |files| {
            search(files, |_| true, |file| file.lines().collect(), &[concat!("TO", "DO"), concat!("FIX", "ME")])
        },
    },
    Rule {
        name: "no path of a developer's machine",
        reason: "it says who worked where, and is wrong everywhere else",
        offences: |files| {
            // Put together here, so that this file is as clean as all others.
            let folders = [concat!("/ho", "me/*"), concat!("/ro", "ot/*"), concat!("/Us", "ers/*")];
            search(files, |_| true, |file| file.lines().collect(), &folders)
        },
    },
];

/// The app's own source.
pub(super) fn app(file: &File) -> bool {
    file.is_rust_in("src/")
}

/// What is part of the app, in contrast to its unit tests.
fn shipped(file: &File) -> Vec<Line<'_>> {
    file.shipped().collect()
}

/// Every occurrence of one of the words in the chosen lines of the chosen files. A `*` at a word's end stands for any
/// end; apart from that, a word that begins or ends with a letter is not found inside a longer one.
fn search(
    files: &[File],
    is_meant: impl Fn(&File) -> bool,
    lines: impl Fn(&File) -> Vec<Line<'_>>,
    words: &[&str],
) -> Vec<Offence> {
    let mut offences = Vec::new();
    for file in files.iter().filter(|file| is_meant(file)) {
        for (number, line) in lines(file) {
            for word in words.iter().filter(|word| contains(line, word)) {
                let what = format!("`{}`", word.trim_end_matches('*'));
                offences.push(Offence { path: file.path.clone(), line: Some(number), what });
            }
        }
    }
    offences
}

/// Whether the line has the word, by the rules of [`search`].
pub(super) fn contains(line: &str, word: &str) -> bool {
    let (word, is_open) = word.strip_suffix('*').map_or((word, false), |word| (word, true));
    let is_letter = |character: char| character.is_alphanumeric() || character == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let starts = !(word.starts_with(is_letter) || word.starts_with('/')) || !before.is_some_and(is_letter);
        let ends = is_open || !word.ends_with(is_letter) || !after.is_some_and(is_letter);
        starts && ends
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::broken;
    use super::*;

    /// A rule, files that break it with the places, and files that keep it.
    fn check(rule: &str, bad: &[(&str, &str)], places: &[&str], good: &[(&str, &str)]) {
        assert_eq!(broken(rule, bad), places, "{rule}");
        assert_eq!(broken(rule, good), [""; 0], "{rule}");
    }

    #[test]
    fn words_are_whole_unless_they_are_open() {
        for (line, word, expected) in [
            ("use web_sys::Window", "web_sys", true),
            ("let web_system = 1", "web_sys", false),
            ("use gloo_net::http", "gloo*", true),
            ("my_log!(a)", "log!", false),
            ("log!(a)", "log!", true),
            ("a.unwrap()", ".unwrap()", true),
            ("a.unwrap_or(b)", ".unwrap()", false),
        ] {
            assert_eq!(contains(line, word), expected, "{line}, {word}");
        }
    }

    #[test]
    fn domain_without_browser_and_clock() {
        check(
            "nothing under src/domain knows the browser or a clock",
            &[("src/domain/a.rs", "\nuse gloo_net::X;\n"), ("src/domain.rs", "use std::time::{Duration, Instant};")],
            &["src/domain/a.rs:2", "src/domain.rs:1"],
            &[("src/domain/a.rs", "// web_sys\nuse std::time::Duration;"), ("src/browser/a.rs", "use web_sys::X;")],
        );
    }

    #[test]
    fn boot_step_without_leptos() {
        check(
            "the boot step does not know leptos",
            &[("src/auth/complete.rs", "use leptos::prelude::*;"), ("src/api/mod.rs", "leptos_router::x();")],
            &["src/auth/complete.rs:1", "src/api/mod.rs:1"],
            &[("src/ui/mod.rs", "use leptos::prelude::*;"), ("src/api/mod.rs", "//! Free of leptos.")],
        );
    }

    #[test]
    fn app_without_serde_json() {
        let test = "#[cfg(test)]\nmod tests {\n    use serde_json::json;\n}\n";
        check(
            "the app does not use serde_json",
            &[("src/api/a.rs", "fn a() {\n    serde_json::to_string(b)\n}\n")],
            &["src/api/a.rs:2"],
            &[("src/api/a.rs", test), ("sandbox/src/lib.rs", "use serde_json::json;")],
        );
    }

    #[test]
    fn app_without_console() {
        check(
            "the app writes nothing to the console",
            &[("src/a.rs", "web_sys::console::log_1(a);\nleptos::logging::log!(a);\ndbg!(a);")],
            &["src/a.rs:1", "src/a.rs:2", "src/a.rs:3"],
            &[("src/a.rs", "// println!\n"), ("xtask/src/a.rs", "println!()")],
        );
    }

    #[test]
    fn app_without_panics() {
        check(
            "the app does not panic",
            &[("src/a.rs", "a.unwrap();\nb.expect(\"c\");\nunreachable!()")],
            &["src/a.rs:1", "src/a.rs:2", "src/a.rs:3"],
            &[("src/a.rs", "a.unwrap_or_default();\n#[cfg(test)]\nmod tests {\n    fn a() { b.unwrap(); }\n}")],
        );
    }

    #[test]
    fn app_without_lasting_storage_and_markup() {
        check(
            "the app keeps nothing for longer than the tab, and makes no markup of text",
            &[("src/a.rs", "window.indexed_db()\n<div inner_html=a/>")],
            &["src/a.rs:1", "src/a.rs:2"],
            &[("src/a.rs", "// never indexedDB\nwindow.session_storage();")],
        );
    }

    #[test]
    fn local_storage_in_one_place() {
        check(
            "localStorage is in src/browser/sign_out_mark.rs only",
            &[("src/a.rs", "window.local_storage()")],
            &["src/a.rs:1"],
            &[
                ("src/a.rs", "// never localStorage\nwindow.session_storage();\nStoredValue<A, LocalStorage>"),
                ("src/browser/sign_out_mark.rs", "window.local_storage()"),
            ],
        );
    }

    #[test]
    fn app_without_unload() {
        check(
            "no unload handler",
            &[("src/a.rs", "listen(\"beforeunload\")"), ("index.html", "<body onunload=a>")],
            &["src/a.rs:1", "index.html:1"],
            &[("src/a.rs", "// no unload handler\nlisten(\"pagehide\"); reload(); unloaded();")],
        );
    }

    #[test]
    fn routes_in_one_place() {
        check(
            "routes are written down in src/domain/route.rs only",
            &[("src/ui/a.rs", "go(\"/login/sso_callback\")")],
            &["src/ui/a.rs:1"],
            &[("src/domain/route.rs", "\"/login\""), ("tests/native.rs", "\"/login\""), ("src/a.rs", "\"login\"")],
        );
    }

    #[test]
    fn tests_all_run() {
        check(
            "no test is ignored",
            &[("tests/a.rs", concat!("#[test]\n#[", "ignore = \"slow\"]"))],
            &["tests/a.rs:2"],
            &[("tests/a.rs", "#[test]\nfn ignored_fields() {}")],
        );
    }

    #[test]
    fn nothing_for_later() {
        check(
            "nothing is left to be done later",
            &[("docs/a.md", concat!("a\nTO", "DO: b")), ("src/a.rs", concat!("// FIX", "ME"))],
            &["docs/a.md:2", "src/a.rs:1"],
            &[("Cargo.toml", "todo = \"deny\"")],
        );
    }

    #[test]
    fn paths_of_no_machine() {
        let bad = concat!("see /ho", "me/ann/x");
        check(
            "no path of a developer's machine",
            &[("a.md", bad)],
            &["a.md:1"],
            &[("a.md", concat!("https://a.example/ho", "me/b and \"/home\""))],
        );
    }
}
