//! What was tried and what succeeded: a fuzzer whose calls all fail proves nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use codec::Encode;
use frame_support::traits::GetCallName;
use gridchain_runtime::{Runtime, RuntimeEvent};
use sp_runtime::DispatchError;

/// Errors of each call that are printed.
const REASONS: usize = 3;

/// What became of a step.
#[derive(Clone, Debug)]
pub struct Result {
    /// The call, or what it was wrapped in.
    pub call: &'static str,
    /// Its result; none: it was too heavy for any block.
    pub result: Option<std::result::Result<(), DispatchError>>,
    /// Which events it left: pallet and event by number.
    pub events: BTreeSet<[u8; 2]>,
}

impl Result {
    /// Of a call that the chain took.
    pub fn new(call: &'static str, result: std::result::Result<(), DispatchError>, events: &[RuntimeEvent]) -> Self {
        let kind = |event: &RuntimeEvent| {
            let bytes = event.encode();
            [bytes[0], bytes[1]]
        };
        Self { call, result: Some(result), events: events.iter().map(kind).collect() }
    }

    /// Of a call that no block has room for.
    pub const fn too_heavy(call: &'static str) -> Self {
        Self { call, result: None, events: BTreeSet::new() }
    }

    /// Whether the call did what it says.
    pub fn is_success(&self) -> bool {
        self.result == Some(Ok(()))
    }

    /// The name of its error, if it is none.
    pub fn failure(&self) -> Option<&'static str> {
        match self.result {
            None => Some("too heavy for any block"),
            Some(Ok(())) => None,
            Some(Err(DispatchError::Module(error))) => Some(error.message.unwrap_or("error without a name")),
            Some(Err(error)) => Some(error.into()),
        }
    }
}

/// Tries, successes and failures of one call.
#[derive(Clone, Default, Debug)]
pub struct Count {
    /// How often it was made.
    pub tried: u64,
    /// How often it succeeded.
    pub succeeded: u64,
    /// How often it failed, by error.
    pub failed: BTreeMap<&'static str, u64>,
}

impl Count {
    /// Successes in per cent.
    pub fn share(&self) -> f64 {
        self.succeeded as f64 * 100.0 / (self.tried.max(1)) as f64
    }

    fn add(&mut self, result: &Result) {
        self.tried += 1;
        match result.failure() {
            None => self.succeeded += 1,
            Some(name) => *self.failed.entry(name).or_default() += 1,
        }
    }

    /// The errors that it failed with most.
    fn reasons(&self) -> String {
        let mut all: Vec<_> = self.failed.iter().collect();
        all.sort_by_key(|(_, times)| std::cmp::Reverse(**times));
        let words: Vec<String> = all.iter().take(REASONS).map(|(name, times)| format!("{name} {times}")).collect();
        words.join(", ")
    }
}

/// Counts of a whole run.
#[derive(Clone, Default, Debug)]
pub struct Tally {
    /// By name of the call, or of its wrapper.
    pub calls: BTreeMap<&'static str, Count>,
    /// All together.
    pub total: Count,
    /// Kinds of results seen: call, error or events.
    seen: BTreeSet<Vec<u8>>,
    /// How many kinds were new since the last look.
    fresh: usize,
}

impl Tally {
    /// Counts a step.
    pub fn count(&mut self, result: &Result) {
        self.calls.entry(result.call).or_default().add(result);
        self.total.add(result);
        if self.seen.insert((result.call, result.result, &result.events).encode()) {
            self.fresh += 1;
        }
    }

    /// Whether anything happened that never had before, since this was asked last.
    pub fn anything_new(&mut self) -> bool {
        std::mem::take(&mut self.fresh) > 0
    }

    /// How many different things happened: a call with its error, or with its kinds of events.
    pub fn kinds(&self) -> usize {
        self.seen.len()
    }

    /// Calls of the grid's pallets that never succeeded.
    pub fn never_succeeded(&self) -> Vec<&'static str> {
        let registry = pallet_tfgrid::Call::<Runtime>::get_call_names();
        let contracts = pallet_smart_contract::Call::<Runtime>::get_call_names();
        let succeeded = |name: &str| self.calls.get(name).is_some_and(|count| count.succeeded > 0);
        registry.iter().chain(contracts).copied().filter(|name| !succeeded(name)).collect()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |f: &mut fmt::Formatter<'_>, name: &str, count: &Count| {
            let Count { tried, succeeded, .. } = count;
            writeln!(f, "  {name:<26} {tried:>8} {succeeded:>10} {:>6.1} %  {}", count.share(), count.reasons())
        };
        writeln!(f, "  {:<26} {:>8} {:>10} {:>8}  why not", "call", "tried", "succeeded", "share")?;
        for (name, count) in &self.calls {
            line(f, name, count)?;
        }
        line(f, "all", &self.total)?;
        write!(f, "  {} kinds of results", self.kinds())
    }
}
