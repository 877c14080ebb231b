//! Whatever comes through the door is answered, and the door stays open.

#![allow(clippy::unwrap_used)]

use crate::support;

use grid_types::bus::{self, Code, Envelope, MAX_MESSAGE, METHOD};
use jsonrpsee_client::{
    client_transport::ws::{Url, WsTransportClientBuilder},
    core::client::{ReceivedMessage, TransportReceiverT, TransportSenderT},
};
use serde_json::{json, Value};
use std::sync::Arc;
use support::{Bench, FakeChain, User, NODE_TWIN, STRANGER_TWIN, USER_TWIN};
use zos_agent::bus::accounts::Accounts;

fn version(user: &User) -> Envelope {
    user.envelope(bus::SYSTEM_VERSION, &json!({}))
}

async fn still_answers(user: &User) {
    user.command::<Value>(bus::SYSTEM_VERSION, &json!({})).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_that_are_no_envelope() {
    let bench = Bench::start().await;
    let user = bench.user().await;
    let right = version(&user).to_value();
    let without = |field: &str| {
        let mut value = right.clone();
        value.as_object_mut().unwrap().remove(field);
        value
    };
    let with = |field: &str, wrong: Value| {
        let mut value = right.clone();
        value[field] = wrong;
        value
    };
    let wrong = [
        Value::Null,
        json!("text"),
        json!([]),
        json!({}),
        without("id"),
        without("signature"),
        with("version", json!(2)),
        with("source", json!("2")),
        with("source", json!(-1)),
        with("source", json!(0)),
        with("id", json!("short")),
        with("command", json!("")),
        with("command", json!("x".repeat(65))),
        with("expiration", json!(0)),
        with("expiration", json!(1_801)),
        with("payload", json!("not base64!")),
        with("signature", json!("00")),
        with("surprise", json!(1)),
    ];
    for parameter in wrong {
        let reply = user.send(parameter.clone()).await;
        assert_eq!(reply.error.unwrap().known(), Some(Code::BadSchema), "{parameter}");
    }
    still_answers(&user).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_names_the_message_even_if_the_rest_is_broken() {
    let bench = Bench::start().await;
    let user = bench.user().await;
    let envelope = version(&user);
    let reply = user.send(json!({ "id": envelope.id.to_string(), "source": 2 })).await;
    assert_eq!((reply.id, reply.destination), (envelope.id, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn floats_and_duplicate_keys_are_not_json_here() {
    let bench = Bench::start().await;
    let user = bench.user().await;
    let reply = user.send(json!({ "version": 1.5 })).await;
    assert_eq!(reply.error.unwrap().known(), Some(Code::NotJson));
    let mut envelope = version(&user);
    envelope.payload = br#"{"a":1,"a":1}"#.to_vec();
    assert_eq!(user.refusal(&user.signed(envelope)).await, Code::NotJson);
}

#[tokio::test(flavor = "multi_thread")]
async fn signatures_that_are_not_the_senders() {
    let bench = Bench::start().await;
    let user = bench.user().await;
    let mut changed = version(&user);
    changed.payload = b"{} ".to_vec();
    assert_eq!(user.refusal(&changed).await, Code::BadSignature);
    let mut pretended = version(&user);
    pretended.source = STRANGER_TWIN;
    assert_eq!(user.refusal(&user.signed(pretended)).await, Code::BadSignature);
    let mut elsewhere = version(&user);
    elsewhere.signature = user.key.sign(&elsewhere.signing_bytes(&[8; 32]));
    assert_eq!(user.refusal(&elsewhere).await, Code::BadSignature);
    let pretended_kind = Envelope { signature_type: "ed25519".to_owned(), ..version(&user) };
    assert_eq!(user.refusal(&pretended_kind).await, Code::BadSignature);
    let unknown_kind = Envelope { signature_type: "ecdsa".to_owned(), ..version(&user) };
    assert_eq!(user.refusal(&unknown_kind).await, Code::UnsupportedSignature);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_out_of_their_time() {
    let bench = Bench::start().await;
    let user = bench.user().await;
    let right = version(&user);
    let at = |timestamp| user.signed(Envelope { timestamp, ..right.clone() });
    assert_eq!(user.refusal(&at(right.timestamp - 61)).await, Code::Expired);
    assert_eq!(user.refusal(&at(right.timestamp + 100)).await, Code::FromTheFuture);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_heard_once_also_over_a_restart() {
    let mut bench = Bench::start().await;
    let user = bench.user().await;
    let envelope = version(&user);
    assert!(user.send(envelope.to_value()).await.error.is_none());
    assert_eq!(user.refusal(&envelope).await, Code::Replayed);
    drop(user);
    bench.down().await;
    bench.up().await;
    assert_eq!(bench.user().await.refusal(&envelope).await, Code::Replayed);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_for_and_from_others() {
    let bench = Bench::start().await;
    let user = bench.user().await;
    let misdirected = user.signed(Envelope { destination: NODE_TWIN + 1, ..version(&user) });
    assert_eq!(user.refusal(&misdirected).await, Code::WrongDestination);
    let nobody = user.signed(Envelope { source: 99, ..version(&user) });
    assert_eq!(user.refusal(&nobody).await, Code::UnknownTwin);
}

#[tokio::test]
async fn twins_that_nobody_has_heard_of_do_not_make_the_node_ask_without_end() {
    let accounts = Accounts::new(Arc::new(FakeChain::new()));
    let from = Some([192, 0, 2, 1].into());
    assert!(accounts.of(USER_TWIN, from).await.is_ok());
    let mut codes = Vec::new();
    for stranger in 1_000..3_000 {
        codes.push(accounts.of(stranger, from).await.unwrap_err().code);
    }
    assert!(codes.contains(&Code::UnknownTwin) && codes.contains(&Code::RateLimited));
    assert!(accounts.of(USER_TWIN, from).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_that_do_not_exist_or_lack_something() {
    let bench = Bench::start().await;
    let user = bench.user().await;
    assert_eq!(user.command::<Value>("zos.deployment.undo", &json!({})).await, Err(Code::UnknownCommand));
    assert_eq!(user.command::<Value>(bus::DEPLOYMENT_DELETE, &json!({})).await, Err(Code::CancelOnChain));
    assert_eq!(user.command::<Value>(bus::DEPLOYMENT_GET, &json!({})).await, Err(Code::BadSchema));
    assert_eq!(user.command::<Value>(bus::SYSTEM_VERSION, &json!({ "more": 1 })).await, Err(Code::BadSchema));
    let mut noise = version(&user);
    noise.payload = b"\xff\x00".to_vec();
    assert_eq!(user.refusal(&user.signed(noise)).await, Code::NotJson);
}

#[tokio::test(flavor = "multi_thread")]
async fn payloads_and_messages_that_are_too_large() {
    let bench = Bench::start().await;
    let user = bench.user().await;
    let large = user.envelope(bus::DEPLOYMENT_GET, &"x".repeat(7 << 20));
    assert_eq!(user.refusal(&large).await, Code::TooLarge);
    still_answers(&user).await;

    let (mut sender, mut receiver) = raw(&bench).await;
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": METHOD, "params": ["x".repeat(MAX_MESSAGE)] });
    sender.send(call.to_string()).await.unwrap();
    let answer = receive(&mut receiver).await;
    assert_eq!(answer["error"]["code"], -32_007, "{answer}");
    sender.send(json!({ "jsonrpc": "2.0", "id": 2, "method": METHOD, "params": [] }).to_string()).await.unwrap();
    assert_eq!(receive(&mut receiver).await["id"], 2, "the connection survives");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_call_at_all() {
    let bench = Bench::start().await;
    let (mut sender, mut receiver) = raw(&bench).await;
    for (text, code) in [
        ("not json", -32_700),
        ("{\"jsonrpc\":\"2.0\",\"id\":1,", -32_700),
        ("{}", -32_700),
        (r#"{"jsonrpc":"2.0","id":1,"method":"other","params":[]}"#, -32_601),
    ] {
        sender.send(text.to_owned()).await.unwrap();
        let answer = receive(&mut receiver).await;
        assert_eq!(answer["error"]["code"], code, "{text}: {answer}");
    }
    for params in ["{}", "[]", "[1,2]"] {
        sender.send(format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{METHOD}","params":{params}}}"#)).await.unwrap();
        let answer = receive(&mut receiver).await;
        assert_eq!(answer["result"]["error"]["code"], "bad_schema", "{params}: {answer}");
    }
}

async fn raw(bench: &Bench) -> (impl TransportSenderT, impl TransportReceiverT) {
    let builder = WsTransportClientBuilder { max_request_size: 64 << 20, ..WsTransportClientBuilder::default() };
    builder.build(Url::parse(&bench.bus_url()).unwrap()).await.unwrap()
}

async fn receive(receiver: &mut impl TransportReceiverT) -> Value {
    loop {
        match receiver.receive().await.unwrap() {
            ReceivedMessage::Text(text) => return serde_json::from_str(&text).unwrap(),
            ReceivedMessage::Bytes(bytes) => return serde_json::from_slice(&bytes).unwrap(),
            ReceivedMessage::Pong => {},
        }
    }
}
