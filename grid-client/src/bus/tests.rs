#![allow(clippy::unwrap_used)]

use super::*;
use crate::keys::verify;
use grid_types::{
    bus::{Empty, Failure, Hello, Introduction, ReplyTo, HELLO_METHOD, METHOD, MODULE_PUT, SYSTEM_VERSION, VERSION},
    seal::SealKey,
};
use jsonrpsee_client::{
    server::{Server, ServerConfig, ServerHandle},
    types::ErrorObjectOwned,
    RpcModule,
};
use serde_json::{json, Value};
use std::sync::Mutex;

const GENESIS: Hash = [7; 32];
const NODE_TWIN: u32 = 1;
const TWIN: u32 = 2;

/// What a door makes of an envelope.
type Answer = fn(&Node, &Envelope) -> Result<Reply, ErrorObjectOwned>;

/// The node behind a door: its keys.
struct Node {
    agent: Key,
    seal: Mutex<SealKey>,
    /// Commands and their lives.
    heard: Mutex<Vec<(String, u64)>>,
}

impl Node {
    fn introduction(&self, hello: Hello) -> Introduction {
        let mut said = Introduction {
            version: VERSION,
            genesis: GENESIS,
            node_id: 1,
            twin_id: NODE_TWIN,
            challenge: hello.challenge,
            seal_key: self.seal.lock().unwrap().public(),
            timestamp: now().unwrap(),
            valid_for: 3_600,
            signature_type: self.agent.scheme().to_string(),
            signature: [0; 64],
        };
        said.signature = self.agent.sign(&said.signing_bytes());
        said
    }

    fn signed(&self, mut reply: Reply) -> Reply {
        reply.signature_type = self.agent.scheme().to_string();
        reply.signature = self.agent.sign(&reply.signing_bytes(&GENESIS));
        reply
    }

    fn plain(&self, envelope: &Envelope, outcome: Result<Vec<u8>, Failure>) -> Reply {
        self.signed(Reply::unsigned(envelope.reply_to(), NODE_TWIN, envelope.timestamp, outcome))
    }

    /// As a node refuses what it does not even read.
    fn unread(&self) -> Reply {
        let too_many = Err(Failure::new(Code::RateLimited, "too many"));
        self.signed(Reply::unsigned(ReplyTo::default(), NODE_TWIN, 1, too_many))
    }

    fn sealed(&self, envelope: &Envelope, outcome: Result<Vec<u8>, Failure>) -> Reply {
        let key = envelope.seal.unwrap().reply_key;
        let to = envelope.reply_to();
        self.signed(Reply::sealed(to, NODE_TWIN, envelope.timestamp, outcome, &key, &GENESIS).unwrap())
    }
}

/// A door on a free port that answers like that, and a client of it, which takes the agent to be `agent`.
async fn door_of(node: &str, agent: &str, answer: Answer) -> (Bus, ServerHandle) {
    let (url, handle) = open("127.0.0.1:0", node, answer).await.unwrap();
    let agent = Key::from_uri(agent).unwrap().account();
    let target = BusTarget { url, node_twin: NODE_TWIN, agent, roots: None };
    (Bus::connect(target, Key::from_uri("//Alice").unwrap(), TWIN, GENESIS).await.unwrap(), handle)
}

async fn open(address: &str, node: &str, answer: Answer) -> std::io::Result<(String, ServerHandle)> {
    let server = Server::builder().build(address).await?;
    let url = format!("ws://{}", server.local_addr().unwrap());
    let seal = Mutex::new(SealKey::random(&GENESIS).unwrap());
    let mut module = RpcModule::new(Node { agent: Key::from_uri(node).unwrap(), seal, heard: Mutex::default() });
    module
        .register_method(METHOD, move |params, node: &Node, _| {
            let value = Envelope::value_from_params(params.as_str().unwrap()).unwrap();
            answer(node, &Envelope::from_value(value).unwrap()).map(|reply| reply.to_value())
        })
        .unwrap();
    module
        .register_method(HELLO_METHOD, |params, node: &Node, _| {
            node.introduction(params.one::<Hello>().unwrap()).to_value()
        })
        .unwrap();
    Ok((url, server.start(module)))
}

async fn ask(answer: Answer) -> Result<Value, BusError> {
    let (bus, _handle) = door_of("//Bob", "//Bob", answer).await;
    bus.call(SYSTEM_VERSION, &Empty {}).await
}

