//! The headers of every answer, decided here and nowhere else: the page's own policy, `_headers` for hosts that read such
//! a file, and fragments for nginx all come from the tables below.
//!
//! In release builds only: what Trunk serves while one develops has a script and a socket of Trunk's own.

use super::{read, write};
use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::path::Path;

/// After this the page may have its policy: nothing has been loaded so far, and the policy is in the first kilobyte.
const CHARSET: &str = "<meta charset=\"utf-8\">";

/// The file that Netlify and Cloudflare Pages read.
pub(super) const HEADERS_FILE: &str = "_headers";

/// Where a script of the page may put markup or code: nowhere. One switch for the case that a browser gets it wrong.
const TRUSTED_TYPES: &[&str] = &["require-trusted-types-for 'script'", "trusted-types 'none'"];

/// What the page may connect to besides its own origin.
#[derive(Clone, Copy)]
enum Api {
    /// Nothing: the API is here, or a step of the deployment adds its origin.
    Here,
    /// What nginx has in a variable: empty, or a space and an origin.
    Variable,
    /// Whatever the page's settings may say (contract §2). For the policy in the page itself, with which those two settings
    /// alone must be enough; hosts that send headers send the tight one as well, and a browser obeys both.
    Configured,
}

impl Api {
    fn sources(self) -> &'static str {
        match self {
            Self::Here => "",
            Self::Variable => "$indee_connect",
            Self::Configured => " http: https:",
        }
    }
}

/// What is answered.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// `index.html`, under whichever path.
    Page,
    /// A file that has a hash in its name.
    Asset,
    /// An answer of the API, which is no document.
    Api,
    /// What is not there, and whatever else nginx itself has to say.
    Missing,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Page, Self::Asset, Self::Api, Self::Missing];

    fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Asset => "asset",
            Self::Api => "api",
            Self::Missing => "missing",
        }
    }

    /// Never `no-store` for the page: a browser's Back button may show it again only without (contract §8).
    fn cache(self) -> &'static str {
        match self {
            Self::Page => "no-cache",
            Self::Asset => "public, max-age=31536000, immutable",
            Self::Api | Self::Missing => "no-store",
        }
    }

    /// Is it shown by itself? What only documents obey need not travel with each file.
    fn is_document(self) -> bool {
        matches!(self, Self::Page | Self::Missing)
    }
}

/// For every answer. `includeSubDomains` is left to the operator: it would speak for hosts that this app knows nothing of.
const EVERYWHERE: [(&str, &str); 4] = [
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Referrer-Policy", "no-referrer"),
    ("Strict-Transport-Security", "max-age=63072000"),
    ("X-Content-Type-Options", "nosniff"),
];

/// For documents, besides the two policies.
const DOCUMENTS: [(&str, &str); 2] = [
    ("Cross-Origin-Opener-Policy", "same-origin"),
    // For browsers that do not know `frame-ancestors`.
    ("X-Frame-Options", "DENY"),
];

/// For the API's answers. One that is opened by itself (a link to an error page in HTML) would else be a document of the app's
/// origin without any policy, since the API's own is not handed on.
const NO_DOCUMENT: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

/// What a page can ask of a device or a person. Chromium warns of names that it does not know, so this is its list.
const POWERS: [&str; 21] = [
    "accelerometer",
    "autoplay",
    "browsing-topics",
    "camera",
    "clipboard-read",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "screen-wake-lock",
    "serial",
    "usb",
    "xr-spatial-tracking",
];

/// Gives the page its policy, and writes the headers: `_headers` into the build, the fragments for nginx into `fragments`,
/// which is no part of the site.
pub(super) fn finish(folder: &Path, fragments: &Path) -> Result<()> {
    let path = folder.join("index.html");
    let page = read(&path)?;
    let scripts = inline_scripts(&page);
    // The policy lets these in, and no other.
    ensure!(!scripts.is_empty(), "index.html has no inline script");
    let hashes: Vec<String> = scripts.into_iter().map(source).collect();
    ensure!(page.contains(CHARSET), "index.html has no {CHARSET}");
    write(&path, page.replacen(CHARSET, &format!("{CHARSET}\n{}", meta(&hashes)), 1))?;

    let mut names: Vec<String> = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.retain(|name| is_hashed(name));
    names.sort();
    write(&folder.join(HEADERS_FILE), headers_file(&hashes, &names))?;

    std::fs::create_dir_all(fragments).with_context(|| format!("cannot create {}", fragments.display()))?;
    for kind in Kind::ALL {
        write(&fragments.join(format!("{}.conf", kind.name())), fragment(kind, &hashes))?;
    }
    Ok(())
}

