//! Where users' commands come in: whatever arrives is answered, signed by the agent's key.
//!
//! [`door`] is the socket, [`verify`] decides who speaks, [`replay`] that he says it once, [`handlers`] what comes of it.
//! This file ties them: text in, [`Reply`] out. A second door would share everything but the socket.

pub mod accounts;
pub mod door;
pub mod handlers;
pub mod replay;
pub mod verify;

use crate::{clock, key::AgentKey, metrics::Metrics, store::identity::Identity};
use accounts::Accounts;
use grid_types::bus::{Code, Envelope, Failure, Reply, ReplyTo};
use handlers::Desk;
use replay::ReplayGuard;
use serde_json::Value;
use std::sync::Arc;

/// What answers.
pub struct Service {
    /// Who this node is.
    pub identity: Identity,
    /// Signs the replies.
    pub key: AgentKey,
    /// Whose key speaks for which twin.
    pub accounts: Accounts,
    /// What was heard before.
    pub replays: ReplayGuard,
    /// What carries out.
    pub desk: Arc<Desk>,
    /// Where refusals are counted.
    pub metrics: Metrics,
}

impl Service {
    /// Answers the parameters of one call. Always; also to what is no envelope.
    pub async fn answer(self: Arc<Self>, params: String) -> Reply {
        let (to, outcome) = match Envelope::value_from_params(&params) {
            Ok(value) => (ReplyTo::peek(&value), self.clone().shielded(value).await),
            Err(failure) => (ReplyTo::default(), Err(failure)),
        };
        drop(params);
        if let Err(failure) = &outcome {
            self.metrics.refused(failure.code);
            tracing::info!(id = %to.id, twin = to.twin, code = %failure.code, reason = failure.message, "refused");
        }
        self.signed(Reply::unsigned(to, self.identity.twin_id, clock::now(), outcome))
    }

    /// Runs in a task of its own: a caller who hangs up does not cut a command in half, and a bug in a handler is answered.
    async fn shielded(self: Arc<Self>, value: Value) -> Result<Vec<u8>, Failure> {
        let work = tokio::spawn(async move { self.carry_out(value).await });
        work.await.unwrap_or_else(|error| {
            tracing::error!(%error, "a command broke off");
            Err(Failure::new(Code::Internal, "the node failed on this; its log says why"))
        })
    }

    async fn carry_out(&self, value: Value) -> Result<Vec<u8>, Failure> {
        let envelope = Envelope::from_value(value)?;
        verify::content(&envelope, self.identity.twin_id, clock::now())?;
        let account = self.accounts.of(envelope.source).await?;
        verify::signature(&envelope, &account, &self.identity.genesis)?;
        self.replays.admit(envelope.source, envelope.id, envelope.deadline(), clock::now())?;
        tracing::debug!(id = %envelope.id, twin = envelope.source, command = envelope.command, "command");
        self.desk.handle(envelope).await
    }

    fn signed(&self, mut reply: Reply) -> Reply {
        reply.signature = self.key.sign(&reply.signing_bytes(&self.identity.genesis));
        reply
    }
}
