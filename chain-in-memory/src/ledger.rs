//! The chain: its blocks, their states, and the transactions that wait. No I/O and no clock: who asks for a block says when.

use crate::{
    pool::{may_fit_later, Pool, Unwanted, Waiting},
    rules,
    state::State,
    upgrade,
};
use codec::{DecodeAll, Encode};
use frame_support::storage::{transactional::with_transaction_unchecked, TransactionOutcome};
use gridchain_runtime::{
    slot_time, AccountId, Balances, Executive, Hash, Header, Nonce, Runtime, RuntimeCall, RuntimeEvent, System,
    UncheckedExtrinsic, VERSION,
};
use sp_consensus_aura::{Slot, AURA_ENGINE_ID};
use sp_core::storage::StateVersion;
use sp_runtime::{
    traits::{BlakeTwo256, Hash as _, Header as _},
    ApplyExtrinsicResult, Digest, DigestItem, Storage,
};
use std::collections::HashMap;

/// So many states are kept: like a node's that is no archive.
const KEPT_STATES: u32 = 256;

/// A block.
pub(crate) struct Block {
    pub hash: Hash,
    pub header: Header,
    /// Encoded; the timestamp is the first.
    pub body: Vec<Vec<u8>>,
    /// The runtime's version after the block.
    pub version: u32,
    /// What happened in it.
    pub events: Vec<Record>,
    /// After the block; discarded when the block is old.
    pub state: Option<State>,
}

/// Something that happened, and in which part of its block.
pub type Record = frame_system::EventRecord<RuntimeEvent, Hash>;

/// What became of a transaction that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It waits.
    Waiting,
    /// It is in the block of this number.
    In(u32),
    /// When a block was made it was not valid any more.
    Invalid,
}

/// The chain.
pub(crate) struct Ledger {
    /// By number.
    blocks: Vec<Block>,
    numbers: HashMap<Hash, u32>,
    finalized: u32,
    version: u32,
    pool: Pool,
    fates: HashMap<Hash, Fate>,
    slot: u64,
    /// Milliseconds.
    slot_length: u64,
    /// All money there is, base units.
    issuance: u128,
    /// The first rule that did not hold after a block.
    broken: Option<String>,
}

impl Ledger {
    pub fn new(genesis: Storage) -> Self {
        let state = State::new(genesis);
        let nothing = BlakeTwo256::ordered_trie_root(Vec::new(), StateVersion::V1);
        let header = Header::new(0, nothing, state.root(), Hash::zero(), Digest::default());
        let (slot_length, issuance) =
            state.read(|| (slot_time::Milliseconds::<Runtime>::get(), Balances::total_issuance()));
        let mut ledger = Self {
            blocks: Vec::new(),
            numbers: HashMap::new(),
            finalized: 0,
            version: VERSION.spec_version,
            pool: Pool::default(),
            fates: HashMap::new(),
            slot: 0,
            slot_length,
            issuance,
            broken: None,
        };
        ledger.append(header, Vec::new(), state);
        ledger
    }

    /// The number of the newest block.
    pub fn best(&self) -> u32 {
        (self.blocks.len() - 1) as u32
    }

    /// The number of the newest finalized block.
    pub fn finalized(&self) -> u32 {
        self.finalized
    }

    /// Up to here all is final.
    pub fn finalize(&mut self, number: u32) {
        self.finalized = self.finalized.max(number.min(self.best()));
    }

    pub fn block(&self, number: u32) -> Option<&Block> {
        self.blocks.get(number as usize)
    }

    pub fn number_of(&self, hash: &Hash) -> Option<u32> {
        self.numbers.get(hash).copied()
    }

    /// The state after the newest block.
    pub fn state(&self) -> State {
        self.block(self.best()).and_then(|block| block.state.clone()).expect("the newest state is kept")
    }

    /// From the next block on, the runtime has another version.
    pub fn upgrade(&mut self) {
        self.version += 1;
    }

    /// Milliseconds.
    pub fn slot_length(&self) -> u64 {
        self.slot_length
    }

    /// Checks a transaction and lets it wait for the next block; gives its hash.
    pub fn submit(&mut self, bytes: &[u8]) -> Result<Hash, Unwanted> {
        let transaction =
            UncheckedExtrinsic::decode_all(&mut &bytes[..]).map_err(|error| Unwanted::Format(error.to_string()))?;
        let newest = self.block(self.best()).expect("there is a newest block");
        let valid = upgrade::validate(&self.state(), newest.version, transaction.clone(), newest.hash)?;
        let hash = BlakeTwo256::hash(bytes);
        self.pool.add(Waiting { hash, transaction, provides: valid.provides })?;
        self.fates.insert(hash, Fate::Waiting);
        Ok(hash)
    }

