//! What the call that moves a node does: another farm, another farmer, another price list. With contracts on it a node stays
//! where it is, since these were made under the old farmer's terms and may hold his addresses.

use frame_support::pallet_prelude::*;

use crate::{
    pallet::{Config, Error, Event, NodeAuthorizations, Nodes, NodesByFarm, Pallet},
    types::{AccountIdOf, NodeState, PowerState, RentTerms},
};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_move_node(who: AccountIdOf<T>, node_id: u32, farm_id: u32) -> DispatchResult {
        let twin_id = Self::twin_of(&who)?;
        let mut node = Self::node(node_id)?;
        ensure!(node.twin_id == twin_id, Error::<T>::NotNodeOwner);
        let farm = Self::farm(farm_id)?;
        ensure!(NodeAuthorizations::<T>::contains_key(farm_id, &who), Error::<T>::NodeNotAuthorized);
        ensure!(node.state == NodeState::Up, Error::<T>::NodeClosing);
        Self::ensure_empty(node_id)?;

        let from = node.farm_id;
        let same_farmer = Self::farm(from)?.twin_id == farm.twin_id;
        Self::remove_authorization(farm_id, who.clone())?;
        NodesByFarm::<T>::remove(from, node_id);
        NodesByFarm::<T>::insert(farm_id, node_id, ());
        node.farm_id = farm_id;
        // These are a farmer's words, and the new one has not said them.
        node.rent = RentTerms::default();
        node.public_config = None;
        node.power.target = PowerState::Up;
        if !same_farmer {
            Self::replace_agent(&who, &mut node);
        }
        Nodes::<T>::insert(node_id, node);
        Self::deposit_event(Event::NodeMoved { node_id, from, to: farm_id });
        Ok(())
    }
}
