//! What is private is sealed, to the node and back; both kinds of keys sign; what was answered is answered again alike.

#![allow(clippy::unwrap_used)]

use crate::support;

use futures::future::join_all;
use grid_types::{
    bus::{self, Code, Envelope, MessageId, OfContract, Seal},
    seal::SealKey,
    signature::wrapped,
};
use serde_json::{json, Value};
use support::{fake_chain::GENESIS, user::now, Bench, User, NODE, NODE_TWIN, USER_TWIN};
use zos_agent::bus::config::Plain;

const ED25519_USER: &str = "ed25519://Bob";

async fn answered(user: &User, envelope: &Envelope, own: SealKey) -> Result<Vec<u8>, Code> {
    let reply = user.send(envelope.to_value()).await;
    reply.open(&own).unwrap().map_err(|error| error.known().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_node_introduces_itself_to_anybody() {
    let bench = Bench::start().await;
    let said = bench.user().await.introduction().await;
    assert_eq!((said.node_id, said.twin_id, said.genesis), (NODE, NODE_TWIN, GENESIS));
    assert!(now().abs_diff(said.timestamp) <= 5);
    assert_ne!(said.seal_key, [0; 32]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_private_is_not_taken_in_the_clear() {
    let bench = Bench::start().await;
    let user = bench.user().await;
    for command in bus::COMMANDS.iter().filter(|command| !bus::harmless(command)) {
        let refusal = user.refusal(&user.envelope(command, &json!({}))).await;
        assert_eq!(refusal, Code::EncryptionRequired, "{command}");
    }
    let harmless = user.envelope(bus::SYSTEM_VERSION, &json!({}));
    assert!(user.send(harmless.to_value()).await.error.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_farmer_may_allow_messages_in_the_clear() {
    let bench = Bench::with(|config| config.bus.plain = Plain::All).await;
    let user = bench.user().await;
    let reply = user.send(user.envelope(bus::DEPLOYMENT_LIST, &json!({})).to_value()).await;
    assert_eq!(reply.into_outcome().unwrap(), b"[]");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_of_what_was_sealed_is_sealed_too() {
    let bench = Bench::start().await;
    let user = bench.user().await;
    let (envelope, own) = user.sealed(bus::DEPLOYMENT_GET, &OfContract { contract_id: 99 }).await;
    let reply = user.send(envelope.to_value()).await;
    assert!(reply.is_sealed() && reply.error.is_none());
    let error = reply.open(&own).unwrap().unwrap_err();
    assert_eq!(error.known(), Some(Code::ContractNotFound));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_the_node_does_not_have_is_named() {
    let bench = Bench::start().await;
    let user = bench.user().await;
    let own = SealKey::random(&GENESIS).unwrap();
    let foreign = Seal { node_key: SealKey::random(&GENESIS).unwrap().public(), reply_key: own.public() };
    let (id, parties) = (MessageId::random().unwrap(), (USER_TWIN, NODE_TWIN));
    let envelope = Envelope::sealed(id, parties, bus::DEPLOYMENT_LIST, b"{}", (now(), 60), foreign, &GENESIS).unwrap();
    assert_eq!(answered(&user, &user.signed(envelope), own).await, Err(Code::UnknownKey));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payload_taken_from_anothers_message_does_not_open() {
    let bench = Bench::start().await;
    let (user, stranger) = (bench.user().await, bench.stranger().await);
    let (envelope, own) = user.sealed(bus::DEPLOYMENT_LIST, &json!({})).await;
    let stolen = Envelope { source: stranger.twin, ..envelope };
    assert_eq!(answered(&stranger, &stranger.signed(stolen), own).await, Err(Code::Unreadable));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_stays_over_a_restart() {
    let mut bench = Bench::start().await;
    let user = bench.user().await;
    let key = user.introduction().await.seal_key;
    let (envelope, own) = user.sealed(bus::DEPLOYMENT_LIST, &json!({})).await;
    drop(user);
    bench.down().await;
    bench.up().await;
    let user = bench.user().await;
    assert_eq!(user.introduction().await.seal_key, key);
    assert_eq!(answered(&user, &envelope, own).await.unwrap(), b"[]");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_twin_may_sign_with_ed25519() {
    let bench = Bench::start().await;
    bench.chain.set_account(USER_TWIN, ED25519_USER);
    let user = User::connect(&bench.bus_url(), USER_TWIN, ED25519_USER).await;
    assert_eq!(user.contracts().await, Vec::<u64>::new());
    let mut changed = user.envelope(bus::SYSTEM_VERSION, &json!({}));
    changed.payload.push(b' ');
    assert_eq!(user.refusal(&changed).await, Code::BadSignature);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wallet_may_sign() {
    let bench = Bench::start().await;
    bench.chain.set_account(USER_TWIN, ED25519_USER);
    let user = User::connect(&bench.bus_url(), USER_TWIN, ED25519_USER).await;
    for signer in [&user, &bench.stranger().await] {
        let mut envelope = signer.envelope(bus::SYSTEM_VERSION, &json!({}));
        envelope.signature = signer.key.sign(&wrapped(&envelope.signing_bytes(&GENESIS)));
        assert!(signer.send(envelope.to_value()).await.error.is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_message_again_has_the_same_answer_and_changes_nothing() {
    let bench = Bench::start().await;
    let user = bench.user().await;
    let deployment = bench.deployed(&["echo"]).await;
    bench.running(deployment.contract_id).await;
    let request = bus::Invoke {
        contract_id: deployment.contract_id,
        name: "echo".to_owned(),
        body: b"once".to_vec(),
        content_type: None,
    };
    let (envelope, own) = user.sealed(bus::FUNCTION_INVOKE, &request).await;
    let first = answered(&user, &envelope, own.clone()).await.unwrap();
    let second = answered(&user, &envelope, own).await.unwrap();
    assert_eq!(first, second);
    let shown = function(&bench, &deployment.workloads[0].function_name(deployment.contract_id)).await;
    assert_eq!(shown["invocationCount"].as_f64(), Some(1.0), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_deployment_again_changes_nothing() {
    let bench = Bench::start().await;
    let user = bench.user().await;
    let deployment = bench.deployed(&["echo"]).await;
    bench.running(deployment.contract_id).await;
    let before = user.changes(deployment.contract_id).await.unwrap();
    user.deploy(&deployment).await.unwrap();
    user.put_module(deployment.contract_id, &support::echo()).await.unwrap();
    assert_eq!(user.changes(deployment.contract_id).await.unwrap(), before);
}

/// More than can be answered at one a second, however slow the machine is.
const MANY: usize = 40;

#[tokio::test(flavor = "multi_thread")]
async fn a_twin_that_asks_too_often_is_told_so_and_others_are_heard() {
    let bench = Bench::with(|config| (config.bus.twin_rate, config.bus.twin_burst) = (1, 1)).await;
    let (user, other) = (bench.user().await, bench.stranger().await);
    let messages: Vec<_> = (0..MANY).map(|_| user.envelope(bus::SYSTEM_VERSION, &json!({})).to_value()).collect();
    let replies = join_all(messages.into_iter().map(|message| user.send(message))).await;
    let codes: Vec<_> = replies.into_iter().map(|reply| reply.error.and_then(|error| error.known())).collect();
    assert!(codes.contains(&None), "some are heard: {codes:?}");
    assert!(codes.contains(&Some(Code::RateLimited)), "{codes:?}");
    other.command::<Value>(bus::SYSTEM_VERSION, &json!({})).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_noise_is_answered_with_a_refusal_for_each() {
    // The agent itself knocks from the same address.
    let bench = Bench::with(|config| (config.bus.address_rate, config.bus.address_burst) = (1, 5)).await;
    let user = bench.user().await;
    let replies = join_all((0..MANY).map(|_| user.send(json!("noise")))).await;
    let codes: Vec<_> = replies.into_iter().map(|reply| reply.error.unwrap().known().unwrap()).collect();
    assert!(codes.contains(&Code::BadSchema) && codes.contains(&Code::RateLimited), "{codes:?}");
}

/// What the gateway says of a function.
async fn function(bench: &Bench, name: &str) -> Value {
    let url = format!("{}/system/function/{name}", bench.agent().gateway_control());
    let answer = bench.administrator(reqwest::Method::GET, &url).send().await.unwrap();
    serde_json::from_str(&answer.text().await.unwrap()).unwrap()
}
