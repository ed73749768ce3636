//! The binary: its ports, its words, its end.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use sandbox::FAULTS;
use serde_json::json;

use crate::stand::{KEY, client, send};

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sandbox"));
    command.args(arguments).env_remove("SANDBOX_CLIENT_SECRET");
    command
}

/// Runs a program that should end by itself; one that does not is stopped, and fails the test.
fn run(arguments: &[&str]) -> Result<Output> {
    let mut child = program(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    if ended(&mut child).is_err() {
        child.kill()?;
        bail!("{arguments:?} does not end");
    }
    Ok(child.wait_with_output()?)
}

#[test]
fn a_taken_port_is_one_line_that_names_port_and_flag() -> Result<()> {
    let taken = TcpListener::bind(("127.0.0.1", 0))?;
    let port = taken.local_addr()?.port().to_string();
    for (flag, other) in [("--api-port", "--provider-port"), ("--provider-port", "--api-port")] {
        let output = run(&[flag, &port, other, "0"])?;
        assert_eq!(output.status.code(), Some(1));
        let message = String::from_utf8(output.stderr)?;
        assert_eq!(message.lines().count(), 1, "{message}");
        assert!(message.contains(&port) && message.contains(flag), "{message}");
        assert!(output.stdout.is_empty());
    }
    Ok(())
}

#[test]
fn help_and_the_list_name_every_fault() -> Result<()> {
    for flag in ["--help", "--list-faults"] {
        let output = run(&[flag])?;
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout)?;
        for row in FAULTS {
            assert!(text.contains(row.fault.name()) && text.contains(row.what), "{flag}");
        }
    }
    Ok(())
}

#[test]
fn an_external_provider_needs_all_its_parts() -> Result<()> {
    let table: [(&[&str], &str); 4] = [
        (&["--issuer", "https://login.example.com"], "--client-id"),
        (&["--client-id", "x"], "--issuer"),
        (&["--issuer", "https://login.example.com", "--client-id", "x"], "SANDBOX_CLIENT_SECRET"),
        (&["--issuer", "nonsense", "--client-id", "x", "--client-secret", "y"], "--issuer"),
    ];
    for (arguments, named) in table {
        let output = run(arguments)?;
        assert!(!output.status.success());
        let message = String::from_utf8(output.stderr)?;
        assert!(message.contains(named), "{message}");
    }
    Ok(())
}

/// A running program that ends with this value, whatever the test does.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// On Unix, where a signal can be sent without a console.
#[cfg(unix)]
#[tokio::test]
async fn it_serves_says_so_and_stops_when_told_even_while_a_request_hangs() -> Result<()> {
    for signal in ["-TERM", "-INT"] {
        let child = program(&["--api-port", "0", "--provider-port", "0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut running = Running(child);
        let stdout = running.0.stdout.take().context("no output")?;
        let mut lines = BufReader::new(stdout);
        let mut said = String::new();
        while !said.contains("Ctrl-C") {
            let more = lines.read_line(&mut said)?;
            anyhow::ensure!(more > 0, "ended after {said}");
        }
        let api = origin_after(&said, "Admin API")?;
        let provider = origin_after(&said, "OpenID provider")?;

        let http = client()?;
        for origin in [&api, &provider] {
            let page = send(http.get(origin)).await?;
            assert!(page.text.contains("Sign-in sandbox"), "{origin}");
        }
        let url = format!("{api}/v1/admin/auth/sso/initiate");
        let initiate = |email: &str| http.post(&url).bearer_auth(KEY).json(&json!({"username": email}));
        let answer = send(initiate("admin@example.com")).await?;
        assert!(answer.field("redirect")?.starts_with(&provider));

        let hanging = tokio::spawn(send(initiate("initiate.hang@example.com")));
        tokio::time::sleep(Duration::from_millis(200)).await;
        let pid = running.0.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status()?.success());
        assert!(ended(&mut running.0)?, "exit code 0");
        assert!(hanging.await?.is_err());

        lines.read_to_string(&mut said)?;
        let mut stderr = String::new();
        let mut errors = running.0.stderr.take().context("no errors")?;
        errors.read_to_string(&mut stderr)?;
        assert!(said.ends_with("Stopped.\n"), "{said}");
        assert_eq!(stderr, "");
        let state = answer.field("state")?;
        assert!(!said.contains(&state) && !said.contains(KEY), "{said}");
    }
    Ok(())
}

fn origin_after(said: &str, label: &str) -> Result<String> {
    let line = said.lines().find(|line| line.starts_with(label));
    let origin = line.and_then(|line| line.split_whitespace().last());
    Ok(origin.with_context(|| format!("{label} in {said}"))?.to_owned())
}

fn ended(child: &mut Child) -> Result<bool> {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(5) {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    bail!("still running")
}
