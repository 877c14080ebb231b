//! What the calls about agents do. A node names its agent; the agent's own word makes it count.
//!
//! Without that word anybody could name a stranger's key: the key would be taken when its owner needs it, and a machine
//! that looks up its node by its key would find somebody else's. So several nodes may name one account, and the index
//! [`NodeIdByAgent`], by which all calls of agents go, has the one that it accepted.

use frame_support::pallet_prelude::*;

use crate::{
    pallet::{Config, Error, Event, NodeIdByAgent, Nodes, Pallet},
    types::{AccountIdOf, NodeOf},
};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_set_node_agent(who: AccountIdOf<T>, node_id: u32, agent: AccountIdOf<T>) -> DispatchResult {
        let mut node = Self::node_of_either_side(&who, node_id)?;
        Self::check_agent(&agent)?;

        Self::dismiss_agent(&node);
        node.agent = agent.clone();
        Self::accept_if_same(&who, &node);
        Nodes::<T>::insert(node_id, node);
        Self::deposit_event(Event::NodeAgentSet { node_id, agent });
        Ok(())
    }

    pub(crate) fn do_accept_agent(agent: AccountIdOf<T>, node_id: u32) -> DispatchResult {
        let node = Self::node(node_id)?;
        ensure!(node.agent == agent, Error::<T>::NotNamedAsAgent);
        ensure!(!NodeIdByAgent::<T>::contains_key(&agent), Error::<T>::AgentTaken);

        NodeIdByAgent::<T>::insert(&agent, node_id);
        Self::deposit_event(Event::NodeAgentAccepted { node_id, agent });
        Ok(())
    }

    pub(crate) fn do_resign_agent(agent: AccountIdOf<T>) -> DispatchResult {
        let node_id = Self::node_of_agent(&agent).ok_or(Error::<T>::NotAnAgent)?;
        let mut node = Self::node(node_id)?;
        let twin = Self::twin_account(node.twin_id)?;

        NodeIdByAgent::<T>::remove(&agent);
        node.agent = twin.clone();
        Nodes::<T>::insert(node_id, node);
        Self::deposit_event(Event::NodeAgentResigned { node_id, agent });
        Self::deposit_event(Event::NodeAgentSet { node_id, agent: twin });
        Ok(())
    }

    /// The machine's own account, which signs, takes the place of an agent that the machine's new farmer did not choose. If it
    /// is another node's agent already, it is only named. 2r 2w.
    pub(crate) fn replace_agent(who: &AccountIdOf<T>, node: &mut NodeOf<T>) {
        Self::dismiss_agent(node);
        node.agent = who.clone();
        if !NodeIdByAgent::<T>::contains_key(who) {
            Self::accept_if_same(who, node);
        }
        Self::deposit_event(Event::NodeAgentSet { node_id: node.id, agent: who.clone() });
    }

    /// Whether a node may name this account. 1r.
    ///
    /// Errors: [`Error::AccountReserved`], [`Error::AgentTaken`].
    pub(crate) fn check_agent(agent: &AccountIdOf<T>) -> DispatchResult {
        Self::ensure_not_reserved(agent)?;
        ensure!(!NodeIdByAgent::<T>::contains_key(agent), Error::<T>::AgentTaken);
        Ok(())
    }

    /// Who names himself has accepted. The account is not taken: [`Self::check_agent`]. 1w.
    pub(crate) fn accept_if_same(who: &AccountIdOf<T>, node: &NodeOf<T>) {
        if node.agent == *who {
            NodeIdByAgent::<T>::insert(who, node.id);
        }
    }

    /// A node's agent counts no longer. One that has not accepted may be another node's. 1r 1w.
    pub(crate) fn dismiss_agent(node: &NodeOf<T>) {
        if NodeIdByAgent::<T>::get(&node.agent) == Some(node.id) {
            NodeIdByAgent::<T>::remove(&node.agent);
        }
    }
}
