#![allow(clippy::unwrap_used)]

use super::*;
use grid_types::bus::{Empty, Failure, SYSTEM_VERSION};
use jsonrpsee_client::{server::Server, types::ErrorObjectOwned, RpcModule};
use serde_json::{json, Value};

const GENESIS: Hash = [7; 32];
const NODE_TWIN: u32 = 1;
const TWIN: u32 = 2;

/// What a door makes of an envelope.
type Answer = fn(&Envelope) -> Result<Reply, ErrorObjectOwned>;

fn agent() -> Key {
    Key::from_uri("//Bob").unwrap()
}

fn signed(envelope: &Envelope, outcome: Result<Vec<u8>, Failure>, key: &Key) -> Reply {
    let mut reply = Reply::unsigned(envelope.reply_to(), NODE_TWIN, envelope.timestamp, outcome);
    reply.signature = key.sign(&reply.signing_bytes(&GENESIS));
    reply
}

/// A door on a free port that answers like that, and a client of it.
async fn door(answer: Answer) -> (Bus, jsonrpsee_client::server::ServerHandle) {
    let server = Server::builder().build("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}", server.local_addr().unwrap());
    let mut module = RpcModule::new(());
    module
        .register_method(METHOD, move |params, (), _| {
            let value = Envelope::value_from_params(params.as_str().unwrap()).unwrap();
            answer(&Envelope::from_value(value).unwrap()).map(|reply| reply.to_value())
        })
        .unwrap();
    let handle = server.start(module);
    let target = BusTarget { url, node_twin: NODE_TWIN, agent: agent().account() };
    (Bus::connect(target, Key::from_uri("//Alice").unwrap(), TWIN, GENESIS).await.unwrap(), handle)
}

async fn ask(answer: Answer) -> Result<Value, BusError> {
    let (bus, _handle) = door(answer).await;
    bus.call(SYSTEM_VERSION, &Empty {}).await
}

#[tokio::test]
async fn a_signed_result_comes_back() {
    let result = ask(|envelope| {
        let sender = Key::from_uri("//Alice").unwrap().account();
        assert!(verify(&sender, &envelope.signing_bytes(&GENESIS), &envelope.signature));
        assert_eq!((envelope.source, envelope.destination), (TWIN, NODE_TWIN));
        assert!(envelope.check_shape().is_ok());
        Ok(signed(envelope, Ok(br#"{"agent":"1.0.0"}"#.to_vec()), &agent()))
    });
    assert_eq!(result.await.unwrap(), json!({ "agent": "1.0.0" }));
}

#[tokio::test]
async fn a_refusal_keeps_its_code() {
    let refused =
        ask(|envelope| Ok(signed(envelope, Err(Failure::new(Code::HashMismatch, "differs")), &agent()))).await;
    let error = refused.unwrap_err();
    assert_eq!((error.code(), error.refusal()), ("hash_mismatch", Some(Code::HashMismatch)));
}

#[tokio::test]
async fn an_answer_signed_by_somebody_else_is_not_believed() {
    let refused = ask(|envelope| Ok(signed(envelope, Ok(b"{}".to_vec()), &Key::from_uri("//Eve").unwrap()))).await;
    assert_eq!(refused.unwrap_err().code(), "bad_reply");
}

#[tokio::test]
async fn an_answer_to_another_message_is_not_believed() {
    let refused = ask(|envelope| {
        let other = Envelope { id: MessageId([0; 16]), ..envelope.clone() };
        Ok(signed(&other, Ok(b"{}".to_vec()), &agent()))
    });
    assert_eq!(refused.await.unwrap_err().code(), "bad_reply");
}

#[tokio::test]
async fn a_result_of_another_shape_is_not_believed() {
    let (bus, _handle) = door(|envelope| Ok(signed(envelope, Ok(b"5".to_vec()), &agent()))).await;
    let refused: Result<grid_types::bus::SystemVersion, _> = bus.call(SYSTEM_VERSION, &Empty {}).await;
    assert_eq!(refused.unwrap_err().code(), "bad_reply");
}

#[tokio::test]
async fn an_error_of_json_rpc_is_told_apart() {
    let refused = ask(|_| Err(ErrorObjectOwned::owned(-32_000, "too big", None::<()>))).await;
    assert_eq!(refused.unwrap_err().code(), "message_not_taken");
}

#[tokio::test]
async fn nobody_there_is_unreachable_and_retryable() {
    let target = BusTarget { url: "ws://127.0.0.1:1".into(), node_twin: NODE_TWIN, agent: agent().account() };
    let refused = Bus::connect(target, agent(), TWIN, GENESIS).await.map(|_| ()).unwrap_err();
    assert!(refused.retryable());
    assert_eq!(refused.code(), "node_unreachable");
}
