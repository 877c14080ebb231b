//! Price lists, farms and their addresses.

use super::Cidr;
use crate::amount::Amount;
use clap::Subcommand;
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
    /// As a certifier: say that an address that a farm claims is really its own.
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
    /// A farm with its addresses and nodes.
    Show {
        /// Its id or name.
        farm: String,
    },
    /// All farms.
    List,
}
