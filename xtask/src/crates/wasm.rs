//! What a wasm file consists of.

use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::ops::Range;
use wasmparser::{KnownCustom, Name, NameSectionReader, Parser, Payload, TypeRef};

/// The parts of a wasm file, in bytes.
#[derive(Debug, PartialEq)]
pub(super) struct Anatomy<'a> {
    /// The functions with their names, where they have one.
    pub(super) functions: Vec<(Option<&'a str>, usize)>,
    /// The section of the data.
    pub(super) data: usize,
    /// Everything, without the section of the names.
    pub(super) total: usize,
}

/// Reads a file that has names.
pub(super) fn anatomy(file: &[u8]) -> Result<Anatomy<'_>> {
    let mut names = None;
    let mut bodies = Vec::new();
    let mut imported = 0_u32;
    let mut data = 0;
    let mut naming = 0;
    let mut end = 0;
    for payload in Parser::new(0).parse_all(file) {
        let payload = payload?;
        let section = section(&payload).map(|range| range.end);
        // From the end of the section before, so that what introduces this one counts as well.
        let length = usize::try_from(section.unwrap_or(end) - end)?;
        end = section.unwrap_or(end);
        match payload {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_) | TypeRef::FuncExact(_)));
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(body.as_bytes().len()),
            Payload::DataSection(_) => data = length,
            Payload::CustomSection(custom) => {
                if let KnownCustom::Name(section) = custom.as_known() {
                    names = Some(function_names(section)?);
                    naming = length;
                }
            }
            _ => {}
        }
    }
    let names = names.context("the functions of this file have no names")?;
    // Imported functions are counted first.
    let functions = (imported..).zip(bodies).map(|(index, length)| (names.get(&index).copied(), length)).collect();
    Ok(Anatomy { functions, data, total: file.len() - naming })
}

/// Where the file's head or a section lies.
fn section(payload: &Payload<'_>) -> Option<Range<u64>> {
    match payload {
        Payload::Version { range, .. } => Some(range.clone()),
        other => other.as_section().map(|(_, range)| range),
    }
}

fn function_names(section: NameSectionReader<'_>) -> Result<BTreeMap<u32, &str>> {
    let mut names = BTreeMap::new();
    for name in section {
        if let Name::Function(functions) = name? {
            for function in functions {
                let function = function?;
                names.insert(function.index, function.name);
            }
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &[u8] = b"\0asm\x01\0\0\0";
    /// One type: without arguments and results.
    const TYPES: &[u8] = b"\x01\x04\x01\x60\0\0";
    /// One function, `a.b`.
    const IMPORTS: &[u8] = b"\x02\x07\x01\x01a\x01b\0\0";
    /// Two functions of the one type.
    const FUNCTIONS: &[u8] = b"\x03\x03\x02\0\0";
    /// The first does nothing, the second does nothing twice.
    const CODE: &[u8] = b"\x0a\x08\x02\x02\0\x0b\x03\0\x01\x0b";
    /// A memory's first bytes: `hi`.
    const DATA: &[u8] = b"\x0b\x08\x01\0\x41\0\x0b\x02hi";
    /// The imported function is `i`, the second of the others `f`.
    const NAMES: &[u8] = b"\0\x0e\x04name\x01\x07\x02\0\x01i\x02\x01f";

    #[test]
    fn functions_get_their_names_and_names_do_not_count() -> Result<()> {
        let file = [HEAD, TYPES, IMPORTS, FUNCTIONS, CODE, DATA, NAMES].concat();
        let total = file.len() - NAMES.len();
        assert_eq!(anatomy(&file)?, Anatomy { functions: vec![(None, 2), (Some("f"), 3)], data: DATA.len(), total });
        Ok(())
    }

    #[test]
    fn a_file_without_names_and_what_is_no_wasm_are_refused() {
        assert!(anatomy(&[HEAD, TYPES].concat()).is_err_and(|error| error.to_string().contains("no names")));
        assert!(anatomy(b"<!doctype html>").is_err());
        assert!(anatomy(&[HEAD, TYPES, IMPORTS, FUNCTIONS, &CODE[..5]].concat()).is_err());
    }
}
