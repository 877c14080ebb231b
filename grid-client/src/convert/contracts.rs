//! Contracts, their states and ends.

use super::{addresses, bytes, text};
use crate::{
    records::{
        Contract, ContractKind, ContractMode, ContractState, DeploymentOutcome, EndCause, NameLease, Refusal, RentUse,
    },
    runtime::api::runtime_types::pallet_smart_contract::types as contracts,
};
use subxt::utils::AccountId32;

/// The longest reason for a failure on chain, bytes.
const MAX_REASON: usize = 256;

impl<Ticket> From<contracts::Contract<Ticket>> for Contract {
    fn from(contract: contracts::Contract<Ticket>) -> Self {
        Self {
            version: contract.version,
            contract_id: contract.contract_id,
            twin_id: contract.twin_id,
            node_id: contract.node_id,
            kind: contract.kind.into(),
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

impl From<contracts::ContractKind> for ContractKind {
    fn from(kind: contracts::ContractKind) -> Self {
        match kind {
            contracts::ContractKind::Capacity => Self::Capacity,
            contracts::ContractKind::Rent => Self::Rent,
        }
    }
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
            contracts::EndCause::CanceledByFarmer => Self::CanceledByFarmer,
            contracts::EndCause::NodeDegraded => Self::NodeDegraded,
            contracts::EndCause::RentEnded => Self::RentEnded,
            contracts::EndCause::LeaseOver => Self::LeaseOver,
        }
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

impl From<contracts::RentUse> for RentUse {
    fn from(used: contracts::RentUse) -> Self {
        Self { free: used.free.0, contracts: used.contracts }
    }
}

impl NameLease {
    pub(crate) fn read(name: &str, owner: contracts::NameOwner<AccountId32>) -> Self {
        Self {
            name: name.into(),
            contract_id: owner.contract_id,
            twin_id: owner.twin_id,
            account: owner.account.into(),
            lease_until: owner.lease_until,
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
