//! The release build of the app.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use crate::{run, setup, size};
use anyhow::Result;

/// The app's package, and its program.
pub(crate) const APP: &str = "indee-admin-sso";

/// Where the release build goes, from the workspace root. `Trunk.toml` says the same.
pub(crate) const DIST: &str = "dist";

/// Where all that the build with names makes goes, so that neither build undoes the other.
const NAMED: &str = "target/named";

/// Tells `cargo xtask finish`, through Trunk, to leave the names in the wasm.
pub(crate) const KEEP_NAMES: &str = "XTASK_KEEP_NAMES";

/// `cargo xtask build`: builds, and shows what was built.
pub(crate) fn build() -> Result<()> {
    release()?;
    println!("{}", size::report()?.table);
    println!("The app is in {DIST}/.");
    Ok(())
}

/// Builds the app for release. Cargo and Trunk know what is fresh, so this is quick when nothing has changed.
pub(crate) fn release() -> Result<()> {
    run::run(&mut trunk(short_paths())?)
}

/// The same build, but its functions keep their names; in a folder of its own, which is returned.
pub(crate) fn with_names() -> Result<PathBuf> {
    let target = env::current_dir()?.join(NAMED);
    let dist = Path::new(NAMED).join(DIST);
    // Nothing else that the profile strips may stay: where wasm-bindgen finds the list of the target's features, it
    // makes other glue.
    let flags = short_paths().into_iter().chain(["-Clink-arg=--keep-section=name".to_owned()]).collect();
    let mut build = trunk(flags)?;
    run::run(build.arg("--dist").arg(&dist).env("CARGO_TARGET_DIR", target).env(KEEP_NAMES, ""))?;
    Ok(dist)
}

/// Trunk, about to build for release with these compiler flags.
fn trunk(flags: Vec<String>) -> Result<Command> {
    let mut build = run::command(setup::trunk()?);
    // Trunk takes NO_COLOR=1 for a wrong argument.
    build.env_remove("NO_COLOR").args(["build", "--release", "--locked", "--offline"]);
    // For the app alone: this very program, which Trunk calls at the end, would be built anew for other flags.
    build.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags.join(" "));
    Ok(build)
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
