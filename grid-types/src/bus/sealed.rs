//! Payloads that only the node, and answers that only the sender can read.
//!
//! A request is sealed ([`crate::seal`]) to the node's key, its answer to a key that the request names, best a new one each
//! time. Everything else in the message is bound to the ciphertext: what was sealed for one message, one sender, one node or
//! one chain opens for no other.
//!
//! ```text
//! info    = "gridchain/bus-seal/v1" ++ genesis
//! request: AAD = "gridchain/bus/sealed/v1" 0x00 ++ genesis ++ SCALE(version u8, id [u8; 16], source u32, destination u32,
//!                command str, timestamp u64, expiration u64, node_key [u8; 32], reply_key [u8; 32])
//!          signed = AAD ++ BLAKE2b-256(sealed payload)
//! answer:  AAD = "gridchain/reply/sealed/v1" 0x00 ++ genesis ++ SCALE(version u8, id [u8; 16], source u32, destination u32,
//!                timestamp u64, reply_key [u8; 32])
//!          plaintext = 0x00 ++ payload | 0x01 ++ canonical {"error": ..}
//! ```

use super::{
    code::{Code, Failure},
    envelope::{Envelope, MessageId, ReplyTo},
    reply::{outcome_bytes, ErrorBody, Reply},
    text,
};
use crate::{
    json,
    seal::{
        sealed_box::{self, Dice, Purpose},
        SealError, SealKey,
    },
};
use codec::Encode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

const INFO: &[u8] = b"gridchain/bus-seal/v1";
const REQUEST_TAG: &[u8] = b"gridchain/bus/sealed/v1\0";
const REPLY_TAG: &[u8] = b"gridchain/reply/sealed/v1\0";

/// The keys of a sealed exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seal {
    /// The node's X25519 key that the payload is sealed to; 64 lowercase hexadecimal digits.
    #[serde(with = "text::hex_array")]
    pub node_key: [u8; 32],
    /// The sender's X25519 key that the answer is to be sealed to; 64 lowercase hexadecimal digits.
    #[serde(with = "text::hex_array")]
    pub reply_key: [u8; 32],
}

impl Envelope {
    /// A message whose payload is sealed, and that lacks only its signature (all zero). The seal's keys are the node's and one
    /// whose secret the sender keeps for the answer.
    pub fn sealed(
        id: MessageId,
        parties: (u32, u32),
        command: &str,
        payload: &[u8],
        times: (u64, u64),
        seal: Seal,
        genesis: &[u8; 32],
    ) -> Result<Self, SealError> {
        Self::sealed_with((id, parties, command, times), payload, seal, genesis, Dice::throw()?)
    }

    pub(super) fn sealed_with(
        (id, parties, command, times): (MessageId, (u32, u32), &str, (u64, u64)),
        payload: &[u8],
        seal: Seal,
        genesis: &[u8; 32],
        dice: Dice,
    ) -> Result<Self, SealError> {
        let mut envelope = Self::unsigned(id, parties, command, Vec::new(), times);
        envelope.seal = Some(seal);
        let aad = envelope.sealed_header(&seal, genesis);
        envelope.payload =
            sealed_box::close(payload, &seal.node_key, Purpose { info: &info(genesis), aad: &aad }, dice)?;
        Ok(envelope)
    }

    /// Opens the payload with the key that the seal names. A plain payload is given as it is.
    pub fn open(&self, key: &SealKey) -> Result<Vec<u8>, Failure> {
        let Some(seal) = &self.seal else { return Ok(self.payload.clone()) };
        let aad = self.sealed_header(seal, key.genesis());
        key.open_for(&self.payload, Purpose { info: &info(key.genesis()), aad: &aad })
            .map_err(|error| Failure::new(Code::Unreadable, format!("the payload: {error}")))
    }

    /// What a sealed payload is bound to.
    pub(super) fn sealed_header(&self, seal: &Seal, genesis: &[u8; 32]) -> Vec<u8> {
        let fields = (
            self.version,
            self.id.0,
            self.source,
            self.destination,
            self.command.as_str(),
            self.timestamp,
            self.expiration,
            (seal.node_key, seal.reply_key),
        );
        [REQUEST_TAG, genesis, &fields.encode()].concat()
    }
}

impl Reply {
    /// An answer that only the owner of `reply_key` can read, and that lacks only its signature (all zero).
    pub fn sealed(
        to: ReplyTo,
        source: u32,
        timestamp: u64,
        outcome: Result<Vec<u8>, Failure>,
        reply_key: &[u8; 32],
        genesis: &[u8; 32],
    ) -> Result<Self, SealError> {
        Self::sealed_with(Self::unsigned(to, source, timestamp, outcome), reply_key, genesis, Dice::throw()?)
    }

    pub(super) fn sealed_with(
        plain: Self,
        reply_key: &[u8; 32],
        genesis: &[u8; 32],
        dice: Dice,
    ) -> Result<Self, SealError> {
        let aad = plain.sealed_header(reply_key, genesis);
        let text = outcome_bytes(plain.error.as_ref(), plain.payload.as_deref());
        let sealed = sealed_box::close(&text, reply_key, Purpose { info: &info(genesis), aad: &aad }, dice)?;
        Ok(Self { payload: None, error: None, sealed: Some(sealed), ..plain })
    }

    /// The result or the refusal, with the key that the request named for the answer. What is not sealed is given as it is:
    /// [`Reply::is_sealed`] tells.
    pub fn open(self, key: &SealKey) -> Result<Result<Vec<u8>, ErrorBody>, Failure> {
        let Some(sealed) = &self.sealed else { return Ok(self.into_outcome()) };
        let unreadable = |reason: String| Failure::new(Code::Unreadable, format!("the answer: {reason}"));
        let aad = self.sealed_header(&key.public(), key.genesis());
        let text = key
            .open_for(sealed, Purpose { info: &info(key.genesis()), aad: &aad })
            .map_err(|error| unreadable(error.to_string()))?;
        match text.split_first() {
            Some((0, payload)) => Ok(Ok(payload.to_vec())),
            Some((1, error)) => {
                let value = json::parse(error)?.get_mut("error").map(Value::take).unwrap_or_default();
                serde_json::from_value(value).map(Err).map_err(|error| unreadable(error.to_string()))
            },
            _ => Err(unreadable("neither a result nor a refusal".into())),
        }
    }

    /// Whether only the sender of the request can read it.
    pub const fn is_sealed(&self) -> bool {
        self.sealed.is_some()
    }

    fn sealed_header(&self, reply_key: &[u8; 32], genesis: &[u8; 32]) -> Vec<u8> {
        let fields = (self.version, self.id.0, self.source, self.destination, self.timestamp, *reply_key);
        [REPLY_TAG, genesis, &fields.encode()].concat()
    }
}

fn info(genesis: &[u8; 32]) -> Vec<u8> {
    [INFO, genesis].concat()
}
