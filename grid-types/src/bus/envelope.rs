//! What a twin sends.

use super::{
    code::{Code, Failure},
    max_payload, text, Seal, MAX_COMMAND, MAX_EXPIRATION, MAX_SKEW, SIGNATURE_TYPE, VERSION,
};
use crate::{
    deployment::given,
    json,
    seal::{self, SealError},
    signature::Scheme,
};
use codec::Encode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sp_crypto_hashing::blake2_256;

const TAG: &[u8] = b"gridchain/bus/v1\0";

/// Names one message; random, never used twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(#[serde(with = "text::hex_array")] pub [u8; 16]);

impl MessageId {
    /// A new one.
    pub fn random() -> Result<Self, SealError> {
        let mut id = [0; 16];
        getrandom::fill(&mut id).map_err(|_| SealError::NoRandomness)?;
        Ok(Self(id))
    }
}

impl std::fmt::Display for MessageId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// A command from one twin to another, signed by the sender's account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    /// [`VERSION`].
    pub version: u8,
    /// Names the message; 32 lowercase hexadecimal digits.
    pub id: MessageId,
    /// The twin that sends.
    pub source: u32,
    /// The twin that is addressed: the node's.
    pub destination: u32,
    /// What to do: `[a-z0-9._]`, at most [`MAX_COMMAND`] bytes.
    pub command: String,
    /// When it was made, Unix seconds.
    pub timestamp: u64,
    /// How long it is good for, 1 to [`MAX_EXPIRATION`] seconds.
    pub expiration: u64,
    /// What the command needs, JSON text, sealed if there is a seal; base64 on the wire.
    #[serde(with = "text::base64")]
    pub payload: Vec<u8>,
    /// The keys, if payload and answer are sealed.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub seal: Option<Seal>,
    /// `sr25519` or `ed25519`.
    pub signature_type: String,
    /// Over [`Envelope::signing_bytes`]; 128 lowercase hexadecimal digits.
    #[serde(with = "text::hex_array")]
    pub signature: [u8; 64],
}

/// Where an answer goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReplyTo {
    /// The message that is answered; zero if it could not be read.
    pub id: MessageId,
    /// The twin that sent it; 0 if it could not be read.
    pub twin: u32,
}

impl Envelope {
    /// A message that lacks only its signature (all zero).
    pub fn unsigned(
        id: MessageId,
        (source, destination): (u32, u32),
        command: &str,
        payload: Vec<u8>,
        (timestamp, expiration): (u64, u64),
    ) -> Self {
        Self {
            version: VERSION,
            id,
            source,
            destination,
            command: command.into(),
            timestamp,
            expiration,
            payload,
            seal: None,
            signature_type: SIGNATURE_TYPE.into(),
            signature: [0; 64],
        }
    }

    /// Reads one envelope from its text. Refuses with `not_json` or `bad_schema`; checks no bounds yet.
    pub fn from_json(text: &[u8]) -> Result<Self, Failure> {
        Self::from_value(json::parse(text)?)
    }

    /// Reads one envelope from a value that [`json::parse`] has read. Refuses with `bad_schema`.
    pub fn from_value(value: Value) -> Result<Self, Failure> {
        serde_json::from_value(value).map_err(|error| Failure::new(Code::BadSchema, format!("envelope: {error}")))
    }

    /// Reads the parameters of [`super::METHOD`], a list with one envelope, as a value; [`ReplyTo::peek`] and
    /// [`Envelope::from_value`] go on from there. Refuses with `not_json` or `bad_schema`.
    pub fn value_from_params(params: &str) -> Result<Value, Failure> {
        match json::parse(params.as_bytes())? {
            Value::Array(mut params) if params.len() == 1 => Ok(params.remove(0)),
            _ => Err(Failure::new(Code::BadSchema, "one positional parameter is expected: the envelope")),
        }
    }

    /// Checks everything but signature, clock, and who it is for: `bad_schema`, `unsupported_signature`, `too_large`.
    pub fn check_shape(&self) -> Result<(), Failure> {
        let bad = |message: String| Err(Failure::new(Code::BadSchema, message));
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'.' || byte == b'_';
        if self.version != VERSION {
            return bad(format!("version {} is not {VERSION}", self.version));
        }
        if self.source == 0 || self.destination == 0 {
            return bad("source and destination are ids of twins, which begin at 1".into());
        }
        if !(1..=MAX_COMMAND).contains(&self.command.len()) || !self.command.bytes().all(allowed) {
            return bad(format!("command: use 1 to {MAX_COMMAND} of a-z, 0-9, . and _"));
        }
        if !(1..=MAX_EXPIRATION).contains(&self.expiration) {
            return bad(format!("expiration is {} s, must be 1 to {MAX_EXPIRATION}", self.expiration));
        }
        self.scheme()?;
        if self.seal.is_some_and(|keys| !seal::usable(&keys.reply_key)) {
            return bad("seal: everybody could read an answer that is sealed to this reply_key".into());
        }
        let sealing = if self.seal.is_some() { seal::OVERHEAD } else { 0 };
        let limit = max_payload(&self.command).saturating_add(sealing);
        if self.payload.len() > limit {
            let message = format!("the payload has {} bytes, at most {limit} for {}", self.payload.len(), self.command);
            return Err(Failure::new(Code::TooLarge, message));
        }
        Ok(())
    }

    /// The kind of its signature: `unsupported_signature`.
    pub fn scheme(&self) -> Result<Scheme, Failure> {
        Ok(self.signature_type.parse::<Scheme>()?)
    }

    /// Checks that it is good at `now` (Unix seconds): `expired`, `from_the_future`.
    pub fn check_time(&self, now: u64) -> Result<(), Failure> {
        if self.timestamp > now.saturating_add(MAX_SKEW) {
            let message = format!("made at {}, but it is {now} here; set your clock", self.timestamp);
            return Err(Failure::new(Code::FromTheFuture, message));
        }
        if now >= self.deadline() {
            let message = format!("was good until {}, but it is {now} here; send it again", self.deadline());
            return Err(Failure::new(Code::Expired, message));
        }
        Ok(())
    }

    /// The first second at which it is good no more; until then a receiver remembers its id.
    pub fn deadline(&self) -> u64 {
        self.timestamp.saturating_add(self.expiration)
    }

    /// What the sender's account signs.
    pub fn signing_bytes(&self, genesis: &[u8; 32]) -> Vec<u8> {
        if let Some(seal) = &self.seal {
            return [self.sealed_header(seal, genesis).as_slice(), &blake2_256(&self.payload)].concat();
        }
        let fields = (
            self.version,
            self.id.0,
            self.source,
            self.destination,
            self.command.as_str(),
            self.timestamp,
            self.expiration,
            blake2_256(&self.payload),
        );
        [TAG, genesis.as_slice(), &fields.encode()].concat()
    }

    /// Where the answer goes.
    pub fn reply_to(&self) -> ReplyTo {
        ReplyTo { id: self.id, twin: self.source }
    }

    /// Writes it as a JSON value.
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).expect("an envelope has string keys and integers only; qed")
    }
}

impl ReplyTo {
    /// What can be read of id and source in something that is perhaps no envelope, so that it is answered all the same.
    pub fn peek(value: &Value) -> Self {
        let id = value.get("id").and_then(|id| serde_json::from_value(id.clone()).ok());
        let twin = value.get("source").and_then(Value::as_u64).and_then(|twin| u32::try_from(twin).ok());
        Self { id: id.unwrap_or_default(), twin: twin.unwrap_or_default() }
    }
}
