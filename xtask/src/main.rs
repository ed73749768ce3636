//! The developer commands: `cargo xtask <command>`.

mod bench;
mod build;
mod crates;
mod dev;
mod finish;
mod run;
mod setup;
mod size;
mod test;
mod tidy;

use anyhow::{Result, bail};
use std::process::ExitCode;

const HELP: &str = "\
Developer commands: cargo xtask <command>

  dev      Run the app and the sandbox, ready to open at http://localhost:3000. Ctrl-C stops both.
  test     Check and test everything, or only some stages: test [checks|native|browser|app]...
             checks   formatting, lints, documentation, tidy, licences and versions of the crates, size (the latter
                      with `app` where that runs)
             native   unit and integration tests on this machine
             browser  the wasm tests, in headless Chromium
             app      the release build in headless Chromium against the sandbox, behind nginx too
  build    Build the app for release into dist/ and show what it weighs.
  size     The same, and fail when it weighs more than size-budget.toml allows.
  crates   Write docs/crates.md: which crates the wasm is made of, each with its licence and its share.
           Takes a build of its own (about two minutes the first time).
  bench    Measure how long a sign-in takes in headless Chromium, beside a page written by hand.
           `bench --help` lists its options.
  tidy     Check the invariants of the source that a program can check.
  setup    Install what the other commands need: the wasm target, tools (nginx for tests too) into target/tools, Chromium.
           They do so themselves for what they use.
  finish   What Trunk calls at the end of each build: names files, puts the start script into the page, and for a release
           writes the headers and the compressed files.
  help     This text.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match dispatch(&arguments) {
        Ok(code) => code,
        Err(error) if error.is::<run::Interrupted>() => {
            eprintln!("Stopped.");
            ExitCode::from(run::INTERRUPTED_EXIT_CODE)
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[&str]) -> Result<ExitCode> {
    run::prepare()?;
    match arguments {
        ["dev"] => dev::dev()?,
        ["test", stages @ ..] => return test::test(stages),
        ["build"] => build::build()?,
        ["bench", arguments @ ..] => bench::bench(arguments)?,
        ["size"] => size::size()?,
        ["crates"] => crates::crates()?,
        ["tidy"] => tidy::tidy()?,
        ["finish"] => finish::finish()?,
        ["setup"] => setup::everything()?,
        [] | ["help" | "--help" | "-h"] => print!("{HELP}"),
        unknown => bail!("`{}` is no command here\n\n{HELP}", unknown.join(" ")),
    }
    Ok(ExitCode::SUCCESS)
}
