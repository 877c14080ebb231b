//! Says who this node is and which key messages to it are sealed to, signed by the agent's key: to anybody, and cheaply.

use super::seal_keys::{SealKeys, VALID_FOR};
use crate::{clock, key::AgentKey, store::identity::Identity};
use grid_types::{
    bus::{Code, Failure, Hello, Introduction, VERSION},
    json,
};

/// Answers `zos.bus.hello`.
pub struct Introducer {
    /// Who this node is.
    pub identity: Identity,
    /// Signs.
    pub key: AgentKey,
    /// What messages are sealed to.
    pub keys: SealKeys,
}

impl Introducer {
    /// Introduces this node to whoever sent the challenge.
    pub fn introduce(&self, hello: Hello) -> Result<Introduction, Failure> {
        let now = clock::now();
        let seal_key = self.keys.current(now).map_err(|error| {
            tracing::error!(%error, "the bus' keys cannot be renewed");
            Failure::new(Code::Internal, "the node has no key at the moment; its log says why")
        })?;
        let mut introduction = Introduction {
            version: VERSION,
            genesis: self.identity.genesis,
            node_id: self.identity.node_id,
            twin_id: self.identity.twin_id,
            challenge: hello.challenge,
            seal_key,
            timestamp: now,
            valid_for: VALID_FOR,
            signature_type: self.key.scheme().as_str().to_owned(),
            signature: [0; 64],
        };
        introduction.signature = self.key.sign(&introduction.signing_bytes());
        Ok(introduction)
    }

    /// The same for a payload.
    pub fn answer(&self, payload: &[u8]) -> Result<Vec<u8>, Failure> {
        let hello = serde_json::from_value(json::parse(payload)?)
            .map_err(|error| Failure::new(Code::BadSchema, format!("payload: {error}")))?;
        Ok(self.introduce(hello)?.to_value().to_string().into_bytes())
    }
}
