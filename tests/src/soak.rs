//! Lives of a node, one after the other, while its agent is killed at any time and its chain is lost now and then: a chain in
//! memory, or a real one whose node is killed as well.
//!
//! All choices come of one seed. What happens when depends on the machine all the same: a seed makes a failure likely again, not
//! certain.

use crate::{
    home::Home,
    keeper::{locked, End, Keeper},
    ledger::Ledger,
    meadow::{eventually, Meadow, AGENT},
    node::NodeProcess,
    stage::Stage,
    story,
};
use chain_in_memory::{Endpoint, Transactions};
use grid_client::Chain;
use std::{
    fs,
    sync::{
        atomic::{AtomicBool, Ordering},
        Arc, Mutex,
    },
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tokio::task::{spawn_blocking, JoinHandle};

/// The shortest and the longest life of an agent that will be killed, milliseconds.
const LIFE: (u64, u64) = (100, 4_000);
/// The same for an agent whose chain's node is killed too, and for that node.
const LIFE_WITH_NODE: (u64, u64) = (100, 10_000);
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
    /// How often its chain was lost, or the chain's node was killed.
    pub outages: usize,
    /// Bills.
    pub bills: usize,
    /// Windows that the chain refused.
    pub refused: usize,
    /// Blocks.
    pub blocks: u64,
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

/// A seed that nobody has chosen.
pub fn seed() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Choices that follow from a seed (splitmix64).
#[derive(Clone, Copy, Debug)]
pub struct Dice(pub u64);

impl Dice {
    /// With a seed that nobody has chosen, and that is told.
    pub fn any() -> Self {
        let seed = seed();
        println!("seed {seed}");
        Self(seed)
    }

    /// A number from `from` on, below `to`.
    pub fn between(&mut self, from: u64, to: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        from + (mixed ^ (mixed >> 31)) % (to - from)
    }
}

/// Goes on for so long on a chain in memory, then lets everything come to rest and checks what must hold. Panics if it does not.
pub async fn soak(seed: u64, time: Duration) -> Summary {
    let stage = Stage::new().await;
    let Stage { chain, agents, meadow, home, .. } = &stage;
    let begin = |calm| tokio::spawn(trouble(agents.clone(), calm, Dice(!seed)));
    let (summary, given_up) = stories(meadow, home, (Dice(seed), LIFE), time, begin).await;
    chain.assert_sound();
    summary.told(&Ledger::of(chain), &given_up, u64::from(chain.heights().0))
}

/// The same on a real chain: the node through which the agent and its user hear of it is killed at any time.
pub async fn soak_with_node(seed: u64, time: Duration) -> Summary {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let path = folder.path().to_owned();
    let nodes = spawn_blocking(move || {
        let producer = NodeProcess::begin_quick(&path);
        let follower = producer.begin_beside();
        (producer, follower)
    });
    let (_producer, follower) = nodes.await.expect("the nodes start");
    let home = Home::furnish(folder.path(), &[follower.url()], AGENT);
    let chain = Chain::connect(&[follower.url()]).await.expect("the node answers");
    let meadow = Meadow::found(chain, home.bus, home.gateway).await;
    let follower = Arc::new(Mutex::new(follower));
    let killed = follower.clone();
    let begin = |calm: Arc<AtomicBool>| spawn_blocking(move || kill_node(&mut locked(&killed), &calm, Dice(!seed)));
    let (summary, given_up) = stories(&meadow, &home, (Dice(seed), LIFE_WITH_NODE), time, begin).await;
    let height = meadow.chain.finalized().await.expect("nobody kills the node any more").block().number;
    summary.told(&Ledger::of_node(&meadow.chain).await, &given_up, height)
}

/// One story after the other, for so long and at least one, while the agent is killed at any time and its chain is in trouble;
/// then one without any. Gives what happened, and the contracts that could not run.
async fn stories(
    meadow: &Meadow,
    home: &Home,
    (mut dice, life): (Dice, (u64, u64)),
    time: Duration,
    trouble: impl FnOnce(Arc<AtomicBool>) -> JoinHandle<usize>,
) -> (Summary, Vec<(u64, u32)>) {
    let start = Instant::now();
    let (calm, last) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (quiet, begun) = (calm.clone(), last.clone());
    let mut keeper = Keeper::start(&home.agent_program(), move |_| match quiet.load(Ordering::SeqCst) {
        true => {
            begun.store(true, Ordering::SeqCst);
            End::Never
        },
        false => End::After(Duration::from_millis(dice.between(life.0, life.1))),
    });
    let trouble = trouble(calm.clone());
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
    given_up.push((contracts.failed, 0));
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
    (Summary { memory: after.memory, files: after.files, ..summary }, given_up)
}

impl Summary {
    /// With what the chain's blocks tell, which must have been fair.
    fn told(self, ledger: &Ledger, given_up: &[(u64, u32)], blocks: u64) -> Self {
        ledger.assert_fair(given_up);
        let bills = ledger.charged().into_iter().map(|id| ledger.charges(id)).sum();
        Self { bills, refused: ledger.refused().len(), blocks, ..self }
    }
}

/// The node is killed now and then, until it is calm; gives how often.
fn kill_node(node: &mut NodeProcess, calm: &AtomicBool, mut dice: Dice) -> usize {
    let mut kills = 0;
    while !calm.load(Ordering::SeqCst) {
        thread::sleep(Duration::from_millis(dice.between(LIFE_WITH_NODE.0, LIFE_WITH_NODE.1)));
        node.kill();
        kills += 1;
        thread::sleep(Duration::from_millis(dice.between(10, 1_000)));
        node.restart();
    }
    kills
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
