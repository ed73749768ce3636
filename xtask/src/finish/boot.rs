//! The boot step (`boot/`): built, and made into a script that the page can carry along.

use super::names::{self, MODULE};
use super::{read, read_bytes};
use crate::run;
use anyhow::{Context, Result};
use std::path::PathBuf;

const CRATE: &str = "indee-admin-sso-boot";
const LIBRARY: &str = "indee_admin_sso_boot";
const WASM: &str = "wasm32-unknown-unknown";
/// What the boot step exports: what is to be run, and what may be asked afterwards.
const ENTRY: &str = "boot";
const QUESTION: &str = "is_login";

/// The boot step as a JavaScript expression, and the text of the string that stands in it for [`BYTES`]. The expression is a
/// function without arguments; it returns a list of what the entry returned and of the question.
pub(super) struct Boot {
    pub(super) function: String,
    pub(super) bytes: String,
}

/// What stands in the function until comments have been taken out.
pub(super) const BYTES: &str = "{{boot_wasm}}";

/// Builds the boot step, for release or not.
pub(super) fn build(is_release: bool) -> Result<Boot> {
    let profile = if is_release { "release" } else { "dev" };
    let mut cargo = run::cargo();
    cargo.args(["build", "--locked", "--quiet", "--package", CRATE, "--target", WASM, "--profile", profile]);
    run::run(&mut cargo)?;
    let folder = if is_release { "release" } else { "debug" };
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    let output = target.join("boot").join(folder);
    let mut bindgen = run::command(run::which("wasm-bindgen").context("wasm-bindgen is missing: `cargo xtask setup`")?);
    bindgen.args(["--target", "bundler", "--no-typescript", "--remove-name-section", "--remove-producers-section"]);
    run::run(
        bindgen.arg("--out-dir").arg(&output).arg(target.join(WASM).join(folder).join(format!("{LIBRARY}.wasm"))),
    )?;
    let js = read(&output.join(format!("{LIBRARY}_bg.js")))?;
    embed(&read_bytes(&output.join(format!("{LIBRARY}_bg.wasm")))?, &js)
}

/// A function that compiles and runs the wasm where it stands: nothing is loaded, nothing is waited for.
fn embed(wasm: &[u8], js: &str) -> Result<Boot> {
    // Under their long names still, as in the rest of it. Not every wasm has something to be done first.
    let run = format!("const run = () => {{ wasm.__wbindgen_start?.(); return [{ENTRY}(), {QUESTION}]; }};");
    let short = names::shorten(wasm, &format!("\n{js}\n{run}"), "")?;
    // Not a module any more.
    let glue = short.js.replace("\nexport function ", "\nfunction ");
    let imports = short.imports.join(", ");
    let function = format!(
        "() => {{\n{glue}\n\
         const text = \"{BYTES}\";\n\
         const bytes = new Uint8Array(text.length);\n\
         for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);\n\
         wasm = new WebAssembly.Instance(new WebAssembly.Module(bytes), {{ {MODULE}: {{ {imports} }} }}).exports;\n\
         return run();\n}}"
    );
    Ok(Boot { function, bytes: text_of(&short.wasm) })
}

/// Bytes as the text of a JavaScript string, one character for each, whose code is the byte, or ends in it. Brotli sees
/// through this as it does not through base64, where three bytes become four characters.
fn text_of(bytes: &[u8]) -> String {
    let character = |byte: &u8| match byte {
        // What means something in a JavaScript string or in HTML, or does not survive its parser: moved up by 256, and cut
        // off again by the array of bytes.
        0 | b'\n' | b'\r' | b'"' | b'\\' | b'<' => char::from_u32(256 + u32::from(*byte)).unwrap_or_default(),
        byte => char::from(*byte),
    };
    bytes.iter().map(character).collect()
}
