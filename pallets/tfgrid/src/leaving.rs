//! Nodes that go, and nodes that broke: their contracts end a few in each block.
//!
//! [`Leaving`] is the queue, and all there is to remember: `pallet-smart-contract` takes a node from it, ends some of its
//! contracts, and comes back in the next block until [`Pallet::finish_leaving`] has nothing against it. So deleting a node
//! costs the same with one contract and with ten thousand.

use frame_support::pallet_prelude::*;
use grid_types::units::Capacity;

use crate::{
    pallet::{Config, Error, Event, Leaving, NodeStatus, Nodes, Pallet},
    types::{AccountIdOf, LeavingReason, NodeOf, NodeState},
};

/// The calls.
impl<T: Config> Pallet<T> {
    pub(crate) fn do_delete_node(who: AccountIdOf<T>, node_id: u32) -> DispatchResult {
        let mut node = Self::node_of_either_side(&who, node_id)?;
        if NodeStatus::<T>::get(node_id).contracts == 0 {
            return Self::remove_node(&node);
        }
        ensure!(node.state == NodeState::Up, Error::<T>::NodeClosing);

        node.state = NodeState::Closing;
        Nodes::<T>::insert(node_id, node);
        Leaving::<T>::insert(node_id, LeavingReason::Closing);
        Self::deposit_event(Event::NodeClosing { node_id });
        Ok(())
    }

    pub(crate) fn do_report_degraded(who: AccountIdOf<T>, capacity: Capacity) -> DispatchResult {
        let node_id = Self::node_of_agent(&who).ok_or(Error::<T>::NotAnAgent)?;
        let mut node = Self::node(node_id)?;
        ensure!(capacity.within(&node.capacity) && capacity != node.capacity, Error::<T>::NotDegraded);

        node.capacity = capacity;
        let ends_contracts = !Self::fits(&node);
        // A node that closes loses all of its contracts anyway.
        if ends_contracts && node.state == NodeState::Up {
            Leaving::<T>::insert(node_id, LeavingReason::Degraded);
        }
        Nodes::<T>::insert(node_id, node);
        Self::deposit_event(Event::NodeDegraded { node_id, capacity, ends_contracts });
        Ok(())
    }

    /// Ends the wait of a degraded node for which everything fits again. 2r 1w.
    pub(crate) fn keep_if_it_fits(node: &NodeOf<T>) {
        if Leaving::<T>::get(node.id) == Some(LeavingReason::Degraded) && Self::fits(node) {
            Leaving::<T>::remove(node.id);
            Self::deposit_event(Event::NodeFitsAgain { node_id: node.id });
        }
    }

    /// Whether what contracts reserve is there. 1r.
    fn fits(node: &NodeOf<T>) -> bool {
        NodeStatus::<T>::get(node.id).reserved.within(&node.capacity)
    }
}

/// For contracts.
impl<T: Config> Pallet<T> {
    /// A node whose contracts are to be ended. 1r.
    pub fn next_leaving() -> Option<(u32, LeavingReason)> {
        Leaving::<T>::iter().next()
    }

    /// Whether a node has what its contracts reserve. 2r.
    pub fn has_room(node_id: u32) -> bool {
        Nodes::<T>::get(node_id).is_some_and(|node| Self::fits(&node))
    }

    /// Takes a node from the queue although contracts are left that could not be ended, which only a bug can bring about:
    /// rules 8 and 12 then tell. The node takes no contracts all the same, and once it is empty `delete_node` removes it.
    /// 1w.
    pub fn give_up_leaving(node_id: u32) {
        Leaving::<T>::remove(node_id);
    }

    /// Takes a node from the queue: one that closed is deleted, and its deposit returned; one that broke stays with the
    /// contracts that fit. At most 8r 10w.
    ///
    /// Errors: [`Error::NodeNotFound`], [`Error::Inconsistent`] if the node is not in the queue,
    /// [`Error::NodeHasContracts`] and [`Error::CapacityReserved`] while contracts must still end.
    pub fn finish_leaving(node_id: u32) -> DispatchResult {
        let node = Self::node(node_id)?;
        match Leaving::<T>::get(node_id).ok_or(Error::<T>::Inconsistent)? {
            LeavingReason::Closing => {
                Self::ensure_empty(node_id)?;
                Self::remove_node(&node)
            },
            LeavingReason::Degraded => {
                ensure!(Self::fits(&node), Error::<T>::CapacityReserved);
                Self::keep_if_it_fits(&node);
                Ok(())
            },
        }
    }
}
