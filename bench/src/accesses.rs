//! Counts storage accesses: which keys a computation fetched from the state, and which it changed.
//!
//! The rules are those of benchmarks: a key counts once, however often it is read; a look for the next key of an index is
//! a read; a key that is read after it was written in the same computation costs nothing. Keys that every transaction or every block
//! touches anyway do not count: they are in the base weights.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    marker::PhantomData,
};

use frame_support::traits::{StorageInfoTrait, WhitelistedStorageKeys};
use gridchain_runtime::{AccountId, AllPalletsWithSystem, Runtime};
use sp_core::{
    storage::{ChildInfo, StateVersion},
    Blake2Hasher, H256,
};
use sp_io::TestExternalities;
use sp_state_machine::{
    Backend, BackendTransaction, Ext, InMemoryBackend, IterArgs, OverlayedChanges, StateMachineStats, StorageIterator,
    UsageInfo,
};
use sp_trie::MerkleValue;

type State = InMemoryBackend<Blake2Hasher>;
type Result<T> = std::result::Result<T, <State as Backend<Blake2Hasher>>::Error>;

/// Keys that were fetched and keys that were changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accesses {
    /// Fetched from the state.
    pub reads: BTreeSet<Vec<u8>>,
    /// Changed, inserted or removed.
    pub writes: BTreeSet<Vec<u8>>,
}

impl Accesses {
    /// How many keys were read and how many written.
    pub fn count(&self) -> (usize, usize) {
        (self.reads.len(), self.writes.len())
    }

    /// What was read and written by name, for people: `TfgridModule.Nodes`, `TfgridModule.PublicIps x2`.
    pub fn names(&self) -> String {
        format!("reads: {}; writes: {}", names(&self.reads), names(&self.writes))
    }

    /// Takes out what the base weight of a transaction pays for: what all blocks touch, and the account that signs.
    pub fn without_base(mut self, signer: &AccountId) -> Self {
        let mut base: BTreeSet<Vec<u8>> =
            AllPalletsWithSystem::whitelisted_storage_keys().into_iter().map(|tracked| tracked.key).collect();
        base.insert(frame_system::Account::<Runtime>::hashed_key_for(signer));
        base.insert(frame_support::storage::transactional::TRANSACTION_LEVEL_KEY.to_vec());
        self.reads.retain(|key| !base.contains(key));
        self.writes.retain(|key| !base.contains(key));
        self
    }
}

/// Storage items by name, each with how often it is among the keys.
fn names(keys: &BTreeSet<Vec<u8>>) -> String {
    let items = AllPalletsWithSystem::storage_info();
    let mut counts = BTreeMap::<String, usize>::new();
    for key in keys {
        let item = items.iter().find(|item| key.starts_with(&item.prefix));
        let name = item.map_or_else(
            || format!("{key:02x?}"),
            |item| {
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                format!("{}.{}", text(&item.pallet_name), text(&item.storage_name))
            },
        );
        *counts.entry(name).or_default() += 1;
    }
    let times = |(name, count): (String, usize)| if count > 1 { format!("{name} x{count}") } else { name };
    counts.into_iter().map(times).collect::<Vec<_>>().join(", ")
}

/// Runs `computation` on the state of `ext` and counts. What it changes is thrown away.
pub fn of<R>(ext: &mut TestExternalities, computation: impl FnOnce() -> R) -> (R, Accesses) {
    ext.commit_all().expect("a state in memory can be committed");
    let state = Counting { state: &ext.backend, reads: RefCell::default() };
    let mut changes = OverlayedChanges::<Blake2Hasher>::default();
    let result = {
        let mut counted = Ext::new(&mut changes, &state, Some(&mut ext.extensions));
        sp_externalities::set_and_run_with_externalities(&mut counted, computation)
    };
    let writes = changes.changes().map(|(key, _)| key.clone()).collect();
    (result, Accesses { reads: state.reads.into_inner(), writes })
}

