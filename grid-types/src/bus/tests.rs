#![allow(clippy::unwrap_used)]

use super::*;
use serde_json::{json, Value};
use std::collections::BTreeSet;

const GENESIS: [u8; 32] = [9; 32];
const NOW: u64 = 1_800_000_000;

fn envelope() -> Envelope {
    Envelope::unsigned(MessageId([5; 16]), (2, 1), SYSTEM_VERSION, b"{}".to_vec(), (NOW, 60))
}

fn reply() -> Reply {
    Reply::unsigned(envelope().reply_to(), 1, NOW, Ok(b"{}".to_vec()))
}

fn refusal() -> Reply {
    Reply::unsigned(envelope().reply_to(), 1, NOW, Err(Failure::new(Code::HashMismatch, "differs")))
}

fn shape(change: impl FnOnce(&mut Envelope)) -> Code {
    let mut envelope = envelope();
    change(&mut envelope);
    envelope.check_shape().unwrap_err().code
}

fn changed(field: &str, value: Value) -> Code {
    let mut envelope = envelope().to_value();
    envelope[field] = value;
    Envelope::from_json(envelope.to_string().as_bytes()).unwrap_err().code
}

#[test]
fn an_envelope_reads_back_as_it_was_written() {
    let text = envelope().to_value().to_string();
    assert_eq!(Envelope::from_json(text.as_bytes()).unwrap(), envelope());
    let params = Envelope::value_from_params(&format!("[{text}]")).unwrap();
    assert_eq!(Envelope::from_value(params).unwrap(), envelope());
    assert!(envelope().check_shape().is_ok());
}

#[test]
fn a_broken_text_is_not_json_and_a_broken_field_is_bad_schema() {
    assert_eq!(Envelope::from_json(b"{").unwrap_err().code, Code::NotJson);
    assert_eq!(Envelope::value_from_params("[").unwrap_err().code, Code::NotJson);
    assert_eq!(Envelope::value_from_params("[]").unwrap_err().code, Code::BadSchema);
    assert_eq!(Envelope::value_from_params("{}").unwrap_err().code, Code::BadSchema);
    for (field, value) in [
        ("id", json!("short")),
        ("id", json!("AA".repeat(16))),
        ("source", json!(-1)),
        ("destination", json!(4_294_967_296_u64)),
        ("payload", json!("not base64!")),
        ("signature", json!("00")),
        ("signature", json!("zz".repeat(64))),
        ("timestamp", json!(null)),
        ("version", json!(256)),
        ("extra", json!(1)),
    ] {
        assert_eq!(changed(field, value.clone()), Code::BadSchema, "{field} = {value}");
    }
}

#[test]
fn fields_out_of_bounds_are_bad_schema() {
    assert_eq!(shape(|e| e.version = 2), Code::BadSchema);
    assert_eq!(shape(|e| e.source = 0), Code::BadSchema);
    assert_eq!(shape(|e| e.destination = 0), Code::BadSchema);
    assert_eq!(shape(|e| e.command.clear()), Code::BadSchema);
    assert_eq!(shape(|e| e.command = "x".repeat(MAX_COMMAND + 1)), Code::BadSchema);
    assert_eq!(shape(|e| e.command = "zos.System".into()), Code::BadSchema);
    assert_eq!(shape(|e| e.expiration = 0), Code::BadSchema);
    assert_eq!(shape(|e| e.expiration = MAX_EXPIRATION + 1), Code::BadSchema);
}

#[test]
fn another_kind_of_signature_is_unsupported() {
    for other in ["ecdsa", "", "SR25519"] {
        assert_eq!(shape(|e| e.signature_type = other.into()), Code::UnsupportedSignature);
    }
    let mut envelope = envelope();
    envelope.signature_type = "ed25519".into();
    assert!(envelope.check_shape().is_ok());
}

#[test]
fn only_a_module_may_be_large() {
    assert_eq!(shape(|e| e.payload = vec![0; MAX_PAYLOAD + 1]), Code::TooLarge);
    let mut put = envelope();
    put.command = MODULE_PUT.into();
    let sha256 = crate::deployment::Digest::of(b"");
    let request = ModulePut { contract_id: (1 << 53) - 1, sha256, module: vec![0; MAX_MODULE] };
    put.payload = serde_json::to_vec(&request).unwrap();
    assert!(put.check_shape().is_ok());
    assert!(put.to_value().to_string().len() < MAX_MESSAGE);
    put.payload = vec![0; MAX_MESSAGE];
    assert_eq!(put.check_shape().unwrap_err().code, Code::TooLarge);
}

