//! The one trace of the builder's machine that no flag of the compiler takes away: `wasm_split_helpers`, which leptos brings,
//! exports a name with the hash of the path that its own manifest had. Nothing reads it in an app that is not split.

use super::{read_bytes, write};
use anyhow::{Context, Result, ensure};
use std::path::Path;

/// What stands before the hash.
const MARKER: &[u8] = b"_WASM_SPLIT_MARKER_";

/// How long the hash is.
const LENGTH: usize = 16;

/// Puts zeros in the place of the hash, in every wasm of the build.
pub(super) fn finish(folder: &Path) -> Result<()> {
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|kind| kind == "wasm") {
            let mut wasm = read_bytes(&path)?;
            remove(&mut wasm).with_context(|| path.display().to_string())?;
            write(&path, wasm)?;
        }
    }
    Ok(())
}

/// The length stays, so the wasm stays valid; names that differed behind the hash still do.
fn remove(wasm: &mut [u8]) -> Result<()> {
    let starts: Vec<usize> = wasm
        .windows(MARKER.len() + LENGTH)
        .enumerate()
        .filter(|(_, window)| window.starts_with(MARKER))
        .map(|(start, _)| start + MARKER.len())
        .filter(|start| wasm[*start..start + LENGTH].iter().all(u8::is_ascii_hexdigit))
        .collect();
    let hash = |start: usize| start..start + LENGTH;
    let is_one = starts.windows(2).all(|pair| wasm[hash(pair[0])] == wasm[hash(pair[1])]);
    ensure!(is_one, "two versions of wasm_split_helpers: their names would be the same without the hash");
    for start in starts {
        wasm[hash(start)].fill(b'0');
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn removed(wasm: &str) -> Result<String> {
        let mut bytes = wasm.as_bytes().to_vec();
        remove(&mut bytes)?;
        Ok(String::from_utf8(bytes)?)
    }

    #[test]
    fn the_hash_goes_and_nothing_else() {
        let wasm = "a_WASM_SPLIT_MARKER_732e786d2a082da8version b_WASM_SPLIT_MARKER_732e786d2a082da8other";
        let same = "a_WASM_SPLIT_MARKER_0000000000000000version b_WASM_SPLIT_MARKER_0000000000000000other";
        assert_eq!(removed(wasm).unwrap(), same);
        for other in ["", "_WASM_SPLIT_MARKER_", "_WASM_SPLIT_MARKER_is not followed by a hash", "732e786d2a082da8"] {
            assert_eq!(removed(other).unwrap(), other);
        }
    }

    #[test]
    fn names_that_would_become_one_are_refused() {
        assert!(
            removed("_WASM_SPLIT_MARKER_732e786d2a082da8version _WASM_SPLIT_MARKER_93ac8f5642453545version").is_err()
        );
    }
}
