//! Finds out which node this is: the one whose agent account the key belongs to. Accepts to be its agent, if it was told to.
//!
//! A node that has been identified before starts also while the chain cannot be asked, and goes on asking. Once the chain has
//! said that the node has no such agent, nothing starts before it has: all that an agent says would be refused.

use crate::{
    chain::{Chain, ChainError, NodeView},
    engine::backoff,
    error::AgentError,
    key::AgentKey,
    store::{identity::Identity, Store},
};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The longest pause between two questions, seconds.
const MAX_BACKOFF: u64 = 30;
/// How long an acceptance that was sent may still come to count: a transaction's life, 64 blocks of six seconds. A second one
/// before that would fail, and cost a fee.
const LIFE: Duration = Duration::from_secs(6 * 64);

/// Asks the chain who this is.
pub struct Identifier {
    chain: Arc<dyn Chain>,
    store: Store,
    account: String,
    own: Option<u32>,
    /// When the last acceptance was sent.
    sent: Option<Instant>,
}

/// What a question came to.
enum Found {
    /// This is who it is.
    Identity(Identity),
    /// No node has this agent yet.
    Nobody,
    /// The chain did not say.
    Silence(ChainError),
}

impl Identifier {
    /// `own`: the node that it must be, and accepts.
    pub fn new(chain: Arc<dyn Chain>, store: Store, key: &AgentKey, own: Option<u32>) -> Self {
        Self { chain, store, account: key.address(), own, sent: None }
    }

    /// Asks until it is known who this is, and says whether the chain has confirmed it: a node that has been identified
    /// before does not wait for a chain that cannot be asked.
    pub async fn identify(&mut self, stop: &CancellationToken) -> Result<(Identity, bool), AgentError> {
        let known = self.store.read(|read| read.identity()).await?;
        check_state(self.own, known)?;
        let mut misses = 0;
        loop {
            match (self.ask(known, stop).await?, known) {
                (Found::Identity(found), _) => return Ok((found, true)),
                (Found::Silence(error), Some(known)) if misses == 0 => {
                    tracing::warn!(%error, node = known.node_id, "starting on what was known of the chain");
                    return Ok((known, false));
                },
                (Found::Silence(error), _) => tracing::warn!(%error, "waiting for the chain"),
                (Found::Nobody, _) => {},
            }
            misses += 1;
            pause(misses, stop).await?;
        }
    }

    /// Goes on asking after a start on what was `known`. Runs until `stop`, or until the chain says that this is another node.
    pub async fn confirm(mut self, known: Identity, stop: CancellationToken) {
        if let Err(error) = self.ask_until_confirmed(known, &stop).await {
            if !matches!(error, AgentError::Stopped) {
                tracing::error!(%error, "this is not the node that it was started as");
            }
            return;
        }
        tracing::info!(node = known.node_id, "the chain confirms this node");
        stop.cancelled().await;
    }

    async fn ask_until_confirmed(&mut self, known: Identity, stop: &CancellationToken) -> Result<(), AgentError> {
        let mut misses = 0;
        loop {
            match self.ask(Some(known), stop).await? {
                Found::Identity(_) => return Ok(()),
                Found::Silence(error) => tracing::debug!(%error, "the chain has not confirmed this node yet"),
                Found::Nobody => {},
            }
            misses += 1;
            pause(misses, stop).await?;
        }
    }

    async fn ask(&mut self, known: Option<Identity>, stop: &CancellationToken) -> Result<Found, AgentError> {
        tokio::select! {
            () = stop.cancelled() => Err(AgentError::Stopped),
            found = self.ask_once(known) => found,
        }
    }

