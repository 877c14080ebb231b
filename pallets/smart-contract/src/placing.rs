//! Where a contract's capacity comes from: from the node, or from the rent of the whole node.
//!
//! A rent takes all of an empty node. Only the renter's contracts can then be made there; they share what the rent has
//! ([`RentUsage`]), and the registry counts them without reserving anything more.

use frame_support::{ensure, pallet_prelude::DispatchResult};
use grid_types::units::{Capacity, Prices};
use pallet_tfgrid::Pallet as Registry;
use sp_runtime::DispatchError;

use crate::{
    billing::rent::inside_rent,
    types::{ContractId, ContractState, RentUse},
    BillingOf, Config, EndingRents, Error, Pallet, RentUsage,
};

impl<T: Config> Pallet<T> {
    /// The rent that a new contract of `owner` on a node is inside of, if the node is rented.
    pub(crate) fn rent_around(node_id: u32, owner: &T::AccountId) -> Result<Option<ContractId>, DispatchError> {
        let Some(rent_id) = Registry::<T>::renter_of(node_id) else { return Ok(None) };
        let rent = BillingOf::<T>::get(rent_id).ok_or(Error::<T>::ContractNotFound)?;
        ensure!(rent.payer == *owner, Error::<T>::NodeRentedByOther);
        ensure!(rent.state == ContractState::Deployed, Error::<T>::RentEnding);
        Ok(Some(rent_id))
    }

    /// The prices of today for a contract on a node, inside a rent or not.
    pub(crate) fn prices_for(node_id: u32, rent: Option<ContractId>) -> Result<Prices, DispatchError> {
        let prices = Registry::<T>::prices_of_node(node_id)?;
        Ok(if rent.is_some() { inside_rent(&prices) } else { prices })
    }

    /// A new contract takes `capacity`.
    pub(crate) fn take_capacity(node_id: u32, rent: Option<ContractId>, capacity: &Capacity) -> DispatchResult {
        let Some(rent_id) = rent else { return Registry::<T>::reserve_capacity(node_id, capacity) };
        Registry::<T>::count_contract(node_id)?;
        Self::try_change_rent(rent_id, |room| {
            room.free = room.free.checked_sub(capacity)?;
            room.contracts = room.contracts.checked_add(1)?;
            Some(())
        })
    }

    /// A contract takes `new` instead of `old`. Under a rent that is ending nothing changes any more.
    pub(crate) fn swap_capacity(
        node_id: u32,
        rent: Option<ContractId>,
        old: &Capacity,
        new: &Capacity,
    ) -> DispatchResult {
        let Some(rent_id) = rent else { return Registry::<T>::change_capacity(node_id, old, new) };
        let state = BillingOf::<T>::get(rent_id).map(|rent| rent.state);
        ensure!(state == Some(ContractState::Deployed), Error::<T>::RentEnding);
        Self::try_change_rent(rent_id, |room| {
            room.free = room.free.checked_add(old)?.checked_sub(new)?;
            Some(())
        })
    }

    /// A contract that ended gives back what it had.
    pub(crate) fn give_back_capacity(node_id: u32, rent: Option<ContractId>, capacity: &Capacity) -> DispatchResult {
        let Some(rent_id) = rent else { return Registry::<T>::release_capacity(node_id, capacity) };
        Registry::<T>::uncount_contract(node_id)?;
        Self::try_change_rent(rent_id, |room| {
            room.free = room.free.checked_add(capacity)?;
            room.contracts = room.contracts.checked_sub(1)?;
            Some(())
        })
    }

    /// A rent that ended gives back the node. Errors while contracts live inside.
    pub(crate) fn give_back_node(node_id: u32, rent_id: ContractId) -> DispatchResult {
        Registry::<T>::unrent_node(node_id, rent_id)?;
        RentUsage::<T>::remove(rent_id);
        EndingRents::<T>::remove(rent_id);
        Ok(())
    }

    /// `change` gives `None` for what a rent does not have.
    fn try_change_rent(rent_id: ContractId, change: impl FnOnce(&mut RentUse) -> Option<()>) -> DispatchResult {
        RentUsage::<T>::try_mutate(rent_id, |room| {
            let room = room.as_mut().ok_or(Error::<T>::ContractNotFound)?;
            change(room).ok_or(Error::<T>::RentCapacityExceeded)?;
            Ok(())
        })
    }
}
