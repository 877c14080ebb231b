//! A kill at any named step changes nothing: the end is the same as without, nobody pays twice, nothing is left over and
//! nothing is lost. The agent with its gateway is a real process that gets a real SIGKILL; the chain is in memory.

use futures::{stream, StreamExt};
use grid_tests::{
    keeper::{End, Keeper},
    ledger::Ledger,
    meadow::eventually,
    stage::Stage,
    steps::Kill,
    story::{self, Ending},
};
use std::{collections::BTreeSet, fs, future::Future};
use tokio::task::spawn_blocking;

/// The steps of a life, in about the order in which they are reached, each with how often before the kill. Those of the gateway
/// begin with `gateway.`.
pub const MATRIX: &[&str] = &[
    // Start: the state is open, the agent becomes its node's.
    "start.store_open:1",
    "start.gateway_up:1",
    "start.accepting:1",
    "start.accepted:1",
    "start.identified:1",
    "start.bus_open:1",
    "engine.cursor_written:1",
    "engine.cursor_written:9",
    "heartbeat.sending:1",
    "heartbeat.sent:1",
    "heartbeat.sent:4",
    // A module comes: to the gateway, to the disk, into the record.
    "module.checked:1",
    "gateway.module.written:1",
    "gateway.module.compiled_written:1",
    "gateway.module.recorded:1",
    "module.offered:1",
    "module.written:1",
    "module.stored:1",
    // A deployment: accepted, made, told to the chain.
    "deploy.checked:1",
    "deploy.stored:1",
    "engine.applying:1",
    "engine.secrets_given:1",
    "gateway.function.recorded:1",
    "gateway.function.published:1",
    "engine.applied:1",
    "engine.apply_noted:1",
    "engine.reporting:1",
    "engine.reported:1",
    "engine.report_noted:1",
    "engine.reported:2",
    // What it uses is measured, kept, sent, answered.
    "report.kept:1",
    "report.signed:1",
    "report.sending:1",
    "report.sent:1",
    "report.answered:1",
    "report.settled:1",
    "report.answered:2",
    // The update of the first of two; it drops a secret.
    "module.stored:3",
    "deploy.stored:3",
    "engine.applying:3",
    "engine.secrets_given:3",
    "gateway.update.recorded:1",
    "gateway.update.published:1",
    "engine.applied:3",
    "engine.apply_noted:3",
    "engine.reported:3",
    "engine.secrets_dropped:1",
    // The end of the first of two.
    "engine.removing:1",
    "gateway.delete.recorded:1",
    "gateway.delete.unpublished:1",
    "engine.removed:1",
    "engine.secrets_removed:1",
    "engine.removal_noted:1",
    "engine.set_aside:1",
    "engine.forgotten:1",
    "engine.modules_dropped:1",
    // What cannot be done: noted, told to the chain, over.
    "engine.applying:4",
    "engine.secrets_given:4",
    "engine.failure_noted:1",
    "engine.reporting:4",
    "engine.reported:4",
    "engine.report_noted:4",
    "engine.forgotten:2",
];

/// The steps that are reached only when the gateway has lost what it had.
pub const LOSS: &[&str] = &["engine.module_offering:1", "engine.module_offered:1"];

/// Stories that are told at once: they wait for blocks most of the time.
const AT_ONCE: usize = 6;

/// Tells the story with one kill, or with none; gives its ending, and the steps that were reached.
async fn told(kill: Option<Kill>) -> (Ending, BTreeSet<String>) {
    let stage = Stage::new().await;
    let planned = kill.clone();
    let keeper = Keeper::start(&stage.home.agent_program(), move |life| match &planned {
        Some(kill) if life == 0 => End::At(kill.clone()),
        _ => End::Never,
    });
    let contracts = story::live(&stage.meadow, &stage.home).await;
    let ending = story::ending(&stage.meadow, &stage.home, contracts.stays).await;
    stopped(keeper, usize::from(kill.is_some())).await;
    stage.chain.assert_sound();
    story::assert_told(&Ledger::of(&stage.chain), contracts);
    (ending, stage.home.steps().into_iter().collect())
}

/// Tells of a gateway that loses all it has while its agent is down, with one more kill after that, or with none.
async fn told_of_a_loss(kill: Option<Kill>) -> Ending {
    let stage = Stage::new().await;
    let (planned, gateway) = (kill.clone(), stage.home.gateway_state());
    let keeper = Keeper::start(&stage.home.agent_program(), move |life| {
        if life != 1 {
            return End::Never;
        }
        fs::remove_dir_all(&gateway).expect("nobody uses the gateway's folder between two lives");
        planned.clone().map_or(End::Never, End::At)
    });
    let id = stage.meadow.deployed("stays").await.contract_id;
    keeper.kill();
    eventually("the first life is over", || async { !keeper.lives().is_empty() }).await;
    let ending = story::ending(&stage.meadow, &stage.home, id).await;
    stopped(keeper, 1 + usize::from(kill.is_some())).await;
    stage.chain.assert_sound();
    let ledger = Ledger::of(&stage.chain);
    ledger.assert_fair(&[]);
    assert_eq!(ledger.reported(), [(id, 0)], "what runs again is no news");
    ending
}

/// Ends a program, which was killed so often and had no other end: each step was reached, or there would have been no kill.
pub async fn stopped(mut keeper: Keeper, kills: usize) {
    let (lives, killed) = (keeper.lives(), keeper.kills());
    spawn_blocking(move || keeper.stop()).await.expect("the keeper comes to its end");
    assert_eq!((lives.len(), killed), (kills, kills), "{lives:?}");
}

/// The names of steps that are given with counts.
pub fn names(steps: &[&str]) -> BTreeSet<String> {
    steps.iter().map(|step| step.rsplit_once(':').expect("each has a count").0.to_owned()).collect()
}

/// Tells a story with a kill at each of these steps; it must end as expected. On its own each: a story that is busy with itself
/// lets none of the others wait.
pub async fn assert_all_end_alike<F>(steps: &[&str], expected: &Ending, tell: impl Fn(Kill) -> F)
where
    F: Future<Output = Ending> + Send + 'static,
{
    let stories = stream::iter(steps).map(|step| {
        let told = tokio::spawn(tell(step.parse().expect("each is a step with a count")));
        async move {
            let ending = told.await.unwrap_or_else(|error| panic!("killed at {step}: {error}"));
            assert_eq!(&ending, expected, "killed at {step}");
            println!("killed at {step}: the same end");
        }
    });
    stories.buffer_unordered(AT_ONCE).collect::<()>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_at_any_step_changes_nothing() {
    let (expected, reached) = told(None).await;
    assert_eq!(names(MATRIX), reached, "each step is one that is reached, and no step is left out");
    assert_all_end_alike(MATRIX, &expected, |kill| async move { told(Some(kill)).await.0 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_gateway_has_lost_is_given_to_it_again_whatever_is_killed_then() {
    let expected = told_of_a_loss(None).await;
    assert_all_end_alike(LOSS, &expected, |kill| told_of_a_loss(Some(kill))).await;
}
