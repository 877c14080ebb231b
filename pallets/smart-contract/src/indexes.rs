//! Which contracts a node and a twin have, newest first, and pages of them.

use alloc::vec::Vec;

use crate::{keys::NewestFirst, pallet::MAX_PAGE, types::ContractId, Config, ContractsOfNode, ContractsOfTwin, Pallet};

impl<T: Config> Pallet<T> {
    /// Enters a contract into both indexes.
    pub(crate) fn list(node_id: u32, twin_id: u32, contract_id: ContractId) {
        ContractsOfNode::<T>::insert(node_id, NewestFirst(contract_id), contract_id);
        ContractsOfTwin::<T>::insert(twin_id, NewestFirst(contract_id), contract_id);
    }

    /// Strikes a contract from both indexes.
    pub(crate) fn unlist(node_id: u32, twin_id: u32, contract_id: ContractId) {
        ContractsOfNode::<T>::remove(node_id, NewestFirst(contract_id));
        ContractsOfTwin::<T>::remove(twin_id, NewestFirst(contract_id));
    }

    pub(crate) fn page_of_node(node_id: u32, after: Option<ContractId>, limit: u32) -> Vec<ContractId> {
        let contracts = match after {
            Some(id) => {
                let position = ContractsOfNode::<T>::hashed_key_for(node_id, NewestFirst(id));
                ContractsOfNode::<T>::iter_prefix_from(node_id, position)
            },
            None => ContractsOfNode::<T>::iter_prefix(node_id),
        };
        contracts.map(|(_, id)| id).take(page(limit)).collect()
    }

    pub(crate) fn page_of_twin(twin_id: u32, after: Option<ContractId>, limit: u32) -> Vec<ContractId> {
        let contracts = match after {
            Some(id) => {
                let position = ContractsOfTwin::<T>::hashed_key_for(twin_id, NewestFirst(id));
                ContractsOfTwin::<T>::iter_prefix_from(twin_id, position)
            },
            None => ContractsOfTwin::<T>::iter_prefix(twin_id),
        };
        contracts.map(|(_, id)| id).take(page(limit)).collect()
    }
}

fn page(limit: u32) -> usize {
    usize::try_from(limit.min(MAX_PAGE)).unwrap_or(0)
}
