//! The direct door: signed and sealed messages over a WebSocket.
//!
//! [`door`] is the socket with its limits, [`seats`], [`places`], [`watch`] and [`tls`] what lies around each connection, [`verify`] decides who
//! speaks. This file ties them: text in, [`Reply`] out.

pub mod door;
pub mod places;
pub mod seats;
pub mod tls;
pub mod verify;
pub mod watch;

use super::{
    accounts::Accounts,
    answers::Outcome,
    config::Plain,
    counter::{shielded, Counter, Said},
};
use crate::{clock, key::AgentKey, store::identity::Identity};
use grid_types::{
    bus::{harmless, Code, Envelope, Failure, Hello, Introduction, Reply, ReplyTo},
    deployment::Digest,
};
use serde_json::Value;
use std::sync::Arc;
use watch::Caller;

/// What answers on the direct door.
pub struct Direct {
    /// Who this node is.
    pub identity: Identity,
    /// Signs the replies.
    pub key: AgentKey,
    /// Whose key speaks for which twin.
    pub accounts: Arc<Accounts>,
    /// Which messages may come in the clear.
    pub plain: Plain,
    /// Where the commands go.
    pub counter: Arc<Counter>,
}

/// How a message is answered: to whom, and sealed to which key.
struct Answering {
    to: ReplyTo,
    reply_key: Option<[u8; 32]>,
}

impl Direct {
    /// Answers the parameters of one call. Always; also to what is no envelope.
    pub async fn answer(self: Arc<Self>, params: String, caller: Arc<Caller>) -> Reply {
        let (answering, outcome) = self.heard(params, &caller).await;
        if let Err(failure) = &outcome {
            let Answering { to, .. } = &answering;
            self.counter.metrics.refused(failure.code);
            // Not its reason, which may repeat what was sent.
            tracing::info!(id = %to.id, twin = to.twin, code = %failure.code, "refused");
        }
        self.signed(answering, outcome)
    }

    /// Introduces the node to anybody.
    pub fn introduce(&self, params: &str, caller: &Caller) -> Result<Introduction, Failure> {
        self.introduced(params, caller).inspect_err(|failure| self.counter.metrics.refused(failure.code))
    }

    fn introduced(&self, params: &str, caller: &Caller) -> Result<Introduction, Failure> {
        self.counter.limits.stranger(caller.address(), params.len())?;
        let value = Envelope::value_from_params(params)?;
        let hello: Hello =
            serde_json::from_value(value).map_err(|error| Failure::new(Code::BadSchema, format!("hello: {error}")))?;
        self.counter.introducer.introduce(hello)
    }

    async fn heard(self: &Arc<Self>, params: String, caller: &Caller) -> (Answering, Outcome) {
        let nobody = Answering { to: ReplyTo::default(), reply_key: None };
        // Before anything is read.
        if let Err(failure) = self.counter.limits.stranger(caller.address(), params.len()) {
            return (nobody, Err(failure));
        }
        let value = match Envelope::value_from_params(&params) {
            Ok(value) => value,
            Err(failure) => return (nobody, Err(failure)),
        };
        let bytes = params.len();
        drop(params);
        let to = ReplyTo::peek(&value);
        let envelope = match self.verified(value, caller).await {
            Ok(envelope) => envelope,
            Err(failure) => {
                if failure.code == Code::BadSignature {
                    caller.is_stranger();
                }
                return (Answering { to, reply_key: None }, Err(failure));
            },
        };
        caller.is_known();
        let reply_key = envelope.seal.map(|seal| seal.reply_key);
        let direct = Arc::clone(self);
        let outcome = shielded(async move { direct.carry_out(envelope, bytes).await }).await;
        (Answering { to, reply_key }, outcome)
    }

    /// Whether it is for this node, in time, and by the twin that it says it is by.
    async fn verified(&self, value: Value, caller: &Caller) -> Result<Envelope, Failure> {
        let envelope = Envelope::from_value(value)?;
        verify::content(&envelope, self.identity.twin_id, clock::now())?;
        let account = self.accounts.of(envelope.source, Some(caller.address())).await?;
        verify::signature(&envelope, &account, &self.identity.genesis)?;
        Ok(envelope)
    }

    async fn carry_out(&self, envelope: Envelope, bytes: usize) -> Outcome {
        let key = match envelope.seal {
            None if self.plain == Plain::Harmless && !harmless(&envelope.command) => {
                return Err(Failure::new(
                    Code::EncryptionRequired,
                    format!("{} must be sealed to the node's key, which bus_hello tells", envelope.command),
                ))
            },
            None => None,
            Some(seal) => {
                let unknown =
                    "it is sealed to a key that this node does not have (any more); ask bus_hello for the one of now";
                let key = self.counter.introducer.keys.find(&seal.node_key);
                Some(key.ok_or_else(|| Failure::new(Code::UnknownKey, unknown))?)
            },
        };
        let said = Said {
            source: envelope.source,
            id: envelope.id,
            command: envelope.command.clone(),
            deadline: envelope.deadline(),
            bytes,
            content: Digest::of(&envelope.signing_bytes(&self.identity.genesis)),
        };
        let open = move || match key {
            Some(key) => envelope.open(&key),
            None => Ok(envelope.payload),
        };
        self.counter.serve(said, open).await
    }

    fn signed(&self, answering: Answering, outcome: Outcome) -> Reply {
        let (node, now, genesis) = (self.identity.twin_id, clock::now(), &self.identity.genesis);
        let Answering { to, reply_key } = answering;
        let mut reply = match reply_key {
            None => Reply::unsigned(to, node, now, outcome),
            Some(key) => Reply::sealed(to, node, now, outcome, &key, genesis).unwrap_or_else(|error| {
                tracing::error!(%error, "an answer cannot be sealed");
                let failure = Failure::new(Code::Internal, "the node cannot seal its answer at the moment");
                Reply::unsigned(to, node, now, Err(failure))
            }),
        };
        reply.signature_type = self.key.scheme().as_str().to_owned();
        reply.signature = self.key.sign(&reply.signing_bytes(genesis));
        reply
    }
}
