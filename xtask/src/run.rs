//! Child processes. Each is started in a process group of its own, watched while this process listens for Ctrl-C and
//! SIGTERM, and ended with everything below it, whichever way the command ends.

use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// What a shell reports for a program that Ctrl-C ended.
pub(crate) const INTERRUPTED_EXIT_CODE: u8 = 130;

/// How often a wait looks at its child and at the stop flag: below what a person notices.
const POLL: Duration = Duration::from_millis(50);

/// What a child gets to end by itself once it was asked to.
const GRACE: Duration = Duration::from_secs(5);

/// Where the tools of this project are installed, from the workspace root.
pub(crate) const TOOLS: &str = "target/tools";

static STOP: AtomicBool = AtomicBool::new(false);

/// How many children run: what is left when the last has ended belongs to none of them.
static RUNNING: AtomicUsize = AtomicUsize::new(0);

/// The error of a command that was asked to stop.
#[derive(Debug)]
pub(crate) struct Interrupted;

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("stopped")
    }
}

impl std::error::Error for Interrupted {}

/// Goes to the workspace root and listens for Ctrl-C and SIGTERM from here on.
pub(crate) fn prepare() -> Result<()> {
    // Set by `cargo run`; without it this is a binary that somebody started by hand, from the root.
    if let Some(manifest) = std::env::var_os("CARGO_MANIFEST_DIR")
        && let Some(root) = Path::new(&manifest).parent()
    {
        std::env::set_current_dir(root).with_context(|| format!("cannot go to {}", root.display()))?;
    }
    ctrlc::set_handler(|| STOP.store(true, Ordering::Relaxed)).context("cannot listen for Ctrl-C")?;
    descendants::adopt();
    Ok(())
}

/// Fails when this process was asked to stop.
pub(crate) fn go_on() -> Result<()> {
    if STOP.load(Ordering::Relaxed) {
        bail!(Interrupted);
    }
    Ok(())
}

/// Sleeps for one poll interval, or fails when this process was asked to stop.
pub(crate) fn pause() -> Result<()> {
    go_on()?;
    std::thread::sleep(POLL);
    go_on()
}

/// A command with the environment that a developer's shell would give it, and the project's own tools first.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    // `cargo run` describes the package xtask in these; build scripts that look at them would run again each time.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name.as_ref());
        }
    }
    if let Ok(path) = std::env::join_paths(search_path()) {
        command.env("PATH", path);
    }
    command.stdin(Stdio::null());
    command
}

/// The `cargo` that runs this program.
pub(crate) fn cargo() -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Where programs are looked for: the project's own tools first, then the user's `PATH`.
fn search_path() -> Vec<PathBuf> {
    let own = std::env::current_dir().map(|root| root.join(TOOLS).join("bin")).ok();
    let path = std::env::var_os("PATH").unwrap_or_default();
    own.into_iter().chain(std::env::split_paths(&path)).collect()
}

/// The first program of this name on the search path.
pub(crate) fn which(program: &str) -> Option<PathBuf> {
    search_path().into_iter().map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// What a program prints, for short questions such as its version; `None` when it fails or is missing.
pub(crate) fn answer(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The command as a person would type it.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let program = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy();
    let arguments = command.get_args().map(|argument| argument.to_string_lossy());
    std::iter::once(program).chain(arguments).collect::<Vec<_>>().join(" ")
}

/// Runs a command to its end, its output passed through. Fails when the command does.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    println!("$ {}", shown(command));
    let mut child = Child::start(command)?;
    let status = loop {
        if let Some(status) = child.ended()? {
            break status;
        }
        pause()?;
    };
    child.finish(status)
}

/// Runs a command to its end, its output passed through, and shows `line` each line of its standard output. Fails
/// when the command does, or when it is not over at the end of `limit`.
pub(crate) fn run_reading(command: &mut Command, limit: Duration, mut line: impl FnMut(&str)) -> Result<()> {
    println!("$ {}", shown(command));
    let mut child = Child::start(command.stdout(Stdio::piped()))?;
    let lines = child.lines()?;
    let start = Instant::now();
    let mut show = |text: String| {
        println!("{text}");
        line(&text);
    };
    let status = loop {
        go_on()?;
        match lines.recv_timeout(POLL) {
            Ok(text) => show(text),
            Err(RecvTimeoutError::Timeout) => {}
            // The child has closed its output: nothing is left but to wait for it.
            Err(RecvTimeoutError::Disconnected) => std::thread::sleep(POLL),
        }
        if let Some(status) = child.ended()? {
            break status;
        }
        if start.elapsed() > limit {
            bail!("{} was not over after {} minutes and was ended", child.name, limit.as_secs() / 60);
        }
    };
    let result = child.finish(status);
    // Whatever still holds the pipe (a browser that a crashed test left behind) is ended, so that reading ends too.
    drop(child);
    while let Ok(text) = lines.recv_timeout(GRACE) {
        show(text);
    }
    result
}