#[test]
fn an_envelope_is_good_from_its_time_to_its_deadline() {
    let at = |now| envelope().check_time(now).map_err(|failure| failure.code);
    assert_eq!(at(NOW - MAX_SKEW - 1), Err(Code::FromTheFuture));
    assert_eq!(at(NOW - MAX_SKEW), Ok(()));
    assert_eq!(at(NOW + 59), Ok(()));
    assert_eq!(at(NOW + 60), Err(Code::Expired));
}

#[test]
fn every_field_of_an_envelope_is_signed() {
    let changes: [fn(&mut Envelope); 8] = [
        |e| e.version = 2,
        |e| e.id.0[0] = 0,
        |e| e.source = 3,
        |e| e.destination = 3,
        |e| e.command.push('x'),
        |e| e.timestamp += 1,
        |e| e.expiration += 1,
        |e| e.payload.push(b' '),
    ];
    let mut seen = BTreeSet::from([envelope().signing_bytes(&GENESIS), envelope().signing_bytes(&[8; 32])]);
    for change in changes {
        let mut changed = envelope();
        change(&mut changed);
        assert!(seen.insert(changed.signing_bytes(&GENESIS)));
    }
}

#[test]
fn every_field_of_a_reply_is_signed() {
    let changes: [fn(&mut Reply); 9] = [
        |r| r.version = 2,
        |r| r.id.0[0] = 0,
        |r| r.source = 3,
        |r| r.destination = 3,
        |r| r.timestamp += 1,
        |r| r.payload = Some(b"{} ".to_vec()),
        |r| *r = Reply { error: refusal().error, payload: None, ..r.clone() },
        |r| r.error = Some(ErrorBody { retryable: true, ..refusal().error.unwrap() }),
        |r| r.error = Some(ErrorBody { message: "same".into(), ..refusal().error.unwrap() }),
    ];
    let mut seen = BTreeSet::from([reply().signing_bytes(&GENESIS), reply().signing_bytes(&[8; 32])]);
    for change in changes {
        let mut changed = reply();
        change(&mut changed);
        assert!(seen.insert(changed.signing_bytes(&GENESIS)));
    }
}

#[test]
fn a_reply_reads_back_as_it_was_written() {
    for reply in [reply(), refusal()] {
        assert_eq!(Reply::from_json(reply.to_value().to_string().as_bytes()).unwrap(), reply);
        assert!(reply.answers(&envelope()));
    }
    assert_eq!(reply().into_outcome(), Ok(b"{}".to_vec()));
    assert_eq!(refusal().into_outcome().unwrap_err().known(), Some(Code::HashMismatch));
}

#[test]
fn a_reply_has_either_a_result_or_an_error() {
    let both = Reply { error: refusal().error, ..reply() };
    let neither = Reply { payload: None, ..reply() };
    for broken in [both, neither] {
        assert_eq!(Reply::from_json(broken.to_value().to_string().as_bytes()).unwrap_err().code, Code::BadSchema);
    }
}

#[test]
fn a_reply_to_another_message_does_not_answer_this_one() {
    let mut other = envelope();
    other.id.0[0] ^= 1;
    assert!(!reply().answers(&other));
    assert!(!Reply { source: 7, ..reply() }.answers(&envelope()));
}

#[test]
fn a_broken_envelope_can_still_be_answered() {
    let to = ReplyTo::peek(&json!({ "id": "05".repeat(16), "source": 2, "nonsense": [] }));
    assert_eq!(to, envelope().reply_to());
    for value in
        [json!(null), json!([]), json!({ "id": 5, "source": "x" }), json!({ "id": "x", "source": 1_u64 << 40 })]
    {
        assert_eq!(ReplyTo::peek(&value), ReplyTo::default());
    }
}

#[test]
fn codes_read_back_and_are_unique() {
    let texts: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(texts.len(), Code::ALL.len());
    for code in Code::ALL {
        assert_eq!(code.as_str().parse(), Ok(*code));
        assert_eq!(Code::of_number(code.number()), Some(*code));
        assert_eq!(serde_json::to_value(code).unwrap(), json!(code.as_str()));
    }
    assert_eq!("no_such_code".parse::<Code>(), Err(()));
    assert_eq!(Code::of_number(0), None);
    // Numbers are as stable as texts.
    assert_eq!((Code::NotJson.number(), Code::HashMismatch.number(), Code::Internal.number()), (1001, 1021, 1031));
}

#[test]
fn only_what_may_pass_by_itself_is_retryable() {
    let retryable: Vec<_> = Code::ALL.iter().filter(|code| code.retryable()).map(|code| code.as_str()).collect();
    assert_eq!(
        retryable,
        ["rate_limited", "chain_unavailable", "contract_unknown", "not_ready", "internal", "unknown_key"]
    );
}

#[test]
fn ids_differ() {
    assert_ne!(MessageId::random().unwrap(), MessageId::random().unwrap());
}
