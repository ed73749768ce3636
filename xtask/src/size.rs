//! What a first visit downloads, against the budget.

use crate::build::{self, DIST};
use crate::finish::compress::{self, brotli, gzip};
use anyhow::{Context, Result, bail};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const BUDGET: &str = "size-budget.toml";

/// `cargo xtask size`: builds, shows what was built and fails when it is too much.
pub(crate) fn size() -> Result<()> {
    build::release()?;
    check()
}

/// Weighs the release build that is there; fails when it is over the budget.
pub(crate) fn check() -> Result<()> {
    let Report { table, brotli, budget } = report()?;
    println!("{table}");
    if brotli > budget {
        bail!(
            "a first visit downloads {} bytes (brotli), {} over the budget of {}: make it smaller, or raise the budget \
             in {BUDGET} and say why",
            grouped(brotli),
            grouped(brotli - budget),
            grouped(budget)
        );
    }
    Ok(())
}

/// What the files of the release build weigh.
pub(crate) struct Report {
    /// For people.
    pub(crate) table: String,
    brotli: usize,
    budget: usize,
}

/// One size of each kind, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Weight {
    raw: usize,
    gzip: usize,
    brotli: usize,
}

/// Weighs the release build that is there.
pub(crate) fn report() -> Result<Report> {
    let budget = std::fs::read_to_string(BUDGET).with_context(|| format!("cannot read {BUDGET}"))?;
    let budget = budget_of(&budget).with_context(|| format!("{BUDGET} has no line `brotli_total = <bytes>`"))?;
    let dist = Path::new(DIST);
    let mut files = Vec::new();
    list(dist, &mut files).with_context(|| format!("cannot list {DIST}/: run `cargo xtask build` first"))?;
    files.retain(|path| !is_compressed(path));
    files.sort();
    let mut rows = Vec::new();
    for path in files {
        let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let name = path.strip_prefix(dist).unwrap_or(&path).display().to_string();
        rows.push((name, weigh(&bytes)?));
    }
    Ok(tabulate(&rows, budget))
}

fn tabulate(rows: &[(String, Weight)], budget: usize) -> Report {
    let mut total = Weight::default();
    for (_, weight) in rows.iter().filter(|(name, _)| is_counted(name)) {
        total.raw += weight.raw;
        total.gzip += weight.gzip;
        total.brotli += weight.brotli;
    }
    let width = rows.iter().map(|(name, _)| name.len() + " (not counted)".len()).max().unwrap_or_default();
    let mut table = String::new();
    let mut line = |name: &str, [raw, gzip, brotli]: [String; 3]| {
        // Writing to a string cannot fail.
        let _ = writeln!(table, "{name:width$} {raw:>10} {gzip:>10} {brotli:>10}");
    };
    let numbers = |weight: Weight| [weight.raw, weight.gzip, weight.brotli].map(grouped);
    line("bytes", ["raw", "gzip", "brotli"].map(str::to_owned));
    for (name, weight) in rows {
        let note = if is_counted(name) { "" } else { " (not counted)" };
        line(&format!("{name}{note}"), numbers(*weight));
    }
    line("total", numbers(total));
    line("budget", [String::new(), String::new(), grouped(budget)]);
    Report { table, brotli: total.brotli, budget }
}

/// The kinds of files that the budget is about.
fn is_counted(name: &str) -> bool {
    let kind = Path::new(name).extension().unwrap_or_default();
    ["html", "css", "js", "wasm"].into_iter().any(|counted| kind == counted)
}

/// What the build holds in a second shape is weighed in its first.
fn is_compressed(path: &Path) -> bool {
    path.extension().is_some_and(|kind| compress::EXTENSIONS.iter().any(|compressed| kind == *compressed))
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

fn weigh(bytes: &[u8]) -> Result<Weight> {
    Ok(Weight { raw: bytes.len(), gzip: gzip(bytes)?.len(), brotli: brotli(bytes)?.len() })
}

fn budget_of(text: &str) -> Option<usize> {
    let value = text.lines().find_map(|line| line.trim().strip_prefix("brotli_total"))?;
    value.trim_start().strip_prefix('=')?.trim().parse().ok()
}

/// 1234567 as `1,234,567`.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!([0, 999, 1000, 112_640, 1_234_567].map(grouped), ["0", "999", "1,000", "112,640", "1,234,567"]);
    }

    #[test]
    fn the_budget_is_read_past_comments() {
        assert_eq!(budget_of("# brotli_total = 1\nbrotli_total = 112640\n"), Some(112_640));
        assert_eq!(budget_of("brotli_total = many"), None);
        assert_eq!(budget_of(""), None);
    }

    #[test]
    fn only_what_a_first_visit_downloads_counts() {
        let weight = |brotli| Weight { raw: 1, gzip: 1, brotli };
        let names = ["index.html", "a.css", "a.js", "a_bg.wasm", "icon.svg", "robots.txt"];
        let rows = names.map(|name| (name.to_owned(), weight(10)));
        let report = tabulate(&rows, 39);
        assert_eq!(report.brotli, 40);
        assert!(report.brotli > report.budget);
        assert!(report.table.contains("icon.svg (not counted)"), "{}", report.table);
    }

    #[test]
    fn a_file_is_weighed_once() {
        assert!(["a.js.br", "index.html.gz"].iter().all(|name| is_compressed(Path::new(name))));
        assert!(["a.js", "index.html", "_headers"].iter().all(|name| !is_compressed(Path::new(name))));
    }

    #[test]
    fn text_that_repeats_itself_is_compressed() -> Result<()> {
        let Weight { raw, gzip, brotli } = weigh(&[b'a'; 10_000])?;
        assert_eq!(raw, 10_000);
        assert!(gzip < 100 && brotli < 50, "{gzip}, {brotli}");
        Ok(())
    }
}