    async fn ask_once(&mut self, known: Option<Identity>) -> Result<Found, AgentError> {
        let cursor = self.store.read(|read| read.cursor()).await?;
        let (genesis, node) = match self.read(known, cursor).await {
            Ok(answer) => answer,
            Err(error) => return Ok(Found::Silence(error)),
        };
        if let Some(known) = known.filter(|known| known.genesis != genesis) {
            return Err(other_chain(&known, &genesis));
        }
        match (node, known) {
            (Some(node), known) => {
                let found = Identity { genesis, node_id: node.node_id, twin_id: node.twin_id };
                check(self.own, known, found)?;
                self.store.write(move |write| write.set_identity(&found)).await?;
                crate::step::reached("start.identified");
                Ok(Found::Identity(found))
            },
            (None, Some(known)) if self.own.is_none() => {
                let (node, account) = (known.node_id, &self.account);
                let next =
                    format!("if it names this account: set node.id, or with this key: grid node accept-agent {node}");
                tracing::warn!(node, account, next, "this node no longer has this account as its agent");
                Ok(Found::Identity(known))
            },
            (None, _) => {
                self.introduce().await;
                Ok(Found::Nobody)
            },
        }
    }

    /// The chain, and the node of this agent. The word of an endpoint that is behind what was seen of the chain is none.
    async fn read(&self, known: Option<Identity>, cursor: u64) -> Result<([u8; 32], Option<NodeView>), ChainError> {
        let genesis = self.chain.genesis().await?;
        let head = self.chain.head().await?.number;
        if head < cursor && known.is_some_and(|known| known.genesis == genesis) {
            return Err(ChainError::Unavailable(format!("the endpoint is at block {head} and was at {cursor}")));
        }
        Ok((genesis, self.chain.node().await?))
    }

    /// The chain knows no node with this agent: accepts the one it was told, or says what is to be done.
    async fn introduce(&mut self) {
        let account = &self.account;
        let Some(node) = self.own else {
            let next = "set node.id, or with this key: grid node accept-agent <node>";
            tracing::info!(account, next, "no node has this account as its agent yet");
            return;
        };
        if self.sent.is_some_and(|sent| sent.elapsed() < LIFE) {
            tracing::info!(node, account, "accepted as its agent; waiting until the chain says so");
            return;
        }
        crate::step::reached("start.accepting");
        let accepted = self.chain.accept(node).await;
        crate::step::reached("start.accepted");
        match accepted {
            Ok(()) => {
                self.sent = Some(Instant::now());
                tracing::info!(node, account, "accepted as its agent");
            },
            Err(error @ ChainError::Uncertain(_)) => {
                self.sent = Some(Instant::now());
                tracing::warn!(node, account, %error, "accepted as its agent, not sure that the chain heard");
            },
            Err(error) => tracing::warn!(node, account, %error, "cannot accept yet"),
        }
    }
}

/// Waits after so many questions in vain.
async fn pause(misses: u32, stop: &CancellationToken) -> Result<(), AgentError> {
    tokio::select! {
        () = stop.cancelled() => Err(AgentError::Stopped),
        () = tokio::time::sleep(Duration::from_secs(backoff::after(misses, MAX_BACKOFF))) => Ok(()),
    }
}

/// What the operator said must be what the state was made for, whatever the chain says.
fn check_state(own: Option<u32>, known: Option<Identity>) -> Result<(), AgentError> {
    match (own, known) {
        (Some(configured), Some(known)) if configured != known.node_id => {
            Err(AgentError::NotOwnState { configured, stored: known.node_id })
        },
        _ => Ok(()),
    }
}

/// What the operator said and what the state was made for must be this node.
fn check(own: Option<u32>, known: Option<Identity>, found: Identity) -> Result<(), AgentError> {
    if let Some(configured) = own.filter(|own| *own != found.node_id) {
        return Err(AgentError::NotOwnNode { configured, found: found.node_id });
    }
    match known {
        Some(known) if known.node_id != found.node_id => {
            Err(AgentError::OtherNode { stored: known.node_id, found: found.node_id })
        },
        _ => Ok(()),
    }
}

fn other_chain(known: &Identity, found: &[u8; 32]) -> AgentError {
    AgentError::OtherChain { stored: hex::encode(known.genesis), found: hex::encode(found) }
}
