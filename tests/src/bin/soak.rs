//! Kills and outages for as long as one likes, for `scripts/soak`.

use clap::Parser;
use grid_tests::soak::soak;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A node's agent is killed and its chain lost, again and again, while its user makes, updates and cancels contracts.
#[derive(Parser)]
struct Arguments {
    /// How long.
    #[arg(long, default_value_t = 5)]
    minutes: u64,
    /// Where the choices come from; the time if it is not given.
    #[arg(long)]
    seed: Option<u64>,
}

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let seed = arguments.seed.unwrap_or(now.as_secs());
    println!("seed {seed}, {} minutes", arguments.minutes);
    let summary = soak(seed, Duration::from_secs(60 * arguments.minutes)).await;
    println!(
        "all rules held\n\
         stories  {:>8}   a contract made, updated, billed, cancelled beside another\n\
         kills    {:>8}\n\
         outages  {:>8}   of the agent's endpoint\n\
         blocks   {:>8}\n\
         bills    {:>8}\n\
         refused  {:>8}   windows that were not billed\n\
         memory   {:>8}   MiB of the agent at the end\n\
         files    {:>8}   open in the agent at the end",
        summary.stories,
        summary.kills,
        summary.outages,
        summary.blocks,
        summary.bills,
        summary.refused,
        summary.memory >> 20,
        summary.files,
    );
}
