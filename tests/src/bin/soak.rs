//! Kills and outages for as long as one likes, for `scripts/soak`.

use clap::Parser;
use grid_tests::soak::{seed, soak, soak_with_node};
use std::time::Duration;

/// A node's agent is killed and its chain lost, again and again, while its user makes, updates and cancels contracts.
#[derive(Parser)]
struct Arguments {
    /// How long.
    #[arg(long, default_value_t = 5)]
    minutes: u64,
    /// Where the choices come from; the time if it is not given.
    #[arg(long)]
    seed: Option<u64>,
    /// On a real chain, whose node is killed as well.
    #[arg(long)]
    node: bool,
}

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    let seed = arguments.seed.unwrap_or_else(seed);
    println!("seed {seed}, {} minutes", arguments.minutes);
    let time = Duration::from_secs(60 * arguments.minutes);
    let summary = match arguments.node {
        true => soak_with_node(seed, time).await,
        false => soak(seed, time).await,
    };
    println!(
        "all rules held\n\
         stories  {:>8}   a contract made, updated, billed, cancelled beside another\n\
         kills    {:>8}\n\
         outages  {:>8}   of the agent's endpoint, or kills of its chain's node\n\
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
