//! The golden vectors of deployments that several twins sign, with real keys of both kinds: made by another implementation.

#![allow(clippy::unwrap_used)]

use grid_client::{verify, Account};
use grid_types::deployment::{signed_messages, SignatureFault, SignatureRequirement};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Vector {
    name: String,
    hash: String,
    owner: u32,
    accounts: BTreeMap<u32, String>,
    requirement: SignatureRequirement,
    signed: Vec<String>,
    outcome: String,
}

fn bytes(hex: &str) -> [u8; 32] {
    hex::decode(hex).unwrap().try_into().unwrap()
}

#[test]
fn signatures_suffice_or_not_as_the_vectors_say() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../grid-types/vectors/signatures.json");
    let vectors: Vec<Vector> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert!(vectors.len() > 10);
    for vector in vectors {
        let Vector { name, hash, owner, accounts, requirement, signed, outcome } = vector;
        let hash = bytes(&hash);
        let messages = signed_messages(&hash, &requirement.signature_style);
        assert_eq!(messages.iter().map(hex::encode).collect::<Vec<_>>(), signed, "{name}");
        let checked = requirement.check(owner, &hash, |twin, scheme, message, signature| {
            verify(scheme, &Account(bytes(&accounts[&twin])), message, signature)
        });
        let found = match checked {
            Ok(()) => "ok",
            Err(SignatureFault::Missing { .. }) => "missing",
            Err(SignatureFault::Bad { .. }) => "bad",
            Err(SignatureFault::TooLight { .. }) => "too_light",
        };
        assert_eq!(found, outcome, "{name}");
    }
}
