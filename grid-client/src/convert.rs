//! From and to the generated types. One conversion for each record, nothing else.

use crate::{
    keys::Account,
    records::{
        Balance, Bill, Billing, Contract, ContractMode, ContractState, DeploymentOutcome, EndCause, Farm, Interface,
        IpClaim, Location, Node, NodeSpec, NodeUse, Parameters, PriceLimit, PricingPolicy, PublicIp, Refill, Refusal,
        Seen, Twin,
    },
    runtime::api::runtime_types::{
        bounded_collections::bounded_vec::BoundedVec, frame_system::AccountInfo, pallet_balances::types::AccountData,
        pallet_smart_contract::types as contracts, pallet_tfgrid::types as registry,
    },
};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use subxt::utils::{AccountId32, Static};

/// The longest reason for a failure on chain, bytes.
const MAX_REASON: usize = 256;

fn text(bytes: BoundedVec<u8>) -> String {
    String::from_utf8_lossy(&bytes.0).into_owned()
}

/// Text for a call; the chain checks its length.
pub fn bytes(text: impl Into<String>) -> BoundedVec<u8> {
    BoundedVec(text.into().into_bytes())
}

impl From<registry::Twin<AccountId32>> for Twin {
    fn from(twin: registry::Twin<AccountId32>) -> Self {
        Self { id: twin.id, account: twin.account_id.into(), relay: twin.relay.map(text), pk: twin.pk.map(|pk| pk.0) }
    }
}

impl From<registry::Farm<AccountId32>> for Farm {
    fn from(farm: registry::Farm<AccountId32>) -> Self {
        Self {
            id: farm.id,
            name: text(farm.name),
            twin_id: farm.twin_id,
            pricing_policy_id: farm.pricing_policy_id,
            payout: farm.payout.into(),
            public_ips: farm.public_ips,
            free_public_ips: farm.free_public_ips,
        }
    }
}

impl From<registry::PricingPolicy> for PricingPolicy {
    fn from(policy: registry::PricingPolicy) -> Self {
        Self { id: policy.id, name: text(policy.name), twin_id: policy.twin_id, prices: policy.prices.0 }
    }
}

impl PublicIp {
    pub(crate) fn read(address: u32, ip: registry::PublicIp) -> Self {
        Self {
            address: address.into(),
            farm_id: ip.farm_id,
            prefix_len: ip.prefix_len,
            gateway: ip.gateway.into(),
            contract_id: ip.contract_id,
        }
    }
}

impl IpClaim {
    pub(crate) fn read(address: u32, claim: registry::IpClaim) -> Self {
        Self { address: address.into(), prefix_len: claim.prefix_len, gateway: claim.gateway.into() }
    }
}

impl From<registry::Node<AccountId32>> for Node {
    fn from(node: registry::Node<AccountId32>) -> Self {
        Self {
            id: node.id,
            farm_id: node.farm_id,
            twin_id: node.twin_id,
            agent: node.agent.into(),
            spec: NodeSpec {
                capacity: node.capacity.0,
                location: node.location.into(),
                interfaces: node.interfaces.0.into_iter().map(Interface::from).collect(),
                serial: node.serial.map(text),
                bus: node.bus.map(text),
            },
            certified: matches!(node.certification, registry::NodeCertification::Certified),
            created: node.created,
            closing: matches!(node.state, registry::NodeState::Closing),
        }
    }
}

impl From<registry::Location> for Location {
    fn from(location: registry::Location) -> Self {
        Self {
            country: text(location.country),
            city: text(location.city),
            latitude: location.latitude,
            longitude: location.longitude,
        }
    }
}

impl From<registry::Interface> for Interface {
    fn from(interface: registry::Interface) -> Self {
        let ips = interface.ips.0.into_iter().map(|ip| match ip {
            registry::IpAddress::V4(ip) => IpAddr::V4(Ipv4Addr::from(ip)),
            registry::IpAddress::V6(ip) => IpAddr::V6(Ipv6Addr::from(ip)),
        });
        Self { name: text(interface.name), mac: interface.mac, ips: ips.collect() }
    }
}

