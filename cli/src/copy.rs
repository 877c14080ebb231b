//! The copy of a deployment that goes on chain, sealed to its owner's key: all but the contract's number, with the signatures
//! of those who were asked, as without them nobody could send it again.

use crate::error::CliError;
use grid_client::{Hash, Key};
use grid_types::{
    challenge,
    deployment::Deployment,
    json,
    seal::{self, SealError},
};
use serde_json::{json, Value};

/// Seals it. Signatures for which there is no room are left out: they can be given again, the rest cannot.
pub fn seal(key: &Key, genesis: &Hash, deployment: &Deployment) -> Result<Vec<u8>, SealError> {
    let recipient = key.seal_key(genesis).public();
    let mut value = deployment.to_value();
    if let Some(object) = value.as_object_mut() {
        object.remove("contract_id");
    }
    match seal::seal(json::canonical(&value).as_bytes(), &recipient, genesis) {
        Err(SealError::TooLarge { .. }) => seal::seal(challenge::canonical(deployment).as_bytes(), &recipient, genesis),
        sealed => sealed,
    }
}

/// Opens it and fills in what it leaves out.
pub fn open(key: &Key, genesis: &Hash, sealed: &[u8], contract_id: u64) -> Result<Deployment, CliError> {
    let opened = key.seal_key(genesis).open(sealed);
    let opened = opened.map_err(|error| CliError::from(error).hint("use the key that made the contract: --key"))?;
    let mut value = json::parse(&opened)?;
    if let Some(object) = value.as_object_mut() {
        object.insert("contract_id".into(), contract_id.into());
    }
    if let Some(requirement) = value.get_mut("signature_requirement").and_then(Value::as_object_mut) {
        requirement.entry("signatures").or_insert_with(|| json!([]));
    }
    Ok(Deployment::from_value(value)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use grid_types::seal::MAX_PLAINTEXT;

    const GENESIS: Hash = [7; 32];

    fn signed(description: usize) -> Deployment {
        let signature = json!({ "twin_id": 2, "signature": "05".repeat(64), "signature_type": "sr25519" });
        let value = json!({
            "version": 0, "twin_id": 2, "contract_id": 9, "metadata": "", "description": "x".repeat(description),
            "expiration": 0, "signature_requirement": { "requests": [{ "twin_id": 2, "required": true, "weight": 1 }],
                "weight_required": 1, "signatures": [signature], "signature_style": "" },
            "workloads": [{ "version": 0, "name": "stats", "type": "function", "metadata": "", "description": "",
                "data": { "module": format!("sha256:{}", "0".repeat(64)), "memory": 1 << 20, "timeout_ms": 1 } }],
        });
        Deployment::from_value(value).unwrap()
    }

    fn copied(deployment: &Deployment) -> Deployment {
        let key = Key::from_uri("//Alice").unwrap();
        let sealed = seal(&key, &GENESIS, deployment).unwrap();
        open(&key, &GENESIS, &sealed, deployment.contract_id).unwrap()
    }

    #[test]
    fn a_copy_has_the_signatures() {
        assert_eq!(copied(&signed(10)), signed(10));
    }

    #[test]
    fn without_room_for_the_signatures_a_copy_has_all_the_rest() {
        let room = MAX_PLAINTEXT - challenge::canonical(&signed(0)).len();
        let mut rest = signed(room);
        let copy = copied(&rest);
        rest.signature_requirement.as_mut().unwrap().signatures.clear();
        assert_eq!(copy, rest);
    }

    #[test]
    fn what_has_no_room_at_all_is_not_sealed() {
        let key = Key::from_uri("//Alice").unwrap();
        let refused = seal(&key, &GENESIS, &signed(MAX_PLAINTEXT)).unwrap_err();
        assert!(matches!(refused, SealError::TooLarge { .. }));
    }
}
