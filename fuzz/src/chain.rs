//! The runtime in memory: blocks, time, calls.

use std::{fs, time::Duration};

use chain_in_memory::{opening, rules};
use frame_support::dispatch::GetDispatchInfo;
use gridchain_runtime::{
    slot_time, AccountId, Balances, Executive, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, System,
};
use sp_io::TestExternalities;
use sp_runtime::{traits::Dispatchable, DispatchError, Storage};

use crate::grid;

/// When a chain begins, Unix seconds.
const START: u64 = 1_800_000_000;
/// Processor time that no block may take on any machine that runs this, even in a build without optimisation: a third of a slot
/// of 6 s.
const LONGEST_BLOCK: Duration = Duration::from_secs(2);

/// Time that passes between two calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Time {
    /// None: the same block.
    None,
    /// So many blocks, one in each slot.
    Blocks(u32),
    /// So many blocks, so many seconds apart, with a heartbeat of every node in each.
    Alive { gap: u64, blocks: u32 },
    /// The same without heartbeats. A gap over 300 s is a stall of the chain.
    Dark { gap: u64, blocks: u32 },
}

/// Why a case failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Broken(pub String);

/// What became of a call that the chain took.
pub struct Outcome {
    /// Its result.
    pub result: Result<(), DispatchError>,
    /// The events that it left.
    pub events: Vec<RuntimeEvent>,
}

/// A chain in memory.
pub struct Chain {
    state: TestExternalities,
    number: u32,
    slot: u64,
    /// Milliseconds.
    slot_length: u64,
    issuance: u128,
    /// Processor time when the block began.
    began: Duration,
    /// What of it since then was no part of the block.
    looking: Duration,
    /// The longest that a block took to execute, processor time.
    pub longest_block: Duration,
    /// Blocks so far.
    pub blocks: u64,
}

impl Chain {
    /// Opens the first block.
    pub fn new(genesis: Storage) -> Self {
        let mut state = TestExternalities::new(genesis);
        let (slot_length, issuance) =
            state.execute_with(|| (slot_time::Milliseconds::<Runtime>::get(), Balances::total_issuance()));
        let mut chain = Self {
            state,
            number: 0,
            slot: START * 1_000 / slot_length,
            slot_length,
            issuance,
            began: Duration::ZERO,
            looking: Duration::ZERO,
            longest_block: Duration::ZERO,
            blocks: 0,
        };
        chain.open();
        chain
    }

    /// Lets time pass.
    pub fn pass(&mut self, time: Time) -> Result<(), Broken> {
        let (slots, blocks, alive) = match time {
            Time::None => return Ok(()),
            Time::Blocks(blocks) => (1, blocks, false),
            Time::Alive { gap, blocks } => (gap * 1_000 / self.slot_length, blocks, true),
            Time::Dark { gap, blocks } => (gap * 1_000 / self.slot_length, blocks, false),
        };
        for _ in 0..blocks {
            self.close()?;
            self.slot += slots;
            self.open();
            if alive {
                self.heartbeats()?;
            }
        }
        Ok(())
    }

    /// Makes a call, in the next block if this one is full. None: no block has room for it.
    pub fn call(&mut self, call: RuntimeCall, origin: RuntimeOrigin) -> Result<Option<Outcome>, Broken> {
        match self.state.execute_with(|| room_for(&call)) {
            Room::Here => {},
            Room::Next => self.pass(Time::Blocks(1))?,
            Room::Nowhere => return Ok(None),
        }
        self.state.execute_with(|| apply(call, origin)).map(Some)
    }

    /// Looks at the state; the time that this takes is no part of the block's.
    pub fn look<R>(&mut self, look: impl FnOnce() -> R) -> R {
        let began = processor_time();
        let result = self.state.execute_with(look);
        self.looking += processor_time().saturating_sub(began);
        result
    }

