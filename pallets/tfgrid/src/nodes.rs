//! What the calls about nodes do: consent, registration, changes, heartbeats.

use frame_support::{dispatch::Pays, pallet_prelude::*};
use grid_types::units::{Capacity, MAX_CAPACITY};

use crate::{
    pallet::{
        Config, Error, Event, Leaving, NextNodeId, NodeAuthorizations, NodeIdByTwinID, NodeStatus, Nodes, NodesByFarm,
        Pallet,
    },
    types::{
        AccountIdOf, DepositKey, Interfaces, Location, Machine, Node, NodeCertification, NodeOf, NodeSpec, NodeState,
        Power, RentTerms, ShortText, Status, MAX_LATITUDE, MAX_LONGITUDE, MAX_TEXT,
    },
};

/// Consent.
impl<T: Config> Pallet<T> {
    pub(crate) fn do_authorize_node(who: AccountIdOf<T>, farm_id: u32, account: AccountIdOf<T>) -> DispatchResult {
        Self::farm_of(&who, farm_id)?;
        Self::ensure_not_reserved(&account)?;
        ensure!(!NodeAuthorizations::<T>::contains_key(farm_id, &account), Error::<T>::AlreadyAuthorized);

        Self::take_deposit(DepositKey::NodeAuthorization { farm_id, account: account.clone() }, &who)?;
        NodeAuthorizations::<T>::insert(farm_id, &account, ());
        Self::deposit_event(Event::NodeAuthorized { farm_id, account });
        Ok(())
    }

    pub(crate) fn do_revoke_node_authorization(
        who: AccountIdOf<T>,
        farm_id: u32,
        account: AccountIdOf<T>,
    ) -> DispatchResult {
        Self::farm_of(&who, farm_id)?;
        ensure!(NodeAuthorizations::<T>::contains_key(farm_id, &account), Error::<T>::AuthorizationNotFound);

        Self::remove_authorization(farm_id, account.clone())?;
        Self::deposit_event(Event::NodeAuthorizationRevoked { farm_id, account });
        Ok(())
    }

    pub(crate) fn remove_authorization(farm_id: u32, account: AccountIdOf<T>) -> DispatchResult {
        NodeAuthorizations::<T>::remove(farm_id, &account);
        Self::return_deposit(DepositKey::NodeAuthorization { farm_id, account })
    }
}

/// Registration and changes.
impl<T: Config> Pallet<T> {
    pub(crate) fn do_create_node(
        who: AccountIdOf<T>,
        farm_id: u32,
        spec: NodeSpec,
        agent: Option<AccountIdOf<T>>,
    ) -> DispatchResult {
        let twin_id = Self::twin_of(&who)?;
        Self::farm(farm_id)?;
        ensure!(NodeAuthorizations::<T>::contains_key(farm_id, &who), Error::<T>::NodeNotAuthorized);
        ensure!(!NodeIdByTwinID::<T>::contains_key(twin_id), Error::<T>::TwinHasNode);
        let agent = agent.unwrap_or_else(|| who.clone());
        Self::check_agent(&agent)?;
        ensure!(is_machine(&spec.capacity), Error::<T>::InvalidCapacity);
        Self::check_spec(&spec)?;

        let id = Self::next_id::<NextNodeId<T>>()?;
        Self::remove_authorization(farm_id, who.clone())?;
        Self::take_deposit(DepositKey::Node(id), &who)?;
        Self::try_change_links(twin_id, |links| {
            links.nodes = links.nodes.checked_add(1)?;
            Some(())
        })?;
        NodeIdByTwinID::<T>::insert(twin_id, id);
        NodesByFarm::<T>::insert(farm_id, id, ());
        let node = Self::new_node(id, farm_id, twin_id, agent.clone(), spec);
        Self::accept_if_same(&who, &node);
        Nodes::<T>::insert(id, node);
        Self::deposit_event(Event::NodeCreated { node_id: id, farm_id, twin_id, agent });
        Ok(())
    }

