//! What the agent tells about itself.

#![allow(clippy::unwrap_used)]

use crate::support;

use support::{eventually, Bench, FakeChain};
use zos_agent::status;

async fn bench() -> Bench {
    Bench::with(|config| config.admin.listen = Some(([127, 0, 0, 1], 0).into())).await
}

async fn get(bench: &Bench, path: &str) -> (u16, String) {
    let address = bench.agent().admin().unwrap();
    let answer = reqwest::get(format!("http://{address}{path}")).await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// The value of a metric.
async fn metric(bench: &Bench, name: &str) -> i64 {
    let told = get(bench, "/metrics").await.1;
    let line = told.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name}:\n{told}"));
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_follow_what_happens() {
    let bench = bench().await;
    let id = bench.deployed(&["echo"]).await.contract_id;
    bench.running(id).await;
    eventually("it is counted", || async { metric(&bench, r#"zos_agent_contracts{state="deployed"}"#).await == 1 })
        .await;
    eventually("windows are", || async { metric(&bench, r#"zos_agent_windows_total{outcome="accepted"}"#).await > 0 })
        .await;
    assert_eq!(metric(&bench, r#"zos_agent_actions_total{kind="deploy",outcome="done"}"#).await, 1);
    assert!(metric(&bench, "zos_agent_heartbeat_age_seconds").await >= 0);
    assert!(metric(&bench, "zos_agent_look_seconds_count").await > 0);
    bench.stranger().await.state(id).await.unwrap_err();
    assert_eq!(metric(&bench, r#"zos_agent_bus_refusals_total{code="wrong_sender"}"#).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_ready_when_it_has_seen_chain_and_gateway_and_alive_before() {
    let mut bench = Bench::on(FakeChain::new(), |config| config.admin.listen = Some(([127, 0, 0, 1], 0).into()));
    bench.knows(support::NODE, 1).await;
    bench.chain.set_down(true);
    bench.up().await;
    assert_eq!(get(&bench, "/healthz").await, (200, "ok\n".to_owned()));
    let (status, why) = get(&bench, "/readyz").await;
    assert_eq!((status, why.contains("has not seen both chain and gateway")), (503, true), "{why}");
    bench.chain.set_down(false);
    eventually("it is ready", || async { get(&bench, "/readyz").await.0 == 200 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn status_tells_of_an_agent_that_does_not_know_its_node_yet() {
    let bench = Bench::on(FakeChain::new(), |_| ());
    bench.chain.set_down(true);
    let (starting, stop) = bench.begin();
    let status = || status::ask(&bench.config.state_dir);
    eventually("it tells about itself", || async { status().await.is_ok_and(|status| status.running) }).await;
    let told = status().await.unwrap();
    assert_eq!((told.node_id, told.account.is_some()), (None, true));
    stop.cancel();
    assert!(starting.await.unwrap().is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn status_tells_of_a_running_agent_and_of_what_one_has_left() {
    let mut bench = bench().await;
    let id = bench.deployed(&["echo"]).await.contract_id;
    bench.running(id).await;
    let ask = || status::ask(&bench.config.state_dir);
    eventually("a window is settled", || async { ask().await.unwrap().windows.accepted > 0 }).await;
    let running = ask().await.unwrap();
    assert!(running.running && running.notes.heartbeat_at.is_some() && running.notes.door_at.is_some());
    assert_eq!((running.node_id, running.float), (Some(support::NODE), Some(12_500_000)));
    let contract = &running.contracts[0];
    assert_eq!((contract.contract_id, contract.state.as_deref()), (id, Some("deployed")));
    assert_eq!(contract.workloads[0].state.as_str(), "ok");
    bench.down().await;
    let left = status::ask(&bench.config.state_dir).await.unwrap();
    assert!(!left.running);
    assert_eq!((left.node_id, left.contracts.len(), left.windows.accepted > 0), (Some(support::NODE), 1, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_whose_own_door_does_not_answer_sends_no_heartbeat() {
    use zos_agent::{
        board::Board,
        metrics::Metrics,
        report::{heartbeat::Heart, reach::SelfCheck},
        store::identity::Identity,
    };
    let bench = bench().await;
    let key = || zos_agent::key::AgentKey::from_uri(support::AGENT).unwrap();
    let identity =
        Identity { genesis: support::fake_chain::GENESIS, node_id: support::NODE, twin_id: support::NODE_TWIN };
    let open = SelfCheck::new(bench.agent().bus(), &bench.config.bus, key(), identity);
    assert_eq!(open.knock().await, Ok(()));
    // Somebody else's door, and none at all.
    let stranger = zos_agent::key::AgentKey::from_uri(support::STRANGER).unwrap();
    assert!(SelfCheck::new(bench.agent().bus(), &bench.config.bus, stranger, identity).knock().await.is_err());
    let closed = SelfCheck::new(([127, 0, 0, 1], 1).into(), &bench.config.bus, key(), identity);
    let (chain, board, stop) =
        (std::sync::Arc::new(FakeChain::new()), Board::default(), tokio_util::sync::CancellationToken::new());
    let heart = Heart { chain: chain.clone(), check: closed, metrics: Metrics::default(), board: board.clone() };
    let beating = tokio::spawn(heart.run(stop.clone()));
    eventually("it has knocked", || async { board.read().door_failure.is_some() }).await;
    stop.cancel();
    beating.await.unwrap();
    assert_eq!(chain.heartbeats(), 0);
}
