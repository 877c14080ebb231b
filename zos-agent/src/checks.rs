//! Whether a deployment is what was agreed on chain: one pure function, one stable code for each mismatch.
//!
//! The order is part of the contract with users: whoever is not the owner learns nothing but that.

use crate::{
    chain::{ContractKind, ContractState, ContractView},
    key,
};
use grid_types::{
    bus::{Code, Failure},
    challenge,
    deployment::{Deployment, SignatureRequirement},
    units::Capacity,
};
use std::collections::BTreeMap;

/// What a deployment is checked against, besides its contract.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// This node.
    pub node_id: u32,
    /// Who sent it.
    pub sender_twin: u32,
    /// The chain's first block, which the hash is bound to.
    pub genesis: [u8; 32],
    /// Unix seconds.
    pub now: u64,
}

/// A deployment that may run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Its contract.
    pub contract: ContractView,
    /// Its hash, which equals the contract's.
    pub hash: [u8; 32],
    /// The capacity that all workloads together may take.
    pub required: Capacity,
}

/// Checks a valid deployment against its contract. `contract` is `None` only if the chain is known not to have it.
pub fn check(deployment: &Deployment, contract: Option<&ContractView>, context: &Context) -> Result<Accepted, Failure> {
    let contract = live_contract(deployment.contract_id, contract, context)?;
    if deployment.twin_id != context.sender_twin {
        return Err(Failure::new(
            Code::WrongSender,
            format!(
                "the deployment says twin {}, the message comes from twin {}",
                deployment.twin_id, context.sender_twin
            ),
        ));
    }
    if deployment.expiration != 0 && deployment.expiration <= context.now {
        return Err(Failure::new(Code::InvalidDeployment, "its expiration has passed; update it or leave it 0"));
    }
    let hash = challenge::hash(deployment, &context.genesis);
    if hash != contract.hash {
        return Err(Failure::new(
            Code::HashMismatch,
            format!(
                "this deployment hashes to 0x{}, contract {} holds 0x{}; send exactly what was hashed, or update the contract first",
                hex::encode(hash),
                contract.contract_id,
                hex::encode(contract.hash)
            ),
        ));
    }
    let required = deployment.required();
    let reserved = contract.resources.capacity();
    if !required.within(&reserved) {
        return Err(Failure::new(
            Code::OverReserved,
            format!("the workloads may take {} bytes of memory, the contract reserves {}", required.mru, reserved.mru),
        ));
    }
    Ok(Accepted { contract: *contract, hash, required })
}

/// Whether the signatures of a deployment with this hash suffice. `accounts` are those of the twins that signed.
pub fn signatures(
    requirement: &SignatureRequirement,
    owner: u32,
    hash: &[u8; 32],
    accounts: &BTreeMap<u32, [u8; 32]>,
) -> Result<(), Failure> {
    let verified = requirement.check(owner, hash, |twin, scheme, message, signature| {
        accounts.get(&twin).is_some_and(|account| key::verify(scheme, account, message, signature))
    });
    Ok(verified?)
}

