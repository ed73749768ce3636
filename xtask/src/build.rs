//! The release build of the app.

use crate::{run, setup, size};
use anyhow::Result;

/// Where the release build goes, from the workspace root. `Trunk.toml` says the same.
pub(crate) const DIST: &str = "dist";

/// `cargo xtask build`: builds, and shows what was built.
pub(crate) fn build() -> Result<()> {
    release()?;
    println!("{}", size::report()?.table);
    println!("The app is in {DIST}/.");
    Ok(())
}

/// Builds the app for release. Cargo and Trunk know what is fresh, so this is quick when nothing has changed.
pub(crate) fn release() -> Result<()> {
    let trunk = setup::trunk()?;
    let mut build = run::command(trunk);
    // Trunk takes NO_COLOR=1 for a wrong argument.
    build.env_remove("NO_COLOR").args(["build", "--release", "--locked", "--offline"]);
    run::run(&mut build)
}
