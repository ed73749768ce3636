//! `cargo xtask tidy`: the invariants of the source that a program can check, one rule each.
//!
//! The rules look at lines of text, not at syntax: comments are blanked first and unit tests are told apart, which is
//! all that they need in source that `cargo fmt` has laid out. They catch slips, not malice.

mod layers;
mod project;
mod secrets;
mod source;
mod words;

use crate::run;
use anyhow::{Result, bail};
use source::File;
use std::fmt;

/// One invariant.
struct Rule {
    /// What holds, in a few words.
    name: &'static str,
    /// Why, in one line.
    reason: &'static str,
    /// Every place where it does not hold.
    offences: fn(&[File]) -> Vec<Offence>,
}

/// A place where a rule is broken.
#[derive(Debug, PartialEq)]
struct Offence {
    path: String,
    /// Counted from one; `None` where the whole file is meant.
    line: Option<usize>,
    what: String,
}

impl fmt::Display for Offence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, what } = self;
        match line {
            Some(line) => write!(f, "{path}:{line}: {what}"),
            None => write!(f, "{path}: {what}"),
        }
    }
}

fn rules() -> impl Iterator<Item = &'static Rule> {
    [layers::RULES, words::RULES, secrets::RULES, project::RULES].into_iter().flatten()
}

/// Checks every rule against the files of the work tree, those that are not committed yet among them.
pub(crate) fn tidy() -> Result<()> {
    let files = source::work_tree()?;
    let mut broken = 0;
    for rule in rules() {
        run::go_on()?;
        let offences = (rule.offences)(&files);
        if offences.is_empty() {
            continue;
        }
        broken += 1;
        println!("{}, because {}:", rule.name, rule.reason);
        for offence in offences {
            println!("  {offence}");
        }
    }
    let all = rules().count();
    if broken > 0 {
        bail!("{broken} of {all} rules are broken");
    }
    println!("tidy: {all} rules hold in {} files", files.len());
    Ok(())
}

/// What the rules' own tests use.
#[cfg(test)]
mod testing {
    use super::{File, Offence, rules};

    /// The places, as `path:line`, where a rule is broken by these files.
    pub(super) fn broken(rule: &str, files: &[(&str, &str)]) -> Vec<String> {
        let files: Vec<File> = files.iter().map(|(path, text)| File::new(path, text)).collect();
        let found = rules().find(|known| known.name == rule).map(|rule| (rule.offences)(&files));
        let place = |Offence { path, line, .. }: Offence| match line {
            Some(line) => format!("{path}:{line}"),
            None => path,
        };
        found.into_iter().flatten().map(place).collect()
    }

    #[test]
    fn every_rule_has_a_name_of_its_own() {
        let mut names: Vec<_> = rules().map(|rule| rule.name).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
