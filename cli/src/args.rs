//! The command line: verbs on nouns, and help that teaches.

use crate::amount::{Amount, Bytes, Vcpu};
use clap::{Args, Parser, Subcommand};
use grid_client::Account;
use std::{net::Ipv4Addr, path::PathBuf};

const EXAMPLES: &str = r#"Examples, on a development chain (gridchain-node --dev):
  grid key new --out me.key                              a new secret, in a file that only you can read
  export GRID_KEY=me.key                                 use it from now on
  grid faucet --amount 100                               tokens to try things with
  grid twin create                                       your presence on the grid
  grid node list                                         machines and what they have free
  grid deploy stats.json --node 1 --module stats.wasm    reserve, send, wait until it runs
  grid invoke 1 stats --data '{"values": [1, 2, 3]}'     call the function
  grid contract bill 1                                   what it has cost so far
  grid cancel 1                                          end it and get back what is left

Amounts are in GRID with up to 7 decimals; with --json they are base units (1 GRID = 10^7).

Exit status: 0 done, 1 refused or failed, 2 wrong arguments, 3 there is no such thing,
4 chain or node not reachable (try again)."#;

/// Your twin on the command line: keys, contracts, functions.
#[derive(Debug, Parser)]
#[command(name = "grid", version, about, after_help = EXAMPLES, propagate_version = true, max_term_width = 110)]
pub struct Cli {
    /// Chain endpoint; several, separated by commas, are tried in turn.
    #[arg(
        long,
        global = true,
        help_heading = "Everywhere",
        value_name = "URL",
        env = "GRID_URL",
        default_value = "ws://127.0.0.1:9944",
        value_delimiter = ','
    )]
    pub node_url: Vec<String>,
    /// Your secret: a file with it, a phrase, a 0x seed, or a development name such as //Alice.
    #[arg(
        long,
        global = true,
        help_heading = "Everywhere",
        env = "GRID_KEY",
        hide_env_values = true,
        value_name = "SECRET"
    )]
    pub key: Option<String>,
    /// Print JSON for programs, amounts in base units.
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Secrets and the accounts they sign for.
    #[command(subcommand)]
    Key(KeyCommand),
    /// What an account has.
    Balance {
        /// The account; yours if left out.
        account: Option<Account>,
    },
    /// Tokens to try things with, from the development key //Alice. Development chains only.
    #[command(after_help = "Example: grid faucet --to 5F3sa2TJAWMqDhXG6jhV4N8ko9SxwGy8TpaNS1repo5EYjQX --amount 100")]
    Faucet {
        /// Who gets them; you if left out.
        #[arg(long)]
        to: Option<Account>,
        /// How much, GRID.
        #[arg(long, value_name = "GRID")]
        amount: Amount,
    },
    /// Accounts' presence on the grid.
    #[command(subcommand)]
    Twin(TwinCommand),
    /// Farmers' price lists.
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Farmers' sites and their public addresses.
    #[command(subcommand)]
    Farm(FarmCommand),
    /// Machines.
    #[command(subcommand)]
    Node(NodeCommand),
    /// Agreements and what they cost.
    #[command(subcommand)]
    Contract(ContractCommand),
    /// Functions as WebAssembly modules.
    #[command(subcommand)]
    Module(ModuleCommand),
    /// Reserve capacity on a node and run a deployment there.
    Deploy(DeployArgs),
    /// Change what a contract runs, and, if resources are given, what it reserves.
    Update(UpdateArgs),
    /// Call a function of a contract of yours.
    Invoke(InvokeArgs),
    /// How a contract stands on chain and on its node.
    Status {
        /// The contract.
        contract: u64,
    },
    /// End a contract: what is owed is settled, the rest comes back.
    Cancel {
        /// The contract.
        contract: u64,
    },
    /// Talk to a node by hand.
    #[command(subcommand)]
    Bus(BusCommand),
    /// Read the deployment of a contract back from the chain, with the key it was sealed to.
    #[command(after_help = "Example: grid recover 1 > stats.json")]
    Recover {
        /// The contract.
        contract: u64,
    },
}

/// Secrets.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a new secret: 12 words.
    New {
        /// Write it to this file (mode 600) instead of printing it.
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// The account of your secret.
    Show,
}

/// Twins.
#[derive(Debug, Subcommand)]
pub enum TwinCommand {
    /// Make a twin of your account.
    Create {
        /// RMB relay domains, joined with `_`.
        #[arg(long)]
        relay: Option<String>,
    },
    /// A twin.
    Show {
        /// Its id; yours if left out.
        twin: Option<u32>,
    },
}

/// Price lists.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Make a price list.
    #[command(after_help = "\
