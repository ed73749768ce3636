//! JavaScript without what no user needs to download.

/// The script without comments and indentation. A comment has its lines for itself.
pub(super) fn strip(source: &str) -> String {
    let is_code = |line: &&str| !line.is_empty() && !["//", "/*", "*"].iter().any(|mark| line.starts_with(mark));
    source.lines().map(str::trim).filter(is_code).flat_map(|line| [line, "\n"]).collect()
}

/// Has every function of a script compiled along with it. V8 leaves a function for its first call otherwise, and parses it a
/// second time then; nearly all of ours are called at once. To other engines this first line is a comment.
pub(super) fn eager(source: &str) -> String {
    format!("//# allFunctionsCalledOnLoad\n{source}")
}

#[cfg(test)]
mod tests {
    use super::{eager, strip};

    #[test]
    fn the_hint_is_the_first_line() {
        assert_eq!(eager("go();\n"), "//# allFunctionsCalledOnLoad\ngo();\n");
    }

    #[test]
    fn comments_and_indentation_stay_behind_and_addresses_do_not() {
        let source = "// What it is.\n/**\n * Why.\n */\nif (a) {\n  // How.\n  go(\"https://b\");\n\n}\n";
        assert_eq!(strip(source), "if (a) {\ngo(\"https://b\");\n}\n");
    }
}
