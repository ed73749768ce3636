//! Which crate a function comes from, told by its demangled name.

/// The crates that come with the compiler. hashbrown is std's hash map; a dependency may be of the same name.
pub(super) const STANDARD: [&str; 7] =
    ["alloc", "compiler_builtins", "core", "dlmalloc", "hashbrown", "panic_abort", "std"];

/// What the compiler calls the allocator's entry points, which are std's.
const COMPILER: &str = "__rustc";

/// The crate, by the name of its library; `None` where the function's name has none.
pub(super) fn origin(function: &str) -> Option<String> {
    let path = without_hashes(function);
    let name = defining(&path)?;
    Some(if name == COMPILER { "std" } else { name }.to_owned())
}

/// `core[c5930c85a12de822]::fmt` as `core::fmt`: only one of the two manglings has such hashes.
fn without_hashes(name: &str) -> String {
    let mut parts = name.split('[');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(']') {
            Some((hash, rest)) if rest.starts_with("::") && hash.chars().all(|c| c.is_ascii_hexdigit()) => {
                plain.push_str(rest);
            }
            _ => {
                plain.push('[');
                plain.push_str(part);
            }
        }
    }
    plain
}

/// The crate whose source defines what has this path.
fn defining(path: &str) -> Option<&str> {
    if let Some(dropped) = path.strip_prefix("core::ptr::drop_in_place<") {
        // Made by the compiler, from the type: otherwise the standard library would get what all others leave.
        return Some(words(dropped).filter_map(first).find(is_foreign).unwrap_or("core"));
    }
    let Some(inside) = path.strip_prefix('<') else {
        return first(path);
    };
    let (implementor, implemented) = implementation(inside);
    let implementor = defining(bare(implementor));
    let Some(implemented) = implemented else {
        // The built-in types have their functions in core, or, a few, in alloc and std.
        return implementor.or(Some("core"));
    };
    let implemented = defining(implemented);
    // One of the two is of the crate that has the implementation, or no other crate could have it.
    implementor.filter(is_foreign).or(implemented.filter(is_foreign)).or(implementor).or(implemented)
}

fn is_foreign(name: &&str) -> bool {
    !STANDARD.contains(name)
}

/// The `A` and `B` of `A as B>…`; without the second for `A>…`, where the function belongs to the type itself.
fn implementation(text: &str) -> (&str, Option<&str>) {
    let mut depth = 0_usize;
    let mut split = None;
    let mut before = ' ';
    for (at, character) in text.char_indices() {
        match character {
            '<' => depth += 1,
            // The arrow of a function's type; one of the manglings has no `-`.
            '>' if matches!(before, '-' | '.') => {}
            '>' if depth == 0 => {
                return match split {
                    Some(split) => (&text[..split], Some(&text[split + " as ".len()..at])),
                    None => (&text[..at], None),
                };
            }
            '>' => depth -= 1,
            ' ' if depth == 0 && split.is_none() && text[at..].starts_with(" as ") => split = Some(at),
            _ => {}
        }
        before = character;
    }
    (text, None)
}

/// The type that is pointed to, or whose object it is.
fn bare(type_: &str) -> &str {
    let prefixes = ["&", "mut ", "dyn ", "*const ", "*mut "];
    prefixes.into_iter().find_map(|prefix| type_.strip_prefix(prefix)).map_or(type_, bare)
}

/// The first segment of a path that has more than one.
fn first(path: &str) -> Option<&str> {
    let (segment, _) = path.split_once("::")?;
    (!segment.is_empty() && segment.chars().all(|c| c.is_alphanumeric() || c == '_')).then_some(segment)
}

/// The paths that a type is made of.
fn words(type_: &str) -> impl Iterator<Item = &str> {
    type_.split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_comes_from_the_crate_that_defines_it() {
        for (name, expected) in [
            ("leptos::mount::mount_to_body::h0123", Some("leptos")),
            ("a_b::c::{{closure}}::h0123", Some("a_b")),
            ("web_sys::Url::href::__wbg_href_1::h0123 externref shim", Some("web_sys")),
            ("alloc::vec::Vec<T,A>::reserve::h0123", Some("alloc")),
            ("tachys::view::<impl tachys::view::Render for F>::build::h0123", Some("tachys")),
            ("core[c593]::str::from_utf8[1]", Some("core")),
            ("__rustc[1a2b]::__rdl_alloc", Some("std")),
            ("memcpy", None),
            ("__wbindgen_malloc", None),
            ("Closure(Closure { owned: true }) -> Externref externref shim", None),
            ("", None),
        ] {
            assert_eq!(origin(name).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn an_implementation_comes_from_the_type_or_else_from_the_trait() {
        for (name, expected) in [
            ("<leptos::View<T> as tachys::Render>::build::h0123", "leptos"),
            ("<alloc::vec::Vec<T> as tachys::Render>::build::h0123", "tachys"),
            ("<alloc::vec::Vec<leptos::View> as tachys::Render>::build", "tachys"),
            ("<alloc::string::String as core::fmt::Write>::write_str", "alloc"),
            ("<T as reactive_graph::traits::Set>::set::h0123", "reactive_graph"),
            ("<T as core::any::Any>::type_id::h0123", "core"),
            ("<(A,B) as tachys::Attribute>::build", "tachys"),
            ("<&str as tachys::class::IntoClass>::build", "tachys"),
            ("<&mut dyn leptos::A as core::fmt::Debug>::fmt", "leptos"),
            ("<fn() -> a::B as c::D>::e", "c"),
            ("<alloc::boxed::Box<dyn Fn()+Output .> a::B> as c::D>::e", "c"),
            ("<<a::B as core::C>::D as core::E>::f", "a"),
            ("<dlmalloc[e24a]::Dlmalloc<dlmalloc[e24a]::sys::System>>::malloc", "dlmalloc"),
            ("<[u8]>::starts_with", "core"),
            ("<char>::escape_debug_ext", "core"),
            ("<core[c593]::option::Option<T> as core[c593]::fmt::Debug>::fmt", "core"),
        ] {
            assert_eq!(origin(name).as_deref(), Some(expected), "{name}");
        }
    }

    #[test]
    fn what_drops_a_value_comes_from_the_first_crate_in_its_type() {
        for (type_, expected) in [
            ("leptos::View", "leptos"),
            ("core::option::Option<alloc::sync::Arc<dyn throw_error::ErrorHook>>", "throw_error"),
            ("(&str,[a::B; 2])", "a"),
            ("alloc::vec::Vec<alloc::string::String>", "core"),
        ] {
            assert_eq!(
                origin(&format!("core::ptr::drop_in_place<{type_}>::h0123")).as_deref(),
                Some(expected),
                "{type_}"
            );
        }
    }
}
