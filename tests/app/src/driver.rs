//! A ChromeDriver process that cannot outlive its test.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context as _, Result};

/// The shell leads a process group of its own, with driver and browser in it. Its standard input is a pipe from the test:
/// however the test ends, by a panic or even killed, the pipe closes, and the shell ends the whole group.
const KEEPER: &str = r#"
"$1" --port=0 </dev/null &
trap '' TERM
read -r _
kill -TERM 0
wait
rm -rf "$TMPDIR"
kill -KILL 0
"#;

/// What ChromeDriver says when it listens.
const STARTED: &str = "started successfully on port ";

/// A running ChromeDriver. It ends, with its browsers and what they stored, when this is dropped.
pub(crate) struct Driver {
    keeper: Child,
    /// Where profiles are.
    folder: PathBuf,
    port: u16,
    /// Kept open: a driver that cannot print ends.
    output: BufReader<ChildStdout>,
}

impl Driver {
    /// Starts a driver on a port that it chooses.
    pub(crate) fn start() -> Result<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("app-tests-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let program = variable("CHROMEDRIVER")?;
        let mut keeper = Command::new("sh")
            .args(["-c", KEEPER, "sh"])
            .arg(&program)
            .env("TMPDIR", &folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .context("cannot start sh")?;
        let output = keeper.stdout.take().context("no output")?;
        let mut driver = Self { keeper, folder, port: 0, output: BufReader::new(output) };
        driver.port = driver.read_port().with_context(|| format!("cannot start {}", program.display()))?;
        Ok(driver)
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn read_port(&mut self) -> Result<u16> {
        let mut line = String::new();
        loop {
            line.clear();
            let length = self.output.read_line(&mut line)?;
            anyhow::ensure!(length > 0, "it ended at once");
            if let Some((_, port)) = line.split_once(STARTED) {
                return port.trim_end_matches(['.', '\n']).parse().context("its port is not a number");
            }
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        // The keeper ends itself last, so after this nothing is left. There is nobody to tell of a failure here.
        let _ = self.keeper.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A variable that `cargo xtask test app` sets.
pub(crate) fn variable(name: &str) -> Result<OsString> {
    std::env::var_os(name).with_context(|| format!("{name} is not set: `cargo xtask test app` sets it"))
}
