//! What a node answers.

use super::{
    code::{Code, Failure},
    text, Envelope, MessageId, ReplyTo, SIGNATURE_TYPE, VERSION,
};
use crate::{deployment::given, json, signature::Scheme};
use codec::Encode;
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};
use sp_crypto_hashing::blake2_256;

const TAG: &[u8] = b"gridchain/reply/v1\0";

/// An answer, signed by the node's agent account. One of `payload`, `error` and `sealed` is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// [`VERSION`].
    pub version: u8,
    /// The message that is answered.
    pub id: MessageId,
    /// The node's twin.
    pub source: u32,
    /// The twin that asked.
    pub destination: u32,
    /// When it was made, Unix seconds.
    pub timestamp: u64,
    /// The result, JSON text; base64 on the wire.
    #[serde(default, with = "text::base64_option", skip_serializing_if = "Option::is_none")]
    pub payload: Option<Vec<u8>>,
    /// Why there is no result.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorBody>,
    /// Result or refusal, for the sender alone ([`Reply::open`]); base64 on the wire.
    #[serde(default, with = "text::base64_option", skip_serializing_if = "Option::is_none")]
    pub sealed: Option<Vec<u8>>,
    /// `sr25519` or `ed25519`.
    pub signature_type: String,
    /// Over [`Reply::signing_bytes`]; 128 lowercase hexadecimal digits.
    #[serde(with = "text::hex_array")]
    pub signature: [u8; 64],
}

/// A refusal on the wire. The code is text here, because a newer node may have codes that this program does not know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorBody {
    /// A [`Code`]'s text.
    pub code: String,
    /// What people read.
    pub message: String,
    /// Whether the same message may succeed later.
    pub retryable: bool,
}

/// A result or a refusal as bytes.
pub(super) fn outcome_bytes(error: Option<&ErrorBody>, payload: Option<&[u8]>) -> Vec<u8> {
    match error {
        Some(error) => [&[1][..], json::canonical(&json!({ "error": error })).as_bytes()].concat(),
        None => [&[0][..], payload.unwrap_or_default()].concat(),
    }
}

impl From<Failure> for ErrorBody {
    fn from(failure: Failure) -> Self {
        let Failure { code, message } = failure;
        Self { code: code.as_str().into(), message, retryable: code.retryable() }
    }
}

impl ErrorBody {
    /// The code, if this program knows it.
    pub fn known(&self) -> Option<Code> {
        self.code.parse().ok()
    }
}

impl Reply {
    /// An answer that lacks only its signature (all zero). `source` is the node's twin, `timestamp` in Unix seconds.
    pub fn unsigned(to: ReplyTo, source: u32, timestamp: u64, outcome: Result<Vec<u8>, Failure>) -> Self {
        let (payload, error) = match outcome {
            Ok(payload) => (Some(payload), None),
            Err(failure) => (None, Some(failure.into())),
        };
        Self {
            version: VERSION,
            id: to.id,
            source,
            destination: to.twin,
            timestamp,
            payload,
            error,
            sealed: None,
            signature_type: SIGNATURE_TYPE.into(),
            signature: [0; 64],
        }
    }

    /// Reads and checks the shape of an answer: `not_json`, `bad_schema`, `unsupported_signature`.
    pub fn from_json(text: &[u8]) -> Result<Self, Failure> {
        let bad = |message: String| Failure::new(Code::BadSchema, format!("reply: {message}"));
        let reply: Self = serde_json::from_value(json::parse(text)?).map_err(|error| bad(error.to_string()))?;
        if reply.version != VERSION {
            return Err(bad(format!("version {} is not {VERSION}", reply.version)));
        }
        let parts = [reply.payload.is_some(), reply.error.is_some(), reply.sealed.is_some()];
        if parts.into_iter().filter(|part| *part).count() != 1 {
            return Err(bad("one of payload, error and sealed must be there".into()));
        }
        reply.scheme()?;
        Ok(reply)
    }

    /// The kind of its signature: `unsupported_signature`.
    pub fn scheme(&self) -> Result<Scheme, Failure> {
        Ok(self.signature_type.parse::<Scheme>()?)
    }

    /// Whether it answers this message.
    pub fn answers(&self, envelope: &Envelope) -> bool {
        (self.id, self.source, self.destination) == (envelope.id, envelope.destination, envelope.source)
    }

    /// Whether it refuses a message that was not even read, such as one too many: it then names none.
    pub fn refuses_unread(&self) -> bool {
        let ReplyTo { id, twin } = ReplyTo::default();
        (self.id, self.destination) == (id, twin) && self.error.is_some()
    }

    /// What the node's agent account signs.
    pub fn signing_bytes(&self, genesis: &[u8; 32]) -> Vec<u8> {
        let outcome = match &self.sealed {
            Some(sealed) => [&[2][..], sealed].concat(),
            None => outcome_bytes(self.error.as_ref(), self.payload.as_deref()),
        };
        let fields = (self.version, self.id.0, self.source, self.destination, self.timestamp, blake2_256(&outcome));
        [TAG, genesis.as_slice(), &fields.encode()].concat()
    }

    /// The result or the refusal of an answer that is not sealed; nothing of one that is.
    pub fn into_outcome(self) -> Result<Vec<u8>, ErrorBody> {
        match self.error {
            Some(error) => Err(error),
            None => Ok(self.payload.unwrap_or_default()),
        }
    }

    /// Writes it as a JSON value.
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).expect("a reply has string keys and integers only; qed")
    }
}
