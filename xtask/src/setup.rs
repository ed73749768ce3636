//! What has to be on the machine, and how it gets there. Nothing here takes long when nothing is missing.
//!
//! The Rust version is not looked at: `rust-version` in `Cargo.toml` makes cargo refuse an older one, in clear words,
//! before this program is even built.

use crate::run::{self, TOOLS, answer, command, which};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the app is compiled for.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";
const TRUNK: &str = "0.21.14";
const CARGO_DENY: &str = "0.20.2";

/// A browser and the program that drives it.
pub(crate) struct Browser {
    /// Chromium or Chrome.
    pub(crate) chromium: PathBuf,
    /// Its ChromeDriver.
    pub(crate) driver: PathBuf,
}

/// Installs all that any command needs.
pub(crate) fn everything() -> Result<()> {
    lints()?;
    cargo_deny()?;
    trunk()?;
    test_runner()?;
    let browser = browser()?;
    let nginx = nginx()?;
    println!(
        "Everything is there. Browser: {}, {}; nginx: {}",
        browser.chromium.display(),
        browser.driver.display(),
        nginx.display()
    );
    Ok(())
}

/// What `cargo fmt` and `cargo clippy` need.
pub(crate) fn lints() -> Result<()> {
    let missing: Vec<&str> = [("fmt", "rustfmt"), ("clippy", "clippy")]
        .into_iter()
        .filter(|(subcommand, _)| answer(run::cargo().args([subcommand, "--version"])).is_none())
        .map(|(_, component)| component)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("Installing {} (less than a minute)", missing.join(" and "));
    rustup(&["component", "add"], &missing)
}

/// What wasm code is compiled with: the target, and every crate of the lock file, so that all else works offline.
pub(crate) fn wasm() -> Result<()> {
    let library = answer(command("rustc").args(["--print", "target-libdir", "--target", WASM]));
    if !library.is_some_and(|folder| Path::new(&folder).is_dir()) {
        println!("Installing the target {WASM} (less than a minute)");
        rustup(&["target", "add"], &[WASM])?;
    }
    let fetch = ["fetch", "--locked", "--quiet"];
    if answer(run::cargo().args(fetch).arg("--offline")).is_none() {
        println!("Downloading the crates of Cargo.lock (about a minute)");
        run::run(run::cargo().args(fetch))?;
    }
    Ok(())
}

/// What judges the crates of `Cargo.lock`. It reads their sources, so these are fetched first.
pub(crate) fn cargo_deny() -> Result<PathBuf> {
    wasm()?;
    let deny = Package { name: "cargo-deny", version: CARGO_DENY.to_owned(), minutes: 3, options: &[] };
    tool(&deny, "cargo-deny")
}

/// Trunk, which builds and serves the app, and the wasm-bindgen that it calls.
pub(crate) fn trunk() -> Result<PathBuf> {
    wasm()?;
    tool(&wasm_bindgen()?, "wasm-bindgen")?;
    let trunk = Package { name: "trunk", version: TRUNK.to_owned(), minutes: 5, options: &TRUNK_OPTIONS };
    tool(&trunk, "trunk")
}

/// The program that runs wasm tests in a browser.
pub(crate) fn test_runner() -> Result<PathBuf> {
    wasm()?;
    tool(&wasm_bindgen()?, "wasm-bindgen-test-runner")
}

/// Chromium and ChromeDriver: from `CHROMIUM` and `CHROMEDRIVER`, else from the path, else Debian's packages.
pub(crate) fn browser() -> Result<Browser> {
    if let Some(browser) = find_browser() {
        return Ok(browser);
    }
    let by_hand = "install Debian's packages `chromium` and `chromium-driver` (elsewhere: Chrome and the ChromeDriver \
                   of its version), or set CHROMIUM and CHROMEDRIVER to their paths";
    if which("apt-get").is_none() || !is_root() {
        bail!("Chromium or ChromeDriver is missing: {by_hand}");
    }
    println!("Installing Chromium and ChromeDriver with apt-get (about two minutes)");
    install_browser().with_context(|| format!("cannot install Chromium: {by_hand}"))?;
    find_browser().with_context(|| format!("Chromium or ChromeDriver is still missing: {by_hand}"))
}

