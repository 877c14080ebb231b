//! Events of the grid's pallets from the block's.

use super::Event;
use crate::{
    convert,
    error::ChainError,
    runtime::api::{
        runtime_types::{
            pallet_smart_contract::pallet::Event as ContractEvent,
            pallet_tfgrid::{pallet::Event as GridEvent, types::NodeCertification},
        },
        Event as RuntimeEvent,
    },
};
use subxt::SubstrateConfig;

/// The pallets whose events are read.
const PALLETS: [&str; 2] = ["TfgridModule", "SmartContractModule"];

impl Event {
    /// Reads an event; none if it is of another pallet.
    pub(crate) fn read(event: &subxt::events::Event<'_, SubstrateConfig>) -> Result<Option<Self>, ChainError> {
        if !PALLETS.contains(&event.pallet_name()) {
            return Ok(None);
        }
        let name = event.event_name();
        let decoded = event.decode_as::<RuntimeEvent>().map_err(|error| ChainError::unreadable(name, error))?;
        Ok(match decoded {
            RuntimeEvent::TfgridModule(event) => Some(of_grid(event, name)),
            RuntimeEvent::SmartContractModule(event) => Some(of_contracts(event, name)),
            _ => None,
        })
    }
}

fn of_grid(event: GridEvent, name: &str) -> Event {
    match event {
        GridEvent::TwinStored(twin) => Event::TwinStored { twin: twin.into() },
        GridEvent::TwinUpdated(twin) => Event::TwinUpdated { twin: twin.into() },
        GridEvent::TwinDeleted { twin_id, account_id } => {
            Event::TwinDeleted { twin_id, account: convert::account(account_id) }
        },
        GridEvent::TwinSponsored { account, sponsor } => {
            Event::TwinSponsored { account: convert::account(account), sponsor: convert::account(sponsor) }
        },
        GridEvent::SponsorshipWithdrawn { account, sponsor } => {
            Event::SponsorshipWithdrawn { account: convert::account(account), sponsor: convert::account(sponsor) }
        },
        GridEvent::EntityCreated { entity_id, account } => {
            Event::EntityCreated { entity_id, account: convert::account(account) }
        },
        GridEvent::EntityUpdated { entity_id } => Event::EntityUpdated { entity_id },
        GridEvent::EntityDeleted { entity_id, account } => {
            Event::EntityDeleted { entity_id, account: convert::account(account) }
        },
        GridEvent::TwinEntityAdded { twin_id, entity_id } => Event::TwinEntityAdded { twin_id, entity_id },
        GridEvent::TwinEntityRemoved { twin_id, entity_id } => Event::TwinEntityRemoved { twin_id, entity_id },
        GridEvent::PricingPolicyCreated { policy_id, twin_id, prices } => {
            Event::PolicyCreated { policy_id, twin_id, prices: prices.0 }
        },
        GridEvent::PricingPolicyUpdated { policy_id, prices } => Event::PolicyUpdated { policy_id, prices: prices.0 },
        GridEvent::PricingPolicyDeleted { policy_id } => Event::PolicyDeleted { policy_id },
        GridEvent::FarmCreated { farm_id, twin_id, pricing_policy_id } => {
            Event::FarmCreated { farm_id, twin_id, policy_id: pricing_policy_id }
        },
        GridEvent::FarmUpdated { farm_id, pricing_policy_id } => {
            Event::FarmUpdated { farm_id, policy_id: pricing_policy_id }
        },
        GridEvent::FarmPayoutSet { farm_id, account } => {
            Event::FarmPayoutSet { farm_id, account: convert::account(account) }
        },
        GridEvent::FarmDeleted { farm_id } => Event::FarmDeleted { farm_id },
        GridEvent::FarmIpAdded { farm_id, address, verified } => {
            Event::FarmIpAdded { farm_id, address: address.into(), verified }
        },
        GridEvent::FarmIpVerified { farm_id, address } => Event::FarmIpVerified { farm_id, address: address.into() },
        GridEvent::FarmIpRemoved { farm_id, address } => Event::FarmIpRemoved { farm_id, address: address.into() },
        GridEvent::NodeAuthorized { farm_id, account } => {
            Event::NodeAuthorized { farm_id, account: convert::account(account) }
        },
        GridEvent::NodeAuthorizationRevoked { farm_id, account } => {
            Event::NodeAuthorizationRevoked { farm_id, account: convert::account(account) }
        },
        GridEvent::NodeCreated { node_id, farm_id, twin_id, agent } => {
            Event::NodeCreated { node_id, farm_id, twin_id, agent: convert::account(agent) }
        },
        GridEvent::NodeUpdated { node_id } => Event::NodeUpdated { node_id },
        GridEvent::NodeAgentSet { node_id, agent } => Event::NodeAgentSet { node_id, agent: convert::account(agent) },
        GridEvent::NodeAgentAccepted { node_id, agent } => {
            Event::NodeAgentAccepted { node_id, agent: convert::account(agent) }
        },
        GridEvent::NodeAgentResigned { node_id, agent } => {
            Event::NodeAgentResigned { node_id, agent: convert::account(agent) }
        },
        GridEvent::NodeDeleted { node_id, farm_id } => Event::NodeDeleted { node_id, farm_id },
        GridEvent::NodeClosing { node_id } => Event::NodeClosing { node_id },
        GridEvent::NodeMoved { node_id, from, to } => Event::NodeMoved { node_id, from, to },
        GridEvent::NodeDegraded { node_id, capacity, ends_contracts } => {
            Event::NodeDegraded { node_id, capacity: capacity.0, ends_contracts }
        },
        GridEvent::NodePowerTargetChanged { node_id, target } => {
            Event::NodePowerTargetChanged { node_id, target: target.into() }
        },
        GridEvent::NodePowerStateChanged { node_id, state } => {
            Event::NodePowerStateChanged { node_id, state: state.into() }
        },
        GridEvent::NodeRentTermsSet { node_id, terms } => Event::NodeRentTermsSet { node_id, terms: terms.into() },
        GridEvent::NodeCertificationSet { node_id, certification } => {
            let certified = matches!(certification, NodeCertification::Certified);
            Event::NodeCertificationSet { node_id, certified }
        },
        GridEvent::NodeUptimeReported { node_id, now, uptime } => Event::NodeUptimeReported { node_id, now, uptime },
        _ => Event::Other { name: name.into() },
    }
}

