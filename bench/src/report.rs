//! Tables for people, and all values for programs.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};

use crate::measure::{Block, Figures, Unit};
use crate::statistics::Summary;

/// Where the tables stand, from the workspace root.
const DOCUMENT: &str = "docs/performance.md";

/// Where every value goes.
const VALUES: &str = "target/bench.json";

/// What stands between these two lines of the document is written here, everything else by hand.
const BEGIN: &str = "<!-- Written by `cargo xtask bench --write` from here -->";
const END: &str = "<!-- to here. -->";

/// Prints and keeps what was measured.
pub(crate) fn finish(figures: &Figures, write: bool) -> Result<()> {
    let text = tables(figures);
    println!("{text}");
    std::fs::write(VALUES, figures.json().to_string()).with_context(|| format!("cannot write {VALUES}"))?;
    println!("Every value is in {VALUES}.");
    if write {
        let document = std::fs::read_to_string(DOCUMENT).with_context(|| format!("cannot read {DOCUMENT}"))?;
        let document =
            replaced(&document, &text).with_context(|| format!("{DOCUMENT} has no lines `{BEGIN}` and `{END}`"))?;
        std::fs::write(DOCUMENT, document).with_context(|| format!("cannot write {DOCUMENT}"))?;
        println!("The tables are in {DOCUMENT}.");
    }
    Ok(())
}

/// All tables.
fn tables(figures: &Figures) -> String {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let mut text = format!(
        "{}, {processors} processors. Medians of {} sign-ins (smallest–largest).\n",
        figures.browser, figures.runs
    );
    // Writing to a string cannot fail.
    if let Some(Summary { minimum, maximum, .. }) = Summary::of(&figures.loads) {
        let _ =
            writeln!(text, "Programs that wanted to run meanwhile, this one's among them: {minimum:.1}–{maximum:.1}.");
    }
    for block in &figures.blocks {
        let _ = write!(text, "\n{}", self::block(block, &figures.pages));
    }
    text
}

/// The table of one condition. The floor is the last page, and all others are compared with it.
pub(crate) fn block(block: &Block, pages: &[String]) -> String {
    let compared = pages.len().saturating_sub(1);
    let mut text = format!("### {}\n\n|  |", block.title);
    let ratios: Vec<String> = pages.iter().take(compared).map(|page| format!("{page} ÷ floor")).collect();
    for title in pages.iter().chain(&ratios) {
        let _ = write!(text, " {title} |");
    }
    text.push_str("\n| --- |");
    text.push_str(&" ---: |".repeat(pages.len() + compared));
    text.push('\n');
    for (index, measure) in block.measures.iter().enumerate() {
        let summaries: Vec<Option<Summary>> = block.values.iter().map(|page| Summary::of(page.get(index)?)).collect();
        let _ = write!(text, "| {} |", measure.title);
        for summary in &summaries {
            let _ =
                write!(text, " {} |", summary.map_or_else(|| "–".to_owned(), |summary| cell(summary, measure.unit)));
        }
        let floor = summaries.last().copied().flatten();
        for summary in summaries.iter().take(compared) {
            let ratio = summary.zip(floor).and_then(|(summary, floor)| summary.ratio_to(floor));
            let _ = write!(text, " {} |", ratio.map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}")));
        }
        text.push('\n');
    }
    text
}

/// The median, and the ends where they are not the same.
fn cell(summary: Summary, unit: Unit) -> String {
    let [median, minimum, maximum] = [summary.median, summary.minimum, summary.maximum].map(|value| shown(value, unit));
    if minimum == maximum { median } else { format!("{median} ({minimum}–{maximum})") }
}

fn shown(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Milliseconds if value.abs() < 100.0 => format!("{value:.1}"),
        Unit::Milliseconds | Unit::Bytes | Unit::Count => grouped(&format!("{value:.0}")),
    }
}

/// 1234567 as 1,234,567.
fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) && !text.ends_with('-') {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The document with other tables; `None` where it has no place for them.
fn replaced(document: &str, tables: &str) -> Option<String> {
    let (before, rest) = document.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n\n{}\n\n{END}{after}", tables.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Measure;

    const MEASURES: &[Measure] = &[
        Measure { name: "a_ms", title: "A, ms", unit: Unit::Milliseconds },
        Measure { name: "b", title: "B", unit: Unit::Bytes },
    ];

    #[test]
    fn a_table_compares_every_page_with_the_floor() {
        let values = vec![
            vec![vec![30.0, 10.0, 20.0], vec![123_456.0; 3]],
            vec![vec![1000.0, 1100.0, 1200.0], vec![]],
            vec![vec![10.0; 3], vec![1000.0; 3]],
        ];
        let one = Block { name: "warm", title: "Warm", measures: MEASURES, values };
        let pages = ["app", "other", "floor"].map(str::to_owned);
        let expected = "\
### Warm

|  | app | other | floor | app ÷ floor | other ÷ floor |
| --- | ---: | ---: | ---: | ---: | ---: |
| A, ms | 20.0 (10.0–30.0) | 1,100 (1,000–1,200) | 10.0 | 2.00 | 110.00 |
| B | 123,456 | – | 1,000 | 123.46 | – |
";
        assert_eq!(block(&one, &pages), expected);
    }

    #[test]
    fn the_tables_begin_with_what_they_come_from() {
        let mut figures = Figures {
            browser: "Chrome 1".to_owned(),
            runs: 15,
            loads: vec![3.04, 1.0],
            pages: vec!["app".to_owned(), "floor".to_owned()],
            blocks: vec![Block { name: "warm", title: "Warm", measures: MEASURES, values: Vec::new() }],
        };
        let text = tables(&figures);
        assert!(text.starts_with("Chrome 1, "), "{text}");
        assert!(text.contains("of 15 sign-ins") && text.contains(": 1.0–3.0.\n\n### Warm\n"), "{text}");
        figures.loads.clear();
        assert!(!tables(&figures).contains("meanwhile"));
    }

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!(["0", "999", "1000", "-100", "1234567"].map(grouped), ["0", "999", "1,000", "-100", "1,234,567"]);
    }

    #[test]
    fn only_what_stands_between_the_marks_is_replaced() {
        let document = format!("By hand.\n\n{BEGIN}\nold\n{END}\n\nBy hand.\n");
        let expected = format!("By hand.\n\n{BEGIN}\n\nnew\n\n{END}\n\nBy hand.\n");
        assert_eq!(replaced(&document, "new\n").as_deref(), Some(expected.as_str()));
        assert_eq!(replaced(&expected, "new").as_deref(), Some(expected.as_str()));
        assert_eq!(replaced("no marks", "new"), None);
    }
}
