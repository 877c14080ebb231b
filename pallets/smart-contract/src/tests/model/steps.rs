//! What may happen to a user, a farmer and a chain.

use grid_types::units::Prices;
use proptest::sample::Index;

use crate::types::{Balance, Parameters, Seconds};

/// A world before anything happened.
#[derive(Clone, Debug)]
pub struct Setting {
    pub rules: Parameters,
    pub prices: Prices,
    /// The foundation's share, per cent.
    pub foundation: u32,
    /// What each user has, in hundredths of a day's cost of a middling contract.
    pub wealth: u64,
}

/// One thing that happens. Contracts are picked among all numbers that were given out, and one that was not.
#[derive(Clone, Debug)]
pub enum Step {
    /// Blocks for so many seconds, as far apart as given.
    Pass {
        seconds: Seconds,
        gap: Seconds,
        node_lives: bool,
        full: bool,
    },
    /// No block for so much longer than a gap may be.
    Stall(Seconds),
    /// Time passes, and the node reports everything honestly, so often or until somebody is out of funds.
    Work {
        windows: u8,
        share: u8,
    },
    Create {
        who: u64,
        wish: Wish,
        bytes: usize,
        deployed: bool,
    },
    Rent(u64),
    Deployment {
        pick: Index,
        old: bool,
        runs: bool,
    },
    Reports(Vec<Item>),
    /// The farmer's new prices, and his surcharge for the whole node.
    Prices(Prices, u16),
    /// Whether the farmer's payout account lives.
    Payout(bool),
    Claim,
    Limit {
        pick: Index,
        who: By,
        hundredths: Option<u64>,
    },
    /// To any contract, or to one that is paused.
    Fund {
        pick: Index,
        paused: bool,
        who: u64,
        hundredths: u64,
    },
    /// A user spends so many per cent of what he has, or earns it again.
    Spend {
        who: u64,
        percent: u64,
    },
    Earn {
        who: u64,
        hundredths: u64,
    },
    /// Of the addresses so many go back, and so many others come.
    Update {
        pick: Index,
        who: By,
        bytes: usize,
        wish: Option<Wish>,
        give_back: usize,
        add: u32,
    },
    /// The owner sets aside so much for a pause.
    Cushion {
        pick: Index,
        who: By,
        hundredths: u64,
    },
    Resume {
        pick: Index,
        who: By,
    },
    Cancel {
        pick: Index,
        who: By,
    },
    /// The node ends everything.
    Clear,
}

/// Who signs, seen from a contract.
#[derive(Clone, Copy, Debug)]
pub enum By {
    Owner,
    Someone(u64),
    Governance,
}

/// Resources, in units that make sums with fractions.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    pub cru: u64,
    pub memory: u64,
    pub ssd: u64,
    pub hdd: u64,
    pub traffic: u64,
    pub public_ips: u32,
}

/// A report, relative to what is going on.
#[derive(Clone, Debug)]
pub struct Item {
    pub pick: Index,
    /// The window's end: seconds before now; below zero it lies in the future.
    pub age: i64,
    pub window: Window,
    /// Per cent of the reservation; 255 is the largest number there is.
    pub used: [u8; 4],
    pub traffic: Traffic,
}

#[derive(Clone, Copy, Debug)]
pub enum Window {
    /// From the end of the one before, if that is not too long ago.
    Next,
    Long(Seconds),
    Endless,
}

#[derive(Clone, Copy, Debug)]
pub enum Traffic {
    /// So many per cent more of what an hour allows.
    More(u64),
    Back(u64),
    Largest,
}

/// `hundredths` of what a middling contract of these prices costs in a day.
pub fn amount(prices: &Prices, hundredths: u64) -> Balance {
    let hour = Balance::from(prices.cu + prices.su + prices.ipu + prices.nu).max(10_000);
    hour * 24 * Balance::from(hundredths) / 100
}
