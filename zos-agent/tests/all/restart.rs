//! What an agent knows outlives it.

#![allow(clippy::unwrap_used)]

use crate::support;

use grid_types::units::Report;
use std::{collections::BTreeSet, fs};
use support::{echo, eventually, fake_chain::Reporting, Bench};
use zos_agent::{agent::Agent, chain::Chain, key::AgentKey};

fn key(report: &Report) -> (u64, u64) {
    (report.contract_id, report.timestamp)
}

#[tokio::test(flavor = "multi_thread")]
async fn accepted_work_is_done_after_a_kill() {
    let mut bench = Bench::start().await;
    let deployment = bench.agreed(&["echo"]);
    let user = bench.user().await;
    user.put_module(deployment.contract_id, &echo()).await.unwrap();
    user.deploy(&deployment).await.unwrap();
    drop(user);
    bench.kill().await;
    bench.up().await;
    bench.running(deployment.contract_id).await;
    assert_eq!(bench.call(&format!("echo-{}", deployment.contract_id), "again").await, (200, "again".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_that_ended_meanwhile_is_cleaned_up_at_the_start() {
    let mut bench = Bench::start().await;
    let id = bench.deployed(&["echo"]).await.contract_id;
    bench.running(id).await;
    assert_eq!(bench.call(&format!("echo-{id}"), "").await.0, 200);
    bench.down().await;
    bench.chain.end(id);
    bench.up().await;
    eventually("the function is gone", || async { bench.call(&format!("echo-{id}"), "").await.0 == 404 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn functions_serve_after_a_restart_although_the_chain_cannot_be_asked() {
    let mut bench = Bench::start().await;
    let id = bench.deployed(&["echo"]).await.contract_id;
    bench.running(id).await;
    bench.down().await;
    bench.chain.set_down(true);
    bench.up().await;
    assert_eq!(bench.call(&format!("echo-{id}"), "x").await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_wait_over_a_restart_and_are_sent_once_when_the_chain_takes_them() {
    let mut bench = Bench::start().await;
    let id = bench.deployed(&["echo"]).await.contract_id;
    bench.running(id).await;
    bench.chain.set_reporting(Reporting::Down);
    eventually("reports wait", || async { bench.chain.offered().len() >= 2 }).await;
    bench.down().await;
    let waiting: BTreeSet<_> = bench.chain.offered().iter().map(key).collect();
    bench.chain.set_reporting(Reporting::Open);
    bench.up().await;
    let all_taken = || async {
        let taken: BTreeSet<_> = bench.chain.taken().iter().map(key).collect();
        waiting.is_subset(&taken)
    };
    eventually("they are taken", all_taken).await;
    let sent = bench.chain.taken().len();
    eventually("new ones follow", || async { bench.chain.taken().len() > sent + 1 }).await;
    let taken: Vec<_> = bench.chain.taken().iter().map(key).collect();
    assert_eq!(taken.iter().collect::<BTreeSet<_>>().len(), taken.len(), "none is sent twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_whose_fate_is_not_known_are_looked_for_and_not_sent_in_another_batch() {
    let bench = Bench::start().await;
    let id = bench.deployed(&["echo"]).await.contract_id;
    bench.running(id).await;
    bench.chain.set_reporting(Reporting::Mute);
    let start = bench.chain.taken().len();
    eventually("one is taken", || async { bench.chain.taken().len() > start }).await;
    bench.chain.set_reporting(Reporting::Open);
    eventually("others follow", || async { bench.chain.taken().len() > start + 2 }).await;
    let taken: Vec<_> = bench.chain.taken().iter().map(key).collect();
    assert_eq!(taken.iter().collect::<BTreeSet<_>>().len(), taken.len(), "none is taken twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn windows_never_overlap_and_traffic_never_goes_back_over_a_restart_of_the_gateway() {
    let mut bench = Bench::start().await;
    let id = bench.deployed(&["echo"]).await.contract_id;
    bench.running(id).await;
    let function = format!("echo-{id}");
    let body = "x".repeat(10_000);
    for _ in 0..3 {
        assert_eq!(bench.call(&function, &body).await.0, 200);
    }
    let counted = || async { bench.chain.taken().last().is_some_and(|report| report.nru > 60_000) };
    eventually("the traffic is counted", counted).await;
    let before = bench.chain.taken().last().unwrap().nru;
    bench.down().await;
    bench.up().await;
    assert_eq!(bench.call(&function, &body).await.0, 200);
    let more = || async { bench.chain.taken().last().is_some_and(|report| report.nru >= before + 20_000) };
    eventually("traffic adds up", more).await;
    let taken = bench.chain.taken();
    for (earlier, later) in taken.iter().zip(taken.iter().skip(1)) {
        assert!(later.timestamp - later.window >= earlier.timestamp, "{earlier:?} {later:?}");
        assert!(later.nru >= earlier.nru, "{earlier:?} {later:?}");
    }
    assert!(taken.iter().all(|report| report.sru > 0), "the module's disk is counted");
}

#[tokio::test(flavor = "multi_thread")]
async fn heartbeats_go_on() {
    let bench = Bench::start().await;
    eventually("three heartbeats", || async { bench.chain.heartbeats() >= 3 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn state_of_another_chain_is_refused() {
    let mut bench = Bench::start().await;
    bench.down().await;
    let chain = std::sync::Arc::new(support::fake_chain::FakeChain::of([6; 32]));
    let chain: std::sync::Arc<dyn Chain> = chain;
    let key = AgentKey::from_uri(support::AGENT).unwrap();
    let started = Agent::start(&bench.config, chain, key, tokio_util::sync::CancellationToken::new()).await;
    assert!(started.err().unwrap().to_string().contains("belongs to the chain"));
}

/// Whoever looks may be root, and the state is another's.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_kill_has_left_is_shown_without_changing_it() {
    let bench = Bench::start().await;
    let id = bench.deployed(&["echo"]).await.contract_id;
    bench.running(id).await;
    let left = tempfile::tempdir().unwrap();
    let (file, copy) = (bench.config.state_dir.join("agent.redb"), left.path().join("agent.redb"));
    // As it is in the middle of the agent's life.
    let shown = || async {
        fs::copy(&file, &copy).unwrap();
        let before = fs::read(&copy).unwrap();
        let status = zos_agent::status::ask(left.path()).await;
        assert!(fs::read(&copy).unwrap() == before, "nothing has changed");
        status.is_ok_and(|status| status.contracts.len() == 1)
    };
    eventually("it is shown", shown).await;
}
