//! What all blocks of a chain say happened to contracts: of a chain in memory, or of a node's.

use crate::meadow::{key, AGENT};
use chain_in_memory::{Chain, Record};
use frame_system::Phase;
use gridchain_runtime::{AccountId, Runtime, RuntimeCall, RuntimeEvent};
use std::collections::{BTreeMap, BTreeSet};

/// What happened, in the order of the blocks.
#[derive(Debug, Default)]
pub struct Ledger {
    entries: Vec<Entry>,
    /// Transactions of the agent's that were executed and failed, and why: each has cost its fee. Only a chain in memory tells.
    pub failed: Vec<String>,
}

/// Something that happened to a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// This time was charged, Unix seconds.
    Charged { contract_id: u64, from: u64, until: u64, seconds: u64 },
    /// A report was refused. A fault is one that no agent should send.
    Refused { contract_id: u64, timestamp: u64, fault: bool },
    /// It was reported that this version runs.
    Runs { contract_id: u64, version: u32 },
    /// It was reported that this version does not come to run.
    GivenUp { contract_id: u64, version: u32 },
}

impl Ledger {
    /// Of a chain in memory.
    pub fn of(chain: &Chain) -> Self {
        let blocks = chain.events(0);
        let calls = chain.calls(0);
        let failed = blocks.iter().zip(&calls).flat_map(|(block, calls)| failures(block, calls)).collect();
        Self { entries: blocks.into_iter().flatten().filter_map(|record| entry(record.event)).collect(), failed }
    }

    /// Of a node's chain.
    pub async fn of_node(chain: &grid_client::Chain) -> Self {
        let mut entries = Vec::new();
        for number in 1..=chain.finalized().await.expect("the node serves").block().number {
            let block = chain.at_number(number).await.expect("the block is there");
            entries.extend(block.events().await.expect("the block's state is kept").into_iter().filter_map(entry_read));
        }
        Self { entries, failed: Vec::new() }
    }

    /// How often something was charged for a contract.
    pub fn charges(&self, contract_id: u64) -> usize {
        let charged = |entry: &&Entry| matches!(entry, Entry::Charged { contract_id: id, .. } if *id == contract_id);
        self.entries.iter().filter(charged).count()
    }

    /// The contracts that something was charged for.
    pub fn charged(&self) -> BTreeSet<u64> {
        let charged = |entry: &Entry| match entry {
            Entry::Charged { contract_id, .. } => Some(*contract_id),
            _ => None,
        };
        self.entries.iter().filter_map(charged).collect()
    }

    /// The reports that were refused: contract, end of the window, and whether no agent should have sent it.
    pub fn refused(&self) -> Vec<(u64, u64, bool)> {
        let refused = |entry: &Entry| match entry {
            Entry::Refused { contract_id, timestamp, fault } => Some((*contract_id, *timestamp, *fault)),
            _ => None,
        };
        self.entries.iter().filter_map(refused).collect()
    }

    /// The versions that were reported as running, in their order, of each contract.
    pub fn reported(&self) -> Vec<(u64, u32)> {
        let runs = |entry: &Entry| match entry {
            Entry::Runs { contract_id, version } => Some((*contract_id, *version)),
            _ => None,
        };
        let mut reported: Vec<_> = self.entries.iter().filter_map(runs).collect();
        reported.sort_by_key(|(contract_id, _)| *contract_id);
        reported
    }

    /// The versions that were reported as not coming to run, in their order.
    fn given_up(&self) -> Vec<(u64, u32)> {
        let given_up = |entry: &Entry| match entry {
            Entry::GivenUp { contract_id, version } => Some((*contract_id, *version)),
            _ => None,
        };
        self.entries.iter().filter_map(given_up).collect()
    }

    /// Panics if a second was charged twice, if a transaction was in vain, if a report was sent that no agent should send, or if
    /// other versions were given up than these, or one of them more than once.
    pub fn assert_fair(&self, given_up: &[(u64, u32)]) {
        let mut until: BTreeMap<u64, u64> = BTreeMap::new();
        for entry in &self.entries {
            match entry {
                Entry::Charged { contract_id, from, until: end, seconds } => {
                    let paid = until.entry(*contract_id).or_default();
                    assert!(from >= paid && *seconds <= end - from, "paid until {paid} already, and again: {entry:?}");
                    *paid = *end;
                },
                Entry::Refused { fault, .. } => assert!(!fault, "no agent should send this: {entry:?}"),
                Entry::Runs { .. } | Entry::GivenUp { .. } => {},
            }
        }
        assert_eq!(self.given_up(), given_up, "what cannot run is told once");
        assert_eq!(self.failed, [""; 0], "no transaction of the agent's is in vain");
    }
}

fn entry(event: RuntimeEvent) -> Option<Entry> {
    use pallet_smart_contract::{types::DeploymentOutcome, Event};
    let RuntimeEvent::SmartContractModule(event) = event else { return None };
    match event {
        Event::<Runtime>::ContractBilled { contract_id, bill } => {
            charged(contract_id, bill.from, bill.until, bill.seconds)
        },
        Event::ReportRefused { contract_id, timestamp, reason } => {
            Some(Entry::Refused { contract_id, timestamp, fault: reason.is_fault() })
        },
        Event::DeploymentReported { contract_id, version, outcome } => Some(match outcome {
            DeploymentOutcome::Deployed => Entry::Runs { contract_id, version },
            DeploymentOutcome::Failed { .. } => Entry::GivenUp { contract_id, version },
        }),
        _ => None,
    }
}

fn entry_read(event: grid_client::Event) -> Option<Entry> {
    use grid_client::{
        records::{DeploymentOutcome, Refusal},
        Event,
    };
    match event {
        Event::ContractBilled { contract_id, bill } => charged(contract_id, bill.from, bill.until, bill.seconds),
        Event::ReportRefused { contract_id, timestamp, reason } => {
            let fault = !matches!(reason, Refusal::Ended | Refusal::NotDeployed);
            Some(Entry::Refused { contract_id, timestamp, fault })
        },
        Event::DeploymentReported { contract_id, version, outcome } => Some(match outcome {
            DeploymentOutcome::Deployed => Entry::Runs { contract_id, version },
            DeploymentOutcome::Failed(_) => Entry::GivenUp { contract_id, version },
        }),
        _ => None,
    }
}

/// A report whose time is paid for is answered with a bill over nothing.
fn charged(contract_id: u64, from: u64, until: u64, seconds: u64) -> Option<Entry> {
    (seconds > 0).then_some(Entry::Charged { contract_id, from, until, seconds })
}

/// The transactions of the agent's that failed in a block, and why.
fn failures(block: &[Record], calls: &[RuntimeCall]) -> Vec<String> {
    let agent = AccountId::from(key(AGENT).account().0);
    let by_agent = |record: &&Record| match &record.event {
        RuntimeEvent::TransactionPayment(pallet_transaction_payment::Event::TransactionFeePaid { who, .. }) => {
            *who == agent
        },
        _ => false,
    };
    let phases: Vec<_> = block.iter().filter(by_agent).map(|record| &record.phase).collect();
    let failed = |record: &Record| match (&record.event, &record.phase) {
        (
            RuntimeEvent::System(frame_system::Event::ExtrinsicFailed { dispatch_error, .. }),
            Phase::ApplyExtrinsic(place),
        ) if phases.contains(&&record.phase) => Some(format!("{:?}: {dispatch_error:?}", calls.get(*place as usize))),
        _ => None,
    };
    block.iter().filter_map(failed).collect()
}