/// A state that notes what is fetched from it.
pub struct Counting<'a> {
    state: &'a State,
    reads: RefCell<BTreeSet<Vec<u8>>>,
}

impl Counting<'_> {
    fn note(&self, key: &[u8]) {
        self.reads.borrow_mut().insert(key.to_vec());
    }
}

impl std::fmt::Debug for Counting<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Counting").field("reads", &self.reads.borrow().len()).finish_non_exhaustive()
    }
}

impl<'a> Backend<Blake2Hasher> for Counting<'a> {
    type Error = <State as Backend<Blake2Hasher>>::Error;
    type TrieBackendStorage = <State as Backend<Blake2Hasher>>::TrieBackendStorage;
    type RawIter = CountingIter<'a>;

    fn storage(&self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        self.note(key);
        self.state.storage(key)
    }

    fn storage_hash(&self, key: &[u8]) -> Result<Option<H256>> {
        self.note(key);
        self.state.storage_hash(key)
    }

    fn next_storage_key(&self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        self.note(key);
        self.state.next_storage_key(key)
    }

    fn closest_merkle_value(&self, key: &[u8]) -> Result<Option<MerkleValue<H256>>> {
        self.note(key);
        self.state.closest_merkle_value(key)
    }

    fn raw_iter(&self, arguments: IterArgs) -> Result<Self::RawIter> {
        self.state.raw_iter(arguments).map(|keys| CountingIter { keys, counting: PhantomData })
    }

    fn storage_root<'b>(
        &self,
        changes: impl Iterator<Item = (&'b [u8], Option<&'b [u8]>)>,
        version: StateVersion,
    ) -> (H256, BackendTransaction<Blake2Hasher>) {
        self.state.storage_root(changes, version)
    }

    // This chain has no child tries; what is asked of them is passed on.

    fn child_storage(&self, child: &ChildInfo, key: &[u8]) -> Result<Option<Vec<u8>>> {
        self.state.child_storage(child, key)
    }

    fn child_storage_hash(&self, child: &ChildInfo, key: &[u8]) -> Result<Option<H256>> {
        self.state.child_storage_hash(child, key)
    }

    fn child_closest_merkle_value(&self, child: &ChildInfo, key: &[u8]) -> Result<Option<MerkleValue<H256>>> {
        self.state.child_closest_merkle_value(child, key)
    }

    fn next_child_storage_key(&self, child: &ChildInfo, key: &[u8]) -> Result<Option<Vec<u8>>> {
        self.state.next_child_storage_key(child, key)
    }

    fn child_storage_root<'b>(
        &self,
        child: &ChildInfo,
        changes: impl Iterator<Item = (&'b [u8], Option<&'b [u8]>)>,
        version: StateVersion,
    ) -> (H256, bool, BackendTransaction<Blake2Hasher>) {
        self.state.child_storage_root(child, changes, version)
    }

    fn register_overlay_stats(&self, _: &StateMachineStats) {}

    fn usage_info(&self) -> UsageInfo {
        UsageInfo::empty()
    }
}

/// Keys one after the other, as clearing a prefix fetches them.
pub struct CountingIter<'a> {
    keys: <State as Backend<Blake2Hasher>>::RawIter,
    counting: PhantomData<&'a ()>,
}

impl<'a> StorageIterator<Blake2Hasher> for CountingIter<'a> {
    type Backend = Counting<'a>;
    type Error = <State as Backend<Blake2Hasher>>::Error;

    fn next_key(&mut self, counting: &Counting<'a>) -> Option<Result<Vec<u8>>> {
        let key = self.keys.next_key(counting.state)?;
        Some(key.inspect(|key| counting.note(key)))
    }

    fn next_pair(&mut self, counting: &Counting<'a>) -> Option<Result<(Vec<u8>, Vec<u8>)>> {
        let pair = self.keys.next_pair(counting.state)?;
        Some(pair.inspect(|(key, _)| counting.note(key)))
    }

    fn was_complete(&self) -> bool {
        self.keys.was_complete()
    }
}
