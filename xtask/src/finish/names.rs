//! Short names between the wasm and its JavaScript.
//!
//! wasm-bindgen names each function that the two call each other by after what it does and with a hash, which no
//! compression makes smaller, and each stands in both files. Nobody reads them in a browser, so they become `_0`, `_1`, …
//!
//! One name went further: `wasm_split_helpers`, which leptos brings, exports one with a hash of the path of its own manifest.
//! It was the one trace of the builder's machine that no flag of the compiler takes away.

use anyhow::{Context, Result};
use std::borrow::Cow;
use std::collections::HashMap;
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{ExportSection, ImportSection, Module, RawSection};
use wasmparser::{Parser, Payload};

/// What both files call the module that the wasm imports from.
pub(super) const MODULE: &str = "_";

/// Both files with short names, and the functions that the wasm imports.
pub(super) struct Shortened {
    pub(super) wasm: Vec<u8>,
    pub(super) js: String,
    /// The names of the imported functions, as they stand in both files now.
    pub(super) imports: Vec<String>,
}

/// Renames what wasm-bindgen named. What the app itself exports keeps its name, since the page calls it.
///
/// Of the sections that are no code, only the one called `kept` stays.
pub(super) fn shorten(wasm: &[u8], js: &str, kept: &str) -> Result<Shortened> {
    let mut names = Names::default();
    let mut modules = Vec::new();
    let mut imports = Vec::new();
    let mut output = Module::new();
    let mut encoder = RoundtripReencoder;
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.context("not a wasm module")?;
        match &payload {
            Payload::ImportSection(section) => {
                let mut renamed = ImportSection::new();
                for import in section.clone().into_imports() {
                    let import = import?;
                    let name = names.short(import.name);
                    renamed.import(MODULE, &name, encoder.entity_type(import.ty)?);
                    modules.push(import.module);
                    imports.push(name.into_owned());
                }
                output.section(&renamed);
            }
            Payload::ExportSection(section) => {
                let mut renamed = ExportSection::new();
                for export in section.clone() {
                    let export = export?;
                    let kind = encoder.export_kind(export.kind)?;
                    renamed.export(&names.short(export.name), kind, export.index);
                }
                output.section(&renamed);
            }
            // Notes for tools.
            Payload::CustomSection(section) if section.name() != kept => {}
            other => {
                if let Some((id, range)) = other.as_section() {
                    let range = usize::try_from(range.start)?..usize::try_from(range.end)?;
                    let data = wasm.get(range).context("a section that is cut off")?;
                    output.section(&RawSection { id, data });
                }
            }
        }
    }
    let mut js = names.replace(js);
    for module in modules {
        js = js.replace(&format!("\"{module}\""), &format!("\"{MODULE}\""));
    }
    Ok(Shortened { wasm: output.finish(), js, imports })
}

/// The short names given so far.
#[derive(Default)]
struct Names<'a> {
    short: HashMap<&'a str, String>,
}

impl<'a> Names<'a> {
    /// The name to use. Names without these are the app's own, or words of JavaScript as well, such as `memory`.
    fn short(&mut self, name: &'a str) -> Cow<'a, str> {
        if !name.contains("__") && !name.starts_with('_') {
            return name.into();
        }
        let next = format!("_{}", self.short.len());
        self.short.entry(name).or_insert(next).clone().into()
    }

    /// Replaces each name wherever it stands as a whole word.
    fn replace(&self, js: &str) -> String {
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$');
        let mut replaced = String::with_capacity(js.len());
        let mut rest = js;
        while !rest.is_empty() {
            let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            replaced.push_str(self.short.get(word).map_or(word, String::as_str));
            let next = after.find(is_word).unwrap_or(after.len());
            let (between, after) = after.split_at(next);
            replaced.push_str(between);
            rest = after;
        }
        replaced
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use wasm_encoder::{CodeSection, EntityType, ExportKind, Function, FunctionSection, TypeSection};

    /// Imports two functions, exports one of its own three times.
    fn module(split_marker: &str) -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let mut imports = ImportSection::new();
        imports.import("./app_bg.js", "__wbg_fetch_0123456789abcdef", EntityType::Function(0));
        imports.import("./app_bg.js", "__wbg_fetch_fedcba9876543210", EntityType::Function(0));
        let mut functions = FunctionSection::new();
        functions.function(0);
        let mut exports = ExportSection::new();
        exports.export("start", ExportKind::Func, 2).export("__wbindgen_malloc", ExportKind::Func, 2);
        exports.export(split_marker, ExportKind::Func, 2);
        let mut code = CodeSection::new();
        let mut body = Function::new([]);
        body.instructions().call(0).call(1).end();
        code.function(&body);
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions).section(&exports).section(&code);
        module.finish()
    }

    fn names(wasm: &[u8]) -> (Vec<String>, Vec<String>) {
        let (mut imports, mut exports) = (Vec::new(), Vec::new());
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.unwrap() {
                Payload::ImportSection(section) => imports.extend(section.into_imports().map(|import| {
                    let import = import.unwrap();
                    format!("{}.{}", import.module, import.name)
                })),
                Payload::ExportSection(section) => {
                    exports.extend(section.into_iter().map(|export| export.unwrap().name.to_owned()));
                }
                _ => {}
            }
        }
        (imports, exports)
    }

    #[test]
    fn both_files_get_the_same_short_names() {
        let js = "x = {\"./app_bg.js\": {__wbg_fetch_0123456789abcdef() {}, __wbg_fetch_fedcba9876543210() {}}};\n\
                  wasm.start(wasm.__wbindgen_malloc); // __wbindgen_malloc_not";
        let shortened = shorten(&module("_MARKER_732e786d"), js, "").unwrap();
        assert_eq!(shortened.js, "x = {\"_\": {_0() {}, _1() {}}};\nwasm.start(wasm._2); // __wbindgen_malloc_not");
        assert_eq!(shortened.imports, ["_0", "_1"]);
        let (imports, exports) = names(&shortened.wasm);
        assert_eq!(imports, ["_._0", "_._1"]);
        assert_eq!(exports, ["start", "_2", "_3"]);
    }

    #[test]
    fn no_trace_of_a_name_is_left() {
        let built = |marker| shorten(&module(marker), "", "").unwrap().wasm;
        assert_eq!(built("_MARKER_732e786d"), built("_MARKER_93ac8f56"));
    }

    #[test]
    fn what_is_no_module_is_an_error() {
        assert!(shorten(b"<!DOCTYPE html>", "", "").is_err());
        let module = module("_MARKER");
        assert!(shorten(&module[..module.len() - 3], "", "").is_err());
    }
}