/// A running child process. Dropping it ends it, and everything that it started.
pub(crate) struct Child {
    name: String,
    process: std::process::Child,
}

impl Child {
    /// Starts a command, its output passed through unless the command says otherwise.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        go_on()?;
        let name = format!("`{}`", shown(command));
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let process = command.spawn().with_context(|| format!("cannot start {name}"))?;
        RUNNING.fetch_add(1, Ordering::Relaxed);
        Ok(Self { name, process })
    }

    /// How it ended, or `None` while it runs.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.process.try_wait().with_context(|| format!("cannot wait for {}", self.name))
    }

    /// Its standard output by lines, for a command that was started with a pipe for it.
    fn lines(&mut self) -> Result<Receiver<String>> {
        let output = self.process.stdout.take().context("the output is not a pipe")?;
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || read_lines(output, |line| sender.send(line).is_ok()));
        Ok(receiver)
    }

    fn finish(&self, status: ExitStatus) -> Result<()> {
        if !status.success() {
            // The children of an interrupted command may notice before this process does.
            go_on()?;
            bail!("{} failed ({status})", self.name);
        }
        Ok(())
    }
}

impl Drop for Child {
    /// Asks the whole group to end, then makes it end, then whatever has left the group.
    fn drop(&mut self) {
        signal::terminate(&self.process);
        let start = Instant::now();
        while matches!(self.process.try_wait(), Ok(None)) && start.elapsed() < GRACE {
            std::thread::sleep(POLL);
        }
        signal::kill(&self.process);
        // Kept from becoming a zombie. It cannot fail in a way that anything could be done about.
        let _ = self.process.wait();
        if RUNNING.fetch_sub(1, Ordering::Relaxed) == 1 {
            descendants::end();
        }
    }
}

/// Calls `line` for each line until the end of the input or until it says that nobody listens. Output that is not
/// UTF-8 is shown as well as it can be.
fn read_lines(input: impl Read, mut line: impl FnMut(String) -> bool) {
    let mut input = BufReader::new(input);
    let mut bytes = Vec::new();
    while matches!(input.read_until(b'\n', &mut bytes), Ok(length) if length > 0) {
        let text = String::from_utf8_lossy(&bytes).trim_end_matches(['\n', '\r']).to_owned();
        if !line(text) {
            return;
        }
        bytes.clear();
    }
}

/// Signals to the process group of a child. The group has the child's number.
#[cfg(unix)]
mod signal {
    use nix::sys::signal::{Signal, killpg};
    use nix::unistd::Pid;
    use std::process::Child;

    pub(super) fn terminate(child: &Child) {
        send(child, Signal::SIGTERM);
    }

    pub(super) fn kill(child: &Child) {
        send(child, Signal::SIGKILL);
    }

    fn send(child: &Child, signal: Signal) {
        if let Ok(group) = i32::try_from(child.id()) {
            // Fails when the group is gone already, which is what is wanted.
            let _ = killpg(Pid::from_raw(group), signal);
        }
    }
}

#[cfg(not(unix))]
mod signal {
    use std::process::Child;

    pub(super) fn terminate(_: &Child) {}

    pub(super) fn kill(_: &Child) {}
}

/// What children leave behind in groups of their own: browsers, above all.
#[cfg(target_os = "linux")]
mod descendants {
    use super::{GRACE, POLL};
    use nix::sys::signal::{Signal, kill};
    use nix::sys::wait::{WaitPidFlag, waitpid};
    use nix::unistd::Pid;
    use std::collections::HashMap;
    use std::time::Instant;

    /// Makes this process the parent of everything below it that loses its own, so that it can be found.
    pub(super) fn adopt() {
        // A kernel without this leaves what has left its group to itself; nothing else suffers.
        let _ = nix::sys::prctl::set_child_subreaper(true);
    }

