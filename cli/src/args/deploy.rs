//! Deployments, calls, modules, the bus.

use super::{deployment::RequireArgs, CapacityArgs, IpArgs};
use crate::amount::{Amount, Bytes};
use clap::{Args, Subcommand};
use std::path::PathBuf;

const DEPLOY_HELP: &str = "\
The file is a deployment. What is left out is filled in: version, twin_id, contract_id, metadata, description,
expiration. A workload's module is \"sha256:<hex>\", \"file:<path beside the file>\", or given with --module.

  { \"description\": \"statistics\",
    \"workloads\": [ { \"name\": \"stats\", \"type\": \"function\",
        \"data\": { \"module\": \"file:stats.wasm\", \"memory\": 67108864, \"timeout_ms\": 10000, \"access\": \"public\" } } ] }

What happens: its hash and a copy sealed to your key go on chain with the contract; when that is final, module and
deployment go to the node, signed with your key; then grid waits until every workload runs.

Reserved if nothing is said: 1 vCPU, memory for the sum of the workloads' limits, 1GiB of fast disk, no slow disk, and
1GB of traffic per hour.

With --require others are asked to sign: if you are enough by yourself, all goes on; else write the file for them with
grid deployment ask.

Example: grid deploy stats.json --node 1 --module stats.wasm --ips 1 --price-limit 0.05";

/// What to reserve and run.
#[derive(Debug, Args)]
#[command(after_help = DEPLOY_HELP)]
pub struct DeployArgs {
    /// The deployment.
    pub file: PathBuf,
    /// The node.
    #[arg(long)]
    pub node: u32,
    /// The module of the workloads that name none.
    #[arg(long)]
    pub module: Option<PathBuf>,
    /// How many public addresses.
    #[arg(long, default_value_t = 0)]
    pub ips: u32,
    #[command(flatten)]
    pub resources: ResourceArgs,
    /// The most you are ready to pay for an hour at full use, GRID; the farmer's price of now if left out.
    #[arg(long, value_name = "GRID")]
    pub price_limit: Option<Amount>,
    #[command(flatten)]
    pub asked: RequireArgs,
    /// Keep no sealed copy of the deployment on chain: `grid recover` will find nothing.
    #[arg(long)]
    pub no_data: bool,
    /// Go on with this contract, made earlier for the same deployment, instead of making one; its terms stay.
    #[arg(long, conflicts_with_all = ["ips", "cru", "mru", "sru", "hru", "nru", "price_limit", "no_data"])]
    pub contract: Option<u64>,
    /// How long to wait until it runs, seconds.
    #[arg(long, default_value_t = 120)]
    pub timeout: u64,
}

/// What a contract reserves.
#[derive(Debug, Args)]
pub struct ResourceArgs {
    #[command(flatten)]
    pub capacity: CapacityArgs,
    /// The most traffic per hour that can be billed.
    #[arg(long, value_name = "SIZE")]
    pub nru: Option<Bytes>,
}

/// What to change.
#[derive(Debug, Args)]
#[command(after_help = "\
Of what is reserved, what is not given stays as it is. A change of resources or addresses takes the farmer's prices of now.
Example: grid update stats.json --contract 1 --mru 4GiB --add-ips 1")]
pub struct UpdateArgs {
    /// The new deployment.
    pub file: PathBuf,
    /// The contract.
    #[arg(long)]
    pub contract: u64,
    /// The module of the workloads that name none.
    #[arg(long)]
    pub module: Option<PathBuf>,
    #[command(flatten)]
    pub resources: ResourceArgs,
    #[command(flatten)]
    pub ips: IpArgs,
    /// The most you are ready to pay for an hour at full use, GRID.
    #[arg(long, value_name = "GRID")]
    pub price_limit: Option<Amount>,
    /// Keep no sealed copy of the deployment on chain.
    #[arg(long)]
    pub no_data: bool,
    /// How long to wait until it runs, seconds.
    #[arg(long, default_value_t = 120)]
    pub timeout: u64,
}

/// What to call, and with what.
#[derive(Debug, Args)]
#[command(after_help = "\
The call goes over the message bus, signed with your key; it reaches functions that are not public too.
Examples: grid invoke 1 stats --data '{\"values\": [1, 2, 3]}'
          grid invoke 1 stats --data @numbers.json --content-type application/json
          cat numbers.json | grid invoke 1 stats --data -")]
pub struct InvokeArgs {
    /// The contract.
    pub contract: u64,
    /// The workload's name.
    pub name: String,
    /// The request: text, @FILE, or - for stdin.
    #[arg(long, default_value = "")]
    pub data: String,
    /// Its media type.
    #[arg(long)]
    pub content_type: Option<String>,
}

/// Whose log.
#[derive(Debug, Args)]
#[command(after_help = "\
Only the contract's owner can read it; it goes over the message bus, sealed.
Examples: grid logs 1 stats --tail 20
          grid logs 1 stats --follow")]
pub struct LogsArgs {
    /// The contract.
    pub contract: u64,
    /// The workload's name.
    pub name: String,
    /// Only the last so many lines.
    #[arg(long)]
    pub tail: Option<u32>,
    /// Only lines of the last so many seconds.
    #[arg(long, value_name = "SECONDS")]
    pub since: Option<u64>,
    /// Go on until interrupted.
    #[arg(long, short)]
    pub follow: bool,
}

/// The message bus.
#[derive(Debug, Subcommand)]
pub enum BusCommand {
    /// Send one command to a node's agent, signed with your key, and print what it answers.
    #[command(after_help = "\
Examples: grid bus call --node 1 zos.system.version
          grid bus call --node 1 zos.deployment.changes --payload '{\"contract_id\": 1}'")]
    Call {
        /// The node.
        #[arg(long)]
        node: u32,
        /// The command.
        command: String,
        /// Its JSON: text, @FILE, or - for stdin.
        #[arg(long, default_value = "{}")]
        payload: String,
    },
}

/// Modules.
#[derive(Debug, Subcommand)]
pub enum ModuleCommand {
    /// The digest by which a deployment names a module.
    Hash {
        /// The WebAssembly file.
        file: PathBuf,
    },
}
