//! `cargo xtask test`: every check and every test, in stages, and one closing line.

use crate::build::{self, APP, DIST};
use crate::run::{self, Interrupted};
use crate::setup::{self, WASM};
use crate::{size, tidy};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

/// No stage takes this long, building included; one that does hangs, and must not hold a machine for ever.
const LIMIT: Duration = Duration::from_secs(30 * 60);

/// What all wasm tests together may take, in seconds; the runner's own default is 20.
const BROWSER_SECONDS: &str = "180";

/// A part of the whole that can be run by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    Checks,
    Native,
    Browser,
    App,
}

impl Stage {
    /// In the order in which they run: what fails soonest first.
    const ALL: [Self; 4] = [Self::Checks, Self::Native, Self::Browser, Self::App];

    fn name(self) -> &'static str {
        match self {
            Self::Checks => "checks",
            Self::Native => "native",
            Self::Browser => "browser",
            Self::App => "app",
        }
    }
}

/// Where the size of the release build is checked: once, and where the build is made anyway.
#[derive(Clone, Copy)]
enum Size {
    Here,
    WithTheApp,
}

/// Runs the named stages, or all, and says how many checks and tests passed and failed.
pub(crate) fn test(names: &[&str]) -> Result<ExitCode> {
    let stages = stages(names)?;
    let size = if stages.contains(&Stage::App) { Size::WithTheApp } else { Size::Here };
    let mut summary = Vec::new();
    for stage in stages {
        println!("\n== {} ==", stage.name());
        let start = Instant::now();
        let mut tally = Tally::default();
        match stage {
            Stage::Checks => checks(&mut tally, size)?,
            Stage::Native => native(&mut tally)?,
            Stage::Browser => browser(&mut tally)?,
            Stage::App => app(&mut tally)?,
        }
        summary.push((stage, tally, start.elapsed()));
    }
    Ok(close(&summary))
}

fn stages(names: &[&str]) -> Result<Vec<Stage>> {
    if let Some(unknown) = names.iter().find(|name| Stage::ALL.iter().all(|stage| stage.name() != **name)) {
        bail!("`{unknown}` is no stage: there are {}", Stage::ALL.map(Stage::name).join(", "));
    }
    let asked = |stage: &Stage| names.is_empty() || names.contains(&stage.name());
    Ok(Stage::ALL.into_iter().filter(asked).collect())
}

