//! Messages as a running rmb-peer takes and gives them: JSON in the lists of its local Redis.
//!
//! | list | who pushes | what |
//! | --- | --- | --- |
//! | [`LOCAL_QUEUE`] | a client | [`RmbCommand`]: to be sent |
//! | [`command_queue`] | the peer | [`RmbDelivery`]: came in for a service |
//! | [`REPLY_QUEUE`] | the service | [`RmbReply`]: its answer, to be sent |
//! | a name of the client's | the peer | [`RmbAnswer`]: came back |
//!
//! Nothing is signed here: the peers sign and verify what goes over the network, so whoever can write to a peer's Redis speaks
//! for its twin, and for all others to its services. Fields that are not known are ignored, as peers may add some.
//!
//! Errors on this door are a number and a text: the number is [`Code::number`], or below 1000 a peer's own.

use super::{
    code::{Code, Failure},
    envelope::MessageId,
    reply::ErrorBody,
    text,
};
use serde::{Deserialize, Serialize};
use sp_crypto_hashing::blake2_256;

/// Where a client pushes.
pub const LOCAL_QUEUE: &str = "msgbus.system.local";
/// Where a service pushes its answers.
pub const REPLY_QUEUE: &str = "msgbus.system.reply";
/// Payloads are JSON.
pub const SCHEMA: &str = "application/json";
/// The version of the peers' JSON.
pub const RMB_VERSION: u32 = 1;

/// The list that a command comes in on.
pub fn command_queue(command: &str) -> String {
    format!("msgbus.{command}")
}

/// What a client wants sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RmbCommand {
    /// [`RMB_VERSION`].
    pub ver: u32,
    /// Comes back with the answer.
    #[serde(rename = "ref")]
    pub reference: String,
    /// The command.
    pub cmd: String,
    /// For how long it is good, seconds; at least 1.
    pub exp: u64,
    /// The payload; base64 on the wire.
    #[serde(with = "text::base64")]
    pub dat: Vec<u8>,
    /// The twins to send it to.
    pub dst: Vec<u32>,
    /// The list that the answer goes to.
    pub ret: String,
    /// [`SCHEMA`].
    pub shm: String,
    /// When it was made, Unix seconds.
    pub now: u64,
}

/// What a peer gives to a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RmbDelivery {
    /// [`RMB_VERSION`].
    pub ver: u32,
    /// Names the message.
    #[serde(rename = "ref", default)]
    pub reference: Option<String>,
    /// Who sent it: `twin` or `twin:session`. The peer has verified it.
    pub src: String,
    /// The command.
    pub cmd: String,
    /// For how long after `now` it is good, seconds.
    pub exp: u64,
    /// The payload; base64.
    #[serde(default)]
    pub dat: String,
    /// What kind of payload it is.
    #[serde(default)]
    pub shm: Option<String>,
    /// When it was handed over, Unix seconds.
    pub now: u64,
}

/// The little that is read of a delivery that is too large or not what it should be, to answer it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct RmbHead {
    /// Names the message.
    #[serde(rename = "ref", default)]
    pub reference: Option<String>,
    /// Who sent it.
    #[serde(default)]
    pub src: Option<String>,
}

/// What a service answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RmbReply {
    /// [`RMB_VERSION`].
    pub ver: u32,
    /// That of the delivery.
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The result; base64 on the wire, empty with an error.
    #[serde(with = "text::base64")]
    pub dat: Vec<u8>,
    /// The delivery's `src`.
    pub dst: String,
    /// [`SCHEMA`].
    pub shm: String,
    /// When it was made, Unix seconds.
    pub now: u64,
    /// Why there is no result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub err: Option<RmbError>,
}

/// What a peer gives to a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RmbAnswer {
    /// The client's own.
    #[serde(rename = "ref", default)]
    pub reference: Option<String>,
    /// The result; base64.
    #[serde(default)]
    pub dat: String,
    /// Who answered: `twin` or `twin:session`; empty if it was a relay.
    #[serde(default)]
    pub src: Option<String>,
    /// Why there is no result.
    #[serde(default)]
    pub err: Option<RmbError>,
}

/// A refusal on this door.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RmbError {
    /// [`Code::number`], or below 1000 a peer's own.
    pub code: u32,
    /// What people read.
    pub message: String,
}

impl From<Failure> for RmbError {
    fn from(failure: Failure) -> Self {
        Self { code: failure.code.number(), message: format!("{} [{}]", failure.message, failure.code) }
    }
}

impl RmbError {
    /// The refusal of a node that speaks this protocol; nothing if a peer or relay said it.
    pub fn of_node(&self) -> Option<ErrorBody> {
        let code = Code::of_number(self.code)?;
        let mark = format!(" [{code}]");
        let message = self.message.strip_suffix(&mark).unwrap_or(&self.message).into();
        Some(ErrorBody { code: code.as_str().into(), message, retryable: code.retryable() })
    }
}