impl From<NodeSpec> for registry::NodeSpec {
    fn from(spec: NodeSpec) -> Self {
        Self {
            capacity: Static(spec.capacity),
            location: registry::Location {
                country: bytes(spec.location.country),
                city: bytes(spec.location.city),
                latitude: spec.location.latitude,
                longitude: spec.location.longitude,
            },
            interfaces: BoundedVec(spec.interfaces.into_iter().map(registry::Interface::from).collect()),
            serial: spec.serial.map(bytes),
            bus: spec.bus.map(bytes),
        }
    }
}

impl From<Interface> for registry::Interface {
    fn from(interface: Interface) -> Self {
        let ips = interface.ips.into_iter().map(|ip| match ip {
            IpAddr::V4(ip) => registry::IpAddress::V4(ip.into()),
            IpAddr::V6(ip) => registry::IpAddress::V6(ip.octets()),
        });
        Self { name: bytes(interface.name), mac: interface.mac, ips: BoundedVec(ips.collect()) }
    }
}

impl From<registry::NodeUse> for NodeUse {
    fn from(used: registry::NodeUse) -> Self {
        Self { reserved: used.reserved.0, contracts: used.contracts }
    }
}

impl From<registry::Seen<u32>> for Seen {
    fn from(seen: registry::Seen<u32>) -> Self {
        Self { last: seen.last, before: seen.before, heartbeat: seen.heartbeat }
    }
}

impl From<AccountInfo<u32, AccountData<u128>>> for Balance {
    fn from(account: AccountInfo<u32, AccountData<u128>>) -> Self {
        let data = account.data;
        Self { free: data.free, held: data.reserved, frozen: data.frozen }
    }
}

impl From<contracts::Contract> for Contract {
    fn from(contract: contracts::Contract) -> Self {
        Self {
            version: contract.version,
            contract_id: contract.contract_id,
            twin_id: contract.twin_id,
            node_id: contract.node_id,
            deployment_hash: contract.deployment_hash,
            data: contract.data.0,
            public_ips: contract.public_ips,
            public_ips_list: addresses(contract.public_ips_list),
            resources: contract.resources.0,
            mode: contract.mode.into(),
            state: contract.state.into(),
            deployed_version: contract.deployed_version,
        }
    }
}

/// Addresses from their numbers.
pub fn addresses(numbers: BoundedVec<u32>) -> Vec<Ipv4Addr> {
    numbers.0.into_iter().map(Ipv4Addr::from).collect()
}

impl From<contracts::ContractMode> for ContractMode {
    fn from(mode: contracts::ContractMode) -> Self {
        match mode {
            contracts::ContractMode::Reserved => Self::Reserved,
            contracts::ContractMode::PerCall => Self::PerCall,
        }
    }
}

impl From<ContractMode> for contracts::ContractMode {
    fn from(mode: ContractMode) -> Self {
        match mode {
            ContractMode::Reserved => Self::Reserved,
            ContractMode::PerCall => Self::PerCall,
        }
    }
}

impl From<contracts::ContractState> for ContractState {
    fn from(state: contracts::ContractState) -> Self {
        match state {
            contracts::ContractState::Created => Self::Created,
            contracts::ContractState::Deployed => Self::Deployed,
            contracts::ContractState::Grace { until } => Self::Grace { until },
            contracts::ContractState::Ending { cause } => Self::Ending { cause: cause.into() },
        }
    }
}