    /// Asks everything below this process to end, then makes it end.
    pub(super) fn end() {
        for signal in [Signal::SIGTERM, Signal::SIGKILL] {
            let start = Instant::now();
            while start.elapsed() < GRACE {
                // Those that have ended stand in the process table until their parent, now this process, looks.
                while matches!(waitpid(None, Some(WaitPidFlag::WNOHANG)), Ok(status) if status.pid().is_some()) {}
                let left = below(Pid::this());
                if left.is_empty() {
                    return;
                }
                for process in left {
                    // Fails when it has ended meanwhile.
                    let _ = kill(process, signal);
                }
                std::thread::sleep(POLL);
            }
        }
    }

    /// Every process that this one started, directly or not.
    fn below(ancestor: Pid) -> Vec<Pid> {
        let mut children: HashMap<Pid, Vec<Pid>> = HashMap::new();
        for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
            if let Some(process) = entry.file_name().to_str().and_then(|name| name.parse().ok())
                && let Ok(stat) = std::fs::read_to_string(entry.path().join("stat"))
                && let Some(parent) = parent(&stat)
            {
                children.entry(Pid::from_raw(parent)).or_default().push(Pid::from_raw(process));
            }
        }
        let mut found = Vec::new();
        let mut open = vec![ancestor];
        while let Some(process) = open.pop() {
            let below = children.remove(&process).unwrap_or_default();
            found.extend(&below);
            open.extend(below);
        }
        found
    }

    /// The parent in a line of `/proc/<pid>/stat`: the second field after the name, which stands in brackets and may
    /// hold anything.
    pub(super) fn parent(stat: &str) -> Option<i32> {
        let (_, after_name) = stat.rsplit_once(')')?;
        after_name.split_whitespace().nth(1)?.parse().ok()
    }
}

#[cfg(not(target_os = "linux"))]
mod descendants {
    pub(super) fn adopt() {}

    pub(super) fn end() {}
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(crate) mod tests {
    use super::*;
    use std::sync::{Mutex, MutexGuard, PoisonError};

    /// Ending the last child ends all that is left, so tests that start children take turns.
    pub(crate) fn turn() -> MutexGuard<'static, ()> {
        static TURN: Mutex<()> = Mutex::new(());
        descendants::adopt();
        TURN.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A command of a few words.
    pub(crate) fn shell(script: &str) -> Command {
        let mut shell = command("sh");
        shell.args(["-c", script]);
        shell
    }

    #[test]
    fn a_failing_command_is_an_error_that_names_it() {
        let _turn = turn();
        let error = run(&mut shell("exit 3")).unwrap_err();
        assert_eq!(error.to_string(), "`sh -c exit 3` failed (exit status: 3)");
        assert!(run(&mut shell("true")).is_ok());
    }

    #[test]
    fn lines_are_read_to_the_last_one_even_without_a_line_end() {
        let _turn = turn();
        let mut lines = Vec::new();
        let minute = Duration::from_secs(60);
        run_reading(&mut shell("echo one; printf two"), minute, |line| lines.push(line.to_owned())).unwrap();
        assert_eq!(lines, ["one", "two"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_command_that_hangs_is_ended_with_what_it_started() {
        let _turn = turn();
        let start = Instant::now();
        let mut processes = Vec::new();
        let result = run_reading(
            // The second leaves the process group, as browsers do.
            &mut shell("sleep 600 & echo $!; setsid sleep 600 & echo $!; wait"),
            Duration::from_millis(500),
            |line| processes.push(line.to_owned()),
        );
        assert!(result.unwrap_err().to_string().contains("was not over"));
        assert!(start.elapsed() < GRACE);
        assert_eq!(processes.len(), 2);
        for process in processes {
            assert!(!Path::new("/proc").join(process).exists());
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_parent_is_read_past_any_name() {
        assert_eq!(descendants::parent("12 (a) b) S 7 12 12 0"), Some(7));
        assert_eq!(descendants::parent("12"), None);
    }

    #[test]
    fn text_that_is_not_utf_8_is_shown_as_well_as_it_can_be() {
        let mut lines = Vec::new();
        read_lines(&b"a\xff\r\nb"[..], |line| {
            lines.push(line);
            true
        });
        assert_eq!(lines, ["a\u{fffd}", "b"]);
    }
}
