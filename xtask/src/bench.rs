//! `cargo xtask bench`: how long a sign-in takes in real Chromium. The measuring is a program of its own, in `bench/`.

use crate::build::{self, DIST};
use crate::run;
use crate::setup;
use crate::test::Temporary;
use anyhow::{Context, Result};

/// Builds the app unless other builds are named, then hands over to the program; it reads the arguments.
pub(crate) fn bench(arguments: &[&str]) -> Result<()> {
    let is_help = arguments.iter().any(|argument| ["--help", "-h"].contains(argument));
    let mut cargo = run::cargo();
    cargo.args(["run", "--locked", "--quiet", "--package", "bench", "--"]).args(arguments);
    if !is_help {
        if !arguments.contains(&"--dist") {
            build::release()?;
            cargo.env("APP_DIST", std::fs::canonicalize(DIST).with_context(|| format!("cannot find {DIST}/"))?);
        }
        let browser = setup::browser()?;
        cargo.env("CHROMEDRIVER", browser.driver).env("CHROMIUM", browser.chromium);
    }
    let temporary = Temporary::new();
    run::run(cargo.env("TMPDIR", temporary.create()?))
}