/// The twin of a `src`: `5` or `5:session`. Refuses 0, whose messages no peer verifies.
pub fn twin_of(src: &str) -> Result<u32, Failure> {
    let number = src.split_once(':').map_or(src, |(twin, _)| twin);
    match number.parse::<u32>() {
        Ok(twin) if twin != 0 => Ok(twin),
        Ok(_) => Err(Failure::new(Code::BadSignature, "messages of twin 0 are not signed by anybody")),
        Err(_) => Err(Failure::new(Code::BadSchema, format!("src {src:?} names no twin"))),
    }
}

impl RmbDelivery {
    /// Checks that it is good at `now` (Unix seconds): `bad_schema`, `expired`, `from_the_future`.
    pub fn check_time(&self, now: u64) -> Result<(), Failure> {
        if !(1..=super::MAX_EXPIRATION).contains(&self.exp) {
            let message = format!("exp is {} s, must be 1 to {}", self.exp, super::MAX_EXPIRATION);
            return Err(Failure::new(Code::BadSchema, message));
        }
        if self.now > now.saturating_add(super::MAX_SKEW) {
            let message = format!("made at {}, but it is {now} here; set your clock", self.now);
            return Err(Failure::new(Code::FromTheFuture, message));
        }
        if now >= self.deadline() {
            let message = format!("was good until {}, but it is {now} here; send it again", self.deadline());
            return Err(Failure::new(Code::Expired, message));
        }
        Ok(())
    }

    /// The first second at which it is good no more.
    pub fn deadline(&self) -> u64 {
        self.now.saturating_add(self.exp)
    }

    /// The id under which it is remembered: a hash of the peers' own, whatever that looks like.
    pub fn id(&self) -> MessageId {
        let hash = blake2_256(self.reference.as_deref().unwrap_or_default().as_bytes());
        let mut id = [0; 16];
        id.copy_from_slice(&hash[..16]);
        MessageId(id)
    }
}

/// A payload or result of the wire.
pub fn decode(dat: &str) -> Result<Vec<u8>, Failure> {
    use base64::{engine::general_purpose::STANDARD, Engine};
    STANDARD.decode(dat).map_err(|error| Failure::new(Code::BadSchema, format!("dat is not base64: {error}")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use serde_json::json;

    fn delivery() -> RmbDelivery {
        let value = json!({ "ver": 1, "ref": "a-b", "src": "5:session", "cmd": "zos.system.version", "exp": 60,
            "dat": "e30=", "tag": null, "ret": REPLY_QUEUE, "shm": SCHEMA, "now": 1_000 });
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn the_twin_is_the_part_before_the_session() {
        assert_eq!(twin_of(&delivery().src), Ok(5));
        assert_eq!(twin_of("7"), Ok(7));
        assert_eq!(twin_of("0").unwrap_err().code, Code::BadSignature);
        assert_eq!(twin_of("0:x").unwrap_err().code, Code::BadSignature);
        for broken in ["", "x", "-1", ":5", "4294967296"] {
            assert_eq!(twin_of(broken).unwrap_err().code, Code::BadSchema, "{broken}");
        }
    }

    #[test]
    fn a_delivery_is_good_from_its_time_to_its_deadline() {
        let at = |now| delivery().check_time(now).map_err(|failure| failure.code);
        assert_eq!(at(1_000 - super::super::MAX_SKEW - 1), Err(Code::FromTheFuture));
        assert_eq!(at(1_059), Ok(()));
        assert_eq!(at(1_060), Err(Code::Expired));
        let endless = RmbDelivery { exp: 0, ..delivery() };
        assert_eq!(endless.check_time(1_000).unwrap_err().code, Code::BadSchema);
    }

    #[test]
    fn a_refusal_goes_through_a_peer_with_code_and_words() {
        let error = RmbError::from(Failure::new(Code::NotReady, "soon"));
        let error: RmbError = serde_json::from_value(serde_json::to_value(error).unwrap()).unwrap();
        let body = error.of_node().unwrap();
        assert_eq!((body.known(), body.message.as_str(), body.retryable), (Some(Code::NotReady), "soon", true));
    }

    #[test]
    fn a_peers_own_error_is_not_taken_for_a_nodes() {
        assert_eq!(RmbError { code: 102, message: "expired".into() }.of_node(), None);
    }

    #[test]
    fn a_payload_is_padded_base64() {
        assert_eq!(decode(&delivery().dat).unwrap(), b"{}");
        assert_eq!(decode("e30").unwrap_err().code, Code::BadSchema);
    }

    #[test]
    fn ids_differ_with_the_reference() {
        let other = RmbDelivery { reference: Some("a-c".into()), ..delivery() };
        assert_ne!(delivery().id(), other.id());
    }
}