/// Prints the table and the closing line, which is the last one.
fn close(summary: &[(Stage, Tally, Duration)]) -> ExitCode {
    println!();
    for (stage, tally, _) in summary {
        for failure in &tally.failures {
            println!("{}: {failure}", stage.name());
        }
    }
    println!("{:<8} {:>7} {:>7} {:>8}", "stage", "passed", "failed", "seconds");
    for (stage, tally, time) in summary {
        println!("{:<8} {:>7} {:>7} {:>8.1}", stage.name(), tally.passed, tally.failed, time.as_secs_f64());
    }
    let passed: u32 = summary.iter().map(|(_, tally, _)| tally.passed).sum();
    let failed: u32 = summary.iter().map(|(_, tally, _)| tally.failed).sum();
    println!("{passed} passed, {failed} failed");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// How many passed and failed, and what to say about failures at the end.
#[derive(Debug, Default, PartialEq)]
struct Tally {
    passed: u32,
    failed: u32,
    failures: Vec<String>,
}

impl Tally {
    /// Counts one check. Only an interruption is handed on as an error.
    fn check(&mut self, name: &str, result: Result<()>) -> Result<()> {
        match result {
            Ok(()) => self.passed += 1,
            Err(error) if error.is::<Interrupted>() => return Err(error),
            Err(error) => self.fail(format!("{name}: {error:#}")),
        }
        Ok(())
    }

    fn fail(&mut self, message: String) {
        println!("FAILED {message}");
        self.failed += 1;
        self.failures.push(message);
    }

    /// Runs a command that reports tests as libtest does, and counts them.
    fn tests(&mut self, command: Result<Command>) -> Result<()> {
        let mut counted = (0, 0);
        let result = command.and_then(|mut command| {
            run::run_reading(&mut command, LIMIT, |line| {
                let (passed, failed) = libtest_result(line).unwrap_or_default();
                counted.0 += passed;
                counted.1 += failed;
            })
        });
        let (passed, failed) = counted;
        self.passed += passed;
        self.failed += failed;
        match result {
            Err(error) if error.is::<Interrupted>() => return Err(error),
            // The tests that failed are counted already and stand in the output.
            Err(error) if failed > 0 => self.failures.push(format!("{error:#}")),
            Err(error) => self.fail(format!("{error:#}")),
            Ok(()) if passed == 0 => self.fail("no test ran".to_owned()),
            Ok(()) => {}
        }
        Ok(())
    }
}

/// What libtest's last line says, `test result: ok. 5 passed; 0 failed; …`, with or without colours.
fn libtest_result(line: &str) -> Option<(u32, u32)> {
    let (_, result) = line.split_once("test result: ")?;
    let words: Vec<&str> = result.split_whitespace().collect();
    let before = |word| {
        let index = words.iter().position(|other| *other == word)?;
        words.get(index.checked_sub(1)?)?.parse().ok()
    };
    Some((before("passed;")?, before("failed;")?))
}

fn cargo<const N: usize>(arguments: [&str; N]) -> Command {
    let mut cargo = run::cargo();
    cargo.args(arguments);
    cargo
}

fn checks(tally: &mut Tally, size: Size) -> Result<()> {
    let tools = setup::lints().and_then(|()| setup::wasm());
    if tools.is_err() {
        return tally.check("set-up", tools);
    }
    let deny = ["--", "-D", "warnings"];
    tally.check("format", run::run(&mut cargo(["fmt", "--all", "--check"])))?;
    tally.check("clippy", run::run(cargo(["clippy", "--locked", "--workspace", "--all-targets"]).args(deny)))?;
    let wasm = ["--locked", "--package", APP, "--target", WASM];
    tally.check(
        "clippy for wasm",
        run::run(cargo(["clippy"]).args(wasm).args(["--lib", "--bins", "--test", "browser"]).args(deny)),
    )?;
    // The boot step is built of the same source without the app.
    let boot = ["--locked", "--package", APP, "--no-default-features", "--lib", "--target", WASM];
    tally.check("clippy for the boot step", run::run(cargo(["clippy"]).args(boot).args(deny)))?;
    let strict = ("RUSTDOCFLAGS", "-Dwarnings");
    tally.check(
        "documentation",
        run::run(cargo(["doc", "--locked", "--no-deps", "--workspace"]).env(strict.0, strict.1)),
    )?;
    tally.check("documentation for wasm", run::run(cargo(["doc", "--no-deps"]).args(wasm).env(strict.0, strict.1)))?;
    tally.check("tidy", tidy::tidy())?;
    tally.check("crates", crates())?;
    match size {
        Size::Here => tally.check("size", size::size()),
        Size::WithTheApp => Ok(()),
    }
}

/// What the crates of `Cargo.lock` must be like stands in `deny.toml`, as does why known weaknesses are not looked for.
fn crates() -> Result<()> {
    let mut deny = run::command(setup::cargo_deny()?);
    deny.args(["--workspace", "--locked", "--offline", "check", "--deny", "warnings", "licenses", "bans", "sources"]);
    run::run(&mut deny)
}

fn native(tally: &mut Tally) -> Result<()> {
    tally.tests(Ok(cargo(["test", "--locked", "--no-fail-fast", "--workspace", "--exclude", "app-tests"])))
}

fn browser(tally: &mut Tally) -> Result<()> {
    let temporary = Temporary::new();
    let prepare = || {
        let runner = setup::test_runner()?;
        let browser = setup::browser()?;
        let mut cargo = cargo(["test", "--locked", "--target", WASM, "--package", APP, "--test", "browser"]);
        cargo
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner)
            .env("CHROMEDRIVER", browser.driver)
            .env("TMPDIR", temporary.create()?);
        cargo.env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", std::env::current_dir()?.join("webdriver.json"));
        if std::env::var_os("WASM_BINDGEN_TEST_TIMEOUT").is_none() {
            cargo.env("WASM_BINDGEN_TEST_TIMEOUT", BROWSER_SECONDS);
        }
        // The runner would prefer a driver that runs elsewhere.
        cargo.env_remove("CHROMEDRIVER_REMOTE").env_remove("GECKODRIVER_REMOTE").env_remove("GECKODRIVER");
        Ok(cargo)
    };
    tally.tests(prepare())
}

