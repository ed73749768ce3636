//! The page: each crate with its share.

use super::Package;
use super::origin::{STANDARD, origin};
use super::wasm::Anatomy;
use crate::build::APP;
use crate::size::grouped;
use std::collections::BTreeMap;

/// How Rust's own crates are licensed.
const STANDARD_LICENCE: &str = "MIT OR Apache-2.0";

const RULES: &str = "\
The release build is made once more and keeps the names of its functions, which do not count here; the code is the same.
Sizes are those before compression. What a crate weighs after it cannot be told: compression works across all of them.

- A function counts for the crate that its path begins with: generic code for the crate that defines it, not for the one
  that uses it; inlined code for the function that it is part of now.
- `<A as B>::f` counts for the crate of `A`, or for that of `B` where `A` is of the standard library or any type.
- What drops a value counts for the first crate in the value's type that is not of the standard library.
- The names tell no versions: a crate in two of them is one row. The standard library's hash map is hashbrown, too.
";

/// The page as Markdown. The same build makes the same page.
pub(super) fn page(anatomy: &Anatomy<'_>, packages: &[Package], rust: &str) -> String {
    let Anatomy { functions, data, total } = anatomy;
    let known = |library: &String| {
        STANDARD.contains(&library.as_str()) || packages.iter().any(|package| package.library == *library)
    };
    let mut shares: BTreeMap<String, usize> = BTreeMap::new();
    let mut nameless = 0;
    for (name, length) in functions {
        match name.and_then(origin).filter(known) {
            Some(library) => *shares.entry(library).or_default() += length,
            None => nameless += length,
        }
    }
    let code: usize = shares.values().sum();
    let mut rows: Vec<Row> = shares.iter().map(|(library, bytes)| row(library, *bytes, packages, rust)).collect();
    rows.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
    rows.extend([
        Row::other("data: strings and tables", *data),
        Row::other("functions without a crate in their name: glue, arithmetic", nameless),
        Row::other("the rest: types, imports, exports, lengths", total.saturating_sub(code + nameless + data)),
        Row::other("all, without names", *total),
    ]);
    let table: String = rows.iter().map(|row| row.line(*total)).collect();
    let mut without: Vec<&str> = packages
        .iter()
        .filter(|package| !shares.contains_key(&package.library))
        .map(|package| package.name.as_str())
        .collect();
    without.dedup();
    let app = packages.iter().find(|package| package.name == APP).map_or("", |package| package.version.as_str());
    format!(
        "# What the wasm is made of\n\n`cargo xtask crates` has written this page, for version {app} built with Rust \
         {rust}. Nothing checks that it is up to date.\n\n{RULES}\n| crate | version | licence | bytes | share |\n\
         | --- | --- | --- | ---: | ---: |\n{table}\nCompiled, and no function of theirs is in the file: {}.\n",
        without.join(", ")
    )
}

/// A line of the table.
struct Row {
    name: String,
    version: String,
    licence: String,
    bytes: usize,
}

impl Row {
    /// The row of something that is no crate.
    fn other(name: &str, bytes: usize) -> Self {
        Self { name: name.to_owned(), version: String::new(), licence: String::new(), bytes }
    }

    fn line(&self, total: usize) -> String {
        let Self { name, version, licence, bytes } = self;
        format!("| {name} | {version} | {licence} | {} | {} |\n", grouped(*bytes), percent(*bytes, total))
    }
}

/// The row of a crate, in all its versions.
fn row(library: &str, bytes: usize, packages: &[Package], rust: &str) -> Row {
    let packages: Vec<&Package> = packages.iter().filter(|package| package.library == library).collect();
    if packages.is_empty() {
        let version = format!("Rust {rust}");
        return Row { name: library.to_owned(), version, licence: STANDARD_LICENCE.to_owned(), bytes };
    }
    let joined = |part: fn(&Package) -> &str| {
        let mut parts: Vec<&str> = packages.iter().map(|package| part(package)).collect();
        parts.dedup();
        parts.join(", ")
    };
    Row { name: joined(|p| &p.name), version: joined(|p| &p.version), licence: joined(|p| &p.licence), bytes }
}

/// With one decimal, rounded.
fn percent(part: usize, whole: usize) -> String {
    let tenths = (part * 1000 + whole / 2) / whole.max(1);
    format!("{}.{} %", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, version: &str) -> Package {
        let library = name.replace('-', "_");
        Package { name: name.to_owned(), library, version: version.to_owned(), licence: "MIT".to_owned() }
    }

    #[test]
    fn the_rows_make_up_the_whole_and_the_largest_crate_stands_first() {
        let functions = vec![
            (Some("core::fmt::write::h0123"), 100),
            (Some("a_b::c::h0123"), 150),
            (Some("<a_b::D as core::fmt::Debug>::fmt::h0123"), 100),
            (Some("unheard::of::h0123"), 30),
            (Some("memcpy"), 15),
            (None, 5),
        ];
        let anatomy = Anatomy { functions, data: 400, total: 1000 };
        let packages = [package("a-b", "1.0.0"), package("a-b", "2.0.0"), package("c", "3.0.0"), package(APP, "0.1.0")];
        let page = page(&anatomy, &packages, "1.95.0");
        let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| ")).skip(2).collect();
        assert_eq!(
            rows,
            [
                "| a-b | 1.0.0, 2.0.0 | MIT | 250 | 25.0 % |",
                "| core | Rust 1.95.0 | MIT OR Apache-2.0 | 100 | 10.0 % |",
                "| data: strings and tables |  |  | 400 | 40.0 % |",
                "| functions without a crate in their name: glue, arithmetic |  |  | 50 | 5.0 % |",
                "| the rest: types, imports, exports, lengths |  |  | 200 | 20.0 % |",
                "| all, without names |  |  | 1,000 | 100.0 % |",
            ]
        );
        assert!(page.contains("for version 0.1.0 built with Rust 1.95.0"), "{page}");
        assert!(page.ends_with("is in the file: c, indee-admin-sso.\n"), "{page}");
    }

    #[test]
    fn shares_are_rounded() {
        for (part, whole, expected) in
            [(0, 7, "0.0 %"), (1, 3, "33.3 %"), (2, 3, "66.7 %"), (7, 7, "100.0 %"), (0, 0, "0.0 %")]
        {
            assert_eq!(percent(part, whole), expected);
        }
    }
}
