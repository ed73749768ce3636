//! `cargo xtask finish`, which Trunk calls at the end of every build: makes the page and its files complete.

mod boot;
pub(crate) mod compress;
mod headers;
mod names;
mod page;
mod script;

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// Finishes the build that Trunk has staged. The environment says where and which, as documented for its hooks.
pub(crate) fn finish() -> Result<()> {
    let staging = folder("TRUNK_STAGING_DIR")?;
    let is_release = std::env::var_os("TRUNK_PROFILE").is_some_and(|profile| profile == "release");
    page::finish(&staging, is_release)?;
    if !is_release {
        return Ok(());
    }
    headers::finish(&staging, &beside(&folder("TRUNK_DIST_DIR")?)?)?;
    // Last, since it copies what is there.
    compress::finish(&staging)
}

/// A folder that Trunk names.
fn folder(variable: &str) -> Result<PathBuf> {
    let folder = std::env::var_os(variable).map(PathBuf::from);
    folder.with_context(|| format!("Trunk calls this, in each build, and says in {variable} where it stands"))
}

/// Where nginx's part goes: `dist-nginx` beside `dist`, which Trunk empties and servers serve.
fn beside(dist: &Path) -> Result<PathBuf> {
    let name = dist.file_name().and_then(|name| name.to_str());
    let name = name.with_context(|| format!("{} has no name", dist.display()))?;
    Ok(dist.with_file_name(format!("{name}-nginx")))
}

/// Reads a text file.
fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Reads a file.
fn read_bytes(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Removes a file.
fn remove(path: &Path) -> Result<()> {
    std::fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()))
}

/// Writes a file.
fn write(path: &Path, content: impl AsRef<[u8]>) -> Result<()> {
    std::fs::write(path, content).with_context(|| format!("cannot write {}", path.display()))
}
