//! What was agreed: contracts, their states and ends.

use crate::{keys::Account, Hash};
use grid_types::units::{Capacity, Resources};
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
    /// A part of the node, or all of it.
    pub kind: ContractKind,
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

/// What kind of agreement a contract is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ContractKind {
    /// A part of a node.
    #[default]
    Capacity,
    /// A node as a whole.
    Rent,
}

/// What a rent has left for the contracts inside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RentUse {
    /// Capacity that no contract inside has taken.
    pub free: Capacity,
    /// Live contracts inside.
    pub contracts: u32,
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
    /// The farmer cancelled it: the node was not seen for a long time.
    CanceledByFarmer,
    /// The node lost a part of what it had.
    NodeDegraded,
    /// The rent that it was inside of ended.
    RentEnded,
    /// The time that was paid for a name is over.
    LeaseOver,
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
            Self::CanceledByFarmer => "cancelled by the farmer of a node that is gone",
            Self::NodeDegraded => "its node lost capacity",
            Self::RentEnded => "the rent of its node ended",
            Self::LeaseOver => "the lease is over",
        }
    }
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

/// The lease of a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NameLease {
    /// The name.
    pub name: String,
    /// The number of its contract.
    pub contract_id: u64,
    /// The twin that has it.
    pub twin_id: u32,
    /// That twin's account.
    pub account: Account,
    /// The end of the lease, Unix seconds; later by any time in which the chain stands still until then.
    pub lease_until: u64,
}
