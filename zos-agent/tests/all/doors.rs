//! Every command through both doors, with the client that `grid` uses.

#![allow(clippy::unwrap_used)]

use crate::support;

use grid_client::{Bus, BusError, BusTarget, Key};
use grid_types::{
    bus::{
        self, Accepted, Change, Code, Deploy, DeploymentState, Empty, Introduction, Invoke, Invoked, LogLine, Logs,
        ModulePut, ModuleStored, OfContract, Statistics, SystemVersion, WorkloadState,
    },
    deployment::{Deployment, Digest},
};
use serde_json::{json, Value};
use std::path::PathBuf;
use support::{
    certificate,
    fake_chain::GENESIS,
    redis::{Redis, Relay, NODE_DB, USER_DB},
    Bench, AGENT, NODE, NODE_TWIN, USER, USER_TWIN,
};

async fn try_connect(url: &str, roots: Option<PathBuf>) -> Result<Bus, BusError> {
    let agent = Key::from_uri(AGENT).unwrap().account();
    let target = BusTarget { url: url.to_owned(), node_twin: NODE_TWIN, agent, roots };
    Bus::connect(target, Key::from_uri(USER).unwrap(), USER_TWIN, GENESIS).await
}

async fn connect(url: &str) -> Bus {
    try_connect(url, None).await.unwrap()
}

fn code(outcome: Result<Value, BusError>) -> Option<Code> {
    outcome.unwrap_err().refusal()
}

