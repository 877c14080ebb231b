//! The golden vectors of `grid-types/vectors/`, which `check.py` there reads with other code.

#![allow(clippy::unwrap_used)]

use grid_types::{
    bus::{Envelope, Introduction, Reply},
    challenge,
    deployment::Deployment,
};
use serde::{de::DeserializeOwned, Deserialize};
use serde_json::Value;

#[derive(Deserialize)]
struct Accepted {
    name: String,
    text: String,
    genesis: String,
    canonical: String,
    hash: String,
}

#[derive(Deserialize)]
struct Refused {
    name: String,
    text: String,
    code: String,
}

#[derive(Deserialize)]
struct Signed {
    name: String,
    kind: String,
    genesis: String,
    message: Value,
    signed: String,
}

fn load<T: DeserializeOwned>(name: &str) -> Vec<T> {
    let path = format!("{}/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn genesis(hex: &str) -> [u8; 32] {
    hex::decode(hex).unwrap().try_into().unwrap()
}

#[test]
fn deployments_have_their_canonical_text_and_hash() {
    for vector in load::<Accepted>("deployments.json") {
        let deployment =
            Deployment::from_json(vector.text.as_bytes()).unwrap_or_else(|e| panic!("{}: {e}", vector.name));
        assert_eq!(challenge::canonical(&deployment), vector.canonical, "{}", vector.name);
        assert_eq!(
            hex::encode(challenge::hash(&deployment, &genesis(&vector.genesis))),
            vector.hash,
            "{}",
            vector.name
        );
    }
}

#[test]
fn each_rule_refuses_with_its_code() {
    for vector in load::<Refused>("refusals.json") {
        let refused = Deployment::from_json(vector.text.as_bytes()).expect_err(&vector.name);
        assert_eq!(refused.code(), vector.code, "{}: {refused}", vector.name);
    }
}

#[test]
fn messages_are_signed_over_these_bytes() {
    for vector in load::<Signed>("bus.json") {
        let text = vector.message.to_string();
        let genesis = genesis(&vector.genesis);
        let signed = match vector.kind.as_str() {
            "envelope" => Envelope::from_json(text.as_bytes()).unwrap().signing_bytes(&genesis),
            "introduction" => Introduction::from_json(text.as_bytes()).unwrap().signing_bytes(),
            _ => Reply::from_json(text.as_bytes()).unwrap().signing_bytes(&genesis),
        };
        assert_eq!(hex::encode(signed), vector.signed, "{}", vector.name);
    }
}

#[test]
fn the_python_reading_of_the_vectors_agrees() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/check.py");
    let output = std::process::Command::new("python3").arg("-B").arg(script).output().expect("python3 is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
