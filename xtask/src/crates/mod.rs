//! `cargo xtask crates`: which crates the app's wasm is made of, written down in `docs/crates.md`.
//!
//! The page is not checked, because that would take a build for release each time; it says what it was made with.

mod origin;
mod page;
mod wasm;

use crate::{build, run, setup};
use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

const PAGE: &str = "docs/crates.md";

/// Builds the app with the names of its functions and writes the page.
pub(crate) fn crates() -> Result<()> {
    let file = wasm_in(&build::with_names()?)?;
    let bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let anatomy = wasm::anatomy(&bytes).with_context(|| format!("cannot read {} as wasm", file.display()))?;
    let mut rustc = run::command("rustc");
    let rust = run::answer(rustc.arg("--version")).context("`rustc --version` failed")?;
    let rust = rust.split_whitespace().nth(1).context("`rustc --version` says no version")?;
    fs::write(PAGE, page::page(&anatomy, &graph()?, rust)).with_context(|| format!("cannot write {PAGE}"))?;
    println!("{PAGE} is written.");
    Ok(())
}

/// The one wasm file of a build.
fn wasm_in(folder: &Path) -> Result<PathBuf> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files.retain(|path| path.extension() == Some(OsStr::new("wasm")));
    match files.pop() {
        Some(file) if files.is_empty() => Ok(file),
        _ => bail!("there is not exactly one wasm file in {}", folder.display()),
    }
}

/// A package that the app is built from.
#[derive(Debug, PartialEq)]
struct Package {
    name: String,
    /// What the compiler calls it.
    library: String,
    version: String,
    licence: String,
}

/// The packages whose code can be in the wasm: no macros, no build scripts, nothing for tests.
fn graph() -> Result<Vec<Package>> {
    let mut tree = run::cargo();
    tree.args(["tree", "--locked", "--offline", "--package", build::APP, "--target", setup::WASM]);
    tree.args(["--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{lib}|{p}|{l}"]);
    let lines = run::answer(&mut tree).context("`cargo tree` failed")?;
    let mut packages: Vec<Package> = lines.lines().filter_map(package).collect();
    packages.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    packages.dedup();
    Ok(packages)
}

/// Reads `library|name v1.2.3 (where)|licence`, with a mark at the end where the package was named before.
fn package(line: &str) -> Option<Package> {
    let line = line.strip_suffix(" (*)").unwrap_or(line);
    let mut parts = line.split('|');
    let library = parts.next()?.to_owned();
    let mut words = parts.next()?.split_whitespace();
    let name = words.next()?.to_owned();
    let version = words.next()?.strip_prefix('v')?.to_owned();
    Some(Package { name, library, version, licence: parts.next()?.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_read_with_and_without_a_place_and_a_mark() {
        let read = |line| package(line).map(|p| [p.library, p.name, p.version, p.licence].join(" "));
        assert_eq!(read("a_b|a-b v1.2.3+x|MIT OR Apache-2.0"), Some("a_b a-b 1.2.3+x MIT OR Apache-2.0".to_owned()));
        assert_eq!(read("a|a v0.1.0 (/x/a)|MIT (*)"), Some("a a 0.1.0 MIT".to_owned()));
        assert_eq!(read("a|a v0.1.0|"), Some("a a 0.1.0 ".to_owned()));
        assert_eq!(read(""), None);
    }
}
