//! Finds out which node this is: the one whose agent account the key belongs to. Accepts to be its agent, if it was told to.

use crate::{
    chain::{Chain, ChainError, NodeView},
    engine::backoff,
    error::AgentError,
    key::AgentKey,
    store::{identity::Identity, Store},
};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The longest pause between two questions, seconds.
const MAX_BACKOFF: u64 = 30;

/// Asks the chain until it answers. A node that has been identified before does not wait for it. `own`: the node that it must
/// be, and accepts.
pub async fn identify(
    chain: &dyn Chain,
    store: &Store,
    key: &AgentKey,
    own: Option<u32>,
    stop: &CancellationToken,
) -> Result<Identity, AgentError> {
    let known = store.read(|read| read.identity()).await?;
    let mut misses = 0;
    loop {
        let asked = tokio::select! {
            () = stop.cancelled() => return Err(AgentError::Stopped),
            asked = ask(chain) => asked,
        };
        match (asked, known) {
            (Ok((genesis, Some(node))), known) => {
                let found = Identity { genesis, node_id: node.node_id, twin_id: node.twin_id };
                check(own, known, found)?;
                store.write(move |write| write.set_identity(&found)).await?;
                return Ok(found);
            },
            (Ok((genesis, None)), Some(known)) if genesis == known.genesis => {
                tracing::warn!(node = known.node_id, "this node is no longer registered with this key");
                return Ok(known);
            },
            (Err(error), Some(known)) => {
                tracing::warn!(%error, node = known.node_id, "starting on what was known of the chain");
                return Ok(known);
            },
            (Ok((genesis, _)), Some(known)) => return Err(other_chain(&known, &genesis)),
            (Ok((_, None)), None) => introduce(chain, key, own).await,
            (Err(error), None) => tracing::warn!(%error, "waiting for the chain"),
        }
        misses += 1;
        tokio::select! {
            () = stop.cancelled() => return Err(AgentError::Stopped),
            () = tokio::time::sleep(Duration::from_secs(backoff::after(misses, MAX_BACKOFF))) => {},
        }
    }
}

/// The chain knows no node with this agent: accepts the one it was told, or says what is to be done.
async fn introduce(chain: &dyn Chain, key: &AgentKey, own: Option<u32>) {
    let account = key.address();
    let Some(node) = own else {
        let next = "set node.id, or with this key: grid node accept-agent";
        tracing::info!(account, next, "no node has this account as its agent yet");
        return;
    };
    match chain.accept(node).await {
        Ok(()) => tracing::info!(node, account, "accepted as its agent"),
        Err(error) => tracing::warn!(node, account, %error, "cannot accept yet"),
    }
}

async fn ask(chain: &dyn Chain) -> Result<([u8; 32], Option<NodeView>), ChainError> {
    Ok((chain.genesis().await?, chain.node().await?))
}

/// What the operator said and what the state was made for must be this chain and this node.
fn check(own: Option<u32>, known: Option<Identity>, found: Identity) -> Result<(), AgentError> {
    if let Some(configured) = own.filter(|own| *own != found.node_id) {
        return Err(AgentError::NotOwnNode { configured, found: found.node_id });
    }
    match known {
        Some(known) if known.genesis != found.genesis => Err(other_chain(&known, &found.genesis)),
        Some(known) if known.node_id != found.node_id => {
            Err(AgentError::OtherNode { stored: known.node_id, found: found.node_id })
        },
        _ => Ok(()),
    }
}

fn other_chain(known: &Identity, found: &[u8; 32]) -> AgentError {
    AgentError::OtherChain { stored: hex::encode(known.genesis), found: hex::encode(found) }
}
