//! `grid`: the user's twin on the command line.
//!
//! | file | what lives there |
//! | --- | --- |
//! | [`args`] | the command line and its help |
//! | [`commands`] | what each verb does, one file per noun |
//! | [`deployment`] | reading a deployment file and filling in what it leaves out |
//! | [`capacity`] | what this machine has |
//! | [`session`] | chain, key, twin, a node's door |
//! | [`advice`] | what to do next when the chain refuses |
//! | [`amount`], [`time`], [`output`], [`error`] | how things are written and printed |

mod advice;
mod amount;
mod args;
mod capacity;
mod commands;
mod copy;
mod deployment;
mod error;
mod output;
mod session;
mod signing;
mod time;

use args::Cli;
use clap::Parser;
use session::Session;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "off".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let session = Session::new(&cli);
    match commands::run(&session, cli.command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            session.out.error(&error);
            ExitCode::from(error.exit)
        },
    }
}
