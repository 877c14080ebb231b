//! The agent, in a process that ends itself without a warning when the work has come to a named step.
//!
//! It is the agent's library and its gateway as they are. The steps are trace events (`zos_agent::step`, `faas_gateway::step`);
//! a subscriber counts them and sends this process SIGKILL in the middle of the one that it was told, in the thread that
//! does the work: what comes after it in the code does not happen.

use clap::Parser;
use grid_tests::steps::Watch;
use std::{path::PathBuf, process::ExitCode};
use zos_agent::{config::Config, key::AgentKey, service};

/// The agent, to be killed.
#[derive(Parser)]
struct Arguments {
    /// The agent's configuration.
    #[arg(long)]
    config: PathBuf,
    #[command(flatten)]
    watch: Watch,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    arguments.watch.begin();
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