/// The whole life of a deployment, and everything that is refused on the way.
async fn everything(bench: &Bench, bus: &Bus) {
    let version: SystemVersion = bus.call(bus::SYSTEM_VERSION, &Empty {}).await.unwrap();
    assert_eq!(version.node_id, NODE);
    let challenge = json!({ "challenge": "05".repeat(16) });
    let said: Introduction = bus.call(bus::HELLO, &challenge).await.unwrap();
    assert_eq!((said.node_id, said.twin_id, said.challenge.0), (NODE, NODE_TWIN, [5; 16]));

    let deployment = bench.agreed(&["echo", "other"]);
    let contract_id = deployment.contract_id;
    let of = OfContract { contract_id };
    assert_eq!(code(bus.call(bus::DEPLOYMENT_DEPLOY, &Deploy::of(&deployment)).await), Some(Code::ModuleMissing));
    let module = support::echo();
    let put = ModulePut { contract_id, sha256: Digest::of(&module), module };
    let stored: ModuleStored = bus.call(bus::MODULE_PUT, &put).await.unwrap();
    assert!(stored.stored);
    let again: ModuleStored = bus.call(bus::MODULE_PUT, &put).await.unwrap();
    assert!(!again.stored);
    for _ in 0..2 {
        let accepted: Accepted = bus.call(bus::DEPLOYMENT_DEPLOY, &Deploy::of(&deployment)).await.unwrap();
        assert_eq!(accepted, Accepted { accepted: true, version: 0 });
    }
    bench.running(contract_id).await;

    let state: DeploymentState = bus.call(bus::DEPLOYMENT_GET, &of).await.unwrap();
    assert!(state.workloads.iter().all(|workload| workload.state == WorkloadState::Ok));
    let changes: Vec<Change> = bus.call(bus::DEPLOYMENT_CHANGES, &of).await.unwrap();
    assert!(!changes.is_empty());
    let contracts: Vec<u64> = bus.call(bus::DEPLOYMENT_LIST, &Empty {}).await.unwrap();
    assert_eq!(contracts, [contract_id]);
    let statistics: Statistics = bus.call(bus::STATISTICS_GET, &Empty {}).await.unwrap();
    assert_eq!((statistics.contracts, statistics.workloads), (1, 2));

    let call = Invoke { contract_id, name: "echo".into(), body: b"hello".to_vec(), content_type: None };
    let answer: Invoked = bus.call(bus::FUNCTION_INVOKE, &call).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (200, &b"hello"[..]));
    let logs = Logs { contract_id, name: "echo".into(), tail: Some(5), since: None };
    let lines: Vec<LogLine> = bus.call(bus::FUNCTION_LOGS, &logs).await.unwrap();
    assert_eq!(lines, [], "echo writes nothing");

    let updated = Deployment { version: 1, description: "newer".into(), ..deployment };
    assert_eq!(code(bus.call(bus::DEPLOYMENT_UPDATE, &Deploy::of(&updated)).await), Some(Code::HashMismatch));
    bench.chain.update(&updated);
    let accepted: Accepted = bus.call(bus::DEPLOYMENT_UPDATE, &Deploy::of(&updated)).await.unwrap();
    assert_eq!(accepted.version, 1);

    let old = json!({ "version": 1, "twin_id": USER_TWIN, "contract_id": contract_id, "metadata": "", "description": "",
        "expiration": 0, "workloads": [{ "version": 0, "name": "disk", "type": "zmount", "data": { "size": 10 },
            "metadata": "", "description": "", "result": {} }] });
    let old = json!({ "contract_id": contract_id, "deployment": old });
    assert_eq!(code(bus.call(bus::DEPLOYMENT_UPDATE, &old).await), Some(Code::UnsupportedSchema));
    assert_eq!(code(bus.call(bus::DEPLOYMENT_DELETE, &of).await), Some(Code::CancelOnChain));
    assert_eq!(code(bus.call("zos.system.dmi", &Empty {}).await), Some(Code::UnknownCommand));
    assert_eq!(code(bus.call(bus::DEPLOYMENT_GET, &json!({ "contract": 1 })).await), Some(Code::BadSchema));
    let nameless = Logs { name: "nobody".into(), ..logs };
    assert_eq!(code(bus.call(bus::FUNCTION_LOGS, &nameless).await), Some(Code::FunctionNotFound));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_through_the_direct_door() {
    let bench = Bench::start().await;
    everything(&bench, &connect(&bench.bus_url()).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_through_the_rmb_door() {
    let redis = Redis::start().await;
    let _relay = Relay::start(&redis).await;
    let bench = Bench::with(|config| config.bus.redis = Some(redis.url(NODE_DB))).await;
    everything(&bench, &connect(&redis.url(USER_DB)).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_of_another_twin_is_not_used() {
    let redis = Redis::start().await;
    let url = format!("{}&twin=99", redis.url(USER_DB));
    let refused = try_connect(&url, None).await.err().unwrap();
    assert!(refused.to_string().contains("twin 99's"), "{refused}");
    let url = format!("{}&twin={USER_TWIN}", redis.url(USER_DB));
    assert!(try_connect(&url, None).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_door_with_tls_is_checked_and_takes_a_new_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let (chain, key) = (folder.path().join("chain.pem"), folder.path().join("key.pem"));
    let certify = || certificate::make("localhost", &chain, &key);
    certify();
    let bench = Bench::with(|config| {
        config.bus.tls_certificate = Some(chain.clone());
        config.bus.tls_key = Some(key.clone());
    })
    .await;
    let url = format!("wss://localhost:{}", bench.agent().bus().port());
    let first = try_connect(&url, Some(chain.clone())).await.unwrap();
    let _: SystemVersion = first.call(bus::SYSTEM_VERSION, &Empty {}).await.unwrap();
    assert!(try_connect(&url, None).await.is_err(), "nobody has vouched for it");
    assert!(try_connect(&url.replace("wss", "ws"), None).await.is_err());

    let old = folder.path().join("old.pem");
    std::fs::copy(&chain, &old).unwrap();
    certify();
    support::eventually("the new certificate serves", || async {
        try_connect(&url, Some(chain.clone())).await.is_ok()
    })
    .await;
    assert!(try_connect(&url, Some(old)).await.is_err());
    let _: SystemVersion = first.call(bus::SYSTEM_VERSION, &Empty {}).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_with_a_certificate_for_its_public_name_finds_its_own_door_open() {
    let folder = tempfile::tempdir().unwrap();
    let (chain, key) = (folder.path().join("chain.pem"), folder.path().join("key.pem"));
    certificate::make("node7.example", &chain, &key);
    let bench = Bench::with(|config| {
        config.bus.tls_certificate = Some(chain);
        config.bus.tls_key = Some(key);
    })
    .await;
    support::eventually("its heart beats", || async { bench.chain.heartbeats() > 0 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_asks_too_much_hears_that() {
    let bench = Bench::with(|config| (config.bus.address_rate, config.bus.address_burst) = (1, 4)).await;
    let bus = connect(&bench.bus_url()).await;
    let refused = loop {
        if let Err(error) = bus.call::<_, Value>(bus::SYSTEM_VERSION, &Empty {}).await {
            break error;
        }
    };
    assert_eq!((refused.refusal(), refused.retryable()), (Some(Code::RateLimited), true), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_whose_door_is_full_is_there_all_the_same() {
    let bench = Bench::with(|config| config.bus.max_connections = 1).await;
    // The agent's own knock may have the place at first.
    let mut bus = try_connect(&bench.bus_url(), None).await;
    while bus.is_err() {
        bus = try_connect(&bench.bus_url(), None).await;
    }
    let before = bench.chain.heartbeats();
    support::eventually("its heart beats", || async { bench.chain.heartbeats() > before + 1 }).await;
    assert_eq!(try_connect(&bench.bus_url(), None).await.err().unwrap().refusal(), Some(Code::RateLimited));
    bus.unwrap().call::<_, Value>(bus::SYSTEM_VERSION, &Empty {}).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn someone_elses_node_is_not_believed() {
    let bench = Bench::start().await;
    let agent = Key::from_uri("//Eve").unwrap().account();
    let target = BusTarget { url: bench.bus_url(), node_twin: NODE_TWIN, agent, roots: None };
    let bus = Bus::connect(target, Key::from_uri(USER).unwrap(), USER_TWIN, GENESIS).await.unwrap();
    let refused = bus.call::<_, Value>(bus::SYSTEM_VERSION, &Empty {}).await.unwrap_err();
    assert_eq!(refused.code(), "bad_reply");
}
