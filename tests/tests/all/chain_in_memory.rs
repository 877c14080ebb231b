//! A whole grid in one process: the agent with its gateway on the real runtime in memory, over real RPC.

use chain_in_memory::Transactions;
use grid_tests::{
    functions::answering,
    inside::{quick_chain, Inside},
    ledger::Ledger,
    meadow::{eventually, WHOLE},
};
use grid_types::bus::DEPLOYMENT_DEPLOY;

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_runs_is_billed_updated_and_cancelled() {
    let chain = quick_chain();
    let endpoint = chain.endpoint();
    let inside = Inside::with(chain, &[&endpoint]).await;
    let meadow = &inside.meadow;
    let deployment = meadow.deployed("one").await;
    let id = deployment.contract_id;
    meadow.billed(id).await;
    meadow.billed(id).await;
    meadow.updated(&deployment, "two").await;
    meadow.cancel(id).await.expect("it can be cancelled");
    meadow.gone(id).await;
    let ledger = Ledger::of(&inside.chain);
    assert_eq!(ledger.reported(), [(id, 0), (id, 1)], "each version is reported once");
    ledger.assert_fair(&[]);
    inside.chain.assert_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn another_endpoint_serves_when_one_breaks_off() {
    let chain = quick_chain();
    let (first, second) = (chain.endpoint(), chain.endpoint());
    let inside = Inside::with(chain, &[&first, &second]).await;
    inside.meadow.deployed("one").await;
    first.close();
    inside.meadow.deployed("two").await;
    first.reopen();
    second.close();
    inside.meadow.deployed("three").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_of_another_chain_is_passed_over() {
    let chain = quick_chain();
    let (first, second) = (chain.endpoint(), chain.endpoint());
    let inside = Inside::with(chain, &[&first, &second]).await;
    let deployment = inside.meadow.deployed("one").await;
    let asked = second.asked();
    // The first comes back as another chain's, as after a development node was started anew.
    first.change(|manners| manners.genesis = Some(Default::default()));
    first.close();
    first.reopen();
    inside.meadow.deployed("two").await;
    assert!(second.asked() > asked);
    inside.meadow.answers(deployment.contract_id, "one").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_ended_on_the_word_of_an_endpoint_that_is_behind() {
    let chain = quick_chain();
    let (whole, behind) = (chain.endpoint(), chain.endpoint());
    let known = chain.heights().1;
    let mut inside = Inside::with(chain, &[&whole, &behind]).await;
    let id = inside.meadow.deployed("one").await.contract_id;
    behind.change(|manners| manners.knows_up_to = Some(known));
    whole.close();
    inside.stop().await;
    inside.start().await;
    let asked = behind.asked();
    eventually("it is asked", || async { behind.asked() > asked + 5 }).await;
    inside.meadow.answers(id, "one").await;
    whole.reopen();
    behind.close();
    inside.meadow.deployed("two").await;
    inside.meadow.answers(id, "one").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn functions_serve_while_no_endpoint_answers_and_work_goes_on_when_one_does() {
    let chain = quick_chain();
    let endpoint = chain.endpoint();
    let inside = Inside::with(chain, &[&endpoint]).await;
    let meadow = &inside.meadow;
    let first = meadow.deployed("one").await.contract_id;
    endpoint.close();
    meadow.cancel(first).await.expect("it can be cancelled");
    inside.chain.advance(600);
    meadow.answers(first, "one").await;
    endpoint.reopen();
    meadow.gone(first).await;
    meadow.deployed("two").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_runtime_gets_another_version_while_the_agent_runs() {
    let chain = quick_chain();
    let endpoint = chain.endpoint();
    let inside = Inside::with(chain, &[&endpoint]).await;
    let id = inside.meadow.deployed("one").await.contract_id;
    inside.chain.upgrade();
    inside.meadow.deployed("two").await;
    inside.meadow.billed(id).await;
    inside.meadow.billed(id).await;
    Ledger::of(&inside.chain).assert_fair(&[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_node_a_contract_can_be_made_as_soon_as_another_is_cancelled() {
    let chain = quick_chain();
    let endpoint = chain.endpoint();
    let inside = Inside::with(chain, &[&endpoint]).await;
    let meadow = &inside.meadow;
    for round in 0..5 {
        let text = format!("round {round}");
        meadow.seen().await;
        let deployment = meadow.create(&meadow.deployment(&text), WHOLE).await.expect("the node is free again");
        meadow.send(&deployment, &answering(&text), DEPLOYMENT_DEPLOY).await;
        meadow.running(&deployment).await;
        meadow.cancel(deployment.contract_id).await.expect("it can be cancelled");
    }
    inside.chain.assert_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_whose_fate_is_not_known_are_not_paid_twice() {
    let chain = quick_chain();
    let endpoint = chain.endpoint();
    let inside = Inside::with(chain, &[&endpoint]).await;
    let meadow = &inside.meadow;
    let deployment = meadow.create_when_seen(&meadow.deployment("one")).await;
    endpoint.change(|manners| manners.transactions = Transactions::Unheard);
    meadow.send(&deployment, &answering("one"), DEPLOYMENT_DEPLOY).await;
    meadow.running(&deployment).await;
    endpoint.change(|manners| manners.transactions = Transactions::Included);
    let id = deployment.contract_id;
    meadow.billed(id).await;
    meadow.billed(id).await;
    let ledger = Ledger::of(&inside.chain);
    assert_eq!(ledger.reported(), [(id, 0)]);
    ledger.assert_fair(&[]);
}
