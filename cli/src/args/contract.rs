//! Contracts, rents, names.

use super::ResourceArgs;
use crate::amount::Amount;
use clap::{Args, Subcommand};
use std::net::Ipv4Addr;

/// Contracts.
#[derive(Debug, Subcommand)]
pub enum ContractCommand {
    /// A contract.
    Show {
        /// Its number.
        contract: u64,
    },
    /// What a wish on a node would cost now. Nothing is reserved.
    #[command(after_help = "\
What is not given: 1 vCPU, 1GiB of memory, 1GiB of fast disk, no slow disk, 1GB of traffic per hour.
Example: grid contract quote --node 1 --cru 2 --mru 4GiB --sru 50GiB --ips 1")]
    Quote(QuoteArgs),
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
    /// Keep money for a pause: with a cushion, a contract that is out of funds is paused instead of ended.
    #[command(after_help = "\
In a pause the work is stopped, its disk, memory and addresses are kept and paid for, and nobody else gets them. It ends
when you add money (fund, resume), or at the time that `contract show` names. The cushion is drawn at once.
Example: grid contract cushion 1 --amount 2")]
    Cushion {
        /// Its number.
        contract: u64,
        /// How much, GRID; 0: none.
        #[arg(long, value_name = "GRID")]
        amount: Amount,
    },
    /// End a pause: what is missing is drawn from your account, and the work starts again.
    Resume {
        /// Its number.
        contract: u64,
    },
    /// Change how many public addresses a contract holds. What runs stays as it is.
    #[command(after_help = "\
New addresses come first, so one call exchanges them. The prices are the farmer's of now.
Example: grid contract update 1 --add-ips 1 --give-back 203.0.113.10")]
    Update {
        /// Its number.
        contract: u64,
        #[command(flatten)]
        ips: IpArgs,
        /// The most you are ready to pay for an hour at full use, GRID.
        #[arg(long, value_name = "GRID")]
        price_limit: Option<Amount>,
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

/// A wish.
#[derive(Debug, Args)]
pub struct QuoteArgs {
    /// The node.
    #[arg(long)]
    pub node: u32,
    /// How many public addresses.
    #[arg(long, default_value_t = 0)]
    pub ips: u32,
    #[command(flatten)]
    pub resources: ResourceArgs,
}

/// What happens to a contract's public addresses.
#[derive(Debug, Args)]
pub struct IpArgs {
    /// How many more public addresses.
    #[arg(long, default_value_t = 0, value_name = "COUNT")]
    pub add_ips: u32,
    /// Addresses that go back to the farm, separated by commas.
    #[arg(long, value_name = "ADDRESS", value_delimiter = ',')]
    pub give_back: Vec<Ipv4Addr>,
}

/// Rents.
#[derive(Debug, Subcommand)]
pub enum RentCommand {
    /// Rent an empty node as a whole. Only you can make contracts on it then; these pay for addresses and traffic only.
    #[command(after_help = "\
The rent is a contract: see it with `contract show`, add money with `contract fund`, end it with `cancel`. The contracts
inside end with it. Then, to run something there: grid deploy … --node NODE
Example: grid rent create 1 --price-limit 3")]
    Create {
        /// The node.
        node: u32,
        /// The most you are ready to pay for an hour, GRID; the farmer's price of now if left out.
        #[arg(long, value_name = "GRID")]
        price_limit: Option<Amount>,
    },
    /// What renting a node would cost now.
    Quote {
        /// The node.
        node: u32,
    },
}

/// Names.
#[derive(Debug, Subcommand)]
pub enum NameCommand {
    /// Lease a name for whole days, paid at once.
    #[command(after_help = "\
3 to 40 small letters, digits and single -, a letter first, not ending in - and a number.
Example: grid name lease myshop --days 20")]
    Lease {
        /// The name.
        name: String,
        /// How many days.
        #[arg(long)]
        days: u32,
        /// The most that the lease may cost, GRID; the price of now if left out.
        #[arg(long, value_name = "GRID")]
        max_price: Option<Amount>,
    },
    /// Extend your lease of a name, from its end on.
    Renew {
        /// The name.
        name: String,
        /// How many days.
        #[arg(long)]
        days: u32,
        /// The most that these days may cost, GRID; the price of now if left out.
        #[arg(long, value_name = "GRID")]
        max_price: Option<Amount>,
    },
    /// Let a name go. The deposit comes back, nothing of the lease does.
    Cancel {
        /// The name.
        name: String,
    },
    /// Who has a name, until when, and what a day costs.
    Show {
        /// The name.
        name: String,
    },
    /// The names of a twin.
    List {
        /// The twin; yours if left out.
        #[arg(long)]
        twin: Option<u32>,
    },
}