    /// Ends the block and checks everything.
    pub fn close(&mut self) -> Result<(), Broken> {
        self.state.execute_with(Executive::finalize_block);
        let took = processor_time().saturating_sub(self.began + self.looking);
        self.longest_block = self.longest_block.max(took);
        self.blocks += 1;
        if took > LONGEST_BLOCK {
            return Err(Broken(format!("block {} took {took:?}", self.number)));
        }
        let number = self.number;
        self.issuance = self.state.execute_with(|| rules::check(number, self.issuance)).map_err(Broken)?;
        // Or each block would compute the root of all changes since the beginning.
        self.state.commit_all().map_err(|error| Broken(format!("the state of block {number} is not kept: {error}")))
    }

    /// Begins the block of the slot.
    fn open(&mut self) {
        self.number += 1;
        self.began = processor_time();
        self.looking = Duration::ZERO;
        let (number, slot, length) = (self.number, self.slot, self.slot_length);
        self.state.execute_with(|| begin(number, slot, length));
    }

    /// Every agent says that its node lives.
    fn heartbeats(&mut self) -> Result<(), Broken> {
        let agents: Vec<AccountId> = self.look(|| grid::nodes().into_iter().map(|node| node.agent).collect());
        for agent in agents {
            let call = RuntimeCall::TfgridModule(pallet_tfgrid::Call::report_uptime { uptime: 1 });
            self.call(call, grid::signed(&agent))?;
        }
        Ok(())
    }
}

/// How long this thread has had a processor, as Linux tells; zero elsewhere. What else the machine does is no block's fault.
fn processor_time() -> Duration {
    let nanoseconds =
        || fs::read_to_string("/proc/thread-self/schedstat").ok()?.split_whitespace().next()?.parse().ok();
    Duration::from_nanos(nanoseconds().unwrap_or_default())
}

/// The block of a slot begins, with the time that belongs to it.
fn begin(number: u32, slot: u64, slot_length: u64) {
    Executive::initialize_block(&opening(number, Default::default(), slot));
    let inherent = RuntimeCall::Timestamp(pallet_timestamp::Call::set { now: slot * slot_length });
    let set = inherent.dispatch(RuntimeOrigin::none());
    assert!(set.is_ok(), "the timestamp of block {number} is refused: {set:?}");
}

/// Makes a call in the open block.
fn apply(call: RuntimeCall, origin: RuntimeOrigin) -> Result<Outcome, Broken> {
    let info = call.get_dispatch_info();
    let what = format!("{call:?}");
    let before = System::event_count();
    let (result, actual) = match call.dispatch(origin) {
        Ok(post) => (Ok(()), post.actual_weight),
        Err(failed) => (Err(failed.error), failed.post_info.actual_weight),
    };
    let actual = actual.unwrap_or(info.call_weight);
    if !actual.all_lte(info.call_weight) {
        return Err(Broken(format!("took {actual:?} and declared {:?}: {what}", info.call_weight)));
    }
    let base = rules::limits().get(info.class).base_extrinsic;
    System::register_extra_weight_unchecked(actual.saturating_add(base), info.class);
    let events = System::read_events_no_consensus().skip(before as usize).map(|record| record.event).collect();
    Ok(Outcome { result, events })
}

/// Where a call can go.
enum Room {
    Here,
    Next,
    Nowhere,
}

fn room_for(call: &RuntimeCall) -> Room {
    let info = call.get_dispatch_info();
    let (limits, used) = (rules::limits(), System::block_weight());
    let class = limits.get(info.class);
    if class.max_extrinsic.is_some_and(|most| !info.call_weight.all_lte(most)) {
        return Room::Nowhere;
    }
    let weight = info.call_weight.saturating_add(class.base_extrinsic);
    let in_class = class.max_total.is_none_or(|most| used.get(info.class).saturating_add(weight).all_lte(most));
    if in_class && used.total().saturating_add(weight).all_lte(limits.max_block) {
        Room::Here
    } else {
        Room::Next
    }
}
