//! Upgrades of a live chain's records. Each runs once, in the first block of the runtime that brings it, and only on the
//! storage version it is for.
//!
//! All records of a kind are rewritten in that one block. That is right for thousands of nodes; a chain with very many
//! needs a migration over several blocks instead.

use core::marker::PhantomData;
use frame_support::{
    migrations::VersionedMigration,
    pallet_prelude::{Get, Weight},
    traits::UncheckedOnRuntimeUpgrade,
};

use crate::{
    pallet::{Config, Farms, NodeStatus, Nodes, Pallet, PriceFloor, TwinUsage},
    policies,
};

/// From storage version 0 to 1:
///
/// * a node knows its power, its rent terms and its public configuration: it is up, and nothing has been said;
/// * what is reserved of a node and when it was seen are one record, [`NodeStatus`];
/// * a farm no longer counts its free addresses, and a twin no longer its contracts;
/// * the price floor is above zero.
///
/// Agents stay as they are, though in version 0 an account became one by being named and was not asked. Who finds his account
/// taken frees it with [`resign_agent`](Pallet::resign_agent).
pub type V0ToV1<T> = VersionedMigration<0, 1, UncheckedV0ToV1<T>, Pallet<T>, <T as frame_system::Config>::DbWeight>;

/// [`V0ToV1`] without the look at the version.
pub struct UncheckedV0ToV1<T>(PhantomData<T>);

impl<T: Config> UncheckedOnRuntimeUpgrade for UncheckedV0ToV1<T> {
    fn on_runtime_upgrade() -> Weight {
        let mut records = 0_u64;
        let mut count = || records = records.saturating_add(1);
        Nodes::<T>::translate_values(|old: v0::Node<T::AccountId>| {
            count();
            Some(old.upgraded())
        });
        Farms::<T>::translate_values(|old: v0::Farm<T::AccountId>| {
            count();
            Some(old.upgraded())
        });
        TwinUsage::<T>::translate_values(|old: v0::TwinLinks| {
            count();
            old.upgraded()
        });
        for (node_id, used) in v0::NodeUsage::<T>::drain() {
            count();
            NodeStatus::<T>::mutate(node_id, |status| {
                status.reserved = used.reserved;
                status.contracts = used.contracts;
            });
        }
        for (node_id, seen) in v0::NodeSeen::<T>::drain() {
            count();
            NodeStatus::<T>::mutate(node_id, |status| status.seen = seen);
        }
        count();
        PriceFloor::<T>::mutate(|floor| *floor = policies::above_nothing(*floor));
        // A drained record also reads and writes the one that it goes to.
        T::DbWeight::get().reads_writes(records.saturating_mul(2), records.saturating_mul(2))
    }

    #[cfg(feature = "try-runtime")]
    fn pre_upgrade() -> Result<alloc::vec::Vec<u8>, sp_runtime::TryRuntimeError> {
        use codec::Encode;
        Ok((Nodes::<T>::iter_keys().count() as u64, Farms::<T>::iter_keys().count() as u64).encode())
    }

    #[cfg(feature = "try-runtime")]
    fn post_upgrade(state: alloc::vec::Vec<u8>) -> Result<(), sp_runtime::TryRuntimeError> {
        use codec::Encode;
        let counted = (Nodes::<T>::iter_values().count() as u64, Farms::<T>::iter_values().count() as u64);
        frame_support::ensure!(counted.encode() == state, "a node or a farm was lost");
        frame_support::ensure!(v0::NodeUsage::<T>::iter_keys().next().is_none(), "old use was left behind");
        frame_support::ensure!(v0::NodeSeen::<T>::iter_keys().next().is_none(), "an old sign of life was left behind");
        Ok(())
    }
}

/// The records as they were in version 0, where they differ.
mod v0 {
    use codec::{Decode, Encode};
    use frame_support::{storage_alias, Twox64Concat};
    use frame_system::pallet_prelude::BlockNumberFor;
    use grid_types::units::Capacity;

    use crate::{pallet::Pallet, types, Config};

    #[derive(Decode)]
    pub struct Node<AccountId> {
        id: u32,
        farm_id: u32,
        twin_id: u32,
        agent: AccountId,
        capacity: Capacity,
        location: types::Location,
        interfaces: types::Interfaces,
        serial: Option<types::ShortText>,
        bus: Option<types::BusUrl>,
        certification: types::NodeCertification,
        created: u64,
        state: types::NodeState,
    }

    #[derive(Decode)]
    pub struct Farm<AccountId> {
        id: u32,
        name: types::Name,
        twin_id: u32,
        pricing_policy_id: u32,
        payout: AccountId,
        public_ips: u32,
        _free_public_ips: u32,
    }

    #[derive(Decode)]
    pub struct TwinLinks {
        policies: u32,
        farms: u32,
        nodes: u32,
        _contracts: u32,
    }

    #[derive(Encode, Decode)]
    pub struct NodeUse {
        pub reserved: Capacity,
        pub contracts: u32,
    }

    #[storage_alias]
    pub type NodeUsage<T: Config> = StorageMap<Pallet<T>, Twox64Concat, u32, NodeUse>;

    #[storage_alias]
    pub type NodeSeen<T: Config> = StorageMap<Pallet<T>, Twox64Concat, u32, types::Seen<BlockNumberFor<T>>>;

    impl<AccountId> Node<AccountId> {
        pub fn upgraded(self) -> types::Node<AccountId> {
            types::Node {
                id: self.id,
                farm_id: self.farm_id,
                twin_id: self.twin_id,
                agent: self.agent,
                capacity: self.capacity,
                location: self.location,
                interfaces: self.interfaces,
                serial: self.serial,
                bus: self.bus,
                certification: self.certification,
                created: self.created,
                state: self.state,
                power: types::Power { since: self.created, ..Default::default() },
                rent: types::RentTerms::default(),
                public_config: None,
            }
        }
    }

    impl<AccountId> Farm<AccountId> {
        pub fn upgraded(self) -> types::Farm<AccountId> {
            let Self { id, name, twin_id, pricing_policy_id, payout, public_ips, _free_public_ips } = self;
            types::Farm { id, name, twin_id, pricing_policy_id, payout, public_ips }
        }
    }

    impl TwinLinks {
        /// None where nothing but contracts hung on the twin: an empty record is not kept.
        pub fn upgraded(self) -> Option<types::TwinLinks> {
            let Self { policies, farms, nodes, _contracts } = self;
            let links = types::TwinLinks { policies, farms, nodes };
            (!links.is_empty()).then_some(links)
        }
    }
}
