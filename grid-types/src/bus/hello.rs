//! What a node tells anybody who asks: who it is, and the key that messages to it are sealed to.
//!
//! ```text
//! signed = "gridchain/hello/v1" 0x00 ++ genesis ++ SCALE(version u8, node_id u32, twin_id u32, challenge [u8; 16],
//!          seal_key [u8; 32], timestamp u64, valid_for u64)
//! ```
//!
//! The node's agent account signs it, which is on chain with the node: whoever knows the chain knows whether to believe it. The
//! challenge makes it fresh, and so it is also proof that the node's agent can be reached now.

use super::{
    code::{Code, Failure},
    envelope::MessageId,
    text, VERSION,
};
use crate::{json, signature::Scheme};
use codec::Encode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

const TAG: &[u8] = b"gridchain/hello/v1\0";

/// Who is there?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hello {
    /// Random; comes back in the answer. 32 lowercase hexadecimal digits.
    pub challenge: MessageId,
}

/// Who is there, said and signed by the node's agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Introduction {
    /// [`VERSION`].
    pub version: u8,
    /// The chain's genesis hash; 64 lowercase hexadecimal digits.
    #[serde(with = "text::hex_array")]
    pub genesis: [u8; 32],
    /// The node.
    pub node_id: u32,
    /// The node's twin.
    pub twin_id: u32,
    /// What was asked with.
    pub challenge: MessageId,
    /// The X25519 key that payloads are sealed to; 64 lowercase hexadecimal digits.
    #[serde(with = "text::hex_array")]
    pub seal_key: [u8; 32],
    /// When it was made, Unix seconds by the node's clock.
    pub timestamp: u64,
    /// For how long the key is good from now on, seconds.
    pub valid_for: u64,
    /// `sr25519` or `ed25519`.
    pub signature_type: String,
    /// Over [`Introduction::signing_bytes`]; 128 lowercase hexadecimal digits.
    #[serde(with = "text::hex_array")]
    pub signature: [u8; 64],
}

impl Introduction {
    /// Reads and checks the shape: `not_json`, `bad_schema`, `unsupported_signature`.
    pub fn from_json(text: &[u8]) -> Result<Self, Failure> {
        let bad = |message: String| Failure::new(Code::BadSchema, format!("introduction: {message}"));
        let said: Self = serde_json::from_value(json::parse(text)?).map_err(|error| bad(error.to_string()))?;
        if said.version != VERSION {
            return Err(bad(format!("version {} is not {VERSION}", said.version)));
        }
        said.scheme()?;
        Ok(said)
    }

    /// The kind of its signature.
    pub fn scheme(&self) -> Result<Scheme, Failure> {
        Ok(self.signature_type.parse::<Scheme>()?)
    }

    /// What the node's agent account signs.
    pub fn signing_bytes(&self) -> Vec<u8> {
        let fields =
            (self.version, self.node_id, self.twin_id, self.challenge.0, self.seal_key, self.timestamp, self.valid_for);
        [TAG, self.genesis.as_slice(), &fields.encode()].concat()
    }

    /// Writes it as a JSON value.
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).expect("an introduction has string keys and integers only; qed")
    }
}
