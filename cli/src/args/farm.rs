//! Price lists, farms and their addresses.

use super::Cidr;
use crate::amount::Amount;
use clap::{Args, Subcommand};
use grid_client::Account;
use std::net::Ipv4Addr;

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
        #[command(flatten)]
        prices: PriceArgs,
    },
    /// Change prices of a list, for contracts made from now on. What is not given stays; running contracts keep theirs.
    #[command(after_help = "Example: grid policy update 1 --cu 0.012 --min-use 50")]
    Update {
        /// Its id.
        policy: u32,
        #[command(flatten)]
        prices: NewPriceArgs,
    },
    /// Delete a price list that no farm uses. Its deposit comes back.
    Delete {
        /// Its id.
        policy: u32,
    },
    /// A price list.
    Show {
        /// Its id.
        policy: u32,
    },
}

/// What a farmer asks.
#[derive(Debug, Args)]
pub struct PriceArgs {
    /// One compute unit for an hour, GRID.
    #[arg(long, value_name = "GRID")]
    pub cu: Amount,
    /// One storage unit for an hour, GRID.
    #[arg(long, value_name = "GRID")]
    pub su: Amount,
    /// 10^9 bytes of traffic, GRID.
    #[arg(long, value_name = "GRID")]
    pub nu: Amount,
    /// One public address for an hour, GRID.
    #[arg(long, value_name = "GRID")]
    pub ipu: Amount,
    /// One GiB of memory for a second of a call, GRID.
    #[arg(long, value_name = "GRID", default_value = "0.00001")]
    pub gb_second: Amount,
    /// The least share of what is reserved that is billed, per cent.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u8).range(..=100))]
    pub min_use: u8,
}

/// What a farmer asks from now on; at least one of these.
#[derive(Debug, Default, Args)]
#[group(required = true, multiple = true)]
pub struct NewPriceArgs {
    /// One compute unit for an hour, GRID.
    #[arg(long, value_name = "GRID")]
    pub cu: Option<Amount>,
    /// One storage unit for an hour, GRID.
    #[arg(long, value_name = "GRID")]
    pub su: Option<Amount>,
    /// 10^9 bytes of traffic, GRID.
    #[arg(long, value_name = "GRID")]
    pub nu: Option<Amount>,
    /// One public address for an hour, GRID.
    #[arg(long, value_name = "GRID")]
    pub ipu: Option<Amount>,
    /// One GiB of memory for a second of a call, GRID.
    #[arg(long, value_name = "GRID")]
    pub gb_second: Option<Amount>,
    /// The least share of what is reserved that is billed, per cent.
    #[arg(long, value_parser = clap::value_parser!(u8).range(..=100))]
    pub min_use: Option<u8>,
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
    /// Take an address off a farm. While a contract holds it, it stays.
    RemoveIp {
        /// The farm.
        farm: u32,
        /// The address.
        address: Ipv4Addr,
        /// As a certifier: it is not the farm's. The deposit goes back to the farmer all the same.
        #[arg(long)]
        force: bool,
    },
    /// As a certifier: say that an address that a farm claims is really its own.
    #[command(after_help = "Example: grid --key certifier.key farm verify-ip 1 203.0.113.10")]
    VerifyIp {
        /// The farm.
        farm: u32,
        /// The address.
        address: Ipv4Addr,
    },
    /// Let an account register one node, or move one here.
    Authorize {
        /// The farm.
        farm: u32,
        /// The node's account.
        account: Account,
    },
    /// Take such a permission back before it has been used.
    Revoke {
        /// The farm.
        farm: u32,
        /// The node's account.
        account: Account,
    },
    /// Send what the farm earns to another account, from the next report on.
    #[command(after_help = "Example: grid farm payout 1 5F3sa2TJAWMqDhXG6jhV4N8ko9SxwGy8TpaNS1repo5EYjQX")]
    Payout {
        /// The farm.
        farm: u32,
        /// Who gets it.
        account: Account,
    },
    /// Give a farm another name or price list. What is not given stays; running contracts keep their prices.
    Update {
        /// The farm.
        farm: u32,
        /// Its name.
        #[arg(long, required_unless_present = "policy")]
        name: Option<String>,
        /// Its price list, one of yours.
        #[arg(long)]
        policy: Option<u32>,
    },
    /// Delete a farm without nodes, addresses and permissions. Its deposit comes back.
    Delete {
        /// The farm.
        farm: u32,
    },
    /// A farm with its addresses and nodes.
    Show {
        /// Its id or name.
        farm: String,
    },
    /// All farms.
    List,
}
