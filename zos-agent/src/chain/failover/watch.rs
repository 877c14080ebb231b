//! Every endpoint is looked at every few seconds, and the blocks of the one that is asked are passed on.

use super::Failover;
use crate::{
    chain::{ChainError, Head},
    clock,
};
use futures::{stream, StreamExt};
use std::{sync::Weak, time::Duration};
use tokio::time::timeout;

/// How often endpoints are looked at.
const LOOK: Duration = Duration::from_secs(4);
/// The longest that an endpoint may take to say how far it is.
const GLANCE: Duration = Duration::from_secs(5);

impl Failover {
    /// Asks an endpoint how far it is.
    pub(super) async fn glance(&self, index: usize) {
        let Some((_, chain)) = self.endpoints.get(index) else { return };
        let begun = self.now();
        let seen = async { Ok::<_, ChainError>((chain.genesis().await?, chain.head().await?)) };
        match timeout(GLANCE, seen).await {
            Ok(Ok((genesis, head))) => self.sighted(index, genesis, head, begun),
            Ok(Err(error)) => self.failed(index, error.to_string()),
            Err(_) => self.failed(index, format!("no answer in {} s", GLANCE.as_secs())),
        }
    }

    /// An endpoint answered to a question that was asked at `begun`.
    pub(super) fn sighted(&self, index: usize, genesis: [u8; 32], head: Head, begun: u64) {
        let now = self.now();
        let mut state = self.state();
        if let Some(record) = state.records.get_mut(index).filter(|record| !record.overtakes(genesis, head, begun)) {
            record.sighted(genesis, head, now);
        }
        if let Some(heard) = state.heard_at.get_mut(index) {
            *heard = Some(clock::now());
        }
        drop(state);
        self.choose();
    }

    pub(super) fn failed(&self, index: usize, reason: String) {
        let mut state = self.state();
        if let Some(record) = state.records.get_mut(index) {
            record.failure = Some(reason);
        }
        drop(state);
        self.choose();
    }
}

/// Looks at one endpoint again and again.
pub(super) async fn look(chain: Weak<Failover>, index: usize) {
    while let Some(chain) = chain.upgrade() {
        chain.glance(index).await;
        drop(chain);
        tokio::time::sleep(LOOK).await;
    }
}

/// Passes on the heights of one endpoint while it is the one that is asked.
pub(super) async fn follow(weak: Weak<Failover>, index: usize) {
    while let Some(chain) = weak.upgrade() {
        let heads = match chain.endpoints.get(index) {
            Some((_, endpoint)) if chain.healthy().contains(&index) => endpoint.heads().await.ok(),
            _ => None,
        };
        drop(chain);
        let mut heads = heads.unwrap_or_else(|| stream::empty().boxed());
        while let Some(number) = heads.next().await {
            let Some(chain) = weak.upgrade() else { return };
            if chain.state().used == Some(index) {
                // Also a lower one than another endpoint has told of: it is a reason to look, not an answer.
                chain.height.send_if_modified(|height| std::mem::replace(height, number) != number);
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}