/// Name and value of every header of such an answer.
fn headers(kind: Kind, hashes: &[String], api: Api) -> Vec<(&'static str, String)> {
    let own = |(name, value): (&'static str, &str)| (name, value.to_owned());
    let mut headers = vec![("Cache-Control", kind.cache().to_owned())];
    headers.extend(EVERYWHERE.map(own));
    if kind.is_document() {
        headers.extend(DOCUMENTS.map(own));
        headers.push(("Content-Security-Policy", format!("{}; frame-ancestors 'none'", policy(hashes, api))));
        headers.push(("Permissions-Policy", POWERS.map(|power| format!("{power}=()")).join(", ")));
    }
    if kind == Kind::Api {
        headers.push(("Content-Security-Policy", NO_DOCUMENT.to_owned()));
    }
    headers.sort_unstable_by_key(|(name, _)| *name);
    headers
}

/// The policy, as far as a page can say it of itself.
fn policy(hashes: &[String], api: Api) -> String {
    let scripts = format!("script-src 'self' {} 'wasm-unsafe-eval'", hashes.join(" "));
    let connections = format!("connect-src 'self'{}", api.sources());
    let mut directives = vec![
        "default-src 'none'",
        &scripts,
        "style-src 'self'",
        &connections,
        "img-src 'self'",
        "base-uri 'none'",
        // The form is never sent: its script asks the API.
        "form-action 'none'",
    ];
    directives.extend(TRUSTED_TYPES);
    directives.join("; ")
}

/// For hosts where no header can be set. `frame-ancestors` means nothing here; `start.js` refuses frames as well.
fn meta(hashes: &[String]) -> String {
    format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">", policy(hashes, Api::Configured))
}

/// Such a host adds up all rules that match a path, so no header may stand in two of them. That is why documents and files
/// have the same here, but for how long they may be kept.
fn headers_file(hashes: &[String], assets: &[String]) -> String {
    let mut text = String::new();
    let mut rule = |path: &str, headers: &mut dyn Iterator<Item = (&str, String)>| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{path}");
        for (name, value) in headers {
            let _ = writeln!(text, "  {name}: {value}");
        }
    };
    let is_cache = |(name, _): &(&str, String)| *name == "Cache-Control";
    let all = || headers(Kind::Page, hashes, Api::Here).into_iter();
    rule("/*", &mut all().filter(|header| !is_cache(header)));
    for path in ["/", "/index.html", "/login", "/login/*"] {
        rule(path, &mut all().filter(is_cache));
    }
    for asset in assets {
        let headers = headers(Kind::Asset, hashes, Api::Here).into_iter();
        rule(&format!("/{asset}"), &mut headers.filter(is_cache));
    }
    text
}

/// Complete, since nginx forgets what it has inherited where a location adds a header of its own.
fn fragment(kind: Kind, hashes: &[String]) -> String {
    let mut text = "# Written by `cargo xtask build`.\n".to_owned();
    for (name, value) in headers(kind, hashes, Api::Variable) {
        let _ = writeln!(text, "add_header {name} \"{value}\" always;");
    }
    text
}

/// The texts of scripts that the page holds itself.
fn inline_scripts(page: &str) -> Vec<&str> {
    let elements = page.split("<script").skip(1);
    let scripts = elements.filter_map(|element| {
        let (attributes, rest) = element.split_once('>')?;
        let (text, _) = rest.split_once("</script>")?;
        (!attributes.contains("src=")).then_some(text)
    });
    scripts.collect()
}

/// A script, as a policy names it.
fn source(script: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(script)))
}