/// What the whole app is tested behind, as an operator would have it.
const NGINX: [&str; 3] = ["nginx", "nginx-common", "libnginx-mod-http-brotli-static"];

/// nginx with its brotli module: from `NGINX`, else from the path, else Debian's packages. Those are unpacked, not installed:
/// an installed nginx starts to serve the machine, and this one is for tests.
pub(crate) fn nginx() -> Result<PathBuf> {
    if let Some(nginx) = std::env::var_os("NGINX") {
        return Ok(nginx.into());
    }
    let unpacked = Path::new(TOOLS).join("nginx");
    let ours = unpacked.join("usr/sbin/nginx");
    let installed = which("nginx").or_else(|| Some("/usr/sbin/nginx".into()).filter(|path: &PathBuf| path.is_file()));
    if let Some(installed) = installed.as_ref().filter(|nginx| has_brotli(nginx)) {
        return Ok(installed.clone());
    }
    if !works(&ours) && which("apt-get").is_some() && which("dpkg-deb").is_some() {
        println!("Unpacking Debian's nginx into {} (less than a minute)", unpacked.display());
        match unpack_nginx(&unpacked) {
            Err(error) if error.is::<run::Interrupted>() => return Err(error),
            Err(error) => println!("That did not work: {error:#}"),
            Ok(()) => {}
        }
    }
    if works(&ours) {
        return std::fs::canonicalize(&ours).with_context(|| format!("cannot find {}", ours.display()));
    }
    // Without the module for brotli everything but that is tested.
    installed.context(
        "nginx is missing: install Debian's packages `nginx` and `libnginx-mod-http-brotli-static`, or set \
                       NGINX to its path",
    )
}

/// Whether the program starts: it may lack a library.
fn works(nginx: &Path) -> bool {
    nginx.is_file() && command(nginx).arg("-v").output().is_ok_and(|output| output.status.success())
}

fn has_brotli(nginx: &Path) -> bool {
    let module = "usr/lib/nginx/modules/ngx_http_brotli_static_module.so";
    nginx.ancestors().nth(3).is_some_and(|root| root.join(module).is_file())
}

fn unpack_nginx(folder: &Path) -> Result<()> {
    let download = folder.join("download");
    std::fs::create_dir_all(&download).with_context(|| format!("cannot create {}", download.display()))?;
    let apt = || {
        let mut apt = command("apt-get");
        apt.current_dir(&download);
        apt
    };
    if is_root() {
        run::run(apt().args(["-qq", "update"]))?;
    }
    // Without a word about who may write into our folder.
    run::run(apt().args(["-qq", "-o", "APT::Sandbox::User=root", "download"]).args(NGINX))?;
    for package in std::fs::read_dir(&download)? {
        run::run(command("dpkg-deb").arg("-x").arg(package?.path()).arg(folder))?;
    }
    std::fs::remove_dir_all(&download).with_context(|| format!("cannot remove {}", download.display()))
}

fn find_browser() -> Option<Browser> {
    let named = |variable| std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_file());
    let chromium = named("CHROMIUM").or_else(|| {
        ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"].into_iter().find_map(which)
    })?;
    let driver = named("CHROMEDRIVER").or_else(|| which("chromedriver"))?;
    Some(Browser { chromium, driver })
}

