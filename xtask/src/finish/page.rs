//! The page: the app's files under names that follow from their content, and the script that starts them.

use super::{boot, names, read, read_bytes, remove, script, write};
use crate::build;
use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256, Sha384};
use std::fs;
use std::path::Path;

/// The scripts that go into the page, in this order.
const LOAD: &str = "src/load.js";
const START: &str = "src/start.js";

/// What `pattern_script` in `Trunk.toml` leaves in the page.
struct Mark<'a> {
    /// The element, as it stands in the page.
    element: &'a str,
    js: &'a str,
    wasm: &'a str,
}

/// Makes the app's files small, gives them names, and puts the script into the page.
pub(super) fn finish(folder: &Path, is_release: bool) -> Result<()> {
    let kept = if std::env::var_os(build::KEEP_NAMES).is_some() { "name" } else { "" };
    let path = folder.join("index.html");
    let page = read(&path)?;
    let mark = Mark::find(&page).context("index.html has no mark of `pattern_script` (Trunk.toml)")?;
    let (js, wasm) = (folder.join(mark.js), folder.join(mark.wasm));
    let short = names::shorten(&read_bytes(&wasm)?, &read(&js)?, kept)?;
    remove(&js)?;
    remove(&wasm)?;
    let stripped = |js: &str| if is_release { script::strip(js) } else { js.to_owned() };
    let js = Asset::write(folder, "app", "js", script::eager(&stripped(&short.js)).as_bytes())?;
    let wasm = Asset::write(folder, "app", "wasm", &short.wasm)?;

    let boot = boot::build(is_release)?;
    let files = [("{{js}}", js.target.as_str()), ("{{wasm}}", &wasm.target), ("{{wasm_integrity}}", &wasm.integrity)];
    let load = stripped(&fill(&read(Path::new(LOAD))?, &files)?);
    let start = script::eager(&stripped(&fill(&read(Path::new(START))?, &[("\"{{boot}}\"", &boot.function)])?));
    let start = fill(&start, &[(boot::BYTES, &boot.bytes)])?;
    ensure!(!start.contains("</"), "the script would end too early");
    let page = page.replacen(mark.element, &format!("<script>{load}</script>\n<script>{start}</script>"), 1);
    write(&path, pad_hashes(folder, page)?)
}

/// Gives the files that Trunk has named hashes of 16 digits, by which hosts know what they may keep: it leaves out leading
/// zeros.
fn pad_hashes(folder: &Path, mut page: String) -> Result<String> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if let Some(padded) = padded(&name) {
            fs::rename(folder.join(&name), folder.join(&padded)).with_context(|| format!("cannot rename {name}"))?;
            page = page.replace(&name, &padded);
        }
    }
    Ok(page)
}

/// The name with a whole hash; `None` if it has one already, or none at all.
fn padded(name: &str) -> Option<String> {
    let (stem, extension) = name.rsplit_once('.')?;
    let (stem, hash) = stem.rsplit_once('-')?;
    let is_cut = (8..16).contains(&hash.len()) && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_cut.then(|| format!("{stem}-{hash:0>16}.{extension}"))
}

impl<'a> Mark<'a> {
    fn find(page: &'a str) -> Option<Self> {
        let start = page.find("<script type=\"app\"")?;
        let end = start + page[start..].find("</script>")? + "</script>".len();
        let element = &page[start..end];
        let value = |name: &str| {
            let (_, rest) = element.split_once(&format!(" {name}=\""))?;
            Some(rest.split_once('"')?.0)
        };
        Some(Self { element, js: value("data-js")?, wasm: value("data-wasm")? })
    }
}

/// A file of the app.
struct Asset {
    /// Its path on the site.
    target: String,
    /// For the `integrity` of whoever loads it.
    integrity: String,
}

impl Asset {
    /// Writes a file under a name that changes when, and only when, its content does: browsers may keep it for ever.
    fn write(folder: &Path, stem: &str, extension: &str, content: &[u8]) -> Result<Self> {
        let hash: String = Sha256::digest(content).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let name = format!("{stem}-{hash}.{extension}");
        write(&folder.join(&name), content)?;
        let integrity = format!("sha384-{}", STANDARD.encode(Sha384::digest(content)));
        Ok(Self { target: format!("/{name}"), integrity })
    }
}

/// Replaces each mark, which must be there, by its value.
fn fill(template: &str, values: &[(&str, &str)]) -> Result<String> {
    let mut filled = template.to_owned();
    for (mark, value) in values {
        ensure!(filled.contains(mark), "a script of the page has no {mark}");
        filled = filled.replace(mark, value);
    }
    Ok(filled)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_is_found_whole() {
        let page = r#"<head><script type="app" data-js="a.js" data-wasm="a_bg.wasm"></script><title>"#;
        let mark = Mark::find(page).unwrap();
        assert_eq!((mark.js, mark.wasm), ("a.js", "a_bg.wasm"));
        assert_eq!(page.replace(mark.element, ""), "<head><title>");
        for other in ["", r#"<script type="app" data-js="a.js"></script>"#, r#"<script type="app" data-js="a"#] {
            assert!(Mark::find(other).is_none(), "{other}");
        }
    }

    #[test]
    fn every_mark_gets_its_value() {
        assert_eq!(fill("import(\"{{js}}\")", &[("{{js}}", "/a.js")]).unwrap(), "import(\"/a.js\")");
        assert!(fill("", &[("{{js}}", "/a.js")]).is_err());
    }

    #[test]
    fn a_hash_that_lost_its_zeros_gets_them_back() {
        assert_eq!(padded("main-aa3578ed885e12b.css").unwrap(), "main-0aa3578ed885e12b.css");
        for other in ["main-0aa3578ed885e12b.css", "main.css", "app-start.js", "index.html", "_headers"] {
            assert_eq!(padded(other), None, "{other}");
        }
        let folder = std::env::temp_dir().join(format!("xtask-hashes-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("main-aa3578ed885e12b.css"), "a").unwrap();
        let page = pad_hashes(&folder, "href=\"/main-aa3578ed885e12b.css\"".to_owned()).unwrap();
        assert_eq!(page, "href=\"/main-0aa3578ed885e12b.css\"");
        assert!(folder.join("main-0aa3578ed885e12b.css").is_file());
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn the_name_follows_from_the_content() {
        let folder = std::env::temp_dir().join(format!("xtask-page-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let asset = |content: &str| Asset::write(&folder, "app", "js", content.as_bytes()).unwrap();
        let (one, same, other) = (asset("1"), asset("1"), asset("2"));
        assert_eq!(one.target, same.target);
        assert_eq!(std::fs::read(folder.join(one.target.trim_start_matches('/'))).unwrap(), b"1");
        assert_ne!(one.target, other.target);
        assert_ne!(one.integrity, other.integrity);
        assert_eq!(one.target.len(), "/app-0123456789abcdef.js".len());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
