//! The binary: its ports, its words, its end.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use sandbox::FAULTS;
use serde_json::json;

use crate::other_provider::OtherProvider;
use crate::stand::{Answer, KEY, client, send};

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
    let table: [(&[&str], &str); 6] = [
        (&["--issuer", "https://login.example.com"], "--client-id"),
        (&["--client-id", "x"], "--issuer"),
        (&["--issuer", "https://login.example.com", "--client-id", "x"], "SANDBOX_CLIENT_SECRET"),
        (&["--issuer", "nonsense", "--client-id", "x", "--client-secret", "y"], "--issuer"),
        (&["--issuer", "https://a:b@login.example.com", "--client-id", "x", "--client-secret", "y"], "--issuer"),
        (&["--issuer", "https://login.example.com?a=b", "--client-id", "x", "--client-secret", "y"], "--issuer"),
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

/// A running program, in front of this provider; its API, and what it said when it was stopped.
async fn asked_in_front_of(issuer: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Result<(Answer, String)> {
    let mut command = program(&["--api-port", "0", "--issuer", issuer, "--client-id", "a client"]);
    command.args(arguments).env_remove("SSL_CERT_FILE").env("SANDBOX_CLIENT_SECRET", "a secret of the client");
    command.envs(environment.iter().copied()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = Running(command.spawn()?);
    let mut lines = BufReader::new(running.0.stdout.take().context("no output")?);
    let mut said = String::new();
    while !said.contains("Ctrl-C") {
        anyhow::ensure!(lines.read_line(&mut said)? > 0, "ended after {said}");
    }
    let url = format!("{}/v1/admin/auth/sso/initiate", origin_after(&said, "Admin API")?);
    let answer = send(client()?.post(url).bearer_auth(KEY).json(&json!({"username": "admin@example.com"}))).await?;
    running.0.kill()?;
    let mut errors = String::new();
    running.0.stderr.take().context("no errors")?.read_to_string(&mut errors)?;
    Ok((answer, errors))
}

#[tokio::test]
async fn what_is_wrong_with_the_provider_is_answered_and_logged_without_secrets() -> Result<()> {
    for (issuer, named) in [("http://localhost:1", "cannot connect"), ("https://localhost:1/x/", "cannot connect")] {
        let (answer, errors) = asked_in_front_of(issuer, &[], &[]).await?;
        answer.is(500, "A5000")?;
        let message = answer.field("status_message")?;
        assert!(message.contains(named) && message.contains(issuer), "{message}");
        assert_eq!(errors, format!("sandbox: {message}\n"));
        for secret in ["a secret of the client", KEY, "admin@example.com"] {
            assert!(!errors.contains(secret), "{errors}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn an_authority_of_ones_own_is_trusted_if_it_is_given() -> Result<()> {
    let mut authority = CertificateParams::new(Vec::new())?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new(vec!["localhost".to_owned()])?.signed_by(&key, &authority)?;
    let provider = OtherProvider::start_with_tls(certificate.der().clone(), key.serialize_der()).await?;

    let folder = std::env::temp_dir().join(format!("sandbox-authority-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let file = folder.join("authority.pem");
    std::fs::write(&file, authority.pem())?;
    let path = file.to_str().context("a path that is not Unicode")?;
    let nobodys = folder.join("nothing.pem");
    std::fs::write(&nobodys, "no certificate")?;
    let empty = nobodys.to_str().context("a path that is not Unicode")?;

    let (without, errors) = asked_in_front_of(&provider.issuer, &[], &[]).await?;
    without.is(500, "A5000")?;
    assert!(without.text.contains("certificate") && without.text.contains("--ca"), "{}", without.text);
    assert!(errors.contains("UnknownIssuer"), "{errors}");
    let (by_flag, errors) = asked_in_front_of(&provider.issuer, &["--ca", path], &[]).await?;
    by_flag.is(200, "A0000").context(errors)?;
    let (by_environment, errors) = asked_in_front_of(&provider.issuer, &[], &[("SSL_CERT_FILE", path)]).await?;
    by_environment.is(200, "A0000").context(errors)?;

    for (given, named) in [(empty, "no certificate authority"), ("/nowhere/authority.pem", "--ca")] {
        let issuer = ["--issuer", &provider.issuer, "--client-id", "x", "--client-secret", "y"];
        let output = run(&[&issuer[..], &["--api-port", "0", "--ca", given]].concat())?;
        let message = String::from_utf8(output.stderr)?;
        assert!(!output.status.success() && message.contains(named), "{given}: {message}");
    }
    std::fs::remove_dir_all(folder)?;
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