fn install_browser() -> Result<()> {
    let quietly = |program: &str| {
        let mut command = command(program);
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    // An installation that was interrupted has to be finished before anything else can be installed.
    run::run(quietly("dpkg").args(["--configure", "-a"]))?;
    run::run(quietly("apt-get").args(["-qq", "update"]))?;
    run::run(quietly("apt-get").args([
        "-qq",
        "install",
        "--yes",
        "--no-install-recommends",
        "chromium",
        "chromium-driver",
    ]))
}

#[cfg(unix)]
fn is_root() -> bool {
    nix::unistd::Uid::effective().is_root()
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}

fn rustup(action: &[&str], what: &[&str]) -> Result<()> {
    if which("rustup").is_none() {
        bail!("rustup is missing: install {} in the way your Rust was installed", what.join(" and "));
    }
    run::run(command("rustup").args(action).args(what))
}

/// A package with command-line tools.
struct Package {
    name: &'static str,
    version: String,
    /// About how long two cores take to build it.
    minutes: u32,
    options: &'static [&'static str],
}

/// Of Trunk's TLS libraries the one that needs nothing from the system, and no look for a newer version.
const TRUNK_OPTIONS: [&str; 3] = ["--no-default-features", "--features", "rustls"];

/// The wasm-bindgen tools must be of exactly the version of the library, so that is read from the lock file.
fn wasm_bindgen() -> Result<Package> {
    let lock = std::fs::read_to_string("Cargo.lock").context("cannot read Cargo.lock")?;
    let version = locked_version(&lock, "wasm-bindgen").context("Cargo.lock has no wasm-bindgen")?.to_owned();
    Ok(Package { name: "wasm-bindgen-cli", version, minutes: 3, options: &[] })
}

/// The version of a package in a lock file.
pub(crate) fn locked_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    lines.nth(1)?.strip_prefix("version = \"")?.strip_suffix('"')
}

/// The path of a program in the right version: what is there already, or else installed now.
fn tool(package: &Package, program: &str) -> Result<PathBuf> {
    if let Some(path) = fitting(package, program) {
        return Ok(path);
    }
    install(package)?;
    fitting(package, program).with_context(|| {
        format!("{} was installed, but `{program}` is not of version {}", package.name, package.version)
    })
}

/// The first program of this name on the search path, if it has the package's version.
fn fitting(package: &Package, program: &str) -> Option<PathBuf> {
    let path = which(program)?;
    let version = answer(command(&path).env_remove("NO_COLOR").arg("--version"))?;
    (version.split_whitespace().nth(1) == Some(package.version.as_str())).then_some(path)
}

fn install(package: &Package) -> Result<()> {
    let Package { name, version, minutes, options } = package;
    if answer(run::cargo().args(["binstall", "-V"])).is_some() {
        println!("Installing {name} {version} into {TOOLS} with cargo binstall");
        let mut binstall = run::cargo();
        binstall.args(["binstall", "--no-confirm", "--disable-strategies", "compile", "--root", TOOLS]);
        match run::run(binstall.arg(format!("{name}@{version}"))) {
            Err(error) if !error.is::<run::Interrupted>() => {
                println!("That did not work: {error:#}")
            }
            other => return other,
        }
    }
    println!("Building {name} {version} into {TOOLS} (about {minutes} minutes on two cores, once)");
    // A folder of its own for the build, so that it neither waits for another cargo in this project nor stops one.
    let build = Path::new(TOOLS).join("build");
    let mut cargo = run::cargo();
    cargo.args(["install", "--locked", name, "--version", version, "--root", TOOLS]).args(*options);
    run::run(quick_build(cargo.arg("--target-dir").arg(&build)))?;
    // Hundreds of megabytes that nothing needs any more. An interrupted build, in contrast, goes on from there.
    std::fs::remove_dir_all(&build).with_context(|| format!("cannot remove {}", build.display()))
}

/// Tools are built once and run for seconds: building them quickly matters more than what they could gain.
fn quick_build(cargo: &mut Command) -> &mut Command {
    cargo
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
}

#[cfg(test)]
mod tests {
    use super::locked_version;

    #[test]
    fn the_version_is_that_of_the_package_with_exactly_this_name() {
        let lock =
            "[[package]]\nname = \"a-b\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"a\"\nversion = \"2.0.0\"\n";
        assert_eq!(locked_version(lock, "a"), Some("2.0.0"));
        assert_eq!(locked_version(lock, "b"), None);
    }
}
