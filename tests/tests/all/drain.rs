//! An agent that is told to stop while a function runs.

use grid_tests::{
    functions::answering_late,
    home::Home,
    inside::{quick_chain, Inside},
    meadow::eventually,
    process::Process,
    story::administrator,
};
use grid_types::bus::{Invoke, Invoked, FUNCTION_INVOKE};
use reqwest::Method;
use serde_json::Value;
use std::time::Duration;

/// How long the function takes: long enough to find it running, and less than an agent waits for it.
const TAKES: Duration = Duration::from_secs(3);

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_runs_when_the_agent_is_told_to_stop_is_answered_and_the_agent_ends_well() {
    let chain = quick_chain();
    let endpoint = chain.endpoint();
    let Inside { meadow, home, .. } = &Inside::before(chain, &[endpoint.url()]).await;
    let mut agent = Process::start(&home.folder, "zos-agent", &["run", "--config", "agent.toml"]);
    let contract_id = meadow.deployed_module(&answering_late("late", TAKES)).await;

    let user = meadow.clone();
    let call = tokio::spawn(async move {
        let call = Invoke { contract_id, name: "f".into(), body: Vec::new(), content_type: None };
        user.command::<Invoked>(FUNCTION_INVOKE, &call).await
    });
    eventually("the function runs", || async { calls(home, contract_id).await == Some(1) }).await;
    agent.terminate();
    eventually("the agent stops", || async { agent.log().contains("stopping") }).await;
    assert!(!call.is_finished(), "the call was over before the agent stopped");

    let answer = call.await.expect("the call goes to its end").expect("the agent answers");
    assert_eq!((answer.status, answer.body.as_slice()), (200, b"late".as_slice()));
    let mut ended = None;
    eventually("the agent ends", || {
        ended = agent.ended();
        std::future::ready(ended.is_some())
    })
    .await;
    assert!(ended.is_some_and(|status| status.success()), "{ended:?}");
}

/// Calls of a contract's function that the gateway has let in.
async fn calls(home: &Home, contract_id: u64) -> Option<u64> {
    let answer = administrator(home, Method::GET, &format!("function/f-{contract_id}")).send().await.ok()?;
    let function: Value = answer.json().await.ok()?;
    function["invocationCount"].as_f64().map(|count| count as u64)
}
