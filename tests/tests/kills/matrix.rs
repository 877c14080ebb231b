//! A kill at any named step changes nothing: the end is the same as without, nobody pays twice, nothing is left over and
//! nothing is lost. The agent with its gateway is a real process that gets a real SIGKILL; the chain is in memory.

use chain_in_memory::Endpoint;
use futures::{stream, StreamExt};
use grid_client::Chain as Client;
use grid_tests::{
    inside::quick_chain,
    keeper::{End, Home, Keeper},
    ledger::Ledger,
    meadow::{Meadow, AGENT},
    steps::Kill,
    story::{self, Ending},
};
use std::collections::BTreeSet;
use tokio::task::spawn_blocking;

/// The steps of a life, in about the order in which they are reached, each with how often before the kill. Those of the gateway
/// begin with `gateway.`.
const MATRIX: &[&str] = &[
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

/// Stories that are told at once: they wait for blocks most of the time.
const AT_ONCE: usize = 6;

/// Tells the story with one kill, or with none.
async fn told(kill: Option<Kill>) -> (Ending, BTreeSet<String>) {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let chain = spawn_blocking(quick_chain).await.expect("a chain can be made");
    let (agents, users): (Endpoint, Endpoint) = (chain.endpoint(), chain.endpoint());
    let home = Home::furnish(folder.path(), &[agents.url()], AGENT);
    let client = Client::connect(&[users.url()]).await.expect("the endpoint serves");
    let meadow = Meadow::found(client, home.bus, home.gateway).await;
    chain.run();
    let planned = kill.clone();
    let mut keeper = Keeper::start(&home, move |life| match &planned {
        Some(kill) if life == 0 => End::At(kill.clone()),
        _ => End::Never,
    });
    let contracts = story::live(&meadow).await;
    let ending = story::ending(&meadow, &home, contracts.stays).await;
    let (lives, kills) = (keeper.lives(), keeper.kills());
    spawn_blocking(move || keeper.stop()).await.expect("the keeper comes to its end");
    chain.assert_sound();
    story::assert_told(&Ledger::of(&chain), contracts);
    match &kill {
        // The step was reached, or there would have been no kill; and there was no other end.
        Some(kill) => assert_eq!((lives.len(), kills), (1, 1), "killed at {kill}: {lives:?}"),
        None => assert!(lives.is_empty(), "{lives:?}"),
    }
    (ending, home.steps().into_iter().collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_at_any_step_changes_nothing() {
    let (expected, reached) = told(None).await;
    let named: BTreeSet<String> =
        MATRIX.iter().map(|step| step.rsplit_once(':').expect("each has a count").0.to_owned()).collect();
    assert_eq!(
        named.difference(&reached).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "each step is one that is reached"
    );
    assert_eq!(reached.difference(&named).collect::<Vec<_>>(), Vec::<&String>::new(), "no step is left out");
    let stories = stream::iter(MATRIX).map(|step| {
        let expected = &expected;
        async move {
            let kill: Kill = step.parse().expect("each is a step with a count");
            // On its own: a story that is busy with itself lets none of the others wait.
            let told = tokio::spawn(told(Some(kill))).await;
            let (ending, _) = told.unwrap_or_else(|error| panic!("killed at {step}: {error}"));
            assert_eq!(&ending, expected, "killed at {step}");
            println!("killed at {step}: the same end");
        }
    });
    stories.buffer_unordered(AT_ONCE).collect::<()>().await;
}
