//! How long the end of a sign-in takes in real Chromium: from the provider's redirect to the login request, and to the
//! signed-in page. Beside the app stands the floor, one page written by hand for the same contract (`floor.html`), since
//! times of one machine and one hour mean little, and the ratio of two that were taken in turns means more.
//!
//! `cargo xtask bench` builds the app and says where it and the browser are: `APP_DIST`, `CHROMEDRIVER`, `CHROMIUM`. It
//! runs in the workspace root.
//!
//! # Layout
//!
//! - `options`: the command line; `condition`: what is measured under which conditions
//! - `site`: the static host of a build; `host_headers`: its `_headers`; `wire`: connections whose bytes are counted
//! - `api`, `provider`: what stands in for the API and for the identity provider
//! - `sign_in`: one sign-in in the browser; `measure`: many, in turns
//! - `statistics`, `report`: from values to tables

mod api;
mod condition;
mod host_headers;
mod measure;
mod options;
mod provider;
mod report;
mod sign_in;
mod site;
mod statistics;
mod wire;

use std::process::ExitCode;

use anyhow::Result;

use crate::measure::Bench;
use crate::options::{Options, USAGE};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    let Some(options) = Options::parse(std::env::args().skip(1))? else {
        print!("{USAGE}\n{}", condition::list());
        return Ok(());
    };
    let figures = Bench::start(&options).await?.run(&options).await?;
    report::finish(&figures, options.write)
}