fn of_contracts(event: ContractEvent, name: &str) -> Event {
    match event {
        ContractEvent::ContractCreated { contract_id, twin_id, node_id, escrow, public_ips } => {
            let public_ips = convert::addresses(public_ips);
            Event::ContractCreated { contract_id, twin_id, node_id, escrow, public_ips }
        },
        ContractEvent::ContractUpdated { contract_id, version } => Event::ContractUpdated { contract_id, version },
        ContractEvent::DeploymentReported { contract_id, version, outcome } => {
            Event::DeploymentReported { contract_id, version, outcome: outcome.into() }
        },
        ContractEvent::ContractBilled { contract_id, bill } => Event::ContractBilled { contract_id, bill: bill.into() },
        ContractEvent::ReportRefused { contract_id, timestamp, reason } => {
            Event::ReportRefused { contract_id, timestamp, reason: reason.into() }
        },
        ContractEvent::ContractFunded { contract_id, from, amount } => {
            Event::ContractFunded { contract_id, from: convert::account(from), amount }
        },
        ContractEvent::RefillLimitSet { contract_id, limit } => Event::RefillLimitSet { contract_id, limit },
        ContractEvent::CushionSet { contract_id, amount } => Event::CushionSet { contract_id, amount },
        ContractEvent::GraceStarted { contract_id, until } => Event::GraceStarted { contract_id, until },
        ContractEvent::ContractResumed { contract_id } => Event::ContractResumed { contract_id },
        ContractEvent::PublicIpsChanged { contract_id, added, given_back } => {
            let (added, given_back) = (convert::addresses(added), convert::addresses(given_back));
            Event::PublicIpsChanged { contract_id, added, given_back }
        },
        ContractEvent::ContractOutOfFunds { contract_id } => Event::ContractOutOfFunds { contract_id },
        ContractEvent::ContractEnded { contract_id, twin_id, node_id, cause, refund } => {
            Event::ContractEnded { contract_id, twin_id, node_id, cause: cause.into(), refund }
        },
        ContractEvent::RentEnding { contract_id, cause } => Event::RentEnding { contract_id, cause: cause.into() },
        ContractEvent::NameContractCreated { contract_id, twin_id, name, lease_until, paid } => {
            Event::NameContractCreated { contract_id, twin_id, name: convert::text(name), lease_until, paid }
        },
        ContractEvent::NameContractRenewed { contract_id, lease_until, paid } => {
            Event::NameContractRenewed { contract_id, lease_until, paid }
        },
        ContractEvent::NameContractEnded { contract_id, twin_id, name, cause } => {
            Event::NameContractEnded { contract_id, twin_id, name: convert::text(name), cause: cause.into() }
        },
        ContractEvent::RevenuePaid { node_id, payout, farmer, foundation, sales, author, burned } => {
            let payout = convert::account(payout);
            Event::RevenuePaid { node_id, payout, farmer, foundation, sales, author, burned }
        },
        ContractEvent::PaymentDeferred { account, amount } => {
            Event::PaymentDeferred { account: convert::account(account), amount }
        },
        ContractEvent::Claimed { account, amount } => Event::Claimed { account: convert::account(account), amount },
        ContractEvent::FoundationPaid { to, amount } => Event::FoundationPaid { to: convert::account(to), amount },
        _ => Event::Other { name: name.into() },
    }
}
