//! Whose agent the agent is: it accepts the node that it was told, and no other.

#![allow(clippy::unwrap_used)]

use crate::support;

use support::{eventually, Bench, FakeChain, NODE};
use zos_agent::{
    chain::{Chain, ChainError},
    error::AgentError,
};

/// A chain that still waits for the agent's word, and an agent that was told this.
fn told(id: Option<u32>) -> Bench {
    Bench::on(FakeChain::before_acceptance(), |config| config.node.id = id)
}

async fn heartbeats(bench: &Bench) {
    eventually("heartbeats", || async { bench.chain.heartbeats() >= 1 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_node_that_it_was_told_is_accepted() {
    let mut bench = told(Some(NODE));
    bench.up().await;
    assert_eq!((bench.chain.accepted(), bench.chain.accepts()), (true, vec![NODE]));
    assert_eq!(bench.agent().identity().node_id, NODE);
    heartbeats(&bench).await;
}

/// Anybody may name this agent's account; only its operator knows which node is its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_it_was_not_told_is_never_accepted() {
    for id in [None, Some(NODE + 1)] {
        let bench = told(id);
        let (starting, stop) = bench.begin();
        eventually("it has asked again and again", || async { bench.chain.questions() >= 3 }).await;
        assert!(!starting.is_finished(), "it waits until it is told: {id:?}");
        let accepts = bench.chain.accepts();
        assert!(accepts.iter().all(|node| Some(*node) == id), "{accepts:?}");
        assert_eq!(accepts.is_empty(), id.is_none(), "{accepts:?}");
        stop.cancel();
        assert!(matches!(starting.await.unwrap(), Err(AgentError::Stopped)));
    }
}

/// The second one would fail, and cost a fee.
#[tokio::test(flavor = "multi_thread")]
async fn it_accepts_once_however_long_that_takes_to_be_final() {
    for heard in [Ok(()), Err(ChainError::Uncertain("no answer".to_owned()))] {
        let bench = told(Some(NODE));
        bench.chain.hold(heard.clone());
        let (starting, _stop) = bench.begin();
        eventually("it has asked again and again", || async { bench.chain.questions() >= 3 }).await;
        assert_eq!(bench.chain.accepts(), [NODE], "{heard:?}");
        bench.chain.finalize();
        let agent = starting.await.unwrap().unwrap();
        assert_eq!(agent.identity().node_id, NODE);
        assert_eq!((bench.chain.accepts(), bench.chain.fees()), (vec![NODE], 0), "{heard:?}");
        agent.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_does_not_start_for_another_node_than_it_was_told() {
    let bench = Bench::on(FakeChain::new(), |config| config.node.id = Some(NODE + 1));
    let error = bench.begin().0.await.unwrap().err().unwrap().to_string();
    assert!(error.starts_with("node.id is 8, and this account is the agent of node 7"), "{error}");
}

/// The farmer gave the node a new agent, and the operator put that one's key where the old one was.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_is_accepted_on_the_state_of_the_old_one() {
    let mut bench = told(Some(NODE));
    bench.knows(NODE, 1).await;
    bench.up().await;
    assert_eq!((bench.chain.accepted(), bench.chain.accepts()), (true, vec![NODE]));
    heartbeats(&bench).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_is_accepted_also_if_the_chain_was_away_at_the_start() {
    let mut bench = told(Some(NODE));
    bench.knows(NODE, 1).await;
    bench.chain.set_down(true);
    bench.up().await;
    assert!(bench.chain.accepts().is_empty());
    bench.chain.set_down(false);
    heartbeats(&bench).await;
    assert_eq!((bench.chain.accepts(), bench.chain.fees()), (vec![NODE], 0));
}

/// Without the node's number nobody is accepted; what was agreed is served all the same, and the operator accepts by hand.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_without_the_nodes_number_waits_for_the_operator() {
    let mut bench = told(None);
    bench.knows(NODE, 1).await;
    bench.up().await;
    assert_eq!(bench.agent().identity().node_id, NODE);
    assert!(bench.chain.accepts().is_empty());
    bench.chain.accept(NODE).await.unwrap();
    heartbeats(&bench).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_state_of_another_node_than_it_was_told_is_refused_whatever_the_chain_says() {
    for down in [false, true] {
        let bench = told(Some(NODE));
        bench.knows(NODE - 1, 1).await;
        bench.chain.set_down(down);
        let error = bench.begin().0.await.unwrap().err().unwrap();
        assert!(matches!(error, AgentError::NotOwnState { configured: NODE, stored: 6 }), "{error}");
        assert!(error.to_string().contains("state_dir of its own"), "{error}");
        assert!(bench.chain.accepts().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_started_as_another_node_ends_when_the_chain_says_so() {
    let bench = Bench::on(FakeChain::new(), |_| ());
    bench.knows(NODE + 1, 1).await;
    bench.chain.set_down(true);
    let mut agent = bench.begin().0.await.unwrap().unwrap();
    assert_eq!(agent.identity().node_id, NODE + 1);
    bench.chain.set_down(false);
    assert_eq!(agent.failed().await, "identity");
}

/// An endpoint that is still catching up knows nothing of the node.
#[tokio::test(flavor = "multi_thread")]
async fn the_word_of_an_endpoint_that_is_behind_counts_for_nothing() {
    let mut bench = told(Some(NODE));
    bench.knows(NODE, 1_000).await;
    bench.up().await;
    assert_eq!((bench.agent().identity().node_id, bench.chain.questions()), (NODE, 0));
    bench.chain.reach(1_000);
    heartbeats(&bench).await;
    assert_eq!(bench.chain.accepts(), [NODE]);
}
