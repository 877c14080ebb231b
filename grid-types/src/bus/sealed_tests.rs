#![allow(clippy::unwrap_used)]

use super::{envelope::MessageId, *};
use crate::seal::{sealed_box::Dice, SealError, SealKey};
use proptest::prelude::*;
use serde_json::Value;

const GENESIS: [u8; 32] = [9; 32];
const NOW: u64 = 1_800_000_000;

fn node() -> SealKey {
    SealKey::import([3; 32], &GENESIS)
}

fn sender() -> SealKey {
    SealKey::import([4; 32], &GENESIS)
}

fn keys() -> Seal {
    Seal { node_key: node().public(), reply_key: sender().public() }
}

fn request(payload: &[u8]) -> Envelope {
    let times = (NOW, 60);
    Envelope::sealed(MessageId([5; 16]), (2, 1), DEPLOYMENT_GET, payload, times, keys(), &GENESIS).unwrap()
}

fn answer(outcome: Result<Vec<u8>, Failure>) -> Reply {
    Reply::sealed(request(b"").reply_to(), 1, NOW, outcome, &keys().reply_key, &GENESIS).unwrap()
}

#[test]
fn the_node_reads_what_was_sealed_to_it() {
    let text = request(b"{}").to_value().to_string();
    let read = Envelope::from_json(text.as_bytes()).unwrap();
    assert!(read.check_shape().is_ok());
    assert_eq!(read.open(&node()).unwrap(), b"{}");
    assert!(!text.contains("e30="), "the payload is not there in the clear");
}

#[test]
fn the_sender_reads_the_answer_be_it_a_result_or_a_refusal() {
    assert_eq!(answer(Ok(b"[1]".to_vec())).open(&sender()).unwrap().unwrap(), b"[1]");
    let refused = answer(Err(Failure::new(Code::HashMismatch, "the hash is \u{201c}other\u{201d}")));
    let text = refused.to_value().to_string();
    assert!(!text.contains("hash_mismatch"));
    let refused = Reply::from_json(text.as_bytes()).unwrap().open(&sender()).unwrap().unwrap_err();
    assert_eq!(
        (refused.known(), refused.message.as_str()),
        (Some(Code::HashMismatch), "the hash is \u{201c}other\u{201d}")
    );
}

#[test]
fn a_payload_opens_for_no_other_message_sender_node_or_chain() {
    let changes: [fn(&mut Envelope); 7] = [
        |e| e.id.0[0] ^= 1,
        |e| e.source = 3,
        |e| e.destination = 3,
        |e| e.command = DEPLOYMENT_CHANGES.into(),
        |e| e.timestamp += 1,
        |e| e.expiration += 1,
        // Whoever names a key of his own for the answer does not get one.
        |e| e.seal.as_mut().unwrap().reply_key = SealKey::import([6; 32], &GENESIS).public(),
    ];
    for change in changes {
        let mut stolen = request(b"{}");
        change(&mut stolen);
        assert_eq!(stolen.open(&node()).unwrap_err().code, Code::Unreadable);
    }
    assert_eq!(request(b"{}").open(&SealKey::import([3; 32], &[8; 32])).unwrap_err().code, Code::Unreadable);
    assert_eq!(request(b"{}").open(&sender()).unwrap_err().code, Code::Unreadable);
}

#[test]
fn an_answer_opens_for_no_other_message_or_sender_and_is_no_request() {
    let changes: [fn(&mut Reply); 4] =
        [|r| r.id.0[0] ^= 1, |r| r.source = 3, |r| r.destination = 3, |r| r.timestamp += 1];
    for change in changes {
        let mut other = answer(Ok(b"{}".to_vec()));
        change(&mut other);
        assert_eq!(other.open(&sender()).unwrap_err().code, Code::Unreadable);
    }
    assert_eq!(answer(Ok(Vec::new())).open(&node()).unwrap_err().code, Code::Unreadable);
    // Sent back to the node, even with its own key in it.
    let mut reflected = request(b"{}");
    reflected.payload = answer(Ok(Vec::new())).sealed.unwrap();
    assert_eq!(reflected.open(&sender()).unwrap_err().code, Code::Unreadable);
}

