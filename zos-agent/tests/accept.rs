//! Whose agent the agent is: it accepts the node that it was told, and no other.

#![allow(clippy::unwrap_used)]

mod support;

use std::time::Duration;
use support::{eventually, Bench, FakeChain, AGENT, NODE};
use tokio_util::sync::CancellationToken;
use zos_agent::{agent::Agent, key::AgentKey};

#[tokio::test(flavor = "multi_thread")]
async fn the_node_that_it_was_told_is_accepted() {
    let mut bench = Bench::on(FakeChain::before_acceptance(), |config| config.node.id = Some(NODE));
    bench.up().await;
    assert!(bench.chain.accepted());
    assert_eq!(bench.agent().identity().node_id, NODE);
    eventually("heartbeats", || async { bench.chain.heartbeats() >= 1 }).await;
}

/// Anybody may name this agent's account; only its operator knows which node is its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_it_was_not_told_is_never_accepted() {
    for told in [None, Some(NODE + 1)] {
        let mut bench = Bench::on(FakeChain::before_acceptance(), |config| config.node.id = told);
        let started = tokio::time::timeout(Duration::from_secs(3), bench.up()).await;
        assert!(started.is_err(), "it waits until it is told: {told:?}");
        assert!(!bench.chain.accepted());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_does_not_start_for_another_node_than_it_was_told() {
    let bench = Bench::on(FakeChain::new(), |config| config.node.id = Some(NODE + 1));
    let (chain, key) = (bench.chain.clone(), AgentKey::from_uri(AGENT).unwrap());
    let started = Agent::start(&bench.config, chain, key, CancellationToken::new()).await;
    let error = started.err().unwrap().to_string();
    assert!(error.starts_with("node.id is 8, and this account is the agent of node 7"), "{error}");
}
