//! What is not what was agreed is refused, each with its own code.

#![allow(clippy::unwrap_used)]

use crate::support;

use grid_types::{bus::Code, deployment::Deployment};
use support::{deployment, echo, Bench, NODE, USER_TWIN};

#[tokio::test(flavor = "multi_thread")]
async fn a_tampered_deployment() {
    let bench = Bench::start().await;
    let agreed = bench.agreed(&["echo"]);
    let mut tampered = agreed.clone();
    tampered.workloads[0].data.memory += 1;
    assert_eq!(bench.user().await.deploy(&tampered).await, Err(Code::HashMismatch));
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_contract() {
    let bench = Bench::start().await;
    let agreed = bench.deployed(&["echo"]).await;
    let stranger = bench.stranger().await;
    assert_eq!(stranger.deploy(&agreed).await, Err(Code::WrongSender));
    assert_eq!(stranger.put_module(agreed.contract_id, &echo()).await, Err(Code::WrongSender));
    assert_eq!(stranger.state(agreed.contract_id).await.unwrap_err(), Code::WrongSender);
    assert_eq!(stranger.changes(agreed.contract_id).await.unwrap_err(), Code::WrongSender);
    assert_eq!(stranger.invoke(agreed.contract_id, "echo", "").await.unwrap_err(), Code::WrongSender);
    assert!(stranger.contracts().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_nodes_contract() {
    let bench = Bench::start().await;
    let elsewhere = deployment(&["echo"]);
    let elsewhere = Deployment { contract_id: bench.chain.create_on(NODE + 1, &elsewhere), ..elsewhere };
    assert_eq!(bench.user().await.deploy(&elsewhere).await, Err(Code::WrongNode));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_that_ended_or_never_was() {
    let bench = Bench::start().await;
    let gone = bench.agreed(&["echo"]);
    bench.chain.end(gone.contract_id);
    assert_eq!(bench.user().await.deploy(&gone).await, Err(Code::ContractNotFound));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_that_is_not_final_here_is_worth_another_try() {
    let bench = Bench::start().await;
    let early = Deployment { contract_id: 1, ..deployment(&["echo"]) };
    let user = bench.user().await;
    assert_eq!(user.deploy(&early).await, Err(Code::ContractUnknown));
    assert!(Code::ContractUnknown.retryable());
    assert_eq!(bench.chain.create(&early), 1);
    assert_eq!(user.deploy(&early).await, Err(Code::ModuleMissing), "now it is seen");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_module_that_was_not_put_for_this_contract() {
    let bench = Bench::start().await;
    bench.deployed(&["echo"]).await;
    let second = bench.agreed(&["echo"]);
    assert_eq!(bench.user().await.deploy(&second).await, Err(Code::ModuleMissing));
}

#[tokio::test(flavor = "multi_thread")]
async fn modules_that_are_none_or_too_much() {
    let bench = Bench::start().await;
    let id = bench.agreed(&["echo"]).contract_id;
    let user = bench.user().await;
    assert_eq!(user.put_module(id, b"\x7fELF").await, Err(Code::ModuleInvalid));
    assert_eq!(user.put_module(id, b"\0asm\x01\0\0\0garbage").await, Err(Code::ModuleInvalid));
    bench.chain.change(id, |contract| contract.resources.sru = 10);
    assert_eq!(user.put_module(id, &echo()).await, Err(Code::OverReserved));
}

#[tokio::test(flavor = "multi_thread")]
async fn more_memory_than_is_reserved() {
    let bench = Bench::start().await;
    let mut greedy = deployment(&["echo"]);
    greedy.workloads[0].data.memory = 1 << 30;
    let greedy = Deployment { contract_id: bench.chain.create(&greedy), ..greedy };
    assert_eq!(bench.user().await.deploy(&greedy).await, Err(Code::OverReserved));
}

#[tokio::test(flavor = "multi_thread")]
async fn workloads_and_functions_that_do_not_exist() {
    let bench = Bench::start().await;
    let id = bench.deployed(&["echo"]).await.contract_id;
    let user = bench.user().await;
    assert_eq!(user.invoke(id, "other", "").await, Err(Code::FunctionNotFound));
    assert_eq!(user.state(id + 1).await.unwrap_err(), Code::ContractNotFound);
    let foreign = serde_json::json!({ "version": 0, "name": "vm", "type": "zmachine", "data": {}, "metadata": "", "description": "" });
    let deployment = serde_json::json!({ "version": 0, "twin_id": USER_TWIN, "contract_id": id, "metadata": "",
        "description": "", "expiration": 0, "workloads": [foreign] });
    let request = serde_json::json!({ "contract_id": id, "deployment": deployment });
    let refused = user.command::<serde_json::Value>("zos.deployment.deploy", &request).await;
    assert_eq!(refused, Err(Code::UnsupportedWorkload));
}
