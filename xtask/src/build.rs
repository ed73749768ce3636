//! The release build of the app.

use std::path::PathBuf;
use std::{env, fs};

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
    // For the app alone: this very program, which Trunk calls at the end, would be built anew for other flags.
    build.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", short_paths().join(" "));
    run::run(&mut build)
}

/// Compiler flags that leave the builder's folders out of the app: panics name the source file, so without these a user
/// downloads the path of every crate on the machine that built it, and no two machines build the same bytes.
fn short_paths() -> Vec<String> {
    let cargo_home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo")));
    let registries = cargo_home.and_then(|home| fs::read_dir(home.join("registry/src")).ok());
    registries
        .into_iter()
        .flatten()
        .filter_map(|registry| Some(format!("--remap-path-prefix={}/=", registry.ok()?.path().to_str()?)))
        // Cargo splits this variable at spaces; a folder with one keeps its path.
        .filter(|flag| !flag.contains(' '))
        .collect()
}
