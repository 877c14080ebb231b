//! What room is left for new functions while those of ended contracts still take some.

use super::decide::{is_over, Running, World};
use crate::chain::Snapshot;
use std::collections::BTreeMap;

/// Memory of the node that new functions can be given, bytes.
pub(super) struct Room {
    /// What is free; no limit if nothing is leaving, as then the chain has seen to it that all fits.
    free: Option<u64>,
}

impl Room {
    pub(super) fn of(world: &World, chain: &Snapshot, running: &BTreeMap<u64, Vec<Running>>) -> Self {
        let memory = |functions: &Vec<Running>| {
            functions.iter().map(|running| running.function.memory).fold(0, u64::saturating_add)
        };
        let leaving =
            running.iter().filter(|(id, _)| is_over(chain, **id)).map(|(_, functions)| memory(functions)).sum::<u64>();
        let taken = running.values().map(memory).fold(0, u64::saturating_add);
        // A contract that is being worked on may be about to take what it has been accepted for.
        let coming = world.busy.iter().filter(|id| !running.contains_key(id)).filter_map(|id| world.works.get(id));
        let coming =
            coming.filter(|work| work.stored.ended.is_none()).map(|work| work.stored.deployment.required().mru);
        let taken = coming.fold(taken, u64::saturating_add);
        let limit = chain.capacity.filter(|_| leaving > 0);
        Self { free: limit.map(|capacity| capacity.mru.saturating_sub(taken)) }
    }

    /// Takes so much, if it is there.
    pub(super) fn take(&mut self, memory: u64) -> bool {
        let Some(free) = &mut self.free else { return true };
        let left = free.checked_sub(memory);
        *free = left.unwrap_or(*free);
        left.is_some()
    }
}
