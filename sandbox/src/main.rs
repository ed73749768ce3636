//! The sandbox as a program: two servers on this machine's loopback address.

mod cli;

use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser as _;
use sandbox::{ProviderChoice, Sandbox, Settings, faults_as_text, local_url, serve};
use tokio::net::TcpListener;
use tokio::sync::watch;

use cli::Options;

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    match run(&options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options) -> anyhow::Result<()> {
    if options.list_faults {
        return print(&faults_as_text());
    }
    let external = options.external_provider()?;
    let api = listen(options.api_port, "--api-port").await?;
    let provider = match external {
        Some(_) => None,
        None => Some(listen(options.provider_port, "--provider-port").await?),
    };
    let sandbox = Sandbox::new(settings(options, external, provider.as_ref())?)?;
    print(&greeting(options, &api, provider.as_ref())?)?;

    let (stop, stopping) = watch::channel(());
    tokio::spawn(async move {
        interrupted().await;
        drop(stop);
    });
    let stopped = || {
        let mut stopping = stopping.clone();
        // An error says that the sender is gone, which is the signal.
        async move { while stopping.changed().await.is_ok() {} }
    };
    let api = serve(api, sandbox.api().merge(sandbox.front_page()), stopped());
    let provider = async {
        match provider {
            Some(listener) => serve(listener, sandbox.provider(), stopped()).await,
            None => Ok(()),
        }
    };
    tokio::try_join!(api, provider)?;
    print("Stopped.\n")
}

/// Loopback only: whoever reaches the provider is whoever they say they are.
async fn listen(port: u16, flag: &str) -> anyhow::Result<TcpListener> {
    let bound = TcpListener::bind(("127.0.0.1", port)).await;
    bound.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => {
            anyhow::anyhow!("Port {port} is taken: stop what uses it, or choose another port with {flag}.")
        }
        _ => anyhow::anyhow!("Port {port} ({flag}) cannot be used: {error}"),
    })
}

fn settings(
    options: &Options,
    external: Option<ProviderChoice>,
    provider: Option<&TcpListener>,
) -> anyhow::Result<Settings> {
    let mut settings = Settings {
        app_callback: options.app_callback()?,
        api_key: options.api_key.clone(),
        access_token_life: options.access_life(),
        refresh_token_life: options.refresh_life(),
        allowed_origins: options.allow_origin.clone(),
        ..Settings::default()
    };
    match (external, provider) {
        (Some(external), _) => settings.provider = external,
        (None, Some(provider)) => {
            let issuer = local_url(provider.local_addr()?.port(), "/");
            settings.provider = ProviderChoice::BuiltIn { issuer };
        }
        (None, None) => {}
    }
    Ok(settings)
}

/// What is served where. Names no secret: the key is the one that the caller chose, or the well-known default.
fn greeting(options: &Options, api: &TcpListener, provider: Option<&TcpListener>) -> anyhow::Result<String> {
    let provider = match (provider, &options.issuer) {
        (Some(provider), _) => format!("http://localhost:{}", provider.local_addr()?.port()),
        (None, issuer) => format!("{} (external)", issuer.as_deref().unwrap_or_default()),
    };
    Ok(format!(
        "Admin API        http://localhost:{}\n\
         OpenID provider  {provider}\n\
         App expected at  {}\n\
         Accounts         {} and any other address; --list-faults names those that fail\n\
         Stop with Ctrl-C.\n",
        api.local_addr()?.port(),
        options.app_url,
        sandbox::MAIN_ACCOUNT,
    ))
}

/// Flushed, so that whoever waits for the first line through a pipe gets it.
fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    match written {
        // The reader has seen enough, as in `--list-faults | head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.context("cannot write to standard output"),
    }
}

/// Ready when somebody asks the program to stop.
#[cfg(unix)]
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

/// Ready when somebody asks the program to stop.
#[cfg(not(unix))]
async fn interrupted() {
    let _ = tokio::signal::ctrl_c().await;
}
