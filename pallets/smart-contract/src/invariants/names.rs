//! What must hold of leased names.

use frame_support::ensure;
use pallet_tfgrid::Pallet as Registry;

use super::Checked;
use crate::{
    names::is_name, types::Task, Agenda, Config, Contracts, NameContractIdByName, NameContracts, NameContractsOfTwin,
    NextContractId, Pallet,
};

impl<T: Config> Pallet<T> {
    /// 12.
    pub(super) fn names_are_leased() -> Checked {
        for (contract_id, contract) in NameContracts::<T>::iter() {
            ensure!(contract.contract_id == contract_id, "12: a name contract has another number than its key");
            ensure!(contract_id < NextContractId::<T>::get(), "12: a name contract's number was not given out");
            ensure!(!Contracts::<T>::contains_key(contract_id), "12: two contracts have one number");
            ensure!(is_name(&contract.name), "12: a name breaks the rules");
            let known = NameContractIdByName::<T>::get(&contract.name) == Some(contract_id)
                && NameContractsOfTwin::<T>::contains_key(contract.twin_id, contract_id);
            ensure!(known, "12: a name contract lacks an index");
            ensure!(Registry::<T>::twin_account(contract.twin_id).is_ok(), "12: a name's owner is gone");
            let entry = contract.agenda_tick.and_then(|tick| Agenda::<T>::get(tick, contract_id));
            ensure!(entry.is_some_and(|entry| entry.task == Task::LeaseEnd), "12: a lease's end is not on the agenda");
        }
        let names = NameContracts::<T>::iter_keys().count();
        ensure!(NameContractIdByName::<T>::iter_keys().count() == names, "12: a name has no contract");
        ensure!(NameContractsOfTwin::<T>::iter_keys().count() == names, "12: the twin index has more names");
        Ok(())
    }
}