fn version(node: &Node, envelope: &Envelope) -> Result<Reply, ErrorObjectOwned> {
    let sender = Key::from_uri("//Alice").unwrap().account();
    let scheme = envelope.scheme().unwrap();
    assert!(verify(scheme, &sender, &envelope.signing_bytes(&GENESIS), &envelope.signature));
    assert_eq!((envelope.source, envelope.destination), (TWIN, NODE_TWIN));
    assert!(envelope.check_shape().is_ok());
    assert_eq!(envelope.open(&node.seal.lock().unwrap()).unwrap(), b"{}");
    Ok(node.sealed(envelope, Ok(br#"{"agent":"1.0.0"}"#.to_vec())))
}

#[tokio::test]
async fn a_result_comes_back_signed_and_sealed() {
    assert_eq!(ask(version).await.unwrap(), json!({ "agent": "1.0.0" }));
}

#[tokio::test]
async fn a_door_hears_something_small_before_something_large_and_large_things_have_time() {
    let (bus, _handle) = door_of("//Bob", "//Bob", |node, envelope| {
        let mut heard = node.heard.lock().unwrap();
        heard.push((envelope.command.clone(), envelope.expiration));
        Ok(node.sealed(envelope, Ok(json!(*heard).to_string().into_bytes())))
    })
    .await;
    let heard: Value = bus.call(MODULE_PUT, &"x".repeat(100 << 10)).await.unwrap();
    assert_eq!(heard, json!([[SYSTEM_VERSION, 60], [MODULE_PUT, 340]]));
    let heard: Value = bus.call(SYSTEM_VERSION, &Empty {}).await.unwrap();
    assert_eq!(heard.as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn an_agent_may_sign_with_ed25519() {
    let (bus, _handle) = door_of("ed25519://Bob", "ed25519://Bob", version).await;
    assert_eq!(bus.call::<_, Value>(SYSTEM_VERSION, &Empty {}).await.unwrap(), json!({ "agent": "1.0.0" }));
}

#[tokio::test]
async fn a_refusal_keeps_its_code_be_it_sealed_or_not() {
    let sealed: Answer = |node, envelope| Ok(node.sealed(envelope, Err(Failure::new(Code::HashMismatch, "differs"))));
    let plain: Answer = |node, envelope| Ok(node.plain(envelope, Err(Failure::new(Code::HashMismatch, "differs"))));
    for answer in [sealed, plain] {
        let error = ask(answer).await.unwrap_err();
        assert_eq!((error.code(), error.refusal()), ("hash_mismatch", Some(Code::HashMismatch)));
    }
}

#[tokio::test]
async fn a_result_that_is_not_sealed_is_not_believed() {
    let refused = ask(|node, envelope| Ok(node.plain(envelope, Ok(b"{}".to_vec())))).await;
    assert!(refused.unwrap_err().to_string().contains("not sealed"));
}

#[tokio::test]
async fn a_key_of_somebody_else_is_not_sealed_to() {
    let (bus, _handle) = door_of("//Eve", "//Bob", version).await;
    let refused = bus.call::<_, Value>(SYSTEM_VERSION, &Empty {}).await.unwrap_err();
    assert_eq!(refused.code(), "bad_reply");
}

#[tokio::test]
async fn a_key_that_was_replaced_is_asked_for_again() {
    let (bus, _handle) = door_of("//Bob", "//Bob", |node, envelope| {
        let mut seal = node.seal.lock().unwrap();
        if envelope.seal.unwrap().node_key != seal.public() {
            return Ok(node.sealed(envelope, Err(Failure::new(Code::UnknownKey, "not mine"))));
        }
        *seal = SealKey::random(&GENESIS).unwrap();
        Ok(node.sealed(envelope, Ok(b"5".to_vec())))
    })
    .await;
    for _ in 0..3 {
        assert_eq!(bus.call::<_, Value>(SYSTEM_VERSION, &Empty {}).await.unwrap(), json!(5));
    }
}

#[tokio::test]
async fn an_answer_signed_by_somebody_else_is_not_believed() {
    let refused = ask(|node, envelope| {
        let mut reply = node.sealed(envelope, Ok(b"{}".to_vec()));
        reply.signature = Key::from_uri("//Eve").unwrap().sign(&reply.signing_bytes(&GENESIS));
        Ok(reply)
    });
    assert_eq!(refused.await.unwrap_err().code(), "bad_reply");
}

#[tokio::test]
async fn an_answer_to_another_message_is_not_believed() {
    let refused = ask(|node, envelope| {
        let other = Envelope { id: grid_types::bus::MessageId([0; 16]), ..envelope.clone() };
        Ok(node.sealed(&other, Ok(b"{}".to_vec())))
    });
    assert_eq!(refused.await.unwrap_err().code(), "bad_reply");
}

#[tokio::test]
async fn a_result_of_another_shape_is_not_believed() {
    let (bus, _handle) = door_of("//Bob", "//Bob", |node, envelope| Ok(node.sealed(envelope, Ok(b"5".to_vec())))).await;
    let refused: Result<grid_types::bus::SystemVersion, _> = bus.call(SYSTEM_VERSION, &Empty {}).await;
    assert_eq!(refused.unwrap_err().code(), "bad_reply");
}

#[tokio::test]
async fn a_message_too_many_is_told_apart_from_a_node_that_lies() {
    let signed: Answer = |node, _| Ok(node.unread());
    let unsigned: Answer = |_, _| Err(ErrorObjectOwned::owned(1_013, "too many", None::<()>));
    for answer in [signed, unsigned] {
        let refused = ask(answer).await.unwrap_err();
        assert_eq!((refused.refusal(), refused.retryable()), (Some(Code::RateLimited), true), "{refused}");
    }
    let by_another = ask(|node, _| {
        let mut reply = node.unread();
        reply.signature = Key::from_uri("//Eve").unwrap().sign(&reply.signing_bytes(&GENESIS));
        Ok(reply)
    });
    assert_eq!(by_another.await.unwrap_err().code(), "bad_reply");
}

#[tokio::test]
async fn a_door_without_a_place_left_is_busy() {
    let full = Server::builder().set_config(ServerConfig::builder().max_connections(0).build());
    let server = full.build("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}", server.local_addr().unwrap());
    let _handle = server.start(RpcModule::new(()));
    let key = Key::from_uri("//Bob").unwrap();
    let target = BusTarget { url, node_twin: NODE_TWIN, agent: key.account(), roots: None };
    let refused = Bus::connect(target, key, TWIN, GENESIS).await.map(|_| ()).unwrap_err();
    assert_eq!((refused.refusal(), refused.retryable()), (Some(Code::RateLimited), true), "{refused}");
}

#[tokio::test]
async fn an_error_of_json_rpc_is_told_apart() {
    let refused = ask(|_, _| Err(ErrorObjectOwned::owned(-32_000, "too big", None::<()>))).await;
    assert_eq!(refused.unwrap_err().code(), "message_not_taken");
}

#[tokio::test]
async fn a_connection_that_was_lost_is_made_anew() {
    let five: Answer = |node, envelope| Ok(node.sealed(envelope, Ok(b"5".to_vec())));
    let (bus, handle) = door_of("//Bob", "//Bob", five).await;
    let address = bus.target().url.trim_start_matches("ws://").to_owned();
    let ask = || bus.call::<_, Value>(SYSTEM_VERSION, &Empty {});
    ask().await.unwrap();
    handle.stop().unwrap();
    handle.stopped().await;
    while ask().await.is_ok() {}
    let _handle = loop {
        match open(&address, "//Bob", five).await {
            Ok((_, handle)) => break handle,
            Err(_) => tokio::task::yield_now().await,
        }
    };
    assert_eq!(ask().await.unwrap(), json!(5));
}

#[tokio::test]
async fn nobody_there_is_unreachable_and_retryable() {
    for url in ["ws://127.0.0.1:1", "redis://127.0.0.1:1"] {
        let agent = Key::from_uri("//Bob").unwrap();
        let target = BusTarget { url: url.into(), node_twin: NODE_TWIN, agent: agent.account(), roots: None };
        let refused = Bus::connect(target, agent, TWIN, GENESIS).await.map(|_| ()).unwrap_err();
        assert!(refused.retryable());
        assert_eq!(refused.code(), "node_unreachable");
    }
}

#[tokio::test]
async fn roots_that_are_no_certificates_are_named() {
    let agent = Key::from_uri("//Bob").unwrap();
    let roots = Some("/dev/null".into());
    let target = BusTarget { url: "wss://localhost:1".into(), node_twin: NODE_TWIN, agent: agent.account(), roots };
    let refused = Bus::connect(target, agent, TWIN, GENESIS).await.map(|_| ()).unwrap_err();
    assert_eq!(refused.code(), "bad_request");
}