    fn new_node(id: u32, farm_id: u32, twin_id: u32, agent: AccountIdOf<T>, spec: NodeSpec) -> NodeOf<T> {
        let NodeSpec { capacity, location, interfaces, serial, bus } = spec;
        let created = Self::now();
        Node {
            id,
            farm_id,
            twin_id,
            agent,
            capacity,
            location,
            interfaces,
            serial,
            bus,
            certification: NodeCertification::default(),
            created,
            state: NodeState::default(),
            power: Power { since: created, ..Power::default() },
            rent: RentTerms::default(),
            public_config: None,
        }
    }

    pub(crate) fn do_update_node(who: AccountIdOf<T>, node_id: u32, spec: NodeSpec) -> DispatchResult {
        let twin_id = Self::twin_of(&who)?;
        let mut node = Self::node(node_id)?;
        ensure!(node.twin_id == twin_id, Error::<T>::NotNodeOwner);
        if spec.capacity != node.capacity {
            Self::check_new_capacity(node_id, &spec.capacity)?;
        }
        Self::check_spec(&spec)?;

        Self::uncertify_if_changed(&mut node, &spec);
        node.capacity = spec.capacity;
        node.location = spec.location;
        node.interfaces = spec.interfaces;
        node.serial = spec.serial;
        node.bus = spec.bus;
        Self::keep_if_it_fits(&node);
        Nodes::<T>::insert(node_id, node);
        Self::deposit_event(Event::NodeUpdated { node_id });
        Ok(())
    }

    /// A node that broke may have less than a machine needs: it can still change the rest of its record, so only another
    /// capacity is checked.
    fn check_new_capacity(node_id: u32, capacity: &Capacity) -> DispatchResult {
        ensure!(is_machine(capacity), Error::<T>::InvalidCapacity);
        let Status { reserved, rented_by, .. } = NodeStatus::<T>::get(node_id);
        ensure!(reserved.within(capacity), Error::<T>::CapacityReserved);
        // A rent is of the node as it was, at a price for that: what comes on top would be nobody's as long as it lasts.
        ensure!(rented_by.is_none() || *capacity == reserved, Error::<T>::CapacityRented);
        Ok(())
    }

    /// What a certifier vouched for is the machine as it was.
    fn uncertify_if_changed(node: &mut NodeOf<T>, spec: &NodeSpec) {
        let told = Machine { capacity: spec.capacity, serial: spec.serial.clone() };
        if told != node.machine() && node.certification != NodeCertification::Diy {
            node.certification = NodeCertification::Diy;
            Self::deposit_event(Event::NodeCertificationSet { node_id: node.id, certification: node.certification });
        }
    }

    /// Takes a node without contracts off the chain, with every trace, and returns its deposit. 5r 10w.
    pub(crate) fn remove_node(node: &NodeOf<T>) -> DispatchResult {
        Nodes::<T>::remove(node.id);
        NodeIdByTwinID::<T>::remove(node.twin_id);
        Self::dismiss_agent(node);
        NodesByFarm::<T>::remove(node.farm_id, node.id);
        NodeStatus::<T>::remove(node.id);
        Leaving::<T>::remove(node.id);
        Self::try_change_links(node.twin_id, |links| {
            links.nodes = links.nodes.checked_sub(1)?;
            Some(())
        })?;
        Self::return_deposit(DepositKey::Node(node.id))?;
        Self::deposit_event(Event::NodeDeleted { node_id: node.id, farm_id: node.farm_id });
        Ok(())
    }

    /// Errors: [`Error::NodeHasContracts`]. 1r.
    pub(crate) fn ensure_empty(node_id: u32) -> Result<(), Error<T>> {
        ensure!(NodeStatus::<T>::get(node_id).contracts == 0, Error::NodeHasContracts);
        Ok(())
    }

    /// A node of which the signer is the twin or the farmer. 3r.
    ///
    /// Errors: [`Error::NoTwin`], [`Error::NodeNotFound`], [`Error::NotNodeOwner`].
    pub(crate) fn node_of_either_side(who: &AccountIdOf<T>, node_id: u32) -> Result<NodeOf<T>, Error<T>> {
        let twin_id = Self::twin_of(who)?;
        let node = Self::node(node_id)?;
        let allowed = node.twin_id == twin_id || Self::farm(node.farm_id)?.twin_id == twin_id;
        ensure!(allowed, Error::NotNodeOwner);
        Ok(node)
    }

