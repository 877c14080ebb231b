//! Machines.

use super::{CapacityArgs, Cidr};
use clap::{Args, Subcommand, ValueEnum};
use grid_client::{records::PowerState, Account};
use std::{
    net::{Ipv4Addr, Ipv6Addr},
    path::PathBuf,
};

/// Nodes.
#[derive(Debug, Subcommand)]
pub enum NodeCommand {
    /// Register this machine (your key is the node's own) with a farm that has authorized it.
    #[command(after_help = "\
What the machine has is found out (processors, memory, disk free at --disk); each can be given instead.
Without --hru it has no slow disk.
Example: grid --key node.key node register --farm 1 --country Belgium --city Ghent --bus ws://10.0.0.7:7070")]
    Register(Box<RegisterArgs>),
    /// A node.
    Show {
        /// Its id.
        node: u32,
    },
    /// All nodes and what they have free; with a wish, those that take it.
    #[command(after_help = "\
With a wish: nodes that are up and heard of, are let in parts, and have that much free.
Example: grid node list --cru 2 --mru 4GiB --sru 50GiB --ips 1")]
    List(WishArgs),
    /// What is said about a node that is registered.
    #[command(flatten)]
    Change(NodeChange),
}

/// What is said about a node that is registered.
#[derive(Debug, Subcommand)]
pub enum NodeChange {
    /// As the node: say something new about the machine. What is not given is as it was.
    #[command(after_help = "\
The capacity can't be less than contracts reserve; for what broke there is: grid node degraded.
Example, after a move: grid --key node.key node update 1 --bus wss://node1.example.org:7070 --city Antwerp")]
    Update(Box<NodeUpdateArgs>),
    /// Give a node another agent account: who signs its heartbeats, reports and answers. It has to accept.
    SetAgent {
        /// The node.
        node: u32,
        /// The account.
        agent: Account,
    },
    /// As the account that a node names as its agent: accept. Only then does it sign for the node.
    #[command(after_help = "Example: grid --key agent.key node accept-agent 1")]
    AcceptAgent {
        /// The node.
        node: u32,
    },
    /// As a node's agent: sign for it no longer. Your key is free for another node.
    #[command(after_help = "Example: grid --key agent.key node resign-agent")]
    ResignAgent,
    /// As the farmer: say whether a machine should be switched on. While it should not, it takes no contracts.
    #[command(after_help = "A node with live contracts can't be switched off.\nExample: grid node power 1 down")]
    Power {
        /// The node.
        node: u32,
        /// What you want.
        target: Switch,
    },
    /// As the node's agent: say that the machine is up again, or about to go down.
    Powered {
        /// What it is.
        state: Switch,
    },
    /// As the node's agent: say what is left after something broke.
    #[command(after_help = "\
What is not given is as it was. If contracts reserve more than is left, the newest end until the rest fits.
Example, after a disk died: grid --key agent.key node degraded --sru 200GiB")]
    Degraded(CapacityArgs),
    /// As a certifier: vouch that a node is what it claims to be.
    Certify {
        /// The node.
        node: u32,
        /// Take it back.
        #[arg(long)]
        revoke: bool,
    },
    /// As the farmer: say how a node is rented out as a whole. What is not given is as it was.
    #[command(after_help = "\
Examples: grid node rent-terms 1 --surcharge 20 --whole-only
          grid node rent-terms 1 --whole-only=false")]
    RentTerms(RentTermsArgs),
    /// As the farmer: say how a node is reached from the internet. What is not given is as it was.
    #[command(after_help = "\
To take one of these away, say --none first and then what stays.
Example: grid node public-config 1 --ip4 203.0.113.5/24 --gateway4 203.0.113.1 --domain node1.example.org")]
    PublicConfig(PublicConfigArgs),
    /// As the node: move to a farm that has authorized your account. Only without live contracts.
    Move {
        /// The node.
        node: u32,
        /// The farm.
        #[arg(long)]
        farm: u32,
    },
    /// Take a node off the grid, as the node or as the farmer. Its contracts end first, some in each block.
    Delete {
        /// The node.
        node: u32,
    },
}

/// A machine's switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// Switched on.
    Up,
    /// Switched off.
    Down,
}

impl From<Switch> for PowerState {
    fn from(switch: Switch) -> Self {
        match switch {
            Switch::Up => Self::Up,
            Switch::Down => Self::Down,
        }
    }
}

/// What a node shall have free.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Args)]
pub struct WishArgs {
    #[command(flatten)]
    pub capacity: CapacityArgs,
    /// Public addresses of its farm.
    #[arg(long, value_name = "COUNT")]
    pub ips: Option<u32>,
}

/// How a node is rented out as a whole.
#[derive(Clone, Copy, Debug, Args)]
pub struct RentTermsArgs {
    /// The node.
    pub node: u32,
    /// What a rent costs on top of the prices of CU and SU, per cent.
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u16).range(..=1_000))]
    pub surcharge: Option<u16>,
    /// It can be had only as a whole; with =false, in parts too.
    #[arg(
        long,
        value_name = "true|false",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        required_unless_present = "surcharge"
    )]
    pub whole_only: Option<bool>,
}

/// How a node is reached from the internet.
#[derive(Debug, Args)]
pub struct PublicConfigArgs {
    /// The node.
    pub node: u32,
    /// Its IPv4 address with the length of the subnet's prefix.
    #[arg(long, requires = "gateway4")]
    pub ip4: Option<Cidr>,
    /// The gateway of that subnet.
    #[arg(long, requires = "ip4")]
    pub gateway4: Option<Ipv4Addr>,
    /// Its IPv6 address with the length of the subnet's prefix.
    #[arg(long, requires = "gateway6")]
    pub ip6: Option<Cidr<Ipv6Addr>>,
    /// The gateway of that subnet.
    #[arg(long, requires = "ip6")]
    pub gateway6: Option<Ipv6Addr>,
    /// Its domain name.
    #[arg(long)]
    pub domain: Option<String>,
    /// It is not reached from the internet.
    #[arg(long, conflicts_with_all = ["ip4", "ip6", "domain"], required_unless_present_any = ["ip4", "ip6", "domain"])]
    pub none: bool,
}

/// What is new about a machine.
#[derive(Debug, Args)]
pub struct NodeUpdateArgs {
    /// The node.
    pub node: u32,
    /// URL of the agent's direct door, ws:// or wss://.
    #[arg(long)]
    pub bus: Option<String>,
    /// It has no direct door any more; users reach it through rmb alone.
    #[arg(long, conflicts_with = "bus")]
    pub no_bus: bool,
    /// Where it stands.
    #[arg(long)]
    pub country: Option<String>,
    /// Where it stands.
    #[arg(long)]
    pub city: Option<String>,
    #[command(flatten)]
    pub capacity: CapacityArgs,
    /// The machine's serial number.
    #[arg(long)]
    pub serial: Option<String>,
}

/// What a node says about itself.
#[derive(Debug, Args)]
pub struct RegisterArgs {
    /// The farm.
    #[arg(long)]
    pub farm: u32,
    /// The account of the agent, which signs for the node and has to accept that; your own if left out.
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
    #[command(flatten)]
    pub capacity: CapacityArgs,
    /// Where the disk is mounted whose free space is counted as fast disk.
    #[arg(long, default_value = "/")]
    pub disk: PathBuf,
    /// The machine's serial number.
    #[arg(long)]
    pub serial: Option<String>,
}
