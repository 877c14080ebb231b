//! The chain in memory says what a real node says: the same tale on both, and every answer compared.

use chain_in_memory::{Chain as Memory, Genesis};
use grid_client::{records::DeploymentOutcome, Call, Chain, Event, Included, SubmitError, Wait};
use grid_tests::{
    meadow::{key, Meadow, AGENT, NODE, PART},
    node::NodeProcess,
};
use std::net::{Ipv4Addr, SocketAddr};

async fn connected(url: String) -> Chain {
    Chain::connect(&[url]).await.expect("the chain answers")
}

/// What became of a transaction, without what differs from chain to chain: blocks, hashes, times.
fn told(outcome: Result<Included, SubmitError>) -> String {
    match outcome {
        Ok(included) => {
            let timeless = included.events.into_iter().filter(|event| !is_of_time(event));
            format!("{:?}, free: {}", timeless.collect::<Vec<_>>(), included.fee.is_none())
        },
        Err(SubmitError::Failed(error)) => format!("failed: {error}"),
        Err(SubmitError::Refused { reason }) => format!("refused: {reason}"),
        Err(error) => panic!("{error}"),
    }
}

/// Whether an event tells of time, or of what it costs: a node's blocks take longer.
fn is_of_time(event: &Event) -> bool {
    use Event::{ContractBilled, NodeUptimeReported, PaymentDeferred, RevenuePaid};
    matches!(event, ContractBilled { .. } | NodeUptimeReported { .. } | PaymentDeferred { .. } | RevenuePaid { .. })
}

/// The same calls on whatever chain: what becomes of each, and what is read after all.
async fn tale(chain: Chain) -> Vec<String> {
    let nowhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 9));
    let meadow = Meadow::found(chain.clone(), nowhere, nowhere).await;
    let (agent, user, stranger) = (key(AGENT), key("//Charlie"), key("//Nobody"));
    let mut tale = Vec::new();
    for (who, call) in [
        (&user, Call::CreateTwin { relay: None, pk: None }),
        (&stranger, Call::CreateTwin { relay: None, pk: None }),
        (&user, Call::AcceptAgent { node_id: NODE }),
        (&agent, Call::AcceptAgent { node_id: NODE }),
        (&agent, Call::ReportUptime { uptime: 5 }),
        (&user, Call::Transfer { to: agent.account(), amount: 7 }),
    ] {
        tale.push(told(chain.submit(who, call, Wait::Finalized).await));
    }
    let made = meadow.create(&meadow.deployment("one"), PART).await.expect("the node was heard of just now");
    let contract_id = made.contract_id;
    for (who, call) in [
        (&agent, Call::ReportDeployment { contract_id, version: 1, outcome: DeploymentOutcome::Deployed }),
        (&agent, Call::ReportDeployment { contract_id, version: 0, outcome: DeploymentOutcome::Deployed }),
        (&agent, Call::ReportDeployment { contract_id, version: 0, outcome: DeploymentOutcome::Deployed }),
        (&stranger, Call::CancelContract { contract_id }),
    ] {
        tale.push(told(chain.submit(who, call, Wait::Finalized).await));
    }
    let view = chain.finalized().await.expect("the chain answers");
    let contract = view.contract(contract_id).await.expect("it can be read").expect("it lives");
    tale.push(format!("{:?} {:?} {:?}", contract.state, contract.resources, contract.deployed_version));
    tale.push(format!(
        "{:?}",
        view.node(NODE).await.expect("it can be read").map(|node| (node.twin_id, node.agent, node.spec))
    ));
    tale.push(format!("{:?}", view.node_status(NODE).await.map(|status| (status.reserved, status.contracts))));
    tale.push(format!("{:?} {:?}", view.contracts_of_node(NODE).await, view.contract(99).await));
    tale.push(format!("{:?}", view.quote(NODE, PART, 0).await));
    tale.push(format!("{:?}", view.farms().await));
    tale.push(view.spec_version().to_string());
    tale
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_tale_is_told_by_a_node_and_in_memory() {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let path = folder.path().to_owned();
    let node = tokio::task::spawn_blocking(move || NodeProcess::begin(&path)).await.expect("the node starts");
    let memory = Memory::new(&Genesis::default());
    let endpoint = memory.endpoint();
    let (by_node, in_memory) = tokio::join!(async { tale(connected(node.url()).await).await }, async {
        tale(connected(endpoint.url()).await).await
    });
    assert_eq!(in_memory, by_node);
    memory.assert_sound();
}
