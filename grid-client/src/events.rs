//! What happened on chain.

use crate::{
    convert,
    error::ChainError,
    keys::Account,
    records::{Bill, DeploymentOutcome, EndCause, Refusal, Twin},
    runtime::api::{
        runtime_types::{
            pallet_smart_contract::pallet::Event as ContractEvent, pallet_tfgrid::pallet::Event as GridEvent,
        },
        Event as RuntimeEvent,
    },
};
use grid_types::units::Prices;
use serde::Serialize;
use std::net::Ipv4Addr;
use subxt::SubstrateConfig;

/// The pallets whose events are read.
const PALLETS: [&str; 2] = ["TfgridModule", "SmartContractModule"];

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
    NodeDeleted {
        node_id: u32,
        farm_id: u32,
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
            | Self::ContractOutOfFunds { contract_id }
            | Self::ContractEnded { contract_id, .. } => Some(*contract_id),
            _ => None,
        }
    }

    /// Reads an event; none if it is of another pallet.
    pub(crate) fn read(event: &subxt::events::Event<'_, SubstrateConfig>) -> Result<Option<Self>, ChainError> {
        if !PALLETS.contains(&event.pallet_name()) {
            return Ok(None);
        }
        let name = event.event_name();
        let decoded = event.decode_as::<RuntimeEvent>().map_err(|error| ChainError::unreadable(name, error))?;
        Ok(match decoded {
            RuntimeEvent::TfgridModule(event) => Some(Self::of_grid(event, name)),
            RuntimeEvent::SmartContractModule(event) => Some(Self::of_contracts(event, name)),
            _ => None,
        })
    }

    fn of_grid(event: GridEvent, name: &str) -> Self {
        match event {
            GridEvent::TwinStored(twin) => Self::TwinStored { twin: twin.into() },
            GridEvent::TwinUpdated(twin) => Self::TwinUpdated { twin: twin.into() },
            GridEvent::TwinDeleted { twin_id, account_id } => {
                Self::TwinDeleted { twin_id, account: convert::account(account_id) }
            },
            GridEvent::PricingPolicyCreated { policy_id, twin_id, prices } => {
                Self::PolicyCreated { policy_id, twin_id, prices: prices.0 }
            },
            GridEvent::PricingPolicyUpdated { policy_id, prices } => {
                Self::PolicyUpdated { policy_id, prices: prices.0 }
            },
            GridEvent::PricingPolicyDeleted { policy_id } => Self::PolicyDeleted { policy_id },
            GridEvent::FarmCreated { farm_id, twin_id, pricing_policy_id } => {
                Self::FarmCreated { farm_id, twin_id, policy_id: pricing_policy_id }
            },
            GridEvent::FarmUpdated { farm_id, pricing_policy_id } => {
                Self::FarmUpdated { farm_id, policy_id: pricing_policy_id }
            },
            GridEvent::FarmPayoutSet { farm_id, account } => {
                Self::FarmPayoutSet { farm_id, account: convert::account(account) }
            },
            GridEvent::FarmDeleted { farm_id } => Self::FarmDeleted { farm_id },
            GridEvent::FarmIpAdded { farm_id, address, verified } => {
                Self::FarmIpAdded { farm_id, address: address.into(), verified }
            },
            GridEvent::FarmIpVerified { farm_id, address } => Self::FarmIpVerified { farm_id, address: address.into() },
            GridEvent::FarmIpRemoved { farm_id, address } => Self::FarmIpRemoved { farm_id, address: address.into() },
            GridEvent::NodeAuthorized { farm_id, account } => {
                Self::NodeAuthorized { farm_id, account: convert::account(account) }
            },
            GridEvent::NodeAuthorizationRevoked { farm_id, account } => {
                Self::NodeAuthorizationRevoked { farm_id, account: convert::account(account) }
            },
            GridEvent::NodeCreated { node_id, farm_id, twin_id, agent } => {
                Self::NodeCreated { node_id, farm_id, twin_id, agent: convert::account(agent) }
            },
            GridEvent::NodeUpdated { node_id } => Self::NodeUpdated { node_id },
            GridEvent::NodeAgentSet { node_id, agent } => {
                Self::NodeAgentSet { node_id, agent: convert::account(agent) }
            },
            GridEvent::NodeDeleted { node_id, farm_id } => Self::NodeDeleted { node_id, farm_id },
            GridEvent::NodeUptimeReported { node_id, now, uptime } => Self::NodeUptimeReported { node_id, now, uptime },
            _ => Self::Other { name: name.into() },
        }
    }

    fn of_contracts(event: ContractEvent, name: &str) -> Self {
        match event {
            ContractEvent::ContractCreated { contract_id, twin_id, node_id, escrow, public_ips } => {
                let public_ips = convert::addresses(public_ips);
                Self::ContractCreated { contract_id, twin_id, node_id, escrow, public_ips }
            },
            ContractEvent::ContractUpdated { contract_id, version } => Self::ContractUpdated { contract_id, version },
            ContractEvent::DeploymentReported { contract_id, version, outcome } => {
                Self::DeploymentReported { contract_id, version, outcome: outcome.into() }
            },
            ContractEvent::ContractBilled { contract_id, bill } => {
                Self::ContractBilled { contract_id, bill: bill.into() }
            },
            ContractEvent::ReportRefused { contract_id, timestamp, reason } => {
                Self::ReportRefused { contract_id, timestamp, reason: reason.into() }
            },
            ContractEvent::ContractFunded { contract_id, from, amount } => {
                Self::ContractFunded { contract_id, from: convert::account(from), amount }
            },
            ContractEvent::RefillLimitSet { contract_id, limit } => Self::RefillLimitSet { contract_id, limit },
            ContractEvent::ContractOutOfFunds { contract_id } => Self::ContractOutOfFunds { contract_id },
            ContractEvent::ContractEnded { contract_id, twin_id, node_id, cause, refund } => {
                Self::ContractEnded { contract_id, twin_id, node_id, cause: cause.into(), refund }
            },
            ContractEvent::RevenuePaid { node_id, payout, farmer, foundation, sales, author, burned } => {
                let payout = convert::account(payout);
                Self::RevenuePaid { node_id, payout, farmer, foundation, sales, author, burned }
            },
            ContractEvent::PaymentDeferred { account, amount } => {
                Self::PaymentDeferred { account: convert::account(account), amount }
            },
            ContractEvent::Claimed { account, amount } => Self::Claimed { account: convert::account(account), amount },
            _ => Self::Other { name: name.into() },
        }
    }
}
