//! How much work a block may hold.
//!
//! **Where weights come from.** Pallets of the SDK bring weights measured on reference hardware, counted in reads and writes
//! of [`frame_system::Config::DbWeight`]; here that is ParityDB's (8 µs a read, 50 µs a write), the only database of this
//! node. Those of this repository's pallets are measured the same way, on the longest path, with a component for every item of
//! a list (`scripts/weights`). `scripts/bench chain` compares a block's declared work with the time that its import takes.
//!
//! **A block** takes at most a third of its slot to execute: the rest is for the network and for voting, and it leaves room
//! on machines slower than the reference. Ordinary transactions get three quarters of it; operational ones may use all.
//! There is no parachain and hence no proof: the size of proofs is unlimited.
//!
//! The slot's length is a genesis value, so the limits are computed from storage on every use. Reading it is one look-up
//! in the block's cache.

use crate::{slot_time, Runtime};
use frame_support::{
    dispatch::DispatchClass,
    parameter_types,
    traits::Get,
    weights::{constants::WEIGHT_REF_TIME_PER_MILLIS, Weight},
};
use frame_system::limits;
use sp_runtime::Perbill;

/// The slot's share that goes into executing a block: one part in this many.
const SLOT_PARTS: u64 = 3;
/// The largest block, bytes, without its header.
const MAX_BLOCK_LENGTH: u32 = 5 * 1024 * 1024;
/// The share of weight and length that ordinary transactions may fill.
pub const NORMAL_RATIO: Perbill = Perbill::from_percent(75);

/// The most work of one block, from the length of the slot.
pub fn max_block() -> Weight {
    let share = slot_time::Milliseconds::<Runtime>::get() / SLOT_PARTS;
    Weight::from_parts(share.saturating_mul(WEIGHT_REF_TIME_PER_MILLIS), u64::MAX)
}

/// Limits on the work of a block: a third of the slot, three quarters of it for ordinary transactions.
pub struct BlockWeights;

impl Get<limits::BlockWeights> for BlockWeights {
    fn get() -> limits::BlockWeights {
        limits::BlockWeights::with_sensible_defaults(max_block(), NORMAL_RATIO)
    }
}

parameter_types! {
    /// Limits on the bytes of a block: 5 MiB, three quarters of it for ordinary transactions.
    pub BlockLength: limits::BlockLength = limits::BlockLength::builder()
        .max_length(MAX_BLOCK_LENGTH)
        .modify_max_length_for_class(DispatchClass::Normal, |length| *length = NORMAL_RATIO.mul_floor(MAX_BLOCK_LENGTH))
        .build();
}
