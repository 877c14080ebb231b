//! How a chain begins.

use codec::Encode;
use gridchain_runtime::{genesis_presets, slot_time, Runtime};
use pallet_smart_contract::types::Parameters;
use sp_runtime::Storage;
use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

/// Where the state of the first block says which chain this is.
const NAME: &[u8] = b":chain_in_memory";
/// The chains of this process so far.
static CHAINS: AtomicU32 = AtomicU32::new(0);

/// How a chain begins: the `development` preset (Alice may do anything, well-known accounts have a million GRID), with
/// these changes.
#[derive(Clone, Debug)]
pub struct Genesis {
    /// The times by which contracts live and die.
    pub rules: Parameters,
    /// The length of a slot: each block takes the chain's time at least so far, and what a block may hold follows from it. With
    /// the shortest there are, a full batch of reports fits into no block.
    pub slot: Duration,
    /// How long before the machine's time the chain's begins. However fast blocks follow, with some room its time does not
    /// run ahead of the machine's.
    pub ago: Duration,
}

impl Default for Genesis {
    fn default() -> Self {
        let slot = Duration::from_millis(slot_time::MIN_MILLISECONDS);
        Self { rules: Parameters::development(), slot, ago: Duration::from_secs(24 * 3_600) }
    }
}

impl Genesis {
    /// The state of a first block that no other chain has: whoever was connected to another one, at a port that is now this
    /// one's, shall not take it for that.
    pub(crate) fn storage(&self) -> Storage {
        let preset = genesis_presets::state("development").expect("the runtime has this preset");
        let mut state = sp_state_machine::BasicExternalities::new(preset);
        state.execute_with(|| {
            slot_time::Milliseconds::<Runtime>::put(self.slot.as_millis() as u64);
            pallet_smart_contract::Rules::<Runtime>::put(self.rules);
        });
        let mut storage = state.into_storages();
        storage.top.insert(NAME.to_vec(), (std::process::id(), CHAINS.fetch_add(1, Ordering::Relaxed)).encode());
        storage
    }
}
