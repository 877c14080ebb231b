//! Work that fails, hangs or has to wait: it stays visible, and nobody else waits for it.

#![allow(clippy::unwrap_used)]

use crate::support;

use grid_types::{bus::WorkloadState, deployment::Deployment, units::Capacity};
use std::fs;
use support::{deployment, echo, eventually, fake_gateway::FakeGateway, Bench, FakeChain};
use tempfile::TempDir;
use zos_agent::chain::{ContractState, Outcome};

async fn bench() -> (Bench, FakeGateway, TempDir) {
    bench_that_looks_every(1).await
}

/// An agent that looks at everything after so many seconds, if there was no reason before.
async fn bench_that_looks_every(seconds: u64) -> (Bench, FakeGateway, TempDir) {
    let (folder, gateway) = (tempfile::tempdir().unwrap(), FakeGateway::start().await);
    let mut bench = Bench::on(FakeChain::new(), |config| {
        gateway.serve(config, folder.path());
        config.engine.resync = seconds;
        config.engine.max_backoff = 1;
        config.engine.parallel = 1;
    });
    bench.up().await;
    (bench, gateway, folder)
}

/// The deployment's next version, agreed and accepted.
async fn update(bench: &Bench, deployment: &Deployment, change: impl FnOnce(&mut Deployment)) -> Deployment {
    let mut next = Deployment { version: deployment.version + 1, ..deployment.clone() };
    change(&mut next);
    bench.chain.update(&next);
    bench.user().await.update(&next).await.unwrap();
    next
}

