//! A client of the doors of a node's agent.
//!
//! | door | address | who is believed |
//! | --- | --- | --- |
//! | [`direct`] | `ws://`, `wss://` | messages are signed by a twin's key and sealed to the node's; answers must be signed by the node's agent account and sealed to this client |
//! | [`rmb`] | `redis://HOST:PORT/DB`, `redis+unix:///PATH` | the rmb-peer of that Redis: it signs, verifies and encrypts in its twin's name |

pub mod direct;
pub mod rmb;

use crate::{
    keys::{Account, Key},
    Hash,
};
use grid_types::bus::{Code, Envelope, ErrorBody, Reply, FUNCTION_INVOKE, MODULE_PUT};
use serde::{de::DeserializeOwned, Serialize};
use std::{
    path::PathBuf,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// The longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest wait for an answer: the longest call of a function, and a minute.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(360);

/// How long a command is good for, seconds.
const LIFE: u64 = 60;
/// The same for calls of functions, which may take long, and for modules, which may be long on their way.
const LONG_LIFE: u64 = 340;

/// How long a command is good for on its way, through whatever door, seconds.
fn life(command: &str) -> u64 {
    match command {
        FUNCTION_INVOKE | MODULE_PUT => LONG_LIFE,
        _ => LIFE,
    }
}

/// Whom to talk to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusTarget {
    /// The door: `ws://`, `wss://`, `redis://` or `redis+unix://`.
    pub url: String,
    /// The node's twin.
    pub node_twin: u32,
    /// The account that signs the node's answers.
    pub agent: Account,
    /// PEM file with the certificates that a `wss://` door is checked with, instead of the system's.
    pub roots: Option<PathBuf>,
}

/// Why a command has no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BusError {
    /// The node refused it.
    #[error("the node refused: {} ({})", .0.message, .0.code)]
    Refused(ErrorBody),
    /// Nobody answers.
    #[error("no answer from the node at {url}: {reason}")]
    Unreachable {
        /// Who was asked.
        url: String,
        /// What came instead.
        reason: String,
    },
    /// The door does not speak this protocol, or the message was too large for it.
    #[error("the door at {url} did not take the message: {reason}")]
    NotTaken {
        /// Who was asked.
        url: String,
        /// What it said.
        reason: String,
    },
    /// An answer that cannot be believed: not signed by the node's agent, to another message, or not readable.
    #[error("the answer from {url} cannot be believed: {reason}")]
    BadReply {
        /// Who answered.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The bus could not bring the command to the node, or the answer back.
    #[error("the message bus at {url} did not deliver: {reason} (code {code})")]
    Undelivered {
        /// Who was asked.
        url: String,
        /// The peer's or relay's number for it.
        code: u32,
        /// What it said.
        reason: String,
    },
    /// The command cannot be written.
    #[error("the command cannot be written: {reason}")]
    BadRequest {
        /// Why.
        reason: String,
    },
}

impl BusError {
    /// The stable machine code; a refusal goes by the node's code.
    pub fn code(&self) -> &str {
        match self {
            Self::Refused(error) => &error.code,
            Self::Unreachable { .. } => "node_unreachable",
            Self::NotTaken { .. } => "message_not_taken",
            Self::BadReply { .. } => "bad_reply",
            Self::Undelivered { .. } => "message_undelivered",
            Self::BadRequest { .. } => "bad_request",
        }
    }

    /// Whether sending it again later may help.
    pub const fn retryable(&self) -> bool {
        match self {
            Self::Refused(error) => error.retryable,
            Self::Unreachable { .. } | Self::Undelivered { .. } => true,
            Self::NotTaken { .. } | Self::BadReply { .. } | Self::BadRequest { .. } => false,
        }
    }

    /// The node's code, if it refused with one that this program knows.
    pub fn refusal(&self) -> Option<Code> {
        match self {
            Self::Refused(error) => error.known(),
            _ => None,
        }
    }
}

/// A connection to one node, for one twin.
pub struct Bus {
    door: Door,
    target: BusTarget,
}

enum Door {
    Direct(Box<direct::Direct>),
    Rmb(rmb::Rmb),
}

impl Bus {
    /// Connects. Through the direct door, commands will be signed by `key`, the account of `twin`, for the chain with that
    /// genesis; through the rmb door they are sent by the peer of that Redis, which must be `twin`'s.
    pub async fn connect(target: BusTarget, key: Key, twin: u32, genesis: Hash) -> Result<Self, BusError> {
        let door = match rmb::is_address(&target.url) {
            true => Door::Rmb(rmb::Rmb::connect(&target, twin).await?),
            false => Door::Direct(Box::new(direct::Direct::connect(&target, key, twin, genesis).await?)),
        };
        Ok(Self { door, target })
    }

    /// Sends a command and gives its result.
    pub async fn call<P: Serialize, R: DeserializeOwned>(&self, command: &str, payload: &P) -> Result<R, BusError> {
        let payload = serde_json::to_vec(payload).map_err(bad_request)?;
        let result = self.call_raw(command, payload).await?;
        serde_json::from_slice(&result)
            .map_err(|error| bad_reply(&self.target.url, format!("unexpected result: {error}")))
    }

    /// Sends a command with a payload as it is and gives the result as it came.
    pub async fn call_raw(&self, command: &str, payload: Vec<u8>) -> Result<Vec<u8>, BusError> {
        match &self.door {
            Door::Direct(door) => door.call(command, &payload).await,
            Door::Rmb(door) => door.call(command, payload).await,
        }
    }

    /// Sends an envelope as it is and gives the answer, if it is signed and answers this envelope. For tests of the direct door.
    pub async fn deliver(&self, envelope: &Envelope) -> Result<Reply, BusError> {
        match &self.door {
            Door::Direct(door) => door.deliver(envelope).await,
            Door::Rmb(_) => Err(bad_request("an rmb-peer takes no envelopes")),
        }
    }

    /// Whom it talks to.
    pub const fn target(&self) -> &BusTarget {
        &self.target
    }
}

fn bad_reply(url: &str, reason: String) -> BusError {
    BusError::BadReply { url: without_password(url), reason }
}

fn unreachable(url: &str, reason: impl ToString) -> BusError {
    BusError::Unreachable { url: without_password(url), reason: reason.to_string() }
}

/// An address as it may be printed: without the password that it may hold, and with the rest, which says whose peer it is.
fn without_password(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let (place, query) = rest.split_once('?').map_or((rest, None), |(place, query)| (place, Some(query)));
    let place = place.rsplit_once('@').map_or(place, |(_, place)| place);
    let secret = |part: &&str| !part.starts_with("pass=") && !part.starts_with("password=");
    let query: Vec<_> = query.into_iter().flat_map(|query| query.split('&')).filter(secret).collect();
    let mark = if query.is_empty() { "" } else { "?" };
    let end = if scheme.is_empty() { "" } else { "://" };
    format!("{scheme}{end}{place}{mark}{}", query.join("&"))
}

fn bad_request(error: impl ToString) -> BusError {
    BusError::BadRequest { reason: error.to_string() }
}

/// Unix seconds.
fn now() -> Result<u64, BusError> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH).map_err(bad_request)?.as_secs())
}

#[cfg(test)]
mod tests;
