//! Switching machines on and off: the farmer says what should be, the agent says what is.
//!
//! A node can't go down while contracts live on it, and takes none while it is down or on its way there. So a sleeping
//! node never holds anybody's contract, and no end of a contract ever waits for a node to wake.

use frame_support::{dispatch::Pays, pallet_prelude::*};

use crate::{
    pallet::{Config, Error, Event, Nodes, Pallet},
    types::{AccountIdOf, PowerState},
};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_change_power_target(who: AccountIdOf<T>, node_id: u32, target: PowerState) -> DispatchResult {
        let mut node = Self::node_of_farmer(&who, node_id)?;
        Self::ensure_may_become(node_id, target)?;

        node.power.target = target;
        Nodes::<T>::insert(node_id, node);
        Self::deposit_event(Event::NodePowerTargetChanged { node_id, target });
        Ok(())
    }

    pub(crate) fn do_change_power_state(who: AccountIdOf<T>, state: PowerState) -> DispatchResultWithPostInfo {
        let node_id = Self::node_of_agent(&who).ok_or(Error::<T>::NotAnAgent)?;
        let mut node = Self::node(node_id)?;
        if node.power.state == state {
            return Ok(Pays::Yes.into());
        }
        Self::ensure_may_become(node_id, state)?;

        node.power.state = state;
        node.power.since = Self::now();
        // A node that goes up and down by itself pays for every second change, so that it can't fill blocks for nothing.
        let pays = if node.power.target == state { Pays::No } else { Pays::Yes };
        Nodes::<T>::insert(node_id, node);
        Self::deposit_event(Event::NodePowerStateChanged { node_id, state });
        Ok(pays.into())
    }

    fn ensure_may_become(node_id: u32, state: PowerState) -> Result<(), Error<T>> {
        match state {
            PowerState::Up => Ok(()),
            PowerState::Down => Self::ensure_empty(node_id),
        }
    }
}
