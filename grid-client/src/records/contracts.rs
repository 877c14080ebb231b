//! What was agreed and what it costs.

use crate::{keys::Account, Hash};
use grid_types::units::{Capacity, Prices, Resources};
use serde::Serialize;
use std::net::Ipv4Addr;

/// An agreement between a user's twin and a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Contract {
    /// 0 when made, one more with each update.
    pub version: u32,
    /// Its number; never used twice.
    pub contract_id: u64,
    /// The user's twin.
    pub twin_id: u32,
    /// The node.
    pub node_id: u32,
    /// BLAKE2b-256 of the deployment's challenge.
    #[serde(serialize_with = "super::hex_text")]
    pub deployment_hash: Hash,
    /// The sealed deployment, or empty.
    #[serde(serialize_with = "super::hex_text")]
    pub data: Vec<u8>,
    /// How many public addresses it holds.
    pub public_ips: u32,
    /// Which.
    pub public_ips_list: Vec<Ipv4Addr>,
    /// What it reserves.
    pub resources: Resources,
    /// How its work is paid for.
    pub mode: ContractMode,
    /// Where it is in its life.
    pub state: ContractState,
    /// The version that the node last reported as running.
    pub deployed_version: Option<u32>,
}

/// How work under a contract is paid for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ContractMode {
    /// Capacity is kept for it and billed by report.
    #[default]
    Reserved,
    /// Calls share free capacity and are paid one by one.
    PerCall,
}

/// Where a contract is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ContractState {
    /// Agreed and funded; the node has not deployed yet.
    Created,
    /// The node runs the work.
    Deployed,
    /// Out of funds and paused.
    Grace {
        /// When it ends unless it is funded, Unix seconds.
        until: u64,
    },
    /// Nothing is charged any more; the chain ends it within blocks.
    Ending {
        /// Why.
        cause: EndCause,
    },
}

impl ContractState {
    /// Whether the node should run the work.
    pub const fn runs(&self) -> bool {
        matches!(self, Self::Created | Self::Deployed)
    }

    /// The word for it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Deployed => "deployed",
            Self::Grace { .. } => "grace",
            Self::Ending { .. } => "ending",
        }
    }
}

/// Why a contract ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EndCause {
    /// Its owner cancelled it.
    CanceledByUser,
    /// Its node's twin cancelled it.
    CanceledByNode,
    /// Escrow could not be refilled.
    OutOfFunds,
    /// The node did not deploy in time.
    CreateTimeout,
    /// The node left the grid.
    NodeDeleted,
    /// Governance ended it.
    Governance,
}

impl EndCause {
    /// The words for it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::CanceledByUser => "cancelled by its owner",
            Self::CanceledByNode => "cancelled by its node",
            Self::OutOfFunds => "out of funds",
            Self::CreateTimeout => "not deployed in time",
            Self::NodeDeleted => "its node left the grid",
            Self::Governance => "ended by governance",
        }
    }
}

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
    /// When it was made, Unix seconds.
    pub held_since: u64,
    /// Up to when it is paid for, Unix seconds.
    pub paid_until: u64,
    /// Use in the last accepted report.
    pub last_use: Option<Capacity>,
    /// The traffic counter of the last charged report, bytes.
    pub nru: u64,
    /// Set aside for it, base units.
    pub escrow: u128,
    /// All that was ever charged, base units.
    pub billed: u128,
    /// How much may be drawn from the payer.
    pub refill: Refill,
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

/// What a node says about a deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeploymentOutcome {
    /// It runs.
    Deployed,
    /// It does not, and why.
    Failed(String),
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

/// Why a report was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// No contract ever had this number.
    UnknownContract,
    /// The contract has ended or is about to.
    Ended,
    /// The contract belongs to another node.
    ForeignContract,
    /// The contract is not deployed, or paused.
    NotDeployed,
    /// The window ends after the block's time.
    InTheFuture,
    /// The window is empty, or longer than `max_window`.
    InvalidWindow,
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
}