CU = min(max(m/4, c/2), max(m/8, c), max(m/2, c/4)) with c vCPU and m GiB; SU = hdd/1200 + ssd/200 in GiB.
Example: grid policy create standard --cu 0.01 --su 0.005 --nu 0.0015 --ipu 0.004")]
    Create {
        /// Its name: 3 to 40 of A-Z, a-z, 0-9, - and _.
        name: String,
        /// One compute unit for an hour, GRID.
        #[arg(long, value_name = "GRID")]
        cu: Amount,
        /// One storage unit for an hour, GRID.
        #[arg(long, value_name = "GRID")]
        su: Amount,
        /// 10^9 bytes of traffic, GRID.
        #[arg(long, value_name = "GRID")]
        nu: Amount,
        /// One public address for an hour, GRID.
        #[arg(long, value_name = "GRID")]
        ipu: Amount,
        /// One GiB of memory for a second of a call, GRID.
        #[arg(long, value_name = "GRID", default_value = "0.00001")]
        gb_second: Amount,
        /// The least share of what is reserved that is billed, per cent.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u8).range(..=100))]
        min_use: u8,
    },
    /// A price list.
    Show {
        /// Its id.
        policy: u32,
    },
}

/// Farms.
#[derive(Debug, Subcommand)]
pub enum FarmCommand {
    /// Make a farm.
    Create {
        /// Its name, unique on the chain: 3 to 40 of A-Z, a-z, 0-9, - and _.
        name: String,
        /// Its price list, one of yours.
        #[arg(long)]
        policy: u32,
    },
    /// Offer a public address.
    #[command(after_help = "Example: grid farm add-ip 1 203.0.113.10/24 --gateway 203.0.113.1")]
    AddIp {
        /// The farm.
        farm: u32,
        /// The address with the length of its subnet's prefix.
        address: Cidr,
        /// The gateway, in the same subnet.
        #[arg(long)]
        gateway: Ipv4Addr,
    },
    /// Let an account register one node.
    Authorize {
        /// The farm.
        farm: u32,
        /// The node's account.
        account: Account,
    },
    /// A farm with its addresses and nodes.
    Show {
        /// Its id or name.
        farm: String,
    },
    /// All farms.
    List,
}

/// Nodes.
#[derive(Debug, Subcommand)]
pub enum NodeCommand {
    /// Register this machine (your key is the node's own) with a farm that has authorized it.
    #[command(after_help = "\
What the machine has is found out (processors, memory, disk free at --disk); each can be given instead.
Example: grid --key node.key node register --farm 1 --country Belgium --city Ghent --bus ws://10.0.0.7:7070")]
    Register(Box<RegisterArgs>),
    /// Give a node another agent account: who signs its heartbeats, reports and answers.
    SetAgent {
        /// The node.
        node: u32,
        /// The account.
        agent: Account,
    },
    /// A node.
    Show {
        /// Its id.
        node: u32,
    },
    /// All nodes and what they have free.
    List,
}

/// What a node says about itself.
#[derive(Debug, Args)]
pub struct RegisterArgs {
    /// The farm.
    #[arg(long)]
    pub farm: u32,
    /// The account of the agent, which signs for the node; your own if left out.
    #[arg(long)]
    pub agent: Option<Account>,
    /// URL of the agent's direct door, ws:// or wss://.
    #[arg(long)]
    pub bus: Option<String>,
    /// Where it stands.
    #[arg(long)]
    pub country: String,
    /// Where it stands.
    #[arg(long)]
    pub city: String,
    /// Processors, vCPU.
    #[arg(long, value_name = "VCPU")]
    pub cru: Option<Vcpu>,
    /// Memory.
    #[arg(long, value_name = "SIZE")]
    pub mru: Option<Bytes>,
    /// Fast disk (SSD).
    #[arg(long, value_name = "SIZE")]
    pub sru: Option<Bytes>,
    /// Slow disk (HDD).
    #[arg(long, value_name = "SIZE", default_value = "0")]
    pub hru: Bytes,
    /// Where the disk is mounted whose free space is counted as fast disk.
    #[arg(long, default_value = "/")]
    pub disk: PathBuf,
    /// The machine's serial number.
    #[arg(long)]
    pub serial: Option<String>,
}

