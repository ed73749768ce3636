//! JavaScript without what no user needs to download.

/// The script without comments and indentation. A comment has its lines for itself.
pub(super) fn strip(source: &str) -> String {
    let is_code = |line: &&str| !line.is_empty() && !["//", "/*", "*"].iter().any(|mark| line.starts_with(mark));
    source.lines().map(str::trim).filter(is_code).flat_map(|line| [line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::strip;

    #[test]
    fn comments_and_indentation_stay_behind_and_addresses_do_not() {
        let source = "// What it is.\n/**\n * Why.\n */\nif (a) {\n  // How.\n  go(\"https://b\");\n\n}\n";
        assert_eq!(strip(source), "if (a) {\ngo(\"https://b\");\n}\n");
    }
}
