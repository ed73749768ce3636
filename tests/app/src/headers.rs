//! `_headers`, the file of the build that says which headers belong to which path, read as hosts read it.

use anyhow::{Context as _, Result, ensure};

use crate::driver::variable;

/// The rules of the file, or none: a path, `*` at its end for any end, and headers.
#[derive(Default)]
pub struct Headers(Vec<(String, Vec<(String, String)>)>);

impl Headers {
    /// Reads the file of the release build.
    pub fn load() -> Result<Self> {
        let path = std::path::PathBuf::from(variable("APP_DIST")?).join("_headers");
        let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut rules: Vec<(String, Vec<(String, String)>)> = Vec::new();
        for line in text.lines() {
            match line.strip_prefix("  ") {
                None => rules.push((line.to_owned(), Vec::new())),
                Some(header) => {
                    let (name, value) = header.split_once(": ").with_context(|| format!("no header: {line}"))?;
                    let (_, headers) = rules.last_mut().context("a header before the first path")?;
                    headers.push((name.to_ascii_lowercase(), value.to_owned()));
                }
            }
        }
        ensure!(!rules.is_empty(), "no rules");
        Ok(Self(rules))
    }

    /// Names (lower case) and values for a path: those of every rule that matches.
    #[must_use]
    pub fn of(&self, path: &str) -> Vec<(String, String)> {
        let Self(rules) = self;
        let matches = |pattern: &str| match pattern.strip_suffix('*') {
            Some(start) => path.starts_with(start),
            None => pattern == path,
        };
        rules.iter().filter(|(pattern, _)| matches(pattern)).flat_map(|(_, headers)| headers.clone()).collect()
    }
}

/// What a deployment with the API on another origin adds to the policy.
#[must_use]
pub fn with_connection(policy: &str, origin: &str) -> String {
    policy.replace("connect-src 'self'", &format!("connect-src 'self' {origin}"))
}
