//! Each file once more as servers send it: compressed as well as can be, once, and not for every visitor.

use super::{read_bytes, write};
use anyhow::{Context, Result};
use flate2::{Compression, GzBuilder};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// What such files are called, behind the whole name of the file.
pub(crate) const EXTENSIONS: [&str; 2] = ["br", "gz"];

/// The kinds of files that a browser asks for.
const KINDS: [&str; 5] = ["css", "html", "js", "svg", "wasm"];

/// Writes `<file>.br` and `<file>.gz` beside each file that becomes smaller.
pub(super) fn finish(folder: &Path) -> Result<()> {
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        if !path.extension().is_some_and(|kind| KINDS.iter().any(|known| kind == *known)) {
            continue;
        }
        let content = read_bytes(&path)?;
        for (extension, compressed) in EXTENSIONS.into_iter().zip([brotli(&content)?, gzip(&content)?]) {
            if compressed.len() < content.len() {
                write(&beside(&path, extension), compressed)?;
            }
        }
    }
    Ok(())
}

fn beside(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    name.into()
}

/// As small as brotli makes it.
pub(crate) fn brotli(content: &[u8]) -> Result<Vec<u8>> {
    let mut compressed = Vec::new();
    let best = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    brotli::BrotliCompress(&mut &*content, &mut compressed, &best)?;
    Ok(compressed)
}

/// As small as gzip makes it, and without a time: the same content is the same file.
pub(crate) fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut gzip = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    gzip.write_all(content)?;
    Ok(gzip.finish()?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::io::Read as _;

    #[test]
    fn what_shrinks_is_written_and_can_be_read_back() {
        let folder = std::env::temp_dir().join(format!("xtask-compress-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let text = "a page that repeats itself ".repeat(20);
        for (name, content) in [("a.html", text.as_str()), ("b.svg", "x"), ("_headers", &text)] {
            write(&folder.join(name), content).unwrap();
        }
        finish(&folder).unwrap();
        let mut names: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["_headers", "a.html", "a.html.br", "a.html.gz", "b.svg"]);

        let mut plain = String::new();
        let gzip = read_bytes(&folder.join("a.html.gz")).unwrap();
        flate2::read::GzDecoder::new(&*gzip).read_to_string(&mut plain).unwrap();
        assert_eq!(plain, text);
        assert_eq!(gzip[4..8], [0; 4], "a time");
        let mut plain = Vec::new();
        brotli::BrotliDecompress(&mut &*read_bytes(&folder.join("a.html.br")).unwrap(), &mut plain).unwrap();
        assert_eq!(plain, text.as_bytes());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
