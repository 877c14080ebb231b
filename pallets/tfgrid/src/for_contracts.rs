//! What `pallet-smart-contract` asks of the registry, and what it tells it.
//!
//! Direct calls, no hooks and no events: the contract pallet's calls are the users' entry, and its events tell what
//! happened. All functions that change something expect to run inside a call's storage transaction: on an error the
//! caller gives up and everything is undone.
//!
//! Costs are storage accesses, `r` reads and `w` writes.

use alloc::vec::Vec;
use frame_support::{pallet_prelude::*, traits::UnixTime};
use grid_types::units::{Capacity, Prices, MAX_PUBLIC_IPS};

use crate::{
    pallet::{Config, Error, Pallet},
    types::{AccountIdOf, FarmOf, IpList, NodeOf, StatusOf},
    Farms, FreeIps, NodeIdByAgent, NodeStatus, Nodes, PricingPolicies, PublicIps, TwinIdByAccountID, Twins,
};

/// How much of a node's silence counts as dark: a node may be silent for a while, and nobody can be heard while the chain stands
/// still.
pub trait DarkTime {
    /// Seconds of darkness in a silence from `last`, the last sign of life, until `until`, Unix seconds. None after 0: a node
    /// that was never heard of has not gone dark.
    fn of_silence(last: u64, until: u64) -> u64;
}

/// Who is who.
impl<T: Config> Pallet<T> {
    /// The twin of an account. 1r.
    ///
    /// Errors: [`Error::NoTwin`].
    pub fn twin_of(account: &AccountIdOf<T>) -> Result<u32, Error<T>> {
        TwinIdByAccountID::<T>::get(account).ok_or(Error::NoTwin)
    }

    /// The account of a twin. 1r.
    ///
    /// Errors: [`Error::TwinNotFound`].
    pub fn twin_account(twin_id: u32) -> Result<AccountIdOf<T>, Error<T>> {
        Twins::<T>::get(twin_id).map(|twin| twin.account_id).ok_or(Error::TwinNotFound)
    }

    /// A node's record. 1r.
    ///
    /// Errors: [`Error::NodeNotFound`].
    pub fn node(node_id: u32) -> Result<NodeOf<T>, Error<T>> {
        Nodes::<T>::get(node_id).ok_or(Error::NodeNotFound)
    }

    /// The node that an account is the agent of. 1r.
    pub fn node_of_agent(account: &AccountIdOf<T>) -> Option<u32> {
        NodeIdByAgent::<T>::get(account)
    }

    /// A farm's record. 1r.
    ///
    /// Errors: [`Error::FarmNotFound`].
    pub fn farm(farm_id: u32) -> Result<FarmOf<T>, Error<T>> {
        Farms::<T>::get(farm_id).ok_or(Error::FarmNotFound)
    }

    /// Where a farm's earnings go. 1r.
    ///
    /// Errors: [`Error::FarmNotFound`].
    pub fn payout_of_farm(farm_id: u32) -> Result<AccountIdOf<T>, Error<T>> {
        Self::farm(farm_id).map(|farm| farm.payout)
    }

    /// The account of a farm's twin: the farmer. 2r.
    ///
    /// Errors: [`Error::FarmNotFound`], [`Error::TwinNotFound`].
    pub fn farm_twin_account(farm_id: u32) -> Result<AccountIdOf<T>, Error<T>> {
        Self::twin_account(Self::farm(farm_id)?.twin_id)
    }

    /// The prices of a farm today. 2r.
    ///
    /// Errors: [`Error::FarmNotFound`], [`Error::PolicyNotFound`].
    pub fn prices_of_farm(farm_id: u32) -> Result<Prices, Error<T>> {
        let policy_id = Self::farm(farm_id)?.pricing_policy_id;
        PricingPolicies::<T>::get(policy_id).map(|policy| policy.prices).ok_or(Error::PolicyNotFound)
    }

