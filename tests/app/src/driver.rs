//! A ChromeDriver process that cannot outlive its test.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context as _, Result};

/// Its standard input is a pipe from the test: however the test ends, by a panic or even killed, the pipe closes. Then the
/// whole process group ends, a driver with its browser, and what it stored is removed.
const KEEPER: &str = r#"read -r _; kill -s KILL -- "-$1"; rm -rf "$2""#;

/// Starts the keeper of a process that leads its group, and of its folder.
pub(crate) fn keeper(process: &Child, folder: &Path) -> Result<Child> {
    let mut keeper = Command::new("sh");
    keeper.args(["-c", KEEPER, "sh", &process.id().to_string()]).arg(folder);
    keeper.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    // An interrupt from the keyboard is for the test; the keeper is to survive it.
    keeper.process_group(0).spawn().context("cannot start sh")
}

/// What ChromeDriver says when it listens.
const STARTED: &str = "started successfully on port ";

/// A running ChromeDriver. It ends, with its browsers and what they stored, when this is dropped.
pub(crate) struct Driver {
    driver: Child,
    keeper: Child,
    port: u16,
    /// Kept open: a driver that cannot print ends.
    output: BufReader<ChildStdout>,
}

impl Driver {
    /// Starts a driver on a port that it chooses.
    pub(crate) fn start() -> Result<Self> {
        let program = PathBuf::from(variable("CHROMEDRIVER")?);
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("app-tests-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let mut driver = Command::new(&program)
            .arg("--port=0")
            .env("TMPDIR", &folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let keeper = keeper(&driver, &folder)?;
        let output = BufReader::new(driver.stdout.take().context("no output")?);
        let mut driver = Self { driver, keeper, port: 0, output };
        driver.port = driver.read_port().with_context(|| format!("{} does not listen", program.display()))?;
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
        // After this nothing is left. There is nobody to tell of a failure here.
        let _ = self.keeper.wait();
        let _ = self.driver.wait();
    }
}

/// A variable that `cargo xtask test app` sets, and `cargo xtask bench` where it is needed there.
pub(crate) fn variable(name: &str) -> Result<OsString> {
    std::env::var_os(name).with_context(|| format!("{name} is not set: `cargo xtask test app` sets it"))
}