    /// A node of which the signer is the farmer. 3r.
    ///
    /// Errors: [`Error::NoTwin`], [`Error::NodeNotFound`], [`Error::NotFarmOwner`].
    pub(crate) fn node_of_farmer(who: &AccountIdOf<T>, node_id: u32) -> Result<NodeOf<T>, Error<T>> {
        let twin_id = Self::twin_of(who)?;
        let node = Self::node(node_id)?;
        ensure!(Self::farm(node.farm_id)?.twin_id == twin_id, Error::NotFarmOwner);
        Ok(node)
    }

    /// All but the capacity.
    fn check_spec(spec: &NodeSpec) -> Result<(), Error<T>> {
        ensure!(is_place(&spec.location), Error::InvalidLocation);
        ensure!(are_interfaces(&spec.interfaces), Error::InvalidInterface);
        ensure!(spec.serial.as_ref().is_none_or(is_text), Error::InvalidSerial);
        ensure!(spec.bus.as_ref().is_none_or(|url| is_websocket_url(url)), Error::InvalidBusUrl);
        Ok(())
    }
}

/// Signs of life.
impl<T: Config> Pallet<T> {
    pub(crate) fn do_report_uptime(who: AccountIdOf<T>, uptime: u64) -> DispatchResultWithPostInfo {
        let node_id = Self::node_of_agent(&who).ok_or(Error::<T>::NotAnAgent)?;
        let now = Self::now();
        ensure!(uptime <= now, Error::<T>::ImpossibleUptime);

        let due = NodeStatus::<T>::mutate(node_id, |status| {
            let since = now.saturating_sub(status.seen.heartbeat);
            Self::mark(status, now);
            status.seen.heartbeat = now;
            since > 0 && since.saturating_mul(2) >= T::HeartbeatPeriod::get()
        });
        Self::deposit_event(Event::NodeUptimeReported { node_id, now, uptime });
        Ok(if due { Pays::No } else { Pays::Yes }.into())
    }
}

/// Whether a machine could have this, and the chain's arithmetic can carry it.
pub const fn is_machine(capacity: &Capacity) -> bool {
    capacity.cru > 0 && capacity.mru > 0 && capacity.sru > 0 && capacity.within(&MAX_CAPACITY)
}

fn is_place(location: &Location) -> bool {
    let within =
        |degrees: Option<i32>, limit: i32| degrees.is_none_or(|degrees| degrees.unsigned_abs() <= limit.unsigned_abs());
    is_text(&location.country)
        && is_text(&location.city)
        && within(location.latitude, MAX_LATITUDE)
        && within(location.longitude, MAX_LONGITUDE)
}

fn are_interfaces(interfaces: &Interfaces) -> bool {
    interfaces.iter().enumerate().all(|(position, interface)| {
        let unique = !interfaces.iter().take(position).any(|other| other.name == interface.name);
        unique && is_text(&interface.name)
    })
}

/// Whether `text` is 1 to [`MAX_TEXT`] bytes of UTF-8 without control characters.
pub(crate) fn is_text(text: &ShortText) -> bool {
    let fits = u32::try_from(text.len()).is_ok_and(|length| (1..=MAX_TEXT).contains(&length));
    fits && core::str::from_utf8(text).is_ok_and(|text| !text.chars().any(char::is_control))
}

/// Whether `url` is `ws://` or `wss://` and something that starts like a host, all printable.
fn is_websocket_url(url: &[u8]) -> bool {
    let rest = url.strip_prefix(b"ws://").or_else(|| url.strip_prefix(b"wss://"));
    let starts_with_host = |rest: &[u8]| rest.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'[');
    rest.is_some_and(|rest| starts_with_host(rest) && rest.iter().all(u8::is_ascii_graphic))
}
