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
//! bytes as they are, or with the style `polka-wallet` the text `<Bytes>0x<64 hex></Bytes>`, as wallets sign.
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
    /// Of [`signed_message`] by the twin's account; 128 lowercase hexadecimal digits.
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

/// The bytes that each twin signs, for a deployment with this hash.
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
        let message = signed_message(hash, &self.signature_style);
        let mut weight = 0_u64;
        for SignatureRequest { twin_id: twin, required, weight: counts } in &self.requests {
            let Some(given) = self.signatures.iter().find(|given| given.twin_id == *twin) else {
                if *required || *twin == owner {
                    return Err(SignatureFault::Missing { twin: *twin });
                }
                continue;
            };
            let scheme = given.signature_type.parse::<Scheme>().ok();
            if !scheme.is_some_and(|scheme| verify(*twin, scheme, &message, &given.signature)) {
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
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const OWNER: u32 = 2;
    const HASH: [u8; 32] = [7; 32];

    fn request(twin_id: u32, required: bool, weight: u32) -> SignatureRequest {
        SignatureRequest { twin_id, required, weight }
    }

    /// In these tests a signature is good if its first byte is the twin's number.
    fn signature(twin_id: u32) -> DeploymentSignature {
        let mut signature = [0; 64];
        signature[0] = twin_id as u8;
        DeploymentSignature { twin_id, signature, signature_type: "sr25519".into() }
    }

    /// The owner must sign, three others may; two of the four must.
    fn requirement(signed: &[u32]) -> SignatureRequirement {
        SignatureRequirement {
            requests: vec![request(OWNER, false, 1), request(3, false, 1), request(4, false, 1), request(5, false, 1)],
            weight_required: 2,
            signatures: signed.iter().map(|twin| signature(*twin)).collect(),
            signature_style: String::new(),
        }
    }

    fn check(requirement: &SignatureRequirement) -> Result<(), SignatureFault> {
        requirement.check(OWNER, &HASH, |twin, _, message, signature| {
            assert_eq!(message, signed_message(&HASH, &requirement.signature_style));
            u32::from(signature[0]) == twin
        })
    }

    fn refused(change: impl FnOnce(&mut SignatureRequirement)) -> &'static str {
        let mut requirement = requirement(&[OWNER, 3]);
        assert_eq!(requirement.validate(OWNER), Ok(()));
        change(&mut requirement);
        requirement.validate(OWNER).unwrap_err().code()
    }

    #[test]
    fn enough_of_those_who_may_sign_suffice_whoever_they_are() {
        for signed in [[OWNER, 3], [OWNER, 5], [4, OWNER]] {
            assert_eq!(check(&requirement(&signed)), Ok(()));
        }
    }

    #[test]
    fn too_few_are_too_light() {
        assert_eq!(check(&requirement(&[OWNER])), Err(SignatureFault::TooLight { weight: 1, required: 2 }));
    }

    #[test]
    fn the_owner_must_sign_whatever_the_request_says() {
        assert_eq!(check(&requirement(&[3, 4])), Err(SignatureFault::Missing { twin: OWNER }));
    }

    #[test]
    fn one_who_is_required_must_sign_however_much_the_others_weigh() {
        let mut requirement = requirement(&[OWNER, 3, 4]);
        requirement.requests[3].required = true;
        assert_eq!(check(&requirement), Err(SignatureFault::Missing { twin: 5 }));
        requirement.put(signature(5));
        assert_eq!(check(&requirement), Ok(()));
    }

    #[test]
    fn a_bad_signature_is_refused_even_if_the_others_suffice() {
        let mut requirement = requirement(&[OWNER, 3, 4]);
        requirement.signatures[2].signature = [0; 64];
        assert_eq!(check(&requirement), Err(SignatureFault::Bad { twin: 4 }));
    }

    #[test]
    fn without_a_weight_those_who_must_sign_suffice() {
        let mut requirement = requirement(&[OWNER]);
        requirement.weight_required = 0;
        assert_eq!(check(&requirement), Ok(()));
    }

    #[test]
    fn weights_do_not_overflow() {
        let mut requirement = requirement(&[OWNER, 3, 4, 5]);
        for request in &mut requirement.requests {
            request.weight = u32::MAX;
        }
        requirement.weight_required = u32::MAX;
        assert_eq!(requirement.validate(OWNER), Ok(()));
        assert_eq!(check(&requirement), Ok(()));
    }

    #[test]
    fn nobody_is_asked_and_nothing_is_missing() {
        let nobody = SignatureRequirement::default();
        assert_eq!(nobody.validate(OWNER), Ok(()));
        assert_eq!(check(&nobody), Ok(()));
    }

    #[test]
    fn what_can_never_be_fulfilled_is_refused_at_once() {
        assert_eq!(refused(|r| r.weight_required = 5), "weight_out_of_reach");
        assert_eq!(refused(|r| r.requests.clear()), "weight_out_of_reach");
        assert_eq!(refused(|r| r.requests[0].twin_id = 9), "owner_not_asked");
    }

    #[test]
    fn twins_are_asked_and_sign_once() {
        assert_eq!(refused(|r| r.requests[1].twin_id = 4), "duplicate_signer");
        assert_eq!(refused(|r| r.signatures.push(signature(3))), "duplicate_signature");
        assert_eq!(refused(|r| r.signatures.push(signature(9))), "unasked_signature");
        assert_eq!(refused(|r| r.requests = (0..33).map(|twin| request(twin, false, 1)).collect()), "too_many_signers");
    }

    #[test]
    fn other_styles_and_kinds_are_named() {
        assert_eq!(refused(|r| r.signature_style = "other".into()), "bad_signature_style");
        assert_eq!(refused(|r| r.signatures[0].signature_type = "ecdsa".into()), "unsupported_signature");
    }

    #[test]
    fn a_wallet_signs_the_hash_in_hexadecimal_between_its_marks() {
        let text = format!("<Bytes>0x{}</Bytes>", "07".repeat(32));
        assert_eq!(signed_message(&HASH, STYLE_WALLET), text.as_bytes());
        assert_eq!(signed_message(&HASH, STYLE_RAW), HASH);
    }
}