    /// The prices of a node today: those of its farm. 3r.
    ///
    /// Errors: [`Error::NodeNotFound`], [`Error::FarmNotFound`], [`Error::PolicyNotFound`].
    pub fn prices_of_node(node_id: u32) -> Result<Prices, Error<T>> {
        Self::prices_of_farm(Self::node(node_id)?.farm_id)
    }
}

/// Time and signs of life.
impl<T: Config> Pallet<T> {
    /// The time of this block, Unix seconds, rounded down. 1r.
    pub fn now() -> u64 {
        T::UnixTime::now().as_secs()
    }

    /// When a node was last heard of before this block, Unix seconds; 0 if never. 1r.
    pub fn last_seen_before_this_block(node_id: u32) -> u64 {
        NodeStatus::<T>::get(node_id).seen.before_block(frame_system::Pallet::<T>::block_number())
    }

    /// Whether more than `limit_seconds` have passed at `now` since a node was last heard of before this block. A node
    /// that was never heard of is unseen. 1r.
    pub fn is_unseen(node_id: u32, now: u64, limit_seconds: u64) -> bool {
        now.saturating_sub(Self::last_seen_before_this_block(node_id)) > limit_seconds
    }

    /// For how long a node was dark in all until `until`, Unix seconds. A silence that a sign of life ended, in this block or
    /// before, counts as a whole; one that goes on, up to `until`. 1r, and what [`DarkTime`] reads.
    pub fn dark_seconds(node_id: u32, until: u64) -> u64 {
        let status = NodeStatus::<T>::get(node_id);
        status.dark_seconds.saturating_add(T::DarkTime::of_silence(status.seen.last, until))
    }

    /// Notes a sign of life at `now`: call it once per accepted batch, for the node of the agent that sent it. 1r 1w, and what
    /// [`DarkTime`] reads.
    pub fn mark_seen(node_id: u32, now: u64) {
        NodeStatus::<T>::mutate(node_id, |status| Self::mark(status, now));
    }

    /// Notes a sign of life at `now`, and how much of the silence before it was dark.
    pub(crate) fn mark(status: &mut StatusOf<T>, now: u64) {
        let dark = T::DarkTime::of_silence(status.seen.last, now);
        status.dark_seconds = status.dark_seconds.saturating_add(dark);
        status.seen.mark(now, frame_system::Pallet::<T>::block_number());
    }
}

/// Capacity. What a whole rented node is asked for stands in `renting`.
impl<T: Config> Pallet<T> {
    /// Errors: [`Error::NodeClosing`], [`Error::NodePoweredDown`].
    pub fn ensure_accepts_contracts(node: &NodeOf<T>) -> Result<(), Error<T>> {
        ensure!(node.state.accepts_contracts(), Error::NodeClosing);
        ensure!(node.power.accepts_contracts(), Error::NodePoweredDown);
        Ok(())
    }

    /// A new contract takes `capacity` of a node; it may be nothing. The node counts one contract more. 2r 1w.
    ///
    /// Errors: [`Error::NodeNotFound`], [`Error::NodeClosing`], [`Error::NodePoweredDown`], [`Error::NodeWholeOnly`],
    /// [`Error::NodeRented`], [`Error::CapacityExceeded`].
    pub fn reserve_capacity(node_id: u32, capacity: &Capacity) -> DispatchResult {
        let node = Self::node(node_id)?;
        ensure!(!node.rent.whole_only, Error::<T>::NodeWholeOnly);
        Self::try_change_use(&node, |status| {
            status.reserved = status.reserved.checked_add(capacity).ok_or(Error::CapacityExceeded)?;
            status.contracts = status.contracts.checked_add(1).ok_or(Error::Inconsistent)?;
            Ok(())
        })
    }

