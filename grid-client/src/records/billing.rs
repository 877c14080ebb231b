//! What contracts cost: the billing record, charges, quotes, and the rules.

use super::ContractState;
use crate::keys::Account;
use grid_types::units::{Capacity, Prices, Resources};
use serde::Serialize;

/// What billing knows of a contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Billing {
    /// The node.
    pub node_id: u32,
    /// The account that pays.
    pub payer: Account,
    /// The same as the contract's.
    pub state: ContractState,
    /// The prices it was made under.
    pub prices: Prices,
    /// What it reserves.
    pub resources: Resources,
    /// How many public addresses it holds.
    pub public_ips: u32,
    /// Since when it holds what it reserves now, Unix seconds.
    pub held_since: u64,
    /// Up to when it is paid for, Unix seconds.
    pub paid_until: u64,
    /// Use in the newest accepted report.
    pub last_use: Option<Capacity>,
    /// The traffic counter of the last charged report, bytes.
    pub nru: u64,
    /// Set aside for it, base units.
    pub escrow: u128,
    /// All that was ever charged, base units.
    pub billed: u128,
    /// How much may be drawn from the payer.
    pub refill: Refill,
    /// Kept for a pause, base units; with it the contract is paused when it is out of funds, without it ended.
    pub cushion: u128,
    /// The rent that it is inside of: its capacity is the rent's.
    pub rent: Option<u64>,
    /// Whether the node has said that it cannot run what was agreed last: holding it is free then.
    pub failed: bool,
}

/// The owner's say over how much may be drawn from his account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Refill {
    /// The most in one UTC day, base units; none: no limit; 0: prepaid only.
    pub limit: Option<u128>,
    /// The day that `drawn` counts, days since the Unix epoch.
    pub day: u32,
    /// Drawn on that day, base units.
    pub drawn: u128,
}

/// The most that a user is ready to pay, base units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PriceLimit {
    /// Capacity and addresses for one hour at full use.
    pub max_hourly: u128,
    /// One GiB of memory for one second of a call.
    pub max_gb_second: u64,
}

/// One charge, by what it is for; base units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Bill {
    /// Start of what is charged, Unix seconds.
    pub from: u64,
    /// End of what is charged, Unix seconds.
    pub until: u64,
    /// Seconds charged.
    pub seconds: u64,
    /// Compute units.
    pub cu: u128,
    /// Storage units.
    pub su: u128,
    /// Public addresses.
    pub ip: u128,
    /// Traffic.
    pub traffic: u128,
    /// Traffic charged, bytes.
    pub bytes: u64,
    /// The node stated more than was reserved; the rest was not charged.
    pub clamped: bool,
}

impl Bill {
    /// What was charged in all, base units.
    pub const fn total(&self) -> u128 {
        self.cu.saturating_add(self.su).saturating_add(self.ip).saturating_add(self.traffic)
    }
}

/// All times and shares of the money rules; seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Parameters {
    /// How often a node reports use.
    pub report_period: u64,
    /// How often a node shows that it lives.
    pub heartbeat_period: u64,
    /// The least newly covered time for which reporting is free of fees.
    pub min_free_window: u64,
    /// The longest window of one report.
    pub max_window: u64,
    /// Older than this, use is not charged any more.
    pub max_report_delay: u64,
    /// A contract that is not deployed by then ends.
    pub create_timeout: u64,
    /// How much further than the least escrow is filled.
    pub funding_ahead: u64,
    /// Share of compute units charged while capacity is held without running, per cent.
    pub holding_share: u8,
    /// A gap between blocks longer than this is a stall.
    pub stall_gap: u64,
    /// Time between the announcement of a new revenue split and its effect.
    pub governance_notice: u64,
    /// Length of one tick of the agenda.
    pub agenda_tick: u64,
    /// The longest pause of a contract that is out of funds.
    pub max_grace: u64,
    /// The farmer may cancel the contracts of a node that was not seen for so long.
    pub farmer_cancel_after: u64,
    /// How far ahead a name can be leased.
    pub max_lease_ahead: u64,
}

/// What a wish on a node costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Quote {
    /// Capacity and addresses at full use, base units per hour, rounded up.
    pub hourly: u128,
    /// 10^9 bytes of traffic, base units.
    pub traffic: u64,
    /// What must be there to make the contract, without the deposit, base units.
    pub needed: u128,
    /// What is set aside if it is there, base units.
    pub high: u128,
    /// Capacity and addresses while they are held without running, base units per hour, rounded up.
    pub held_hourly: u128,
}

/// How the money of a contract stands; base units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Funding {
    /// Set aside.
    pub escrow: u128,
    /// Below this the chain draws from the owner; if nothing can be drawn, it pauses or ends the contract.
    pub low: u128,
    /// What the chain fills up to.
    pub high: u128,
    /// Capacity and addresses at full use, per hour, rounded up.
    pub hourly: u128,
    /// Seconds of full use until `low` is reached, if nothing can be drawn; in grace, until it is over. None: time costs
    /// nothing, as under a contract inside a rent that holds no addresses.
    pub seconds_left: Option<u64>,
    /// Charged so far.
    pub billed: u128,
    /// The part of `low` that is kept for a pause.
    pub cushion: u128,
    /// What lacks to `high`; in grace, what resuming takes besides escrow.
    pub restore: u128,
    /// What the chain could draw from the owner now.
    pub drawable: u128,
    /// The end of grace, Unix seconds.
    pub grace_until: Option<u64>,
}
