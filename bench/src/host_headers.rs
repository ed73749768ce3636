//! `_headers`: what response headers a static host adds to which paths, in the format that Netlify and others read.

use anyhow::{Context as _, Result, bail};

/// The rules of one file, in its order.
#[derive(Debug, Default)]
pub(crate) struct HostHeaders(Vec<Rule>);

#[derive(Debug)]
struct Rule {
    pattern: String,
    headers: Vec<(String, String)>,
}

impl HostHeaders {
    /// Reads a file: a path at the beginning of a line, its headers indented below, comments after `#`.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let mut rules: Vec<Rule> = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let content = line.trim();
            if content.is_empty() || content.starts_with('#') {
                continue;
            }
            if !line.starts_with([' ', '\t']) {
                rules.push(Rule { pattern: content.to_owned(), headers: Vec::new() });
                continue;
            }
            let rule = rules.last_mut().with_context(|| format!("line {number}: a header before any path"))?;
            let Some((name, value)) = content.split_once(':') else { bail!("line {number}: no header: `{content}`") };
            rule.headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
        Ok(Self(rules))
    }

    /// Names (lower case) and values for a path: of all rules that match, in their order.
    pub(crate) fn of<'a>(&'a self, path: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let Self(rules) = self;
        let matching = rules.iter().filter(move |rule| matches(&rule.pattern, path));
        matching.flat_map(|rule| rule.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())))
    }
}

/// `*` stands for any characters, none among them; `:name` for one segment.
fn matches(pattern: &str, path: &str) -> bool {
    match (pattern.chars().next(), path.chars().next()) {
        (None, rest) => rest.is_none(),
        (Some('*'), _) => (0..=path.len())
            .filter(|index| path.is_char_boundary(*index))
            .any(|index| matches(&pattern[1..], &path[index..])),
        (Some(':'), Some(_)) => {
            let segment = |text: &str| text.find('/').unwrap_or(text.len());
            segment(path) > 0 && matches(&pattern[segment(pattern)..], &path[segment(path)..])
        }
        (Some(expected), Some(found)) => {
            expected == found && matches(&pattern[expected.len_utf8()..], &path[found.len_utf8()..])
        }
        (Some(_), None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
# Everything.
/*
  X-Content-Type-Options: nosniff
  Content-Security-Policy: default-src 'self'; connect-src https://api.example.com:8443

/*.wasm
\tCache-Control: public, max-age=31536000, immutable
/login/:page
  X-Page: 1
";

    fn of(path: &str) -> Vec<String> {
        let headers = HostHeaders::parse(FILE).unwrap();
        headers.of(path).map(|(name, value)| format!("{name}={value}")).collect()
    }

    #[test]
    fn headers_of_all_matching_rules_are_given() {
        let all = [
            "x-content-type-options=nosniff",
            "content-security-policy=default-src 'self'; connect-src https://api.example.com:8443",
        ];
        assert_eq!(of("/"), all);
        assert_eq!(of("/app.wasm"), [&all[..], &["cache-control=public, max-age=31536000, immutable"]].concat());
        assert_eq!(of("/login/sso_callback"), [&all[..], &["x-page=1"]].concat());
        assert_eq!(of("/login/"), all);
        assert_eq!(of("/login/a/b"), all);
    }

    #[test]
    fn a_file_that_cannot_be_read_is_refused() {
        assert!(HostHeaders::parse("  X: 1").is_err());
        assert!(HostHeaders::parse("/*\n  nothing").is_err());
        assert_eq!(HostHeaders::parse("").unwrap().of("/").count(), 0);
    }
}