/// Contracts.
#[derive(Debug, Subcommand)]
pub enum ContractCommand {
    /// A contract.
    Show {
        /// Its number.
        contract: u64,
    },
    /// Contracts of a twin or on a node; yours if neither is given.
    List {
        /// Those of this twin.
        #[arg(long, conflicts_with = "node")]
        twin: Option<u32>,
        /// Those on this node.
        #[arg(long)]
        node: Option<u32>,
    },
    /// All charges of a contract by what they were for, checked against its escrow.
    #[command(
        after_help = "Reads the events of all blocks since the contract was made; the node must still have them."
    )]
    Bill {
        /// Its number.
        contract: u64,
        /// Print every charge too.
        #[arg(long)]
        all: bool,
    },
    /// Add to a contract's escrow: a gift, to anyone's contract.
    Fund {
        /// Its number.
        contract: u64,
        /// How much, GRID.
        #[arg(long, value_name = "GRID")]
        amount: Amount,
    },
    /// Limit what may be drawn from your account for a contract in a UTC day.
    RefillLimit {
        /// Its number.
        contract: u64,
        /// GRID per day; 0: prepaid only; left out: no limit.
        #[arg(long, value_name = "GRID")]
        amount: Option<Amount>,
    },
    /// The same as `grid cancel`.
    Cancel {
        /// Its number.
        contract: u64,
    },
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

const DEPLOY_HELP: &str = "\
The file is a deployment. What is left out is filled in: version, twin_id, contract_id, metadata, description,
expiration. A workload's module is \"sha256:<hex>\", \"file:<path beside the file>\", or given with --module.

  { \"description\": \"statistics\",
    \"workloads\": [ { \"name\": \"stats\", \"type\": \"function\",
        \"data\": { \"module\": \"file:stats.wasm\", \"memory\": 67108864, \"timeout_ms\": 10000, \"access\": \"public\" } } ] }

What happens: its hash and a copy sealed to your key go on chain with the contract; when that is final, module and
deployment go to the node, signed with your key; then grid waits until every workload runs.

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
    /// Keep no sealed copy of the deployment on chain: `grid recover` will find nothing.
    #[arg(long)]
    pub no_data: bool,
    /// Go on with this contract, made earlier for the same deployment, instead of making one; the node checks the hash.
    #[arg(long)]
    pub contract: Option<u64>,
    /// How long to wait until it runs, seconds.
    #[arg(long, default_value_t = 120)]
    pub timeout: u64,
}

/// What a contract reserves.
#[derive(Debug, Args)]
pub struct ResourceArgs {
    /// Processors, vCPU [default: 1].
    #[arg(long, value_name = "VCPU")]
    pub cru: Option<Vcpu>,
    /// Memory [default: the sum of the workloads' limits].
    #[arg(long, value_name = "SIZE")]
    pub mru: Option<Bytes>,
    /// Fast disk (SSD) [default: 1GiB].
    #[arg(long, value_name = "SIZE")]
    pub sru: Option<Bytes>,
    /// Slow disk (HDD) [default: 0].
    #[arg(long, value_name = "SIZE")]
    pub hru: Option<Bytes>,
    /// The most traffic per hour that can be billed [default: 1GB].
    #[arg(long, value_name = "SIZE")]
    pub nru: Option<Bytes>,
}

/// What to change.
#[derive(Debug, Args)]
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

/// An IPv4 address with the length of its subnet's prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    /// The address.
    pub address: Ipv4Addr,
    /// Bits.
    pub prefix_len: u8,
}

impl std::str::FromStr for Cidr {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("{text:?} is not an address with a prefix, as in 203.0.113.10/24");
        let (address, prefix) = text.split_once('/').ok_or_else(bad)?;
        let prefix_len = prefix.parse().ok().filter(|bits| *bits <= 32).ok_or_else(bad)?;
        Ok(Self { address: address.parse().map_err(|_| bad())?, prefix_len })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn addresses_come_with_a_prefix() {
        let cidr: Cidr = "203.0.113.10/24".parse().unwrap();
        assert_eq!(cidr, Cidr { address: Ipv4Addr::new(203, 0, 113, 10), prefix_len: 24 });
        for text in ["203.0.113.10", "203.0.113.10/33", "203.0.113/24", "x/24", "203.0.113.10/"] {
            assert!(text.parse::<Cidr>().is_err(), "{text}");
        }
    }

    #[test]
    fn global_options_may_stand_after_the_verb() {
        let cli = Cli::try_parse_from(["grid", "twin", "show", "3", "--json", "--key", "//Bob"]).unwrap();
        assert!(cli.json);
        assert_eq!(cli.key.as_deref(), Some("//Bob"));
    }

    #[test]
    fn several_endpoints_are_separated_by_commas() {
        let cli = Cli::try_parse_from(["grid", "--node-url", "ws://a:1,ws://b:2", "node", "list"]).unwrap();
        assert_eq!(cli.node_url, ["ws://a:1", "ws://b:2"]);
    }
}
