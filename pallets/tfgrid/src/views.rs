//! Lists for clients, in pages. No question reads more than a bounded number of records, however large the grid is.

use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::traits::Get;
use grid_types::units::{Capacity, MAX_PUBLIC_IPS};

use crate::{
    pallet::{Config, FreeIps, NextNodeId, NodeStatus, Nodes, NodesByFarm, Pallet},
    types::NodeOf,
};

/// The most ids of one page; the least is one, so that pages come to an end.
const MOST_IDS: u32 = 100;
/// The most nodes that one question looks at.
const MOST_LOOKED_AT: u32 = 1_000;
/// The most addresses that are counted.
pub(crate) const MOST_COUNTED: u32 = 1_000;

impl<T: Config> Pallet<T> {
    pub(crate) fn page_of_farm_nodes(farm_id: u32, after: Option<u32>, limit: u32) -> Vec<u32> {
        let nodes = match after {
            Some(node_id) => {
                let last = NodesByFarm::<T>::hashed_key_for(farm_id, node_id);
                NodesByFarm::<T>::iter_key_prefix_from(farm_id, last)
            },
            None => NodesByFarm::<T>::iter_key_prefix(farm_id),
        };
        nodes.take(page(limit)).collect()
    }

    pub(crate) fn page_of_free_nodes(
        wish: &Capacity,
        public_ips: u32,
        after: u32,
        limit: u32,
    ) -> (Vec<u32>, Option<u32>) {
        let (first, end) = (after.saturating_add(1), NextNodeId::<T>::get());
        let stop = first.saturating_add(MOST_LOOKED_AT).min(end);
        let mut addresses = FreeAddresses::<T>::new(public_ips);
        let mut found = Vec::new();
        let now = Self::now();
        for node_id in first..stop {
            if found.len() == page(limit) {
                return (found, Some(node_id.saturating_sub(1)));
            }
            let takes = |node: NodeOf<T>| Self::has_free(&node, wish, now) && addresses.enough(node.farm_id);
            if Nodes::<T>::get(node_id).is_some_and(takes) {
                found.push(node_id);
            }
        }
        (found, (stop < end).then(|| stop.saturating_sub(1)))
    }

    /// Whether a contract of `wish` could be made on a node, in the next block.
    fn has_free(node: &NodeOf<T>, wish: &Capacity, now: u64) -> bool {
        let status = NodeStatus::<T>::get(node.id);
        node.accepts_contracts()
            && now.saturating_sub(status.seen.last) <= T::UnseenAfter::get()
            && !node.rent.whole_only
            && status.rented_by.is_none()
            && status.reserved.checked_add(wish).is_some_and(|sum| sum.within(&node.capacity))
    }

    pub(crate) fn count_free_ips(farm_id: u32, at_most: u32) -> u32 {
        let (mut count, mut addresses) = (0_u32, FreeIps::<T>::iter_key_prefix(farm_id));
        while count < at_most && addresses.next().is_some() {
            count = count.saturating_add(1);
        }
        count
    }
}

/// Which farms have enough free addresses; each is counted once.
struct FreeAddresses<T> {
    wanted: u32,
    known: BTreeMap<u32, bool>,
    _config: core::marker::PhantomData<T>,
}

impl<T: Config> FreeAddresses<T> {
    const fn new(wanted: u32) -> Self {
        Self { wanted, known: BTreeMap::new(), _config: core::marker::PhantomData }
    }

    fn enough(&mut self, farm_id: u32) -> bool {
        let wanted = self.wanted;
        wanted <= MAX_PUBLIC_IPS
            && *self.known.entry(farm_id).or_insert_with(|| Pallet::<T>::count_free_ips(farm_id, wanted) == wanted)
    }
}

fn page(limit: u32) -> usize {
    usize::try_from(limit.clamp(1, MOST_IDS)).unwrap_or_default()
}
