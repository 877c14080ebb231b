//! Who must sign a deployment besides the contract's owner: weighted M of N.
//!
//! ```json
//! "signature_requirement": {
//!   "requests": [ { "twin_id": 2, "required": true, "weight": 1 }, { "twin_id": 3, "required": false, "weight": 1 },
//!                 { "twin_id": 4, "required": false, "weight": 1 } ],
//!   "weight_required": 2,
//!   "signatures": [ { "twin_id": 2, "signature": "<128 hex>", "signature_type": "sr25519" } ],
//!   "signature_style": "" }
//! ```
//!
//! Who must sign is part of the deployment's hash, the signatures are not: they sign it. What is signed is the hash that the
//! contract on chain holds ([`crate::challenge`], whose tag and genesis hash keep it from meaning anything elsewhere): its 32
//! bytes as they are, or with the style `polka-wallet` as wallets sign, between `<Bytes>` and `</Bytes>`. There they are one of
//! three, by how the wallet was asked: the text `0x<64 hex>`, the 32 bytes (a wallet takes such a text for bytes in
//! hexadecimal if it is told that they are bytes), or the text `<64 hex>`, as the old grid's clients ask.
//!
//! | rule | |
//! | --- | --- |
//! | the deploying twin | must be asked, and always must sign |
//! | `required` | nothing is valid without this one's signature |
//! | not `required` | a signature that is missing only does not count |
//! | a signature that is there | must be good, or all is refused |
//! | weights | those of good signatures must reach `weight_required`; 0 is reached by those who must sign |
//! | refused at once | a twin that is asked or signs twice, one that signs unasked, weights that all together do not suffice |
//! | no requests | nobody is asked; `weight_required` is 0 then and there are no signatures |

use super::DeploymentError;
use crate::{
    bus::hex_array,
    signature::{wrapped, Scheme},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The most twins that can be asked to sign one deployment.
pub const MAX_SIGNERS: usize = 32;
/// The style of the hash as it is.
pub const STYLE_RAW: &str = "";
/// The style of wallets.
pub const STYLE_WALLET: &str = "polka-wallet";

/// Which twins must sign, and with how much weight together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatureRequirement {
    /// The twins that may sign, at most [`MAX_SIGNERS`].
    pub requests: Vec<SignatureRequest>,
    /// The weight that all signatures together must reach.
    pub weight_required: u32,
    /// The signatures; not part of the hash, because they sign it.
    pub signatures: Vec<DeploymentSignature>,
    /// How the hash is written before it is signed: [`STYLE_RAW`] or [`STYLE_WALLET`].
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

/// One twin's signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeploymentSignature {
    /// The twin.
    pub twin_id: u32,
    /// Of one of [`signed_messages`] by the twin's account; 128 lowercase hexadecimal digits.
    #[serde(with = "hex_array")]
    pub signature: [u8; 64],
    /// `sr25519` or `ed25519`.
    pub signature_type: String,
}

/// Why the signatures of a deployment do not suffice.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureFault {
    /// One that must be there is not.
    #[error("twin {twin} must sign this deployment; let it add its signature: grid deployment sign")]
    Missing {
        /// Whose.
        twin: u32,
    },
    /// One is not by its twin's account, or of something else.
    #[error("the signature of twin {twin} is not its account's signature of this deployment's hash")]
    Bad {
        /// Whose.
        twin: u32,
    },
    /// Too few.
    #[error(
        "the signatures weigh {weight} together, {required} are required; let more of the twins that are asked sign"
    )]
    TooLight {
        /// What is there.
        weight: u64,
        /// What must be there.
        required: u32,
    },
}

/// What a twin may sign, for a deployment with this hash: one of these.
pub fn signed_messages(hash: &[u8; 32], style: &str) -> Vec<Vec<u8>> {
    let text = hex::encode(hash);
    match style {
        STYLE_WALLET => vec![signed_message(hash, style), wrapped(hash), wrapped(text.as_bytes())],
        _ => vec![signed_message(hash, style)],
    }
}

/// What is signed by whoever has the key at hand: the first of these.
pub fn signed_message(hash: &[u8; 32], style: &str) -> Vec<u8> {
    match style {
        STYLE_WALLET => wrapped(format!("0x{}", hex::encode(hash)).as_bytes()),
        _ => hash.to_vec(),
    }
}

impl SignatureRequirement {
    /// Checks all that can be told without knowing keys: the rules above but for the signatures themselves.
    pub(super) fn validate(&self, owner: u32) -> Result<(), DeploymentError> {
        use DeploymentError as E;
        if ![STYLE_RAW, STYLE_WALLET].contains(&self.signature_style.as_str()) {
            return Err(E::BadSignatureStyle { style: self.signature_style.clone() });
        }
        if self.requests.len() > MAX_SIGNERS {
            return Err(E::TooManySigners { count: self.requests.len() });
        }
        let mut asked = BTreeSet::new();
        if let Some(twice) = self.requests.iter().find(|request| !asked.insert(request.twin_id)) {
            return Err(E::DuplicateSigner { twin: twice.twin_id });
        }
        if !asked.is_empty() && !asked.contains(&owner) {
            return Err(E::OwnerNotAsked { twin: owner });
        }
        let weight: u64 = self.requests.iter().map(|request| u64::from(request.weight)).sum();
        if weight < u64::from(self.weight_required) {
            return Err(E::WeightOutOfReach { weight, required: self.weight_required });
        }
        let mut signed = BTreeSet::new();
        for DeploymentSignature { twin_id, signature_type, .. } in &self.signatures {
            if !asked.contains(twin_id) {
                return Err(E::UnaskedSignature { twin: *twin_id });
            }
            if !signed.insert(*twin_id) {
                return Err(E::DuplicateSignature { twin: *twin_id });
            }
            if signature_type.parse::<Scheme>().is_err() {
                return Err(E::UnsupportedSignature { twin: *twin_id, kind: signature_type.clone() });
            }
        }
        Ok(())
    }

    /// Whether the signatures suffice. `verify` says whether a twin's account made this signature of this message.
    pub fn check(
        &self,
        owner: u32,
        hash: &[u8; 32],
        mut verify: impl FnMut(u32, Scheme, &[u8], &[u8; 64]) -> bool,
    ) -> Result<(), SignatureFault> {
        let messages = signed_messages(hash, &self.signature_style);
        let mut weight = 0_u64;
        for SignatureRequest { twin_id: twin, required, weight: counts } in &self.requests {
            let Some(given) = self.signatures.iter().find(|given| given.twin_id == *twin) else {
                if *required || *twin == owner {
                    return Err(SignatureFault::Missing { twin: *twin });
                }
                continue;
            };
            let scheme = given.signature_type.parse::<Scheme>().ok();
            let mut by = |scheme| messages.iter().any(|message| verify(*twin, scheme, message, &given.signature));
            if !scheme.is_some_and(&mut by) {
                return Err(SignatureFault::Bad { twin: *twin });
            }
            weight = weight.saturating_add((*counts).into());
        }
        if weight < self.weight_required.into() {
            return Err(SignatureFault::TooLight { weight, required: self.weight_required });
        }
        Ok(())
    }

    /// Puts a twin's signature in place of one that it gave before.
    pub fn put(&mut self, signature: DeploymentSignature) {
        self.signatures.retain(|given| given.twin_id != signature.twin_id);
        self.signatures.push(signature);
    }
}

#[cfg(test)]
mod tests;
