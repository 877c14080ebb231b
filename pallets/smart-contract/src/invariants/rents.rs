//! What must hold of rents, and of what waits to end.

use frame_support::ensure;

use super::Checked;
use crate::{
    types::{BillingRecord, ContractKind, ContractState},
    BillingOf, Config, ContractOf, Contracts, ContractsOfNode, EndingRents, Pallet, PassedOver, RentUsage,
};

impl<T: Config> Pallet<T> {
    /// 13.
    pub(super) fn rents_add_up() -> Checked {
        for (rent_id, used) in RentUsage::<T>::iter() {
            let rent = BillingOf::<T>::get(rent_id).ok_or("13: a rent's book has no rent")?;
            let mut sum = used.free;
            let mut count = 0_u32;
            for contract_id in ContractsOfNode::<T>::iter_prefix_values(rent.node_id) {
                if contract_id == rent_id {
                    continue;
                }
                let inside = BillingOf::<T>::get(contract_id).ok_or("13: the node index names no contract")?;
                ensure!(inside.rent == Some(rent_id), "13: a contract on a rented node is not inside the rent");
                ensure!(inside.payer == rent.payer, "13: a contract inside a rent is somebody else's");
                sum = sum.checked_add(&inside.resources.capacity()).ok_or("13: capacity overflows")?;
                count = count.saturating_add(1);
            }
            ensure!(sum == rent.resources.capacity(), "13: a rent's capacity is not what is inside and what is free");
            ensure!(used.contracts == count, "13: a rent counts another number of contracts");
        }
        let is_rent = |contract: &ContractOf<T>| contract.kind == ContractKind::Rent;
        let rents = Contracts::<T>::iter_values().filter(is_rent).count();
        ensure!(RentUsage::<T>::iter_keys().count() == rents, "13: a rent has no book");
        let has_rent = |record: &BillingRecord<T::AccountId>| record.rent.is_none_or(RentUsage::<T>::contains_key);
        ensure!(BillingOf::<T>::iter_values().all(|record| has_rent(&record)), "13: a contract is inside no rent");
        Ok(())
    }

    /// 14.
    pub(super) fn queue_is_of_ending_rents() -> Checked {
        for (rent_id, node_id) in EndingRents::<T>::iter() {
            ensure!(RentUsage::<T>::contains_key(rent_id), "14: what waits to end is no rent");
            let rent = BillingOf::<T>::get(rent_id).ok_or("14: a rent that waits to end is gone")?;
            ensure!(matches!(rent.state, ContractState::Ending { .. }), "14: a rent that waits to end is not ending");
            ensure!(rent.node_id == node_id, "14: a rent that waits to end is on another node");
        }
        for node_id in PassedOver::<T>::iter_keys() {
            let winds_down = pallet_tfgrid::Leaving::<T>::contains_key(node_id)
                || EndingRents::<T>::iter_values().any(|ending| ending == node_id);
            ensure!(winds_down, "14: something was passed over on a node that stays");
        }
        Ok(())
    }
}
