//! JavaScript without what no user needs to download.

use anyhow::Result;

/// The script without comments and indentation. A comment has its lines for itself.
pub(super) fn minify(source: &str) -> Result<String> {
    let is_code = |line: &&str| !line.is_empty() && !["//", "/*", "*"].iter().any(|mark| line.starts_with(mark));
    Ok(source.lines().map(str::trim).filter(is_code).flat_map(|line| [line, "\n"]).collect())
}