    /// A live contract swaps what it reserves. The count of contracts stays. 2r 1w.
    ///
    /// Errors: [`Error::NodeNotFound`], [`Error::NodeClosing`], [`Error::NodePoweredDown`], [`Error::NodeRented`],
    /// [`Error::CapacityExceeded`], [`Error::Inconsistent`] if the node has less reserved than `old`.
    pub fn change_capacity(node_id: u32, old: &Capacity, new: &Capacity) -> DispatchResult {
        let node = Self::node(node_id)?;
        Self::try_change_use(&node, |status| {
            let others = status.reserved.checked_sub(old).ok_or(Error::Inconsistent)?;
            status.reserved = others.checked_add(new).ok_or(Error::CapacityExceeded)?;
            Ok(())
        })
    }

    /// A contract that ended gives back what it reserved. The node counts one contract less. 1r 1w.
    ///
    /// Errors: [`Error::Inconsistent`] if the node has no contract or less reserved, or is rented as a whole.
    pub fn release_capacity(node_id: u32, capacity: &Capacity) -> DispatchResult {
        NodeStatus::<T>::try_mutate(node_id, |status| {
            ensure!(status.rented_by.is_none(), Error::<T>::Inconsistent);
            status.reserved = status.reserved.checked_sub(capacity).ok_or(Error::<T>::Inconsistent)?;
            status.contracts = status.contracts.checked_sub(1).ok_or(Error::<T>::Inconsistent)?;
            Ok(())
        })
    }

    /// Applies `change` to a node's use if the node takes contracts and has room for the result.
    fn try_change_use(
        node: &NodeOf<T>,
        change: impl FnOnce(&mut StatusOf<T>) -> Result<(), Error<T>>,
    ) -> DispatchResult {
        Self::ensure_accepts_contracts(node)?;
        NodeStatus::<T>::try_mutate(node.id, |status| {
            ensure!(status.rented_by.is_none(), Error::<T>::NodeRented);
            change(status)?;
            ensure!(status.reserved.within(&node.capacity), Error::<T>::CapacityExceeded);
            Ok(())
        })
    }
}

/// Public addresses.
impl<T: Config> Pallet<T> {
    /// A contract takes `count` free addresses of a farm, all or none; 0 is a no-op. 2n r 2n w.
    ///
    /// Errors: [`Error::TooManyAddresses`] above `MAX_PUBLIC_IPS`, [`Error::NotEnoughAddresses`].
    pub fn reserve_ips(farm_id: u32, contract_id: u64, count: u32) -> Result<IpList, Error<T>> {
        ensure!(count <= MAX_PUBLIC_IPS, Error::TooManyAddresses);
        let wanted = usize::try_from(count).map_err(|_| Error::TooManyAddresses)?;
        let taken: Vec<u32> = FreeIps::<T>::iter_key_prefix(farm_id).take(wanted).collect();
        ensure!(taken.len() == wanted, Error::NotEnoughAddresses);
        for address in &taken {
            Self::set_holder(farm_id, *address, None, Some(contract_id))?;
            FreeIps::<T>::remove(farm_id, address);
        }
        IpList::try_from(taken).map_err(|_| Error::TooManyAddresses)
    }

    /// A contract gives back addresses that it holds; an empty list is a no-op. n r 2n w.
    ///
    /// Errors: [`Error::AddressNotHeld`] if one of them is not this farm's or not this contract's.
    pub fn release_ips(farm_id: u32, contract_id: u64, addresses: &[u32]) -> DispatchResult {
        for address in addresses {
            Self::set_holder(farm_id, *address, Some(contract_id), None)?;
            FreeIps::<T>::insert(farm_id, address, ());
        }
        Ok(())
    }

    /// Hands an address from one holder to another.
    fn set_holder(farm_id: u32, address: u32, from: Option<u64>, to: Option<u64>) -> Result<(), Error<T>> {
        PublicIps::<T>::try_mutate(address, |record| match record.as_mut() {
            Some(record) if record.farm_id == farm_id && record.contract_id == from => {
                record.contract_id = to;
                Ok(())
            },
            _ => Err(Error::AddressNotHeld),
        })
    }
}