#[test]
fn the_keys_and_the_ciphertext_are_signed() {
    let signed = request(b"{}").signing_bytes(&GENESIS);
    let changes: [fn(&mut Envelope); 4] = [
        |e| e.seal.as_mut().unwrap().node_key[0] ^= 1,
        |e| e.seal.as_mut().unwrap().reply_key[0] ^= 1,
        |e| e.payload[60] ^= 1,
        |e| e.seal = None,
    ];
    for change in changes {
        let mut changed = request(b"{}");
        changed.payload = Envelope { ..request(b"{}") }.payload;
        change(&mut changed);
        assert_ne!(changed.signing_bytes(&GENESIS), signed);
    }
    let mut changed = answer(Ok(Vec::new()));
    let signed = changed.signing_bytes(&GENESIS);
    changed.sealed.as_mut().unwrap()[60] ^= 1;
    assert_ne!(changed.signing_bytes(&GENESIS), signed);
}

#[test]
fn an_answer_that_everybody_could_read_is_not_asked_for() {
    let mut open = request(b"{}");
    open.seal.as_mut().unwrap().reply_key = [0; 32];
    assert_eq!(open.check_shape().unwrap_err().code, Code::BadSchema);
    let refused = Reply::sealed(open.reply_to(), 1, NOW, Ok(Vec::new()), &[0; 32], &GENESIS);
    assert_eq!(refused, Err(SealError::BadRecipient));
}

#[test]
fn a_sealed_module_still_fits() {
    let envelope = Envelope::sealed(
        MessageId([5; 16]),
        (2, 1),
        MODULE_PUT,
        &vec![b' '; max_payload(MODULE_PUT)],
        (NOW, 60),
        keys(),
        &GENESIS,
    );
    let envelope = envelope.unwrap();
    assert!(envelope.check_shape().is_ok());
    assert!(envelope.to_value().to_string().len() < MAX_MESSAGE);
}

#[test]
fn the_formats_are_fixed() {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("../../vectors/bus-sealed.json")).unwrap();
    for vector in vectors {
        let text = |field: &str| vector[field].as_str().unwrap().to_owned();
        let bytes = |field: &str| hex::decode(text(field)).unwrap();
        let key = |field: &str| <[u8; 32]>::try_from(bytes(field)).unwrap();
        let dice = Dice { ephemeral: key("ephemeral"), nonce: bytes("nonce").try_into().unwrap() };
        let (genesis, name) = (key("genesis"), text("name"));
        let message = vector["message"].to_string();
        if text("kind") == "envelope" {
            let given = Envelope::from_json(message.as_bytes()).unwrap();
            let made = Envelope::sealed_with(
                (given.id, (given.source, given.destination), &given.command, (given.timestamp, given.expiration)),
                &bytes("plaintext"),
                given.seal.unwrap(),
                &genesis,
                dice,
            );
            assert_eq!(made.unwrap(), given, "{name}");
            assert_eq!(hex::encode(given.signing_bytes(&genesis)), text("signed"), "{name}");
        } else {
            let given = Reply::from_json(message.as_bytes()).unwrap();
            let outcome = match bytes("plaintext").split_first().unwrap() {
                (0, payload) => Ok(payload.to_vec()),
                _ => Err(Failure::new(Code::HashMismatch, "the hash is \u{201c}other\u{201d}")),
            };
            let to = ReplyTo { id: given.id, twin: given.destination };
            let plain = Reply::unsigned(to, given.source, given.timestamp, outcome);
            let reply_key = SealKey::import(key("recipient_secret"), &genesis).public();
            let made = Reply::sealed_with(plain, &reply_key, &genesis, dice).unwrap();
            assert_eq!(Reply { signature_type: given.signature_type.clone(), ..made }, given, "{name}");
            assert_eq!(hex::encode(given.signing_bytes(&genesis)), text("signed"), "{name}");
        }
    }
}

proptest! {
    #[test]
    fn any_payload_comes_through(payload in proptest::collection::vec(any::<u8>(), 0..600)) {
        prop_assert_eq!(request(&payload).open(&node()).unwrap(), payload.clone());
        prop_assert_eq!(answer(Ok(payload.clone())).open(&sender()).unwrap().unwrap(), payload);
    }

    #[test]
    fn one_changed_bit_anywhere_is_noticed(at in 0..75_usize, bit in 0..8_u8) {
        let mut sealed = request(b"{}");
        sealed.payload[at] ^= 1 << bit;
        prop_assert!(sealed.open(&node()).is_err());
    }
}
