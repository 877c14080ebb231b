//! What happened on chain.

mod read;

use crate::{
    keys::Account,
    records::{Bill, DeploymentOutcome, EndCause, PowerState, Refusal, RentTerms, Twin},
};
use grid_types::units::{Capacity, Prices};
use serde::Serialize;
use std::net::Ipv4Addr;

/// An event of the grid's pallets. Amounts in base units, times in Unix seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Event {
    TwinStored {
        twin: Twin,
    },
    TwinUpdated {
        twin: Twin,
    },
    TwinDeleted {
        twin_id: u32,
        account: Account,
    },
    TwinSponsored {
        account: Account,
        sponsor: Account,
    },
    SponsorshipWithdrawn {
        account: Account,
        sponsor: Account,
    },
    EntityCreated {
        entity_id: u32,
        account: Account,
    },
    EntityUpdated {
        entity_id: u32,
    },
    EntityDeleted {
        entity_id: u32,
        account: Account,
    },
    TwinEntityAdded {
        twin_id: u32,
        entity_id: u32,
    },
    TwinEntityRemoved {
        twin_id: u32,
        entity_id: u32,
    },
    PolicyCreated {
        policy_id: u32,
        twin_id: u32,
        prices: Prices,
    },
    PolicyUpdated {
        policy_id: u32,
        prices: Prices,
    },
    PolicyDeleted {
        policy_id: u32,
    },
    FarmCreated {
        farm_id: u32,
        twin_id: u32,
        policy_id: u32,
    },
    FarmUpdated {
        farm_id: u32,
        policy_id: u32,
    },
    FarmPayoutSet {
        farm_id: u32,
        account: Account,
    },
    FarmDeleted {
        farm_id: u32,
    },
    FarmIpAdded {
        farm_id: u32,
        address: Ipv4Addr,
        verified: bool,
    },
    FarmIpVerified {
        farm_id: u32,
        address: Ipv4Addr,
    },
    FarmIpRemoved {
        farm_id: u32,
        address: Ipv4Addr,
    },
    NodeAuthorized {
        farm_id: u32,
        account: Account,
    },
    NodeAuthorizationRevoked {
        farm_id: u32,
        account: Account,
    },
    NodeCreated {
        node_id: u32,
        farm_id: u32,
        twin_id: u32,
        agent: Account,
    },
    NodeUpdated {
        node_id: u32,
    },
    NodeAgentSet {
        node_id: u32,
        agent: Account,
    },
    NodeAgentAccepted {
        node_id: u32,
        agent: Account,
    },
    NodeAgentResigned {
        node_id: u32,
        agent: Account,
    },
    NodeDeleted {
        node_id: u32,
        farm_id: u32,
    },
    NodeClosing {
        node_id: u32,
    },
    NodeMoved {
        node_id: u32,
        from: u32,
        to: u32,
    },
    NodeDegraded {
        node_id: u32,
        capacity: Capacity,
        ends_contracts: bool,
    },
    NodePowerTargetChanged {
        node_id: u32,
        target: PowerState,
    },
    NodePowerStateChanged {
        node_id: u32,
        state: PowerState,
    },
    NodeRentTermsSet {
        node_id: u32,
        terms: RentTerms,
    },
    NodeCertificationSet {
        node_id: u32,
        certified: bool,
    },
    NodeUptimeReported {
        node_id: u32,
        now: u64,
        uptime: u64,
    },
    ContractCreated {
        contract_id: u64,
        twin_id: u32,
        node_id: u32,
        escrow: u128,
        public_ips: Vec<Ipv4Addr>,
    },
    ContractUpdated {
        contract_id: u64,
        version: u32,
    },
    DeploymentReported {
        contract_id: u64,
        version: u32,
        outcome: DeploymentOutcome,
    },
    ContractBilled {
        contract_id: u64,
        bill: Bill,
    },
    ReportRefused {
        contract_id: u64,
        timestamp: u64,
        reason: Refusal,
    },
    ContractFunded {
        contract_id: u64,
        from: Account,
        amount: u128,
    },
    RefillLimitSet {
        contract_id: u64,
        limit: Option<u128>,
    },
    CushionSet {
        contract_id: u64,
        amount: u128,
    },
    GraceStarted {
        contract_id: u64,
        until: u64,
    },
    ContractResumed {
        contract_id: u64,
    },
    PublicIpsChanged {
        contract_id: u64,
        added: Vec<Ipv4Addr>,
        given_back: Vec<Ipv4Addr>,
    },
    ContractOutOfFunds {
        contract_id: u64,
    },
    ContractEnded {
        contract_id: u64,
        twin_id: u32,
        node_id: u32,
        cause: EndCause,
        refund: u128,
    },
    /// A rent ends: the contracts inside it go first, then it gets its own `ContractEnded`.
    RentEnding {
        contract_id: u64,
        cause: EndCause,
    },
    NameContractCreated {
        contract_id: u64,
        twin_id: u32,
        name: String,
        lease_until: u64,
        paid: u128,
    },
    NameContractRenewed {
        contract_id: u64,
        lease_until: u64,
        paid: u128,
    },
    NameContractEnded {
        contract_id: u64,
        twin_id: u32,
        name: String,
        cause: EndCause,
    },
    RevenuePaid {
        node_id: u32,
        payout: Account,
        farmer: u128,
        foundation: u128,
        sales: u128,
        author: u128,
        burned: u128,
    },
    PaymentDeferred {
        account: Account,
        amount: u128,
    },
    Claimed {
        account: Account,
        amount: u128,
    },
    FoundationPaid {
        to: Account,
        amount: u128,
    },
    /// Any other event of these pallets, by name.
    Other {
        name: String,
    },
}

impl Event {
    /// The contract that it is about, if it is about one.
    pub const fn contract_id(&self) -> Option<u64> {
        match self {
            Self::ContractCreated { contract_id, .. }
            | Self::ContractUpdated { contract_id, .. }
            | Self::DeploymentReported { contract_id, .. }
            | Self::ContractBilled { contract_id, .. }
            | Self::ReportRefused { contract_id, .. }
            | Self::ContractFunded { contract_id, .. }
            | Self::RefillLimitSet { contract_id, .. }
            | Self::CushionSet { contract_id, .. }
            | Self::GraceStarted { contract_id, .. }
            | Self::ContractResumed { contract_id }
            | Self::PublicIpsChanged { contract_id, .. }
            | Self::ContractOutOfFunds { contract_id }
            | Self::RentEnding { contract_id, .. }
            | Self::NameContractCreated { contract_id, .. }
            | Self::NameContractRenewed { contract_id, .. }
            | Self::NameContractEnded { contract_id, .. }
            | Self::ContractEnded { contract_id, .. } => Some(*contract_id),
            _ => None,
        }
    }
}
