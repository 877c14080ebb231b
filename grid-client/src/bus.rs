//! A client of the direct door of a node's agent: signs commands with a twin's key and believes only answers that the node's
//! agent account has signed.

use crate::{
    keys::{verify, Account, Key},
    Hash,
};
use grid_types::bus::{Code, Envelope, ErrorBody, MessageId, Reply, MAX_MESSAGE, METHOD};
use jsonrpsee_client::{
    core::client::{ClientT, Error as RpcError},
    rpc_params,
    ws_client::{WsClient, WsClientBuilder},
};
use serde::{de::DeserializeOwned, Serialize};
use serde_json::value::RawValue;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest wait for an answer: the longest call of a function, and a minute.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(360);
/// How long a command is good for, seconds.
const EXPIRATION: u64 = 60;
/// Room for JSON-RPC around the largest message, bytes.
const FRAME: u32 = 1_024;

/// Whom to talk to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusTarget {
    /// The direct door: `ws://` or `wss://`.
    pub url: String,
    /// The node's twin.
    pub node_twin: u32,
    /// The account that signs the node's answers.
    pub agent: Account,
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
            Self::BadRequest { .. } => "bad_request",
        }
    }

    /// Whether sending it again later may help.
    pub const fn retryable(&self) -> bool {
        match self {
            Self::Refused(error) => error.retryable,
            Self::Unreachable { .. } => true,
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

/// A connection to one node's direct door, for one twin.
pub struct Bus {
    socket: WsClient,
    target: BusTarget,
    key: Key,
    twin: u32,
    genesis: Hash,
}

impl Bus {
    /// Connects. Commands will be signed by `key`, the account of `twin`, for the chain with that genesis.
    pub async fn connect(target: BusTarget, key: Key, twin: u32, genesis: Hash) -> Result<Self, BusError> {
        let size = u32::try_from(MAX_MESSAGE).unwrap_or(u32::MAX).saturating_add(FRAME);
        let socket = WsClientBuilder::default()
            .connection_timeout(CONNECT_TIMEOUT)
            .request_timeout(ANSWER_TIMEOUT)
            .max_request_size(size)
            .max_response_size(size)
            .build(&target.url)
            .await
            .map_err(|error| BusError::Unreachable { url: target.url.clone(), reason: error.to_string() })?;
        Ok(Self { socket, target, key, twin, genesis })
    }

    /// Sends a command and gives its result.
    pub async fn call<P: Serialize, R: DeserializeOwned>(&self, command: &str, payload: &P) -> Result<R, BusError> {
        let payload = serde_json::to_vec(payload).map_err(bad_request)?;
        let result = self.call_raw(command, payload).await?;
        serde_json::from_slice(&result).map_err(|error| self.bad_reply(format!("unexpected result: {error}")))
    }

    /// Sends a command with a payload as it is and gives the result as it came.
    pub async fn call_raw(&self, command: &str, payload: Vec<u8>) -> Result<Vec<u8>, BusError> {
        let id = MessageId::random().map_err(bad_request)?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(bad_request)?.as_secs();
        let parties = (self.twin, self.target.node_twin);
        let mut envelope = Envelope::unsigned(id, parties, command, payload, (now, EXPIRATION));
        envelope.signature = self.key.sign(&envelope.signing_bytes(&self.genesis));
        self.deliver(&envelope).await?.into_outcome().map_err(BusError::Refused)
    }

    /// Sends an envelope as it is and gives the answer, if it is signed and answers this envelope. For tests of the door.
    pub async fn deliver(&self, envelope: &Envelope) -> Result<Reply, BusError> {
        let answer: Box<RawValue> =
            self.socket.request(METHOD, rpc_params![envelope.to_value()]).await.map_err(|error| self.failed(error))?;
        let reply = Reply::from_json(answer.get().as_bytes()).map_err(|error| self.bad_reply(error.to_string()))?;
        if !verify(&self.target.agent, &reply.signing_bytes(&self.genesis), &reply.signature) {
            let found = reply.error.as_ref().map(|error| format!("; it says: {} ({})", error.message, error.code));
            let reason = format!("not signed by the node's agent {}{}", self.target.agent, found.unwrap_or_default());
            return Err(self.bad_reply(reason));
        }
        if !reply.answers(envelope) {
            return Err(self.bad_reply("it answers another message".into()));
        }
        Ok(reply)
    }

    /// Whom it talks to.
    pub const fn target(&self) -> &BusTarget {
        &self.target
    }

    fn bad_reply(&self, reason: String) -> BusError {
        BusError::BadReply { url: self.target.url.clone(), reason }
    }

    fn failed(&self, error: RpcError) -> BusError {
        let url = self.target.url.clone();
        match error {
            RpcError::Call(refusal) => BusError::NotTaken { url, reason: refusal.message().into() },
            other => BusError::Unreachable { url, reason: other.to_string() },
        }
    }
}

fn bad_request(error: impl ToString) -> BusError {
    BusError::BadRequest { reason: error.to_string() }
}

#[cfg(test)]
mod tests;
