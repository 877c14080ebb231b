//! Who must sign a deployment besides the contract's owner. Only the empty requirement is accepted so far.

use super::DeploymentError;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Which twins must sign, and with how much weight together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatureRequirement {
    /// The twins that may sign.
    pub requests: Vec<SignatureRequest>,
    /// The weight that all signatures together must reach.
    pub weight_required: u32,
    /// The signatures; not part of the hash, because they sign it.
    pub signatures: Vec<Value>,
    /// How the message is wrapped before it is signed; empty for not at all.
    pub signature_style: String,
}

/// One twin that may sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatureRequest {
    /// The twin.
    pub twin_id: u32,
    /// Whether nothing is valid without this signature.
    pub required: bool,
    /// What this signature counts.
    pub weight: u32,
}

impl SignatureRequirement {
    pub(super) fn validate(&self) -> Result<(), DeploymentError> {
        let empty = self.requests.is_empty()
            && self.weight_required == 0
            && self.signatures.is_empty()
            && self.signature_style.is_empty();
        empty.then_some(()).ok_or(DeploymentError::SignaturesUnsupported)
    }
}
