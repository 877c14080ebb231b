//! The chain as a test has it in its hands.

use crate::{
    endpoint::Endpoint,
    genesis::Genesis,
    ledger::{Fate, Ledger, Record},
    pool::Unwanted,
};
use codec::Decode;
use gridchain_runtime::{Hash, RuntimeCall, UncheckedExtrinsic};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tokio::sync::watch;

/// While time is made to pass, blocks are so far apart, seconds: less than what the chain takes for a stall.
const STEP: u64 = 200;

/// A chain in memory. Clones share it; it is gone with the last of them and of its endpoints.
#[derive(Clone)]
pub struct Chain(Arc<Shared>);

struct Shared {
    ledger: Mutex<Ledger>,
    manner: Mutex<Manner>,
    /// Of the newest block and the newest finalized one.
    heights: watch::Sender<(u32, u32)>,
}

/// How the chain goes on.
struct Manner {
    /// The chain's time at `since`, Unix milliseconds. It runs as fast as the machine's.
    time: u64,
    since: Instant,
    /// Whether a transaction makes a block.
    seals: bool,
    /// Whether a block is final at once.
    finalizes: bool,
}

impl Chain {
    /// A chain with its first block, all of it final.
    pub fn new(genesis: &Genesis) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let time = now.saturating_sub(genesis.ago).as_millis() as u64;
        let manner = Manner { time, since: Instant::now(), seals: true, finalizes: true };
        let chain = Self(Arc::new(Shared {
            ledger: Mutex::new(Ledger::new(genesis.storage())),
            manner: Mutex::new(manner),
            heights: watch::channel((0, 0)).0,
        }));
        chain.make_block();
        chain
    }

    /// A door to this chain, open on a free port.
    pub fn endpoint(&self) -> Endpoint {
        Endpoint::open(self.clone())
    }

    /// Makes a block of what waits.
    pub fn make_block(&self) {
        let (now, finalizes) = {
            let manner = locked(&self.0.manner);
            (manner.time + manner.since.elapsed().as_millis() as u64, manner.finalizes)
        };
        let mut ledger = self.ledger();
        ledger.make_block(now);
        if finalizes {
            let best = ledger.best();
            ledger.finalize(best);
        }
        self.tell(&ledger);
    }

    /// So many seconds pass on the chain, with empty blocks.
    pub fn advance(&self, seconds: u64) {
        for left in (0..seconds).step_by(STEP as usize) {
            locked(&self.0.manner).time += STEP.min(seconds - left) * 1_000;
            self.make_block();
        }
    }

    /// From now on there is a block in each slot, as on a chain that nobody has in his hands.
    pub fn run(&self) {
        let chain: Weak<Shared> = Arc::downgrade(&self.0);
        let slot = Duration::from_millis(self.ledger().slot_length());
        thread::spawn(move || {
            while let Some(shared) = chain.upgrade() {
                Self(shared).make_block();
                thread::sleep(slot);
            }
        });
    }

    /// Whether a transaction makes a block at once; else it waits for the next that is made.
    pub fn set_sealing(&self, at_once: bool) {
        locked(&self.0.manner).seals = at_once;
    }

    /// Whether a block is final at once; else when [`Self::finalize`] says so.
    pub fn set_finality(&self, at_once: bool) {
        locked(&self.0.manner).finalizes = at_once;
    }

    /// All blocks so far are final.
    pub fn finalize(&self) {
        let mut ledger = self.ledger();
        let best = ledger.best();
        ledger.finalize(best);
        self.tell(&ledger);
    }

    /// From the block after the next on, the runtime has another version. The next block is made.
    pub fn upgrade(&self) {
        self.ledger().upgrade();
        self.make_block();
    }

    /// Looks at the state after the newest block with the runtime's own eyes: its storage, its functions.
    pub fn look<R>(&self, look: impl FnOnce() -> R) -> R {
        let state = self.ledger().state();
        state.read(look)
    }

    /// What happened in each block from this one on.
    pub fn events(&self, from: u32) -> Vec<Vec<Record>> {
        let ledger = self.ledger();
        (from..=ledger.best()).filter_map(|number| Some(ledger.block(number)?.events.clone())).collect()
    }

    /// What was called in each block from this one on, whatever came of it; first the inherent that sets the time.
    pub fn calls(&self, from: u32) -> Vec<Vec<RuntimeCall>> {
        let ledger = self.ledger();
        let read = |bytes: &Vec<u8>| UncheckedExtrinsic::decode(&mut &bytes[..]).expect("it was executed").function;
        let blocks = (from..=ledger.best()).filter_map(|number| ledger.block(number));
        blocks.map(|block| block.body.iter().map(read).collect()).collect()
    }

    /// The hash of the first block.
    pub fn genesis(&self) -> Hash {
        self.ledger().block(0).expect("there is a first block").hash
    }

    /// The numbers of the newest block and of the newest finalized one.
    pub fn heights(&self) -> (u32, u32) {
        *self.0.heights.borrow()
    }

    /// Panics if a rule of the chain did not hold after some block: [`crate::rules`].
    pub fn assert_sound(&self) {
        let broken = self.ledger().broken().map(str::to_owned);
        assert_eq!(broken, None, "the chain's rules hold after each block");
    }

    /// How many transactions wait for a block.
    pub fn waiting(&self) -> usize {
        self.ledger().waiting()
    }

    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        locked(&self.0.ledger)
    }

    pub(crate) fn watch(&self) -> watch::Receiver<(u32, u32)> {
        self.0.heights.subscribe()
    }

    /// Takes a transaction; gives its hash.
    pub(crate) fn submit(&self, bytes: &[u8]) -> Result<Hash, Unwanted> {
        let hash = self.ledger().submit(bytes)?;
        if locked(&self.0.manner).seals {
            self.make_block();
        }
        Ok(hash)
    }

    /// What became of a transaction, and whether that is final.
    pub(crate) fn fate(&self, transaction: &Hash) -> Option<(Fate, bool)> {
        let ledger = self.ledger();
        let fate = ledger.fate(transaction)?;
        Some((fate, matches!(fate, Fate::In(number) if number <= ledger.finalized())))
    }

    fn tell(&self, ledger: &Ledger) {
        self.0.heights.send_replace((ledger.best(), ledger.finalized()));
    }
}

/// The lock's content; a panic elsewhere leaves it usable.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