#[tokio::test(flavor = "multi_thread")]
async fn work_that_hangs_holds_nobody_else_up() {
    let (bench, gateway, _folder) = bench().await;
    let first = bench.chain.next_contract_id();
    gateway.inside().hanging.extend((first..first + 4).map(|id| format!("echo-{id}")));
    for _ in 0..4 {
        bench.deployed(&["echo"]).await;
    }
    let id = bench.deployed(&["echo"]).await.contract_id;
    bench.running(id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_of_which_the_gateway_tells_nothing_keeps_no_other_from_being_measured() {
    let (bench, gateway, _folder) = bench().await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        let id = bench.deployed(&["echo"]).await.contract_id;
        bench.running(id).await;
        ids.push(id);
    }
    let last = ids.pop().unwrap();
    gateway.inside().unreadable.extend(ids.iter().map(|id| format!("echo-{id}")));
    let before = bench.chain.taken().len();
    let measured = || async { bench.chain.taken().iter().skip(before).filter(|one| one.contract_id == last).count() };
    eventually("the one that can be read is measured", || async { measured().await > 3 }).await;
}

/// A user's module is there and his deployment never comes.
#[tokio::test(flavor = "multi_thread")]
async fn a_module_of_a_contract_that_never_got_a_deployment_goes_with_it() {
    let (bench, _gateway, _folder) = bench().await;
    let id = bench.agreed(&["echo"]).contract_id;
    bench.user().await.put_module(id, &echo()).await.unwrap();
    let files = || fs::read_dir(bench.config.state_dir.join("modules")).unwrap().count();
    assert_eq!(files(), 1);
    bench.chain.end(id);
    eventually("it is deleted", || async { files() == 0 }).await;
}

/// Waits until all has been told of the first contract, whose function runs.
async fn all_told(bench: &Bench) {
    let status = || async { zos_agent::status::ask(&bench.config.state_dir).await.unwrap() };
    let deployed = || async { status().await.contracts[0].state.as_deref() == Some("deployed") };
    eventually("all has been told", deployed).await;
}

/// Blocks that have nothing to do with the node, each of which the agent has seen.
async fn empty_blocks(bench: &Bench, count: u64) {
    let status = || async { zos_agent::status::ask(&bench.config.state_dir).await.unwrap() };
    let number = status().await.block;
    for block in 1..=count {
        bench.chain.reach(number + block);
        eventually("the block is seen", || async { status().await.block >= number + block }).await;
    }
}

/// Most blocks have nothing to do with a node.
#[tokio::test(flavor = "multi_thread")]
async fn a_block_that_changes_no_contract_is_no_reason_to_look_at_the_gateway() {
    let (bench, gateway, _folder) = bench_that_looks_every(3_600).await;
    let id = bench.deployed(&["echo"]).await.contract_id;
    bench.running(id).await;
    all_told(&bench).await;
    let looks = gateway.inside().lists;
    empty_blocks(&bench, 19).await;
    // The last news may have been seen on chain and not looked at yet.
    assert!(gateway.inside().lists <= looks + 2, "{} looks for nothing", gateway.inside().lists - looks);
}

/// No timer would tell within an hour.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_block_changes_is_acted_on_with_that_block() {
    let (bench, gateway, _folder) = bench_that_looks_every(3_600).await;
    let id = bench.deployed(&["echo"]).await.contract_id;
    bench.running(id).await;
    all_told(&bench).await;
    let functions = || gateway.inside().functions.len();
    empty_blocks(&bench, 3).await;
    bench.chain.change(id, |contract| contract.state = ContractState::Grace);
    eventually("it is paused", || async { functions() == 0 }).await;
    empty_blocks(&bench, 3).await;
    bench.chain.change(id, |contract| contract.state = ContractState::Deployed);
    eventually("it is back", || async { functions() == 1 }).await;
    empty_blocks(&bench, 3).await;
    bench.chain.end(id);
    eventually("it is gone", || async { functions() == 0 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_among_others_is_made_and_reported_however_seldom_all_is_looked_at() {
    let (bench, _gateway, _folder) = bench_that_looks_every(3_600).await;
    let first = bench.deployed(&["echo"]).await.contract_id;
    bench.running(first).await;
    all_told(&bench).await;
    empty_blocks(&bench, 3).await;
    let second = bench.deployed(&["echo"]).await.contract_id;
    bench.running(second).await;
    assert_eq!(bench.chain.outcomes(), [(first, 0, Outcome::Deployed), (second, 0, Outcome::Deployed)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn work_that_hangs_is_dropped_when_its_contract_ends() {
    let (bench, gateway, _folder) = bench().await;
    let id = bench.chain.next_contract_id();
    gateway.inside().hanging.insert(format!("echo-{id}"));
    bench.deployed(&["echo"]).await;
    eventually("it hangs", || async { !gateway.inside().deploys.is_empty() }).await;
    bench.chain.end(id);
    let user = bench.user().await;
    eventually("it is over", || async { user.state(id).await.unwrap().workloads[0].state == WorkloadState::Deleted })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_update_leaves_the_earlier_version_serving_and_says_why_and_when_next() {
    let (bench, gateway, _folder) = bench().await;
    let deployed = bench.deployed(&["echo"]).await;
    let id = deployed.contract_id;
    bench.running(id).await;
    let before = gateway.inside().functions.clone();
    gateway.inside().failing.insert(format!("echo-{id}"));
    update(&bench, &deployed, |next| next.workloads[0].data.timeout_ms += 1).await;
    let user = bench.user().await;
    let told = || async {
        let workload = user.state(id).await.unwrap().workloads.remove(0);
        workload.state == WorkloadState::Error
            && workload.message.starts_with("the earlier version keeps serving:")
            && workload.message.contains("it does not fit")
            && workload.next_try.is_some()
    };
    eventually("it says why", told).await;
    assert_eq!(gateway.inside().functions, before);
    gateway.inside().failing.clear();
    eventually("the new version runs", || async { bench.chain.deployed_version(id) == Some(1) }).await;
    assert_ne!(gateway.inside().functions, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_is_away_is_waited_for_and_never_reported_as_a_failure() {
    let (bench, gateway, _folder) = bench().await;
    gateway.inside().away = true;
    let id = bench.deployed(&["echo"]).await.contract_id;
    // More often than failures are tolerated.
    eventually("it was tried often", || async { gateway.inside().deploys.len() > 8 }).await;
    let waiting = bench.user().await.state(id).await.unwrap().workloads.remove(0);
    assert_eq!(waiting.state, WorkloadState::Init, "{}", waiting.message);
    assert!(waiting.message.contains("not available") && waiting.next_try.is_some(), "{}", waiting.message);
    assert_eq!(bench.chain.outcomes(), []);
    gateway.inside().away = false;
    bench.running(id).await;
    assert_eq!(bench.chain.outcomes(), [(id, 0, Outcome::Deployed)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_that_fails_is_tried_again_with_pauses_also_where_no_record_tells_of_it() {
    let (bench, gateway, _folder) = bench().await;
    let id = bench.deployed(&["echo"]).await.contract_id;
    bench.running(id).await;
    let mut orphan = gateway.inside().functions[&format!("echo-{id}")].clone();
    let other = bench.agreed(&["echo"]).contract_id;
    bench.chain.end(other);
    orphan["service"] = format!("echo-{other}").into();
    orphan["labels"]["com.gridchain.contract"] = other.to_string().into();
    gateway.inside().sticky.insert(format!("echo-{other}"));
    gateway.inside().functions.insert(format!("echo-{other}"), orphan);
    eventually("it was tried three times", || async { gateway.inside().removals >= 3 }).await;
    assert!(gateway.inside().removals < 20, "it does not spin");
    gateway.inside().sticky.clear();
    eventually("it is gone", || async { gateway.inside().functions.len() == 1 }).await;
}

/// The chain frees capacity in the block of the cancellation; the gateway needs a while.
#[tokio::test(flavor = "multi_thread")]
async fn back_to_back_cancel_and_create_on_a_full_node_never_errs() {
    let (bench, gateway, _folder) = bench().await;
    bench.chain.set_capacity(Capacity { mru: 1 << 20, ..Capacity::default() });
    let old = bench.deployed(&["echo"]).await.contract_id;
    bench.running(old).await;
    gateway.inside().sticky.insert(format!("echo-{old}"));
    bench.chain.end(old);
    let new = bench.deployed(&["echo"]).await.contract_id;
    let user = bench.user().await;
    let waits = || async {
        let workload = user.state(new).await.unwrap().workloads.remove(0);
        assert_ne!(workload.state, WorkloadState::Error, "{}", workload.message);
        workload.message.contains("waits until")
    };
    eventually("it waits, and says so", waits).await;
    gateway.inside().sticky.clear();
    bench.running(new).await;
    let states: Vec<_> = user.changes(new).await.unwrap().into_iter().map(|change| change.state).collect();
    assert!(!states.contains(&WorkloadState::Error), "{states:?}");
}

fn with_secret(value: &str) -> Deployment {
    let mut deployment = deployment(&["echo"]);
    let secrets = [("API_KEY".to_owned(), value.to_owned()), ("token".to_owned(), "tok".to_owned())];
    deployment.workloads[0].data.secrets = Some(secrets.into_iter().collect());
    deployment.workloads[0].data.egress = Some(vec!["example.org:443".to_owned()]);
    deployment
}

async fn deployed_with_secret(bench: &Bench, value: &str) -> Deployment {
    let deployment = with_secret(value);
    let deployment = Deployment { contract_id: bench.chain.create(&deployment), ..deployment };
    let user = bench.user().await;
    user.put_module(deployment.contract_id, &echo()).await.unwrap();
    user.deploy(&deployment).await.unwrap();
    deployment
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_reach_the_gateway_before_their_function_and_leave_with_it() {
    let (bench, gateway, _folder) = bench().await;
    let id = deployed_with_secret(&bench, "hunter2").await.contract_id;
    bench.running(id).await;
    let function = gateway.inside().functions[&format!("echo-{id}")].clone();
    let name = function["annotations"]["com.gridchain.secret.API_KEY"].as_str().unwrap().to_owned();
    assert_eq!(gateway.inside().secrets[&name], "hunter2");
    assert_eq!(gateway.inside().secrets[&format!("token-echo-{id}")], "tok");
    assert_eq!(function["annotations"]["com.gridchain.egress"], "example.org:443");
    assert!(!function.to_string().contains("hunter2"));
    bench.chain.change(id, |contract| contract.state = ContractState::Grace);
    eventually("they leave with a pause", || async { gateway.inside().secrets.is_empty() }).await;
    bench.chain.change(id, |contract| contract.state = ContractState::Deployed);
    eventually("and come back after it", || async { gateway.inside().secrets.len() == 2 }).await;
    bench.chain.end(id);
    eventually("they leave with the contract", || async { gateway.inside().secrets.is_empty() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_with_another_value_is_deployed_and_one_that_is_dropped_is_removed() {
    let (bench, gateway, _folder) = bench().await;
    let deployment = deployed_with_secret(&bench, "hunter2").await;
    let id = deployment.contract_id;
    bench.running(id).await;
    update(&bench, &deployment, |next| {
        next.workloads[0].data.secrets = Some([("API_KEY".to_owned(), "hunter3".to_owned())].into_iter().collect());
    })
    .await;
    eventually("the new version runs", || async { bench.chain.deployed_version(id) == Some(1) }).await;
    eventually("only the new value is there", || async {
        gateway.inside().secrets.values().collect::<Vec<_>>() == ["hunter3"]
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_secret_that_could_not_be_removed_goes_later() {
    let (mut bench, gateway, _folder) = bench().await;
    let deployment = deployed_with_secret(&bench, "hunter2").await;
    let id = deployment.contract_id;
    bench.running(id).await;
    let dropped = format!("token-echo-{id}");
    gateway.inside().sticky.insert(dropped.clone());
    update(&bench, &deployment, |next| {
        next.workloads[0].data.secrets = Some([("API_KEY".to_owned(), "hunter3".to_owned())].into_iter().collect());
    })
    .await;
    eventually("the new version runs", || async { bench.chain.deployed_version(id) == Some(1) }).await;
    bench.kill().await;
    assert!(gateway.inside().secrets.contains_key(&dropped));
    gateway.inside().sticky.clear();
    bench.up().await;
    eventually("only the new value is there", || async {
        gateway.inside().secrets.values().collect::<Vec<_>>() == ["hunter3"]
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_shown_a_secret_and_none_is_kept_after_the_end() {
    let (mut bench, gateway, _folder) = bench().await;
    let id = deployed_with_secret(&bench, "hunter2").await.contract_id;
    bench.running(id).await;
    let shown = bench.user().await.state(id).await.unwrap().deployment;
    assert_eq!(shown["workloads"][0]["data"]["secrets"]["API_KEY"], "");
    bench.chain.end(id);
    eventually("it is over", || async { gateway.inside().functions.is_empty() && bench.ended(id).await }).await;
    bench.down().await;
    let kept = bench.stored(id).await.unwrap();
    assert!(kept.ended.is_some());
    assert!(!kept.deployment.to_json().contains("hunter2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_data_of_an_ended_contract_is_kept_aside_and_then_gone() {
    let mut bench = Bench::on(FakeChain::new(), |config| config.engine.keep_ended = 86_400);
    bench.up().await;
    let id = bench.deployed(&["echo"]).await.contract_id;
    bench.running(id).await;
    bench.chain.end(id);
    eventually("it is set aside", || async { bench.ended(id).await }).await;
    bench.down().await;
    assert!(bench.stored(id).await.is_some(), "its owner may still ask");
    bench.config.engine.keep_ended = 1;
    bench.up().await;
    let user = bench.user().await;
    eventually("it is gone", || async { user.state(id).await.is_err() }).await;
    bench.down().await;
    assert!(bench.stored(id).await.is_none());
    assert_eq!(fs::read_dir(bench.config.state_dir.join("modules")).unwrap().count(), 0);
}