/// The contract, if it is live, this node's and the sender's: what every command about a contract asks first.
pub fn live_contract<'a>(
    contract_id: u64,
    contract: Option<&'a ContractView>,
    context: &Context,
) -> Result<&'a ContractView, Failure> {
    let Some(contract) = contract else {
        return Err(Failure::new(
            Code::ContractNotFound,
            format!("there is no contract {contract_id}; it never was or has ended"),
        ));
    };
    if contract.node_id != context.node_id {
        return Err(Failure::new(
            Code::WrongNode,
            format!("contract {contract_id} is for node {}, this is node {}", contract.node_id, context.node_id),
        ));
    }
    if contract.twin_id != context.sender_twin {
        return Err(Failure::new(
            Code::WrongSender,
            format!("contract {contract_id} is not twin {}'s", context.sender_twin),
        ));
    }
    if contract.kind == ContractKind::Rent {
        return Err(Failure::new(
            Code::InvalidDeployment,
            format!(
                "contract {contract_id} rents the node; what shall run there needs a contract of its own inside it"
            ),
        ));
    }
    match contract.state {
        ContractState::Created | ContractState::Deployed => Ok(contract),
        ContractState::Grace => Err(Failure::new(
            Code::ContractInGrace,
            format!("contract {contract_id} is out of funds and paused; fund it first"),
        )),
        ContractState::Ending => Err(Failure::new(Code::ContractNotLive, format!("contract {contract_id} is ending"))),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use grid_types::{
        deployment::{Function, ModuleDigest, Workload, WorkloadKind},
        units::Resources,
    };

    const GENESIS: [u8; 32] = [7; 32];
    const CONTEXT: Context = Context { node_id: 1, sender_twin: 2, genesis: GENESIS, now: 1_000 };

    fn deployment() -> Deployment {
        let data = Function {
            module: ModuleDigest::of(b"module"),
            memory: 64 << 20,
            timeout_ms: 1_000,
            env: None,
            access: None,
            secrets: None,
            egress: None,
        };
        let workload = Workload {
            version: 0,
            name: "stats".into(),
            kind: WorkloadKind::Function,
            data,
            metadata: String::new(),
            description: String::new(),
        };
        Deployment {
            version: 0,
            twin_id: 2,
            contract_id: 5,
            metadata: String::new(),
            description: String::new(),
            expiration: 0,
            signature_requirement: None,
            workloads: vec![workload],
        }
    }

    fn contract(deployment: &Deployment) -> ContractView {
        ContractView {
            contract_id: 5,
            version: 0,
            twin_id: 2,
            node_id: 1,
            kind: ContractKind::Capacity,
            hash: challenge::hash(deployment, &GENESIS),
            resources: Resources { cru: 1_000, mru: 128 << 20, sru: 1 << 30, hru: 0, nru_per_hour: 0 },
            state: ContractState::Created,
            deployed_version: None,
        }
    }

    fn refused(deployment: &Deployment, contract: Option<&ContractView>) -> Code {
        check(deployment, contract, &CONTEXT).unwrap_err().code
    }

    #[test]
    fn what_was_agreed_is_accepted() {
        let deployment = deployment();
        let contract = contract(&deployment);
        let accepted = check(&deployment, Some(&contract), &CONTEXT).unwrap();
        assert_eq!((accepted.contract, accepted.required.mru), (contract, 64 << 20));
    }

    #[test]
    fn an_unknown_contract() {
        assert_eq!(refused(&deployment(), None), Code::ContractNotFound);
    }

    #[test]
    fn another_nodes_contract() {
        let deployment = deployment();
        let contract = ContractView { node_id: 9, ..contract(&deployment) };
        assert_eq!(refused(&deployment, Some(&contract)), Code::WrongNode);
    }

    #[test]
    fn another_twins_contract() {
        let deployment = deployment();
        let contract = ContractView { twin_id: 9, ..contract(&deployment) };
        assert_eq!(refused(&deployment, Some(&contract)), Code::WrongSender);
    }

    #[test]
    fn a_deployment_that_names_another_twin() {
        let deployment = Deployment { twin_id: 9, ..deployment() };
        assert_eq!(refused(&deployment, Some(&contract(&deployment))), Code::WrongSender);
    }

    #[test]
    fn a_contract_that_is_ending() {
        let deployment = deployment();
        let contract = ContractView { state: ContractState::Ending, ..contract(&deployment) };
        assert_eq!(refused(&deployment, Some(&contract)), Code::ContractNotLive);
    }

    #[test]
    fn a_contract_in_grace() {
        let deployment = deployment();
        let contract = ContractView { state: ContractState::Grace, ..contract(&deployment) };
        assert_eq!(refused(&deployment, Some(&contract)), Code::ContractInGrace);
    }

    #[test]
    fn a_contract_that_rents_the_whole_node() {
        let deployment = deployment();
        let contract = ContractView { kind: ContractKind::Rent, ..contract(&deployment) };
        assert_eq!(refused(&deployment, Some(&contract)), Code::InvalidDeployment);
    }

    #[test]
    fn a_deployment_that_was_changed() {
        let agreed = contract(&deployment());
        let changed = Deployment { description: "other".into(), ..deployment() };
        assert_eq!(refused(&changed, Some(&agreed)), Code::HashMismatch);
    }

    #[test]
    fn a_hash_made_for_another_chain() {
        let deployment = deployment();
        let contract = ContractView { hash: challenge::hash(&deployment, &[8; 32]), ..contract(&deployment) };
        assert_eq!(refused(&deployment, Some(&contract)), Code::HashMismatch);
    }

    #[test]
    fn more_memory_than_is_reserved() {
        let mut deployment = deployment();
        deployment.workloads[0].data.memory = (128 << 20) + 1;
        assert_eq!(refused(&deployment, Some(&contract(&deployment))), Code::OverReserved);
    }

    #[test]
    fn all_memory_that_is_reserved_is_accepted() {
        let mut deployment = deployment();
        deployment.workloads[0].data.memory = 128 << 20;
        assert!(check(&deployment, Some(&contract(&deployment)), &CONTEXT).is_ok());
    }

    #[test]
    fn a_deployment_that_has_expired() {
        let deployment = Deployment { expiration: 1_000, ..deployment() };
        assert_eq!(refused(&deployment, Some(&contract(&deployment))), Code::InvalidDeployment);
    }

    #[test]
    fn a_stranger_learns_only_that_the_contract_is_not_his() {
        let contract =
            ContractView { twin_id: 9, state: ContractState::Grace, hash: [0; 32], ..contract(&deployment()) };
        assert_eq!(refused(&deployment(), Some(&contract)), Code::WrongSender);
    }
}
