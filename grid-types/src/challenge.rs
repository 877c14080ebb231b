//! The bytes of a deployment that are hashed, and the hash that the contract on chain holds.
//!
//! ```text
//! challenge = "gridchain/deployment/v1" 0x00 ++ genesis hash (32 bytes)
//!          ++ RFC 8785 text of the deployment without contract_id and signature_requirement.signatures
//! hash      = BLAKE2b-256(challenge)
//! ```
//!
//! The tag keeps the hash from meaning anything elsewhere, the genesis hash binds it to one chain. `contract_id` is left
//! out because the contract is made with the hash. What is hashed is what was written: optional fields that are left out
//! are not filled in. `grid-types/vectors/` has golden vectors for other languages.

use crate::{deployment::Deployment, json};
use serde_json::Value;
use sp_crypto_hashing::blake2_256;

/// What the challenge begins with.
pub const TAG: &[u8] = b"gridchain/deployment/v1\0";

/// The bytes that are hashed. The deployment has been validated: integers are below 2^53.
pub fn challenge(deployment: &Deployment, genesis: &[u8; 32]) -> Vec<u8> {
    [TAG, genesis.as_slice(), canonical(deployment).as_bytes()].concat()
}

/// What `create_contract` takes and the node checks.
pub fn hash(deployment: &Deployment, genesis: &[u8; 32]) -> [u8; 32] {
    blake2_256(&challenge(deployment, genesis))
}

/// The hashed part of the deployment as canonical text.
pub fn canonical(deployment: &Deployment) -> String {
    let mut value = deployment.to_value();
    if let Some(object) = value.as_object_mut() {
        object.remove("contract_id");
        if let Some(requirement) = object.get_mut("signature_requirement").and_then(Value::as_object_mut) {
            requirement.remove("signatures");
        }
    }
    json::canonical(&value)
}
