//! Whatever comes in, the parsers of the bus give an answer and never panic.

#![allow(clippy::unwrap_used)]

use grid_types::{
    bus::{Envelope, Hello, Introduction, MessageId, Reply, ReplyTo, DEPLOYMENT_GET},
    deployment::Deployment,
    seal::SealKey,
};
use proptest::{collection, prelude::*};
use serde_json::{json, Value};

const GENESIS: [u8; 32] = [9; 32];

/// JSON of all kinds, with the names of an envelope's fields more often than others.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        "[0-9a-f]{32}|[0-9a-f]{64}|[0-9a-f]{128}".prop_map(Value::from),
    ];
    let name = prop_oneof![
        Just("id".to_owned()),
        Just("source".to_owned()),
        Just("seal".to_owned()),
        Just("payload".to_owned()),
        Just("signature".to_owned()),
        Just("workloads".to_owned()),
        ".{0,6}"
    ];
    leaf.prop_recursive(6, 64, 8, move |inner| {
        prop_oneof![
            collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            collection::btree_map(name.clone(), inner, 0..8).prop_map(|map| json!(map)),
        ]
    })
}

fn right() -> Value {
    let keys = grid_types::bus::Seal { node_key: SealKey::import([3; 32], &GENESIS).public(), reply_key: [7; 32] };
    let times = (1_800_000_000, 60);
    Envelope::sealed(MessageId([5; 16]), (2, 1), DEPLOYMENT_GET, b"{}", times, keys, &GENESIS).unwrap().to_value()
}

/// Does with a value all that a door does before it knows who speaks. Whatever comes out, it comes out.
fn receive(value: Value) {
    let _ = ReplyTo::peek(&value);
    if let Ok(envelope) = Envelope::from_value(value) {
        let _ = envelope.check_shape();
        let _ = envelope.check_time(1_800_000_000);
        let _ = envelope.deadline();
        let _ = envelope.signing_bytes(&GENESIS);
        let _ = envelope.open(&SealKey::import([3; 32], &GENESIS));
    }
}

proptest! {
    #[test]
    fn any_bytes(bytes in collection::vec(any::<u8>(), 0..400)) {
        let _ = Envelope::from_json(&bytes);
        let _ = Reply::from_json(&bytes);
        let _ = Introduction::from_json(&bytes);
        let _ = Deployment::from_json(&bytes);
        let _ = Envelope::value_from_params(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_value(value in any_json()) {
        let text = value.to_string();
        let _ = Reply::from_json(text.as_bytes());
        let _ = Introduction::from_json(text.as_bytes());
        let _ = serde_json::from_value::<Hello>(value.clone());
        let _ = Deployment::from_value(value.clone());
        receive(value);
    }

    #[test]
    fn an_envelope_with_anything_in_one_field(index in 0..11_usize, value in any_json()) {
        let mut envelope = right();
        let name = envelope.as_object().unwrap().keys().nth(index).cloned();
        if let Some(name) = name {
            envelope[name] = value;
        }
        receive(envelope);
    }

    #[test]
    fn an_envelope_cut_or_changed_anywhere(at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut text = right().to_string().into_bytes();
        let at = at.index(text.len());
        if cut { text.truncate(at) } else { text[at] = byte }
        if let Ok(value) = grid_types::json::parse(&text) {
            receive(value);
        }
    }

    #[test]
    fn deep_nesting(depth in 1..20_000_usize) {
        let text = "[".repeat(depth);
        prop_assert!(Envelope::from_json(text.as_bytes()).is_err());
    }
}
