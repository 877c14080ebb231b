//! What holds with the chain in memory holds with a real node, whose process is killed as well.

use grid_client::Chain;
use grid_tests::{
    functions::answering,
    home::Home,
    keeper::{End, Keeper},
    ledger::Ledger,
    meadow::{eventually, Meadow, AGENT},
    node::NodeProcess,
    soak::Dice,
    steps::Kill,
    story::{self, Contracts},
};
use std::{path::Path, time::Duration};

/// Steps at which the agent is killed, one after the other, in one story with a real node.
const KILLS: [&str; 6] =
    ["start.accepted", "module.stored", "engine.applied", "engine.reported", "report.sending", "engine.removed"];

async fn connected(url: String) -> Chain {
    Chain::connect(&[url]).await.expect("the chain answers")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_is_killed_again_and_again_serves_a_real_chain_to_the_same_end() {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let node = begin(folder.path()).await;
    let home = Home::furnish(folder.path(), &[node.url()], AGENT);
    let meadow = Meadow::found(connected(node.url()).await, home.bus, home.gateway).await;
    let plan = |life: usize| match KILLS.get(life) {
        Some(step) => End::At(Kill { step: (*step).to_owned(), count: 1 }),
        None => End::Never,
    };
    let mut keeper = Keeper::start(&home.agent_program(), plan);
    let contracts = story::live(&meadow, &home).await;
    story::ending(&meadow, &home, contracts.stays).await;
    assert_eq!((keeper.lives().len(), keeper.kills()), (KILLS.len(), KILLS.len()));
    assert_told(&meadow, contracts).await;
    keeper.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_that_is_killed_while_a_deployment_runs_changes_nothing() {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let mut node = begin(folder.path()).await;
    let home = Home::furnish(folder.path(), &[node.url()], AGENT);
    let meadow = Meadow::found(connected(node.url()).await, home.bus, home.gateway).await;
    let mut keeper = Keeper::start(&home.agent_program(), |_| End::Never);
    let deployment = meadow.create_when_seen(&meadow.deployment("one")).await;
    let id = deployment.contract_id;
    let mut dice = Dice::any();
    let kills = tokio::task::spawn_blocking(move || {
        for _ in 0..3 {
            std::thread::sleep(Duration::from_millis(dice.between(500, 4_000)));
            node.kill();
            std::thread::sleep(Duration::from_millis(dice.between(10, 1_000)));
            node.restart();
        }
        node
    });
    meadow.send(&deployment, &answering("one"), grid_types::bus::DEPLOYMENT_DEPLOY).await;
    meadow.running(&deployment).await;
    meadow.billed(id).await;
    let _node = kills.await.expect("it is up again");
    eventually("the chain goes on", || async { meadow.chain.finalized().await.is_ok() }).await;
    meadow.billed(id).await;
    meadow.answers(id, "one").await;
    meadow.cancel(id).await.expect("it can be cancelled");
    meadow.gone(id).await;
    assert!(keeper.lives().is_empty(), "the agent does not end with its chain");
    let ledger = Ledger::of_node(&meadow.chain).await;
    ledger.assert_fair(&[]);
    assert_eq!(ledger.reported(), [(id, 0)]);
    keeper.stop();
}

async fn begin(folder: &Path) -> NodeProcess {
    let folder = folder.to_owned();
    tokio::task::spawn_blocking(move || NodeProcess::begin_quick(&folder)).await.expect("the node starts")
}

async fn assert_told(meadow: &Meadow, contracts: Contracts) {
    story::assert_told(&Ledger::of_node(&meadow.chain).await, contracts);
}
