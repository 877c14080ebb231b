//! What a block costs that nobody uses: its hooks and its timestamp, with few contracts on the chain and with many.
//!
//! Native code, without consensus, network and disk, and without the root of the new state, whose cost is that of any block;
//! the trie has a cache as in a node. So nothing that is the same with any number of contracts hides a difference.

use std::time::{Duration, Instant};

use codec::Encode;
use frame_support::{
    traits::{OnFinalize, OnIdle},
    weights::Weight,
};
use gridchain_runtime::{
    slot_time, AllPalletsWithSystem, Executive, Header, Runtime, RuntimeCall, System, UncheckedExtrinsic,
};
use sp_consensus_aura::{Slot, AURA_ENGINE_ID};
use sp_core::Blake2Hasher;
use sp_runtime::{
    generic::{Digest, DigestItem},
    traits::Header as _,
};
use sp_state_machine::{Ext, OverlayedChanges, TrieBackendBuilder};
use sp_trie::cache::{CacheSize, SharedTrieCache};

use crate::{
    accesses::{self, Accesses},
    world::World,
};

/// When the chain of a measurement stands, Unix seconds.
const NOW: u64 = 1_800_000_000;
/// How often it is measured. The middle one counts.
const TIMES: usize = 1_001;
/// Contracts on each node of the world.
const PER_NODE: u32 = 1_000;

/// A chain with so many live contracts.
pub fn world(contracts: u32) -> World {
    let mut world = World::new(NOW);
    let farm_id = world.farm("farmer");
    for first in (0..contracts).step_by(PER_NODE as usize) {
        let node = world.node("farmer", farm_id, &format!("node{first}"));
        let user = world.twin(&format!("user{first}"));
        world.deployed(&user, &node, PER_NODE.min(contracts - first));
        world.settle();
    }
    world
}

/// Storage that an empty block touches.
pub fn accesses(world: &mut World) -> Accesses {
    accesses::of(world.state(), empty_block).1
}

/// How long an empty block takes.
pub fn time(world: &mut World) -> Duration {
    let ext = world.state();
    ext.commit_all().expect("a state in memory can be committed");
    let shared = SharedTrieCache::<Blake2Hasher>::new(CacheSize::unlimited(), None);
    let cache = shared.local_cache_trusted();
    let state = TrieBackendBuilder::wrap(&ext.backend).with_cache(&cache).build();
    let mut times: Vec<_> = (0..TIMES)
        .map(|_| {
            let mut changes = OverlayedChanges::<Blake2Hasher>::default();
            let mut ext = Ext::new(&mut changes, &state, None);
            let start = Instant::now();
            sp_externalities::set_and_run_with_externalities(&mut ext, empty_block);
            start.elapsed()
        })
        .collect();
    times.sort();
    times[TIMES / 2]
}

fn empty_block() {
    let now = (NOW + 6) * 1_000;
    let slot = Slot::from(now / slot_time::Milliseconds::<Runtime>::get());
    // The worlds are a few blocks old: no session ends here.
    let number = System::block_number() + 1;
    let digest = Digest { logs: vec![DigestItem::PreRuntime(AURA_ENGINE_ID, slot.encode())] };
    Executive::initialize_block(&Header::new(number, Default::default(), Default::default(), [1; 32].into(), digest));
    let timestamp = UncheckedExtrinsic::new_bare(RuntimeCall::Timestamp(pallet_timestamp::Call::set { now }));
    let applied = Executive::apply_extrinsic(timestamp);
    assert!(matches!(applied, Ok(Ok(()))), "a block needs its time: {applied:?}");
    AllPalletsWithSystem::on_idle(number, Weight::MAX);
    AllPalletsWithSystem::on_finalize(number);
}
