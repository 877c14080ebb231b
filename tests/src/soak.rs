//! Lives of a node, one after the other, while its agent is killed at any time and its chain is lost now and then.
//!
//! All choices come of one seed. What happens when depends on the machine all the same: a seed makes a failure likely again, not
//! certain.

use crate::{
    keeper::{End, Keeper},
    ledger::Ledger,
    meadow::eventually,
    stage::Stage,
    story,
};
use chain_in_memory::{Endpoint, Transactions};
use std::{
    fs,
    sync::{
        atomic::{AtomicBool, Ordering},
        Arc,
    },
    time::{Duration, Instant},
};

/// The shortest and the longest life of an agent that will be killed, milliseconds.
const LIFE: (u64, u64) = (100, 4_000);
/// How much larger an agent may be at the end of a life without kills than it was at the beginning: bytes in memory, and open
/// files.
const GROWTH: Size = Size { memory: 96 << 20, files: 64 };

/// What happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Contracts that were made, updated, billed and cancelled, each beside another one.
    pub stories: usize,
    /// How often the agent was killed.
    pub kills: usize,
    /// How often its chain was lost.
    pub outages: usize,
    /// Bills.
    pub bills: usize,
    /// Windows that the chain refused.
    pub refused: usize,
    /// Blocks.
    pub blocks: u32,
    /// The agent's memory at the end, bytes.
    pub memory: u64,
    /// The agent's open files at the end.
    pub files: u64,
}

/// What a process takes.
#[derive(Clone, Copy, Debug)]
struct Size {
    memory: u64,
    files: u64,
}

/// Choices that follow from a seed (splitmix64).
#[derive(Clone, Copy, Debug)]
pub struct Dice(pub u64);

impl Dice {
    /// A number from `from` on, below `to`.
    pub fn between(&mut self, from: u64, to: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        from + (mixed ^ (mixed >> 31)) % (to - from)
    }
}

/// Goes on for so long, then lets everything come to rest and checks what must hold. Panics if it does not.
pub async fn soak(seed: u64, time: Duration) -> Summary {
    let start = Instant::now();
    let stage = Stage::new().await;
    let Stage { chain, agents, meadow, home, .. } = &stage;

    let (calm, last) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (quiet, begun, mut dice) = (calm.clone(), last.clone(), Dice(seed));
    let mut keeper = Keeper::start(&home.agent_program(), move |_| match quiet.load(Ordering::SeqCst) {
        true => {
            begun.store(true, Ordering::SeqCst);
            End::Never
        },
        false => End::After(Duration::from_millis(dice.between(LIFE.0, LIFE.1))),
    });
    let trouble = tokio::spawn(trouble(agents.clone(), calm.clone(), Dice(!seed)));
    let mut summary = Summary::default();
    let (mut stay, mut given_up) = (Vec::new(), Vec::new());
    while summary.stories == 0 || start.elapsed() < time {
        let contracts = story::live(meadow, home).await;
        stay.push(contracts.stays);
        given_up.push((contracts.failed, 0));
        summary.stories += 1;
        println!("{:>5} s: {} stories, {} kills", start.elapsed().as_secs(), summary.stories, keeper.kills());
        // What stays of all stories but the last goes, so that the node is not full one day.
        while stay.len() > 1 {
            meadow.cancel(stay.remove(0)).await.expect("it can be cancelled");
        }
    }
    calm.store(true, Ordering::SeqCst);
    summary.outages = trouble.await.expect("trouble ends");

    // The last life that was to end has ended, and one without an end has begun.
    eventually("the last life begins", || async { last.load(Ordering::SeqCst) }).await;
    let contracts = story::live(meadow, home).await;
    let stayed = stay.remove(0);
    meadow.cancel(stayed).await.expect("it can be cancelled");
    meadow.gone(stayed).await;
    let process = keeper.process().expect("the agent lives");
    let before = size(process);
    story::ending(meadow, home, contracts.stays).await;
    let after = size(keeper.process().expect("the agent lives"));
    assert_eq!(keeper.process(), Some(process), "nobody killed it");
    assert!(after.memory <= before.memory + GROWTH.memory, "memory grew from {before:?} to {after:?}");
    assert!(after.files <= before.files + GROWTH.files, "open files grew from {before:?} to {after:?}");
    summary.kills = keeper.kills();
    keeper.stop();
    chain.assert_sound();
    let ledger = Ledger::of(chain);
    given_up.push((contracts.failed, 0));
    ledger.assert_fair(&given_up);
    Summary {
        bills: ledger.charged().into_iter().map(|id| ledger.charges(id)).sum(),
        refused: ledger.refused().len(),
        blocks: chain.heights().0,
        memory: after.memory,
        files: after.files,
        ..summary
    }
}

/// The agent's endpoint misbehaves now and then, until it is calm; gives how often.
async fn trouble(endpoint: Arc<Endpoint>, calm: Arc<AtomicBool>, mut dice: Dice) -> usize {
    let mut outages = 0;
    while !calm.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_millis(dice.between(500, 5_000))).await;
        outages += 1;
        let kind = dice.between(0, 4);
        match kind {
            0 => endpoint.close(),
            1 => endpoint.change(|manners| manners.silent = true),
            2 => endpoint.change(|manners| manners.transactions = Transactions::Unheard),
            _ => endpoint.change(|manners| manners.transactions = Transactions::Lost),
        }
        tokio::time::sleep(Duration::from_millis(dice.between(100, 3_000))).await;
        endpoint.set(Default::default());
        if kind == 0 {
            endpoint.reopen();
        }
    }
    outages
}

/// What a process takes now.
fn size(process: u32) -> Size {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("the process is there");
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("the kernel tells");
    let kibibytes: u64 = resident.trim().trim_end_matches(" kB").parse().expect("a number");
    let files = fs::read_dir(format!("/proc/{process}/fd")).expect("the process is there").count() as u64;
    Size { memory: kibibytes << 10, files }
}
