//! Measures the gateway: `gateway-bench run GATEWAY`, on a core of its own, prints rows for the table of `scripts/bench`.
//!
//! - `load`: the load generator, a closed loop over kept connections. `target`: the gateway, started on one core.
//! - `direct`: the same module called in this process. `peers`: servers to compare with, run by the same program.
//! - `measure`: what is measured. `attacks`: what a neighbour has to bear. `rows`: how it is written down.

mod attacks;
mod direct;
mod load;
mod measure;
mod modules;
mod peers;
mod rows;
mod target;

use clap::{Parser, Subcommand};
use std::path::PathBuf;

#[derive(Parser)]
#[command(about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measure a gateway's binary; it runs on one core
    Run {
        gateway: PathBuf,
        /// The core it runs on
        #[arg(long, default_value_t = 0)]
        core: usize,
        /// Seconds of each measurement under load
        #[arg(long, default_value_t = 5)]
        seconds: u64,
    },
    /// Serve a plain echo: what a server of this make can do at most
    Echo,
    /// Serve a process for each request, as the classic watchdog does
    ProcessPerRequest,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Run { gateway, core, seconds } => measure::all(&gateway, core, seconds).await,
        Command::Echo => peers::serve(peers::echo()).await,
        Command::ProcessPerRequest => peers::serve(peers::process_per_request()).await,
    }
}