impl From<contracts::EndCause> for EndCause {
    fn from(cause: contracts::EndCause) -> Self {
        match cause {
            contracts::EndCause::CanceledByUser => Self::CanceledByUser,
            contracts::EndCause::CanceledByNode => Self::CanceledByNode,
            contracts::EndCause::OutOfFunds => Self::OutOfFunds,
            contracts::EndCause::CreateTimeout => Self::CreateTimeout,
            contracts::EndCause::NodeDeleted => Self::NodeDeleted,
            contracts::EndCause::Governance => Self::Governance,
        }
    }
}

impl From<contracts::BillingRecord<AccountId32>> for Billing {
    fn from(record: contracts::BillingRecord<AccountId32>) -> Self {
        Self {
            node_id: record.node_id,
            payer: record.payer.into(),
            state: record.state.into(),
            prices: record.prices.0,
            resources: record.resources.0,
            public_ips: record.public_ips,
            held_since: record.held_since,
            paid_until: record.paid_until,
            last_use: record.last_use.map(|used| used.0),
            nru: record.nru,
            escrow: record.escrow,
            billed: record.billed,
            refill: Refill { limit: record.refill.limit, day: record.refill.day, drawn: record.refill.drawn },
        }
    }
}

impl From<PriceLimit> for contracts::PriceLimit {
    fn from(limit: PriceLimit) -> Self {
        Self { max_hourly: limit.max_hourly, max_gb_second: limit.max_gb_second }
    }
}

impl From<contracts::DeploymentOutcome> for DeploymentOutcome {
    fn from(outcome: contracts::DeploymentOutcome) -> Self {
        match outcome {
            contracts::DeploymentOutcome::Deployed => Self::Deployed,
            contracts::DeploymentOutcome::Failed(reason) => Self::Failed(text(reason)),
        }
    }
}

impl From<DeploymentOutcome> for contracts::DeploymentOutcome {
    fn from(outcome: DeploymentOutcome) -> Self {
        match outcome {
            DeploymentOutcome::Deployed => Self::Deployed,
            DeploymentOutcome::Failed(reason) => Self::Failed(bytes(cut(&reason, MAX_REASON))),
        }
    }
}

impl From<contracts::Bill> for Bill {
    fn from(bill: contracts::Bill) -> Self {
        Self {
            from: bill.from,
            until: bill.until,
            seconds: bill.seconds,
            cu: bill.cu,
            su: bill.su,
            ip: bill.ip,
            traffic: bill.traffic,
            bytes: bill.bytes,
            clamped: bill.clamped,
        }
    }
}

impl From<contracts::Refusal> for Refusal {
    fn from(refusal: contracts::Refusal) -> Self {
        match refusal {
            contracts::Refusal::UnknownContract => Self::UnknownContract,
            contracts::Refusal::Ended => Self::Ended,
            contracts::Refusal::ForeignContract => Self::ForeignContract,
            contracts::Refusal::NotDeployed => Self::NotDeployed,
            contracts::Refusal::InTheFuture => Self::InTheFuture,
            contracts::Refusal::InvalidWindow => Self::InvalidWindow,
        }
    }
}

impl From<contracts::Parameters> for Parameters {
    fn from(rules: contracts::Parameters) -> Self {
        Self {
            report_period: rules.report_period,
            heartbeat_period: rules.heartbeat_period,
            min_free_window: rules.min_free_window,
            max_window: rules.max_window,
            max_report_delay: rules.max_report_delay,
            create_timeout: rules.create_timeout,
            funding_ahead: rules.funding_ahead,
            holding_share: rules.holding_share,
            stall_gap: rules.stall_gap,
            governance_notice: rules.governance_notice,
            agenda_tick: rules.agenda_tick,
        }
    }
}

/// At most `most` bytes of a text, ending between two characters.
fn cut(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// An account from its generated type.
pub fn account(id: AccountId32) -> Account {
    id.into()
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn a_reason_is_cut_between_characters() {
        assert_eq!(cut("aé", 2), "a");
        assert_eq!(cut("aé", 3), "aé");
        assert_eq!(cut("a", 256), "a");
    }
}
