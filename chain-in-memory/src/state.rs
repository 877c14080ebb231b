//! The chain's state after one block. Immutable: a block makes another one.

use gridchain_runtime::Hash;
use sp_core::{storage::StateVersion, Blake2Hasher};
use sp_externalities::set_and_run_with_externalities;
use sp_runtime::Storage;
use sp_state_machine::{Backend, Ext, InMemoryBackend, IterArgs, OverlayedChanges, TrieBackendBuilder};
use std::sync::Arc;

/// How keys and values become a root: what the runtime's `system_version` asks for.
const VERSION: StateVersion = StateVersion::V1;

/// A state. Cheap to clone.
#[derive(Clone)]
pub(crate) struct State(Arc<InMemoryBackend<Blake2Hasher>>);

impl State {
    pub fn new(storage: Storage) -> Self {
        Self(Arc::new((storage, VERSION).into()))
    }

    /// Runs something on this state; what it changes is thrown away.
    pub fn read<R>(&self, question: impl FnOnce() -> R) -> R {
        self.run(&mut OverlayedChanges::default(), question)
    }

    /// Runs something on this state; gives the state that it leaves.
    pub fn change<R>(&self, action: impl FnOnce() -> R) -> (R, Self) {
        let mut overlay = OverlayedChanges::default();
        let result = self.run(&mut overlay, action);
        let changes = overlay.drain_storage_changes(&*self.0, VERSION).expect("a state in memory can be changed");
        let mut nodes = self.0.backend_storage().clone();
        nodes.consolidate(changes.transaction);
        // What this state alone holds stays with it.
        nodes.purge();
        (result, Self(Arc::new(TrieBackendBuilder::new(nodes, changes.transaction_storage_root).build())))
    }

    /// The root of all keys and values.
    pub fn root(&self) -> Hash {
        *self.0.root()
    }

    /// At most `count` keys that begin with `prefix`, in their order, after `after`.
    pub fn keys(&self, prefix: &[u8], count: usize, after: Option<&[u8]>) -> Vec<Vec<u8>> {
        let mut args = IterArgs::default();
        (args.prefix, args.start_at, args.start_at_exclusive) = (Some(prefix), after, true);
        let keys = self.0.keys(args).expect("a state in memory can be listed");
        keys.map(|key| key.expect("a state in memory can be read")).take(count).collect()
    }

    fn run<R>(&self, overlay: &mut OverlayedChanges<Blake2Hasher>, work: impl FnOnce() -> R) -> R {
        set_and_run_with_externalities(&mut Ext::new(overlay, &*self.0, None), work)
    }
}
