//! The agent, in a process that ends itself without a warning when the work has come to a named step.
//!
//! It is the agent's library and its gateway as they are. The steps are trace events (`zos_agent::step`, `faas_gateway::step`);
//! a subscriber counts them and sends this process SIGKILL in the middle of the one that it was told, in the thread that
//! does the work: what comes after it in the code does not happen.

use clap::Parser;
use grid_tests::steps::{Kill, Steps};
use std::{path::PathBuf, process::ExitCode};
use tracing_subscriber::{filter::LevelFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt, Layer};
use zos_agent::{config::Config, key::AgentKey, service};

/// The agent, to be killed.
#[derive(Parser)]
struct Arguments {
    /// The agent's configuration.
    #[arg(long)]
    config: PathBuf,
    /// Where each step is noted, one in a line, before anything else happens.
    #[arg(long)]
    steps: PathBuf,
    /// The step at which to end: its name, or its name, a colon, and how often it must have been reached.
    #[arg(long)]
    kill: Option<Kill>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let steps = Steps::new(&arguments.steps, arguments.kill).expect("the steps can be noted");
    let log = fmt::layer().with_ansi(false).with_writer(std::io::stderr).with_filter(LevelFilter::INFO);
    tracing_subscriber::registry().with(steps).with(log).init();
    let config = Config::load(&arguments.config, []).expect("the test wrote a configuration");
    let key = AgentKey::load(&config.node.key_file).expect("the test wrote a key");
    match service::run(&config, key) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("crash-agent: {error}");
            ExitCode::FAILURE
        },
    }
}