    /// How many transactions wait.
    pub fn waiting(&self) -> usize {
        self.pool.len()
    }

    /// What became of a transaction that was taken.
    pub fn fate(&self, transaction: &Hash) -> Option<Fate> {
        self.fates.get(transaction).copied()
    }

    /// The nonce of an account's next transaction, after those that wait.
    pub fn next_nonce(&self, account: &AccountId) -> Nonce {
        let mut nonce = self.state().read(|| System::account_nonce(account));
        while self.pool.provides(&(account, nonce).encode()) {
            nonce += 1;
        }
        nonce
    }

    /// Makes a block of all that waits and fits. It belongs to the slot of `now` (Unix milliseconds), or to the one after its
    /// parent's if that is later.
    pub fn make_block(&mut self, now: u64) {
        self.slot = (self.slot + 1).max(now / self.slot_length);
        let parent = self.block(self.best()).expect("there is a newest block");
        let (parent, version) = (parent.hash, parent.version);
        let header = opening(self.best() + 1, parent, self.slot);
        let (waiting, time) = (self.pool.take_all(), self.slot * self.slot_length);
        let (block, state) = self.state().change(|| execute(&header, time, version, waiting));
        self.fates.extend(block.fates);
        block.later.into_iter().for_each(|waiting| self.pool.put_back(waiting));
        let number = *block.header.number();
        match state.read(|| rules::check(number, self.issuance)) {
            Ok(issuance) => self.issuance = issuance,
            Err(broken) => self.broken = self.broken.take().or(Some(broken)),
        }
        self.append(block.header, block.body, state);
    }

    /// The first rule that did not hold after a block, if there was one.
    pub fn broken(&self) -> Option<&str> {
        self.broken.as_deref()
    }

    fn append(&mut self, header: Header, body: Vec<Vec<u8>>, state: State) {
        let hash = header.hash();
        let events = state.read(|| System::read_events_no_consensus().map(|record| *record).collect());
        self.numbers.insert(hash, *header.number());
        self.blocks.push(Block { hash, header, body, version: self.version, events, state: Some(state) });
        let oldest = self.best().saturating_sub(KEPT_STATES).min(self.finalized);
        // All before it are discarded already.
        let discarded = self.blocks[..oldest as usize].iter_mut().rev().take_while(|block| block.state.is_some());
        discarded.for_each(|block| block.state = None);
    }
}

/// The header with which the block of a slot begins.
pub fn opening(number: u32, parent: Hash, slot: u64) -> Header {
    let digest = Digest { logs: vec![DigestItem::PreRuntime(AURA_ENGINE_ID, Slot::from(slot).encode())] };
    Header::new(number, Hash::zero(), Hash::zero(), parent, digest)
}

/// A block that was executed.
struct Executed {
    header: Header,
    body: Vec<Vec<u8>>,
    fates: Vec<(Hash, Fate)>,
    /// What may fit into a later block.
    later: Vec<Waiting>,
}

/// Executes a block on the current state. `time`: Unix milliseconds.
fn execute(header: &Header, time: u64, version: u32, waiting: Vec<Waiting>) -> Executed {
    Executive::initialize_block(header);
    let inherent = UncheckedExtrinsic::new_bare(RuntimeCall::Timestamp(pallet_timestamp::Call::set { now: time }));
    let mut executed =
        Executed { header: header.clone(), body: vec![inherent.encode()], fates: Vec::new(), later: Vec::new() };
    let set = Executive::apply_extrinsic(inherent);
    assert!(matches!(set, Ok(Ok(()))), "the timestamp of block {} is refused: {set:?}", header.number());
    for waiting in waiting {
        match apply(version, waiting.transaction.clone()) {
            Ok(_) => {
                executed.body.push(waiting.transaction.encode());
                executed.fates.push((waiting.hash, Fate::In(*header.number())));
            },
            Err(error) if may_fit_later(&error) => executed.later.push(waiting),
            Err(_) => executed.fates.push((waiting.hash, Fate::Invalid)),
        }
    }
    executed.header = Executive::finalize_block();
    executed
}

/// Applies a transaction. One that does not belong into the block leaves nothing behind.
fn apply(version: u32, transaction: UncheckedExtrinsic) -> ApplyExtrinsicResult {
    with_transaction_unchecked(|| match upgrade::apply(version, transaction) {
        Ok(outcome) => TransactionOutcome::Commit(Ok(outcome)),
        Err(error) => TransactionOutcome::Rollback(Err(error)),
    })
}
