//! The files that the rules look at, by lines.

use crate::run;
use anyhow::{Context, Result};

/// A text file of the project.
pub(super) struct File {
    /// From the workspace root, with `/`.
    pub(super) path: String,
    /// As it is.
    pub(super) text: String,
    /// Without comments, where it is Rust; by lines.
    code: Vec<String>,
    /// Which lines belong to unit tests.
    test: Vec<bool>,
}

/// A line of code, with its number counted from one.
pub(super) type Line<'a> = (usize, &'a str);

impl File {
    pub(super) fn new(path: &str, text: &str) -> Self {
        let code = if path.ends_with(".rs") { without_comments(text) } else { text.to_owned() };
        let code: Vec<String> = code.lines().map(str::to_owned).collect();
        let test = unit_tests(&code);
        Self { path: path.to_owned(), text: text.to_owned(), code, test }
    }

    /// Whether it is Rust and stands in this folder.
    pub(super) fn is_rust_in(&self, folder: &str) -> bool {
        self.path.ends_with(".rs") && self.path.starts_with(folder)
    }

    /// Its lines without comments.
    pub(super) fn code(&self) -> impl Iterator<Item = Line<'_>> {
        (1..).zip(self.code.iter().map(String::as_str))
    }

    /// Its lines without comments and without unit tests.
    pub(super) fn shipped(&self) -> impl Iterator<Item = Line<'_>> {
        self.code().zip(&self.test).filter(|(_, test)| !**test).map(|(line, _)| line)
    }

    /// The lines of its unit tests, without comments.
    pub(super) fn tests(&self) -> impl Iterator<Item = Line<'_>> {
        self.code().zip(&self.test).filter(|(_, test)| **test).map(|(line, _)| line)
    }

    /// All of its lines, comments among them.
    pub(super) fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        (1..).zip(self.text.lines())
    }
}

/// Every text file that git knows, or would add.
pub(super) fn work_tree() -> Result<Vec<File>> {
    let mut git = run::command("git");
    git.args(["-c", "core.quotePath=false", "ls-files", "--cached", "--others", "--exclude-standard"]);
    let names = run::answer(&mut git).context("`git ls-files` failed: tidy needs git, and a clone")?;
    // What was deleted but is still known is no file, and what is not UTF-8 is no text.
    let read = |path: &str| std::fs::read_to_string(path).ok().map(|text| File::new(path, &text));
    Ok(names.lines().filter_map(read).collect())
}

/// The same lines with comments made blank. Knows strings, raw strings and character literals, since any of them may
/// hold two slashes.
fn without_comments(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            let length = rest.find('\n').unwrap_or(rest.len());
            rest = &rest[length..];
            continue;
        } else if rest.starts_with("/*") {
            let length = block_comment(rest);
            code.extend(rest[..length].chars().filter(|character| *character == '\n'));
            rest = &rest[length..];
            continue;
        } else if let Some(length) = raw_string(rest, code.chars().next_back()) {
            length
        } else if first == '"' {
            string(rest)
        } else if first == '\'' {
            character(rest)
        } else {
            first.len_utf8()
        };
        code.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    code
}

/// The length of the block comment that begins here; they nest.
fn block_comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// The length of the raw string that begins here (`r"…"`, `r#"…"#`), unless its `r` is the end of a longer name. The
/// `b` or `c` of `br"…"` and `cr"…"` is a name of its own here.
fn raw_string(text: &str, before: Option<char>) -> Option<usize> {
    if before.is_some_and(|before| (before.is_alphanumeric() || before == '_') && !matches!(before, 'b' | 'c')) {
        return None;
    }
    let after = text.strip_prefix('r')?;
    let opened = after.trim_start_matches('#');
    let hashes = &after[..after.len() - opened.len()];
    let body = opened.strip_prefix('"')?;
    let end = format!("\"{hashes}");
    let start = text.len() - body.len();
    Some(body.find(&end).map_or(text.len(), |at| start + at + end.len()))
}

/// The length of the string that begins here.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of the character literal that begins here, or of the mark alone where it begins a lifetime.
fn character(text: &str) -> usize {
    let mut characters = text.char_indices().skip(1);
    match characters.next() {
        // After the escaped character, which may be the mark itself; `\u{…}` and `\x..` have more.
        Some((_, '\\')) => {
            let from = characters.next().map_or(text.len(), |(at, escaped)| at + escaped.len_utf8());
            text[from..].find('\'').map_or(text.len(), |at| from + at + 1)
        }
        Some((at, plain)) if text[at + plain.len_utf8()..].starts_with('\'') => at + plain.len_utf8() + 1,
        _ => 1,
    }
}

/// Which lines belong to an item under `#[cfg(test)]`: from the attribute to the line that closes the item, which
/// `cargo fmt` puts at the attribute's own indentation.
fn unit_tests(code: &[String]) -> Vec<bool> {
    let mut end: Option<String> = None;
    let mut marks = Vec::with_capacity(code.len());
    let mut has_body = false;
    for line in code {
        let indentation = &line[..line.len() - line.trim_start().len()];
        if end.is_none() && line.trim_start().starts_with("#[cfg(test)]") {
            end = Some(indentation.to_owned());
            has_body = false;
            marks.push(true);
            continue;
        }
        marks.push(end.is_some());
        if let Some(item) = &end
            && item.len() == indentation.len()
            && !line.trim().is_empty()
        {
            let line = line.trim();
            let closes = has_body && line.starts_with('}');
            let short = !has_body && (line.ends_with(';') || line.ends_with('}') || line.ends_with(','));
            if closes || short {
                end = None;
            } else if line.ends_with('{') {
                has_body = true;
            }
        }
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_blanked_and_lines_stay() {
        for (text, code) in [
            ("let a = 1; // b\nc", "let a = 1; \nc"),
            ("/// doc\nfn a() {}", "\nfn a() {}"),
            ("a /* b\n/* c */ d */ e", "a \n e"),
            ("\"http://a\" // b", "\"http://a\" "),
            ("\"\\\" // a\" // b", "\"\\\" // a\" "),
            ("r#\"a\" // b\"# // c", "r#\"a\" // b\"# "),
            ("br\"\\\" // c", "br\"\\\" "),
            ("'\"' // a", "'\"' "),
            ("'\\'' // a", "'\\'' "),
            ("'\\u{2f}' // a", "'\\u{2f}' "),
            ("fn a<'a>(b: &'a str) // c", "fn a<'a>(b: &'a str) "),
            ("for\"a // b\"", "for\"a // b\""),
            ("/* open", ""),
        ] {
            assert_eq!(without_comments(text), code, "{text}");
        }
    }

    #[test]
    fn unit_tests_are_told_apart() {
        let text = "fn a() {}\n#[cfg(test)]\n#[allow(x)]\nmod tests {\n    fn b() {\n    }\n}\nfn c() {}\n\
                    #[cfg(test)]\nuse d;\nfn e() {}\nimpl F {\n    #[cfg(test)]\n    fn g(\n        h: i32,\n    ) {\n\
                    \x20   }\n    fn i() {}\n}\n";
        let file = File::new("src/a.rs", text);
        let shipped: Vec<usize> = file.shipped().map(|(number, _)| number).collect();
        assert_eq!(shipped, [1, 8, 11, 12, 18, 19]);
        assert_eq!(file.tests().count(), 13);
    }
}
