//! The page: the app's files under names that follow from their content, and the script that starts them.

use super::{read, write};
use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256, Sha384};
use std::path::Path;

/// The script that goes into the page.
const SCRIPT: &str = "src/start.js";

/// What `pattern_script` in `Trunk.toml` leaves in the page.
struct Mark<'a> {
    /// The element, as it stands in the page.
    element: &'a str,
    js: &'a str,
    wasm: &'a str,
}

/// Renames the app's files and puts the script into the page.
pub(super) fn finish(folder: &Path) -> Result<()> {
    let path = folder.join("index.html");
    let page = read(&path)?;
    let mark = Mark::find(&page).context("index.html has no mark of `pattern_script` (Trunk.toml)")?;
    let js = rename(folder, mark.js, "app", "js")?;
    let wasm = rename(folder, mark.wasm, "app", "wasm")?;
    let script = fill(
        &script_lines(&read(Path::new(SCRIPT))?),
        &[("js", &js.target), ("wasm", &wasm.target), ("wasm_integrity", &wasm.integrity)],
    )?;
    write(&path, page.replacen(mark.element, &format!("<script>\n{script}</script>"), 1))
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

/// Gives a file a name that changes when, and only when, its content does: browsers may keep it for ever.
fn rename(folder: &Path, name: &str, stem: &str, extension: &str) -> Result<Asset> {
    let path = folder.join(name);
    let content = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let hash: String = Sha256::digest(&content).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let name = format!("{stem}-{hash}.{extension}");
    std::fs::rename(&path, folder.join(&name)).with_context(|| format!("cannot rename {}", path.display()))?;
    let integrity = format!("sha384-{}", STANDARD.encode(Sha384::digest(&content)));
    Ok(Asset { target: format!("/{name}"), integrity })
}

/// The script without comments and indentation, which no user needs to download. A comment has its lines for itself.
fn script_lines(source: &str) -> String {
    let lines = source.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// Replaces `{{name}}` by its value, each of which must be there, and leaves no other.
fn fill(template: &str, values: &[(&str, &str)]) -> Result<String> {
    let mut filled = template.to_owned();
    for (name, value) in values {
        let mark = format!("{{{{{name}}}}}");
        ensure!(filled.contains(&mark), "{SCRIPT} has no {mark}");
        filled = filled.replace(&mark, value);
    }
    ensure!(!filled.contains("{{"), "{SCRIPT} has a {{{{mark}}}} for which there is no value");
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
    fn comments_and_indentation_stay_behind_and_addresses_do_not() {
        let source = "// What it is.\nif (a) {\n  // Why.\n  go(\"https://b\");\n\n}\n";
        assert_eq!(script_lines(source), "if (a) {\ngo(\"https://b\");\n}\n");
    }

    #[test]
    fn every_mark_gets_its_value() {
        assert_eq!(fill("import(\"{{js}}\")", &[("js", "/a.js")]).unwrap(), "import(\"/a.js\")");
        assert!(fill("", &[("js", "/a.js")]).is_err());
        assert!(fill("{{js}} {{other}}", &[("js", "/a.js")]).is_err());
    }

    #[test]
    fn the_name_follows_from_the_content() {
        let folder = std::env::temp_dir().join(format!("xtask-page-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let asset = |content: &str| {
            write(&folder.join("a.js"), content).unwrap();
            rename(&folder, "a.js", "app", "js").unwrap()
        };
        let (one, same, other) = (asset("1"), asset("1"), asset("2"));
        assert_eq!(one.target, same.target);
        assert_eq!(std::fs::read(folder.join(one.target.trim_start_matches('/'))).unwrap(), b"1");
        assert_ne!(one.target, other.target);
        assert_ne!(one.integrity, other.integrity);
        assert_eq!(one.target.len(), "/app-0123456789abcdef.js".len());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
