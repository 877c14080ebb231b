//! What a function wrote, over the bus: for its owner alone.

#![allow(clippy::unwrap_used)]

use crate::support;

use grid_types::{
    bus::{Code, Logs},
    deployment::{Deployment, ModuleDigest},
};
use support::{deployment, eventually, fake_gateway::FakeGateway, loud, user::now, Bench, User};

/// A function that has written so many lines.
async fn bench(lines: usize) -> (Bench, User, u64) {
    let bench = Bench::start().await;
    let mut deployment = deployment(&["loud"]);
    deployment.workloads[0].data.module = ModuleDigest::of(&loud());
    let contract_id = bench.chain.create(&deployment);
    let deployment = Deployment { contract_id, ..deployment };
    let user = bench.user().await;
    user.put_module(contract_id, &loud()).await.unwrap();
    user.deploy(&deployment).await.unwrap();
    bench.running(contract_id).await;
    for number in 0..lines {
        assert_eq!(user.invoke(contract_id, "loud", &format!("line {number}\n")).await.unwrap().status, 200);
    }
    (bench, user, contract_id)
}

fn logs(contract_id: u64) -> Logs {
    Logs { contract_id, name: "loud".to_owned(), tail: None, since: None }
}

async fn texts(user: &User, request: &Logs) -> Vec<String> {
    user.logs(request).await.unwrap().into_iter().map(|line| line.text).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_reads_all_or_the_last_lines() {
    let (_bench, user, contract_id) = bench(3).await;
    eventually("all lines are there", || async { texts(&user, &logs(contract_id)).await.len() == 3 }).await;
    assert_eq!(texts(&user, &logs(contract_id)).await, ["line 0", "line 1", "line 2"]);
    assert_eq!(texts(&user, &Logs { tail: Some(2), ..logs(contract_id) }).await, ["line 1", "line 2"]);
    assert_eq!(texts(&user, &Logs { tail: Some(0), ..logs(contract_id) }).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn since_leaves_out_what_is_older() {
    let (_bench, user, contract_id) = bench(1).await;
    let at = |millis| Logs { since: Some(millis), ..logs(contract_id) };
    eventually("the line is there", || async { texts(&user, &at(0)).await.len() == 1 }).await;
    assert_eq!(texts(&user, &at((now() + 60) * 1_000)).await, Vec::<String>::new());
    assert_eq!(texts(&user, &at((1 << 53) - 1)).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_an_answer_holds_is_said_to_be_too_much() {
    let (gateway, folder) = (FakeGateway::start().await, tempfile::tempdir().unwrap());
    let bench = Bench::with(|config| gateway.serve(config, folder.path())).await;
    let contract_id = bench.deployed(&["loud"]).await.contract_id;
    gateway.inside().log = "x".repeat(7 << 20);
    assert_eq!(bench.user().await.logs(&logs(contract_id)).await, Err(Code::TooLarge));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_reads_them() {
    let (bench, user, contract_id) = bench(1).await;
    assert_eq!(bench.stranger().await.logs(&logs(contract_id)).await, Err(Code::WrongSender));
    let other = Logs { name: "other".to_owned(), ..logs(contract_id) };
    assert_eq!(user.logs(&other).await, Err(Code::FunctionNotFound));
    assert_eq!(user.logs(&logs(99)).await, Err(Code::ContractNotFound));
}