/// `<name>-<16 hexadecimal digits>.<extension>`, as Trunk and `page` name files.
fn is_hashed(name: &str) -> bool {
    let hash = || Some(name.rsplit_once('.')?.0.rsplit_once('-')?.1);
    hash().is_some_and(|hash| hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn hashes() -> Vec<String> {
        vec![source("go()")]
    }

    #[test]
    fn every_inline_script_is_found_and_no_other() {
        let page = "<script>\na()\n</script><script src=\"/b.js\"></script><script type=\"module\">c()</script>";
        assert_eq!(inline_scripts(page), ["\na()\n", "c()"]);
        assert_eq!(inline_scripts("<p>script</p>"), [""; 0]);
    }

    #[test]
    fn a_script_is_named_by_its_hash() {
        // `printf 'go()' | openssl dgst -sha256 -binary | base64`
        assert_eq!(source("go()"), "'sha256-5KYv+PUboo5h+0+YAtGRPbwv5d/QxzHslP4YGnUaxRw='");
    }

    #[test]
    fn the_policy_lets_in_what_the_app_needs_and_nothing_else() {
        let all = headers(Kind::Page, &hashes(), Api::Here);
        let (_, policy) = all.iter().find(|(name, _)| *name == "Content-Security-Policy").unwrap();
        let directives: Vec<&str> = policy.split("; ").collect();
        assert_eq!(directives[0], "default-src 'none'");
        assert!(directives.contains(&format!("script-src 'self' {} 'wasm-unsafe-eval'", hashes()[0]).as_str()));
        assert!(directives.contains(&"connect-src 'self'"));
        for none in ["base-uri", "form-action", "frame-ancestors"] {
            assert!(directives.contains(&format!("{none} 'none'").as_str()), "{none}");
        }
        for directive in TRUSTED_TYPES {
            assert!(directives.contains(directive), "{directive}");
        }
        for hole in ["'unsafe-inline'", "'unsafe-eval'", "*", "http", "data:", "blob:"] {
            assert!(!policy.contains(hole), "{hole}");
        }
    }

    #[test]
    fn the_page_says_of_itself_what_it_can_and_lets_any_api_be_configured() {
        let meta = meta(&hashes());
        assert!(meta.contains("connect-src 'self' http: https:;"), "{meta}");
        assert!(!meta.contains("frame-ancestors"), "{meta}");
        assert_eq!(meta.matches('"').count(), 4, "{meta}");
    }

    #[test]
    fn the_page_may_be_shown_again_by_the_back_button() {
        for kind in [Kind::Page, Kind::Asset] {
            assert!(!kind.cache().contains("no-store"), "{kind:?}");
        }
    }

    #[test]
    fn no_header_stands_in_two_rules_for_one_path() {
        let text = headers_file(&hashes(), &["app-0123456789abcdef.js".to_owned()]);
        let rules: Vec<&str> = text.lines().filter(|line| line.starts_with('/')).collect();
        assert_eq!(rules, ["/*", "/", "/index.html", "/login", "/login/*", "/app-0123456789abcdef.js"]);
        let (for_all, others) = text.split_once("\n/\n").unwrap();
        assert!(!for_all.contains("Cache-Control"), "{text}");
        for line in others.lines().filter(|line| line.starts_with(' ')) {
            assert!(line.starts_with("  Cache-Control: "), "{line}");
        }
    }

    #[test]
    fn nginx_sends_each_header_also_with_errors_and_knows_one_variable() {
        for kind in Kind::ALL {
            let text = fragment(kind, &hashes());
            let mut lines = text.lines().filter(|line| !line.starts_with('#'));
            assert!(lines.all(|line| line.starts_with("add_header ") && line.ends_with("\" always;")), "{text}");
            let variables = if kind.is_document() { 1 } else { 0 };
            assert_eq!(text.matches('$').count(), variables, "{text}");
            assert_eq!(text.matches("connect-src 'self'$indee_connect;").count(), variables, "{text}");
        }
    }

    #[test]
    fn an_answer_of_the_api_can_do_nothing_on_the_apps_origin() {
        let text = fragment(Kind::Api, &hashes());
        let line =
            "add_header Content-Security-Policy \"default-src 'none'; frame-ancestors 'none'; sandbox\" always;\n";
        assert_eq!(text.matches("Content-Security-Policy").count(), 1, "{text}");
        assert!(text.contains(line), "{text}");
    }

    #[test]
    fn a_hash_is_known_by_its_look() {
        assert!(is_hashed("app-0123456789abcdef.wasm") && is_hashed("a-b-0123456789abcdef.css"));
        for other in ["index.html", "app.js", "app-0123.js", "app-0123456789abcdeg.js", "_headers"] {
            assert!(!is_hashed(other), "{other}");
        }
    }
}