fn app(tally: &mut Tally) -> Result<()> {
    let built = build::release();
    if built.is_err() {
        return tally.check("release build", built);
    }
    tally.check("size", size::check())?;
    let temporary = Temporary::new();
    let prepare = || {
        let browser = setup::browser()?;
        let dist = std::fs::canonicalize(DIST).with_context(|| format!("cannot find {DIST}/"))?;
        let mut cargo = cargo(["test", "--locked", "--no-fail-fast", "--package", "app-tests"]);
        cargo
            .env("APP_DIST", dist)
            .env("CHROMEDRIVER", browser.driver)
            .env("CHROMIUM", browser.chromium)
            .env("NGINX", setup::nginx()?)
            .env("TMPDIR", temporary.create()?);
        Ok(cargo)
    };
    tally.tests(prepare())
}

/// A folder for what browsers leave behind: ChromeDriver keeps the profile of a browser that did not end in its own
/// way, megabytes each time. In the system's folder for such things, as the path of a browser's socket must be short.
pub(crate) struct Temporary(PathBuf);

impl Temporary {
    pub(crate) fn new() -> Self {
        Self(std::env::temp_dir().join(format!("{APP}-{}", std::process::id())))
    }

    pub(crate) fn create(&self) -> Result<&Path> {
        let Self(folder) = self;
        std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        Ok(folder)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // What cannot be removed is left to the system, which empties its temporary folder sooner or later.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::run::tests::{shell, turn};

    #[test]
    fn libtest_lines_are_read() {
        let line = "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        assert_eq!(libtest_result(line), Some((5, 0)));
        assert_eq!(
            libtest_result("test result: \u{1b}[31mFAILED\u{1b}[0m. 3 passed; 2 failed; 0 ignored"),
            Some((3, 2))
        );
        for other in ["test a ... ok", "test result: ", "running 5 tests", "passed; failed;"] {
            assert_eq!(libtest_result(other), None, "{other}");
        }
    }

    #[test]
    fn stages_run_in_their_order_and_once() {
        assert_eq!(stages(&[]).unwrap(), Stage::ALL);
        assert_eq!(stages(&["app", "native", "app"]).unwrap(), [Stage::Native, Stage::App]);
        assert!(stages(&["natve"]).unwrap_err().to_string().contains("`natve` is no stage"));
    }

    #[test]
    fn a_check_counts_one_and_only_an_interruption_stops_the_rest() {
        let mut tally = Tally::default();
        tally.check("a", Ok(())).unwrap();
        tally.check("b", Err(anyhow::anyhow!("broken"))).unwrap();
        assert_eq!(tally, Tally { passed: 1, failed: 1, failures: vec!["b: broken".to_owned()] });
        assert!(tally.check("c", Err(Interrupted.into())).is_err());
    }

    #[test]
    fn a_runner_is_counted_by_what_it_prints_and_how_it_ends() {
        let _turn = turn();
        let ok = "echo 'test result: ok. 2 passed; 0 failed; 0 ignored'";
        let bad = "echo 'test result: FAILED. 1 passed; 2 failed; 0 ignored'";
        for (script, passed, failed) in [
            (ok.to_owned(), 2, 0),
            (format!("{ok}; {bad}; exit 1"), 3, 2),
            (format!("{ok}; exit 1"), 2, 1),
            ("exit 0".to_owned(), 0, 1),
        ] {
            let mut tally = Tally::default();
            tally.tests(Ok(shell(&script))).unwrap();
            assert_eq!((tally.passed, tally.failed), (passed, failed), "{script}");
        }
    }

    #[test]
    fn what_cannot_be_started_counts_as_one_failure() {
        let mut tally = Tally::default();
        tally.tests(Err(anyhow::anyhow!("no browser"))).unwrap();
        tally.tests(Ok(run::command("no-such-program"))).unwrap();
        assert_eq!((tally.passed, tally.failed), (0, 2));
    }
}
