//! `cargo xtask dev`: the app and the sandbox, ready to be tried.

use crate::run::{self, Child};
use crate::setup;
use anyhow::{Result, bail};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

/// Where each part listens. `Trunk.toml` and the sandbox have the same numbers as their defaults.
const APP: u16 = 3000;
const API: u16 = 8787;
const PROVIDER: u16 = 8788;

/// Not `dist`: a debug build must not be taken for the release build.
const DIST: &str = "target/dev-dist";

/// How long a server that was just asked may think.
const PATIENCE: Duration = Duration::from_secs(2);

/// Runs until it is stopped or one of its parts ends.
pub(crate) fn dev() -> Result<()> {
    for (port, user) in [(APP, "the app"), (API, "the sandbox's API"), (PROVIDER, "the sandbox's provider")] {
        if is_taken(port) {
            bail!("port {port}, for {user}, is taken: stop what listens there (`ss -ltnp` shows it), then start again");
        }
    }
    let trunk = setup::trunk()?;

    println!("Building the sandbox (about a minute the first time)");
    run::run(run::cargo().args(["build", "--locked", "--package", "sandbox"]))?;
    let mut cargo = run::cargo();
    cargo.args(["run", "--locked", "--quiet", "--package", "sandbox"]);
    let mut sandbox = Part { name: "the sandbox", child: Child::start(&mut cargo)? };
    while status(API).is_none() || status(PROVIDER).is_none() {
        sandbox.is_up()?;
        run::pause()?;
    }

    println!("Building the app (one to two minutes the first time)");
    let mut serve = run::command(trunk);
    // Trunk takes NO_COLOR=1 for a wrong argument.
    serve.env_remove("NO_COLOR").args(["serve", "--locked", "--offline", "--dist", DIST]);
    let mut app = Part { name: "trunk", child: Child::start(&mut serve)? };
    // Without a time limit: where the app does not compile, Trunk says so, waits for a change and tries again.
    while status(APP).as_deref() != Some("200") {
        sandbox.is_up()?;
        app.is_up()?;
        run::pause()?;
    }

    println!("{READY}");
    loop {
        sandbox.is_up()?;
        app.is_up()?;
        if run::pause().is_err() {
            println!("Stopping the app and the sandbox.");
            return Ok(());
        }
    }
}

const READY: &str = "
  Open     http://localhost:3000
  Sign in  as admin@example.com
  Faults   http://localhost:8787/ lists accounts that make something go wrong
  Stop     with Ctrl-C
";

/// One of the two programs that make up the whole.
struct Part {
    name: &'static str,
    child: Child,
}

impl Part {
    /// Fails when this program has ended, which it never should by itself.
    fn is_up(&mut self) -> Result<()> {
        if let Some(status) = self.child.ended()? {
            // Ctrl-C may reach the program before this one.
            run::go_on()?;
            bail!(
                "{} ended by itself ({status}): what it said last stands above; everything else was stopped",
                self.name
            );
        }
        Ok(())
    }
}

/// Whether somebody listens on this port of this machine already.
fn is_taken(port: u16) -> bool {
    let addresses: [SocketAddr; 2] = [(Ipv4Addr::LOCALHOST, port).into(), (Ipv6Addr::LOCALHOST, port).into()];
    addresses.iter().any(|address| {
        // Other failures, such as a machine without IPv6, are no sign of that.
        TcpListener::bind(address).is_err_and(|error| error.kind() == std::io::ErrorKind::AddrInUse)
    })
}

/// The HTTP status with which a server on this port answers `GET /`; `None` when there is no answer.
fn status(port: u16) -> Option<String> {
    let ask = || -> std::io::Result<[u8; 12]> {
        let mut server = TcpStream::connect_timeout(&(Ipv4Addr::LOCALHOST, port).into(), PATIENCE)?;
        server.set_read_timeout(Some(PATIENCE))?;
        write!(server, "GET / HTTP/1.1\r\nHost: localhost:{port}\r\nAccept: text/html\r\nConnection: close\r\n\r\n")?;
        let mut start = [0; 12];
        server.read_exact(&mut start)?;
        Ok(start)
    };
    let start = ask().ok()?;
    Some(std::str::from_utf8(&start).ok()?.strip_prefix("HTTP/1.1 ")?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_taken_while_somebody_listens() -> Result<()> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        assert!(is_taken(port));
        drop(listener);
        assert!(!is_taken(port));
        Ok(())
    }

    #[test]
    fn the_status_is_read_and_no_answer_is_none() -> Result<()> {
        let replies =
            [("HTTP/1.1 200 OK\r\n\r\n", Some("200")), ("HTTP/1.1 404 Not Found\r\n\r\n", Some("404")), ("", None)];
        for (reply, expected) in replies {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
            let port = listener.local_addr()?.port();
            let server = std::thread::spawn(move || -> std::io::Result<()> {
                let (mut client, _) = listener.accept()?;
                let mut request = [0; 512];
                let _ = client.read(&mut request)?;
                client.write_all(reply.as_bytes())
            });
            assert_eq!(status(port).as_deref(), expected, "{reply:?}");
            assert!(server.join().is_ok());
            assert_eq!(status(port), None);
        }
        Ok(())
    }
}
