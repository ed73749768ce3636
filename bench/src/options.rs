//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail, ensure};

use crate::condition::{CONDITIONS, Condition};

/// What `--help` says; the conditions follow.
pub(crate) const USAGE: &str = "\
How long a sign-in takes: cargo xtask bench [options]

  --runs N            Measured sign-ins per condition and page; 15 if not said otherwise.
  --only CONDITION    Only this condition; may be repeated.
  --dist NAME=FOLDER  A release build to measure, instead of building one; may be repeated, to compare builds in one run.
  --write             Put the tables into docs/performance.md as well; not with --only.
  --help              This text.

Raw values go to target/bench.json.

Conditions:
";

/// The name of the page written by hand, in tables.
pub(crate) const FLOOR: &str = "floor";

/// The condition that is none of time.
pub(crate) const MEMORY: &str = "memory";

const RUNS: usize = 15;

/// What was asked for.
#[derive(Debug)]
pub(crate) struct Options {
    /// Measured sign-ins per condition and page.
    pub(crate) runs: usize,
    /// The conditions of time, in their order.
    pub(crate) conditions: Vec<&'static Condition>,
    /// Whether memory is measured as well.
    pub(crate) memory: bool,
    /// Names and folders of the builds.
    pub(crate) builds: Vec<(String, PathBuf)>,
    /// Whether the document is written.
    pub(crate) write: bool,
}

impl Options {
    /// Reads the command line and the environment; `None` where only help is wanted.
    pub(crate) fn parse(arguments: impl Iterator<Item = String>) -> Result<Option<Self>> {
        Self::read(arguments, std::env::var_os("APP_DIST"))
    }

    fn read(mut arguments: impl Iterator<Item = String>, dist: Option<OsString>) -> Result<Option<Self>> {
        let (mut runs, mut only, mut builds, mut write) = (RUNS, Vec::new(), Vec::new(), false);
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().with_context(|| format!("{argument} needs a value"));
            match argument.as_str() {
                "--runs" => runs = value()?.parse().context("--runs needs a number")?,
                "--only" => only.push(value()?),
                "--dist" => builds.push(build(&value()?)?),
                "--write" => write = true,
                "--help" | "-h" => return Ok(None),
                unknown => bail!("`{unknown}` is no option here\n\n{USAGE}"),
            }
        }
        ensure!(runs > 0, "--runs needs a number above zero");
        ensure!(only.is_empty() || !write, "--write with --only would leave a document with some of the tables");
        let is_known = |name: &String| name == MEMORY || CONDITIONS.iter().any(|condition| condition.name == name);
        if let Some(unknown) = only.iter().find(|name| !is_known(name)) {
            bail!("`{unknown}` is no condition: `cargo xtask bench --help` lists them");
        }
        let is_asked = |name: &str| only.is_empty() || only.iter().any(|asked| asked == name);
        if builds.is_empty() {
            let dist = dist.context("neither --dist nor APP_DIST: `cargo xtask bench` sets the latter")?;
            builds.push(("app".to_owned(), dist.into()));
        }
        for (index, (name, _)) in builds.iter().enumerate() {
            ensure!(!builds[..index].iter().any(|(other, _)| other == name), "two builds are called `{name}`");
        }
        Ok(Some(Self {
            runs,
            conditions: CONDITIONS.iter().filter(|condition| is_asked(condition.name)).collect(),
            memory: is_asked(MEMORY),
            builds,
            write,
        }))
    }
}

fn build(value: &str) -> Result<(String, PathBuf)> {
    let (name, folder) = value.split_once('=').context("--dist needs NAME=FOLDER")?;
    ensure!(!name.is_empty() && name != FLOOR, "`{name}` cannot be the name of a build");
    Ok((name.to_owned(), folder.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Option<Options>> {
        Options::read(line.split_whitespace().map(str::to_owned), Some("dist".into()))
    }

    #[test]
    fn without_options_everything_is_measured() {
        let options = read("").unwrap().unwrap();
        assert_eq!((options.runs, options.conditions.len()), (RUNS, CONDITIONS.len()));
        assert!(options.memory && !options.write);
        assert_eq!(options.builds, [("app".to_owned(), "dist".into())]);
    }

    #[test]
    fn conditions_keep_their_order_and_builds_replace_the_usual_one() {
        let options = read("--only cold --only warm --dist a=x --dist b=y --runs 3").unwrap().unwrap();
        let names: Vec<&str> = options.conditions.iter().map(|condition| condition.name).collect();
        assert_eq!(names, ["warm", "cold"]);
        assert_eq!(options.builds, [("a".to_owned(), "x".into()), ("b".to_owned(), "y".into())]);
        assert!(!options.write && !options.memory && options.runs == 3);
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        assert!(read("--write").unwrap().unwrap().write);
        for line in [
            "--write --only warm",
            "--runs",
            "--runs 0",
            "--runs many",
            "--only hot",
            "--dist x",
            "--dist floor=x",
            "--fast",
        ] {
            assert!(read(line).is_err(), "{line}");
        }
        assert!(read("--dist a=x --dist a=y").is_err());
        assert!(Options::read(std::iter::empty(), None).is_err());
        assert!(read("--help").unwrap().is_none());
    }
}
