//! A node as a whole: the farmer's terms, and what `pallet-smart-contract` asks for a rent.
//!
//! A rent reserves everything that the node has. Contracts inside it are counted here and reserve nothing more: how the
//! rent's capacity is divided among them is the contract pallet's book.
//!
//! As in `for_contracts`: direct calls without events, inside the caller's storage transaction; `r` reads, `w` writes.

use frame_support::pallet_prelude::*;
use grid_types::units::Capacity;
use sp_runtime::DispatchError;

use crate::{
    pallet::{Config, Error, Event, NodeStatus, Nodes, Pallet},
    types::{AccountIdOf, RentTerms, MAX_SURCHARGE},
};

/// The call.
impl<T: Config> Pallet<T> {
    pub(crate) fn do_set_node_rent_terms(who: AccountIdOf<T>, node_id: u32, terms: RentTerms) -> DispatchResult {
        let mut node = Self::node_of_farmer(&who, node_id)?;
        ensure!(terms.surcharge <= MAX_SURCHARGE, Error::<T>::SurchargeTooHigh);

        node.rent = terms;
        Nodes::<T>::insert(node_id, node);
        Self::deposit_event(Event::NodeRentTermsSet { node_id, terms });
        Ok(())
    }
}

/// For contracts.
impl<T: Config> Pallet<T> {
    /// A contract takes an empty node as a whole; gives what that is. The node counts one contract. 2r 1w.
    ///
    /// Errors: [`Error::NodeNotFound`], [`Error::NodeClosing`], [`Error::NodePoweredDown`], [`Error::NodeRented`],
    /// [`Error::NodeHasContracts`].
    pub fn rent_node(node_id: u32, contract_id: u64) -> Result<Capacity, DispatchError> {
        let node = Self::node(node_id)?;
        Self::ensure_accepts_contracts(&node)?;
        NodeStatus::<T>::try_mutate(node_id, |status| {
            ensure!(status.rented_by.is_none(), Error::<T>::NodeRented);
            ensure!(status.contracts == 0, Error::<T>::NodeHasContracts);
            status.rented_by = Some(contract_id);
            status.reserved = node.capacity;
            status.contracts = 1;
            Ok(node.capacity)
        })
    }

    /// A rent gives the node back, after the last contract inside it. 1r 1w.
    ///
    /// Errors: [`Error::Inconsistent`] if the contract does not rent the node or others live inside.
    pub fn unrent_node(node_id: u32, contract_id: u64) -> DispatchResult {
        NodeStatus::<T>::try_mutate(node_id, |status| {
            let alone = status.rented_by == Some(contract_id) && status.contracts == 1;
            ensure!(alone, Error::<T>::Inconsistent);
            status.rented_by = None;
            status.reserved = Capacity::default();
            status.contracts = 0;
            Ok(())
        })
    }

    /// The contract that rents a node as a whole, if one does. 1r.
    pub fn renter_of(node_id: u32) -> Option<u64> {
        NodeStatus::<T>::get(node_id).rented_by
    }

    /// One contract more lives inside the rent of a node. 2r 1w.
    ///
    /// Errors: [`Error::NodeNotFound`], [`Error::NodeClosing`], [`Error::NodePoweredDown`], [`Error::CapacityExceeded`] if
    /// the node lost a part of what is rented, [`Error::Inconsistent`] if it is not rented.
    pub fn count_contract(node_id: u32) -> DispatchResult {
        let node = Self::node(node_id)?;
        Self::ensure_accepts_contracts(&node)?;
        NodeStatus::<T>::try_mutate(node_id, |status| {
            ensure!(status.rented_by.is_some(), Error::<T>::Inconsistent);
            ensure!(status.reserved.within(&node.capacity), Error::<T>::CapacityExceeded);
            status.contracts = status.contracts.checked_add(1).ok_or(Error::<T>::Inconsistent)?;
            Ok(())
        })
    }

    /// One contract less lives inside the rent of a node. 1r 1w.
    ///
    /// Errors: [`Error::Inconsistent`] if nothing but the rent lives on the node, or no rent does.
    pub fn uncount_contract(node_id: u32) -> DispatchResult {
        NodeStatus::<T>::try_mutate(node_id, |status| {
            ensure!(status.rented_by.is_some() && status.contracts > 1, Error::<T>::Inconsistent);
            status.contracts = status.contracts.checked_sub(1).ok_or(Error::<T>::Inconsistent)?;
            Ok(())
        })
    }
}
