//! The life of a deployment: agreed, deployed, called, updated, cancelled.

#![allow(clippy::unwrap_used)]

use crate::support;

use grid_types::{
    bus::{self, Code, WorkloadState},
    deployment::{Access, Deployment, ModuleDigest},
};
use reqwest::Method;
use serde_json::json;
use support::{deployment, echo, eventually, Bench, NODE};
use zos_agent::chain::{ContractState, Outcome};

#[tokio::test(flavor = "multi_thread")]
async fn a_function_is_deployed_answers_and_is_removed_with_its_contract() {
    let bench = Bench::start().await;
    let id = bench.deployed(&["echo"]).await.contract_id;
    bench.running(id).await;
    assert_eq!(bench.chain.outcomes(), [(id, 0, Outcome::Deployed)]);
    let user = bench.user().await;
    let function = format!("echo-{id}");
    assert_eq!(bench.call(&function, "over HTTP").await, (200, "over HTTP".to_owned()));
    let answer = user.invoke(id, "echo", "over the bus").await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (200, b"over the bus".as_slice()));
    let workload = user.state(id).await.unwrap().workloads.remove(0);
    assert_eq!((workload.state, &workload.function), (WorkloadState::Ok, &function));
    assert_eq!(workload.url, format!("{}/function/{function}", bench.agent().gateway_url()));
    assert_eq!(user.contracts().await, [id]);

    bench.chain.end(id);
    eventually("the function is gone", || async { bench.call(&function, "").await.0 == 404 }).await;
    eventually("the deployment is set aside", || async { user.contracts().await.is_empty() }).await;
    let workload = user.state(id).await.unwrap().workloads.remove(0);
    assert_eq!(workload.state, WorkloadState::Deleted, "its data is kept aside");
    assert_eq!(user.invoke(id, "echo", "").await, Err(Code::ContractNotLive));
    let states: Vec<_> = user.changes(id).await.unwrap().into_iter().map(|change| change.state).collect();
    assert_eq!((states.first(), states.last()), (Some(&WorkloadState::Init), Some(&WorkloadState::Deleted)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_data_of_an_ended_contract_goes_after_its_time() {
    let bench = Bench::with(|config| config.engine.keep_ended = 0).await;
    let id = bench.deployed(&["echo"]).await.contract_id;
    bench.running(id).await;
    bench.chain.change(id, |contract| contract.state = ContractState::Ending);
    let user = bench.user().await;
    eventually("its data is gone", || async { user.state(id).await == Err(Code::ContractNotFound) }).await;
    let modules = bench.config.state_dir.join("modules");
    eventually("its module is gone", || async { modules.read_dir().unwrap().next().is_none() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sending_the_same_again_changes_nothing() {
    let bench = Bench::start().await;
    let deployment = bench.deployed(&["echo"]).await;
    bench.running(deployment.contract_id).await;
    let user = bench.user().await;
    assert_eq!(user.put_module(deployment.contract_id, &echo()).await, Ok(false));
    assert!(user.deploy(&deployment).await.unwrap().accepted);
    assert_eq!(bench.chain.outcomes().len(), 1);
    let states = user.changes(deployment.contract_id).await.unwrap();
    assert_eq!(states.last().unwrap().state, WorkloadState::Ok);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_takes_the_place_of_what_ran() {
    let bench = Bench::start().await;
    let first = bench.deployed(&["one", "two"]).await;
    let id = first.contract_id;
    bench.running(id).await;
    let user = bench.user().await;
    let mut second = Deployment { contract_id: id, version: 1, ..deployment(&["one"]) };
    second.workloads[0].data.access = Some(Access::Owner);
    assert_eq!(user.update(&second).await, Err(Code::HashMismatch), "not agreed on chain yet");
    bench.chain.update(&second);
    assert_eq!(user.deploy(&second).await, Err(Code::VersionConflict));
    assert_eq!(user.update(&second).await.unwrap().version, 1);
    eventually("the new version is reported", || async { bench.chain.deployed_version(id) == Some(1) }).await;
    assert_eq!(bench.call(&format!("two-{id}"), "").await.0, 404);
    assert_eq!(bench.call(&format!("one-{id}"), "").await.0, 401, "its owner's alone now");
    assert_eq!(user.invoke(id, "one", "mine").await.unwrap().body, b"mine");
}

#[tokio::test(flavor = "multi_thread")]
async fn work_pauses_in_grace_and_comes_back_with_the_money() {
    let bench = Bench::start().await;
    let id = bench.deployed(&["echo"]).await.contract_id;
    bench.running(id).await;
    let function = format!("echo-{id}");
    bench.chain.change(id, |contract| contract.state = ContractState::Grace);
    eventually("it is paused", || async { bench.call(&function, "").await.0 == 404 }).await;
    bench.chain.change(id, |contract| contract.state = ContractState::Deployed);
    eventually("it is back", || async { bench.call(&function, "").await.0 == 200 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn work_goes_on_while_the_chain_cannot_be_asked() {
    let bench = Bench::start().await;
    let id = bench.deployed(&["echo"]).await.contract_id;
    bench.running(id).await;
    bench.chain.set_down(true);
    bench.chain.end(id);
    let user = bench.user().await;
    assert_eq!(user.put_module(id, &echo()).await, Err(Code::ChainUnavailable));
    assert_eq!(bench.call(&format!("echo-{id}"), "still here").await.0, 200);
    bench.chain.set_down(false);
    eventually("it is removed", || async { bench.call(&format!("echo-{id}"), "").await.0 == 404 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_was_removed_behind_the_agents_back_comes_back() {
    let bench = Bench::start().await;
    let id = bench.deployed(&["echo"]).await.contract_id;
    bench.running(id).await;
    let function = format!("echo-{id}");
    let url = format!("{}/system/functions", bench.agent().gateway_control());
    let delete = bench.administrator(Method::DELETE, &url);
    assert!(delete.json(&json!({ "functionName": function })).send().await.unwrap().status().is_success());
    eventually("it is back", || async { bench.call(&function, "x").await.0 == 200 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_can_command_the_gateway_where_functions_are_called() {
    let bench = Bench::start().await;
    let status = |url: &str| {
        let request = bench.administrator(Method::GET, &format!("{url}/system/functions"));
        async { request.send().await.unwrap().status() }
    };
    assert_eq!(status(bench.agent().gateway_url()).await, 404);
    assert_eq!(status(bench.agent().gateway_control()).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn work_that_cannot_run_is_reported_as_failed_and_stays_visible() {
    let bench = Bench::start().await;
    // It begins with 2 MiB, its deployment allows 1.
    let module = wat::parse_str(r#"(module (memory (export "memory") 32) (func (export "_start")))"#).unwrap();
    let mut deployment = deployment(&["large"]);
    deployment.workloads[0].data.module = ModuleDigest::of(&module);
    let deployment = Deployment { contract_id: bench.chain.create(&deployment), ..deployment };
    let id = deployment.contract_id;
    let user = bench.user().await;
    user.put_module(id, &module).await.unwrap();
    user.deploy(&deployment).await.unwrap();
    eventually("the failure is reported", || async { !bench.chain.outcomes().is_empty() }).await;
    assert!(matches!(&bench.chain.outcomes()[..], [(_, 0, Outcome::Failed(reason))] if reason.contains("memory")));
    let workload = user.state(id).await.unwrap().workloads.remove(0);
    assert_eq!(workload.state, WorkloadState::Error);
    assert!(workload.message.contains("memory") && workload.next_try.is_some(), "{workload:?}");
    assert_eq!(user.invoke(id, "large", "").await, Err(Code::NotReady));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_node_tells_of_itself() {
    let bench = Bench::start().await;
    let id = bench.deployed(&["one", "two"]).await.contract_id;
    bench.running(id).await;
    let user = bench.user().await;
    let version: bus::SystemVersion = user.command(bus::SYSTEM_VERSION, &json!({})).await.unwrap();
    assert_eq!((version.node_id, version.agent.as_str()), (NODE, env!("CARGO_PKG_VERSION")));
    let statistics: bus::Statistics = user.command(bus::STATISTICS_GET, &json!({})).await.unwrap();
    assert_eq!((statistics.contracts, statistics.workloads), (1, 2));
    assert_eq!(statistics.used.mru, support::fake_chain::RESOURCES.mru);
}
