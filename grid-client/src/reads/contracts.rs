//! What was agreed and what it costs.

use super::View;
use crate::{
    error::ChainError,
    keys::Account,
    records::{Billing, Contract, Parameters},
    runtime::api,
};

impl View {
    /// A contract. `None`: it has ended, or its number is not below [`View::next_contract_id`] and it never was.
    pub async fn contract(&self, id: u64) -> Result<Option<Contract>, ChainError> {
        Ok(self.fetch(api::storage().smart_contract_module().contracts(), (id,)).await?.map(Contract::from))
    }

    /// What billing knows of a contract.
    pub async fn billing(&self, id: u64) -> Result<Option<Billing>, ChainError> {
        Ok(self.fetch(api::storage().smart_contract_module().billing_of(), (id,)).await?.map(Billing::from))
    }

    /// The contracts on a node.
    pub async fn contracts_of_node(&self, node_id: u32) -> Result<Vec<u64>, ChainError> {
        let contracts = self.list(api::storage().smart_contract_module().contracts_of_node(), (node_id,)).await?;
        Ok(sorted(contracts.into_iter().map(|((_, id), ())| id)))
    }

    /// The contracts of a twin.
    pub async fn contracts_of_twin(&self, twin_id: u32) -> Result<Vec<u64>, ChainError> {
        let contracts = self.list(api::storage().smart_contract_module().contracts_of_twin(), (twin_id,)).await?;
        Ok(sorted(contracts.into_iter().map(|((_, id), ())| id)))
    }

    /// The number that the next contract gets.
    pub async fn next_contract_id(&self) -> Result<u64, ChainError> {
        let next = self.fetch(api::storage().smart_contract_module().next_contract_id(), ()).await?;
        next.ok_or_else(|| ChainError::unreadable("NextContractId", "it has no value and no default"))
    }

    /// The times and shares of the money rules.
    pub async fn parameters(&self) -> Result<Parameters, ChainError> {
        let rules = self.fetch(api::storage().smart_contract_module().rules(), ()).await?;
        rules.map(Parameters::from).ok_or_else(|| ChainError::unreadable("Rules", "they have no value and no default"))
    }

    /// What could not be paid to an account and waits to be claimed, base units.
    pub async fn payable(&self, account: Account) -> Result<u128, ChainError> {
        let payable = self.fetch(api::storage().smart_contract_module().payable(), (account.into(),)).await?;
        Ok(payable.unwrap_or_default())
    }
}

fn sorted(ids: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut ids: Vec<_> = ids.collect();
    ids.sort_unstable();
    ids
}
