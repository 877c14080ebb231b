//! Every finalized block, in order, whatever happens to the connection.

use crate::{
    connect::{Chain, Connection},
    error::ChainError,
    records::BlockRef,
};
use std::{sync::Arc, time::Duration};
use subxt::{
    config::{substrate::SubstrateHeader, substrate::H256, Header},
    rpcs::client::RpcSubscription,
};

/// Without a new finalized block for this long, the subscription is made again: it may have died without a word.
const STALE: Duration = Duration::from_secs(60);
/// The first pause after a failure; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// The finalized blocks of a chain, from a height on, without gaps.
pub struct FinalizedHeads {
    chain: Chain,
    /// The height that is given next; unknown until the first head is, if the caller named none.
    next: Option<u64>,
    /// The highest finalized block that the endpoint has named.
    highest: Option<u64>,
    feed: Option<Feed>,
    failures: u32,
}

struct Feed {
    connection: Arc<Connection>,
    subscription: RpcSubscription<SubstrateHeader<H256>>,
}

impl Chain {
    /// The finalized blocks from height `from` on (a cursor plus one); from the current one if `None`.
    pub fn finalized_heads(&self, from: Option<u64>) -> FinalizedHeads {
        FinalizedHeads { chain: self.clone(), next: from, highest: None, feed: None, failures: 0 }
    }
}

impl FinalizedHeads {
    /// The next finalized block. After an error, call it again: it pauses, connects again and goes on where it was.
    ///
    /// Cancel-safe: a dropped call loses no block.
    pub async fn next(&mut self) -> Result<BlockRef, ChainError> {
        if self.failures > 0 {
            tokio::time::sleep(pause(self.failures)).await;
        }
        match self.advance().await {
            Ok(block) => {
                self.failures = 0;
                Ok(block)
            },
            Err(error) => {
                self.failures = self.failures.saturating_add(1);
                self.feed = None;
                Err(error)
            },
        }
    }

    async fn advance(&mut self) -> Result<BlockRef, ChainError> {
        loop {
            let feed = match &mut self.feed {
                Some(feed) => feed,
                empty => {
                    let (feed, highest) = Feed::open(&self.chain).await?;
                    self.highest = Some(highest);
                    empty.insert(feed)
                },
            };
            let highest = self.highest.unwrap_or_default();
            let next = *self.next.get_or_insert(highest);
            if next <= highest {
                let hash = feed.connection.hash_of(next).await?;
                self.next = Some(next + 1);
                return Ok(BlockRef { number: next, hash: hash.0 });
            }
            match tokio::time::timeout(STALE, feed.subscription.next()).await {
                Ok(Some(header)) => {
                    let number = header.map_err(|error| feed.connection.failed(error))?.number();
                    self.highest = Some(highest.max(number));
                },
                // The end of the subscription, or silence: the next turn opens another one.
                Ok(None) | Err(_) => self.feed = None,
            }
        }
    }
}

impl Feed {
    /// Subscribes, and asks for the latest finalized height: the subscription names only what comes after.
    async fn open(chain: &Chain) -> Result<(Self, u64), ChainError> {
        let connection = chain.connection().await?;
        let methods = &connection.methods;
        let subscription = methods.chain_subscribe_finalized_heads().await.map_err(|e| connection.failed(e))?;
        let hash = methods.chain_get_finalized_head().await.map_err(|e| connection.failed(e))?;
        let header = methods.chain_get_header(Some(hash)).await.map_err(|e| connection.failed(e))?;
        let header = header.ok_or_else(|| ChainError::UnknownBlock { block: format!("{hash:?}") })?;
        let highest = header.number();
        Ok((Self { connection, subscription }, highest))
    }
}

fn pause(failures: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1))).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_bounded() {
        assert_eq!(pause(1), FIRST_PAUSE);
        assert_eq!(pause(3), FIRST_PAUSE * 4);
        assert_eq!(pause(u32::MAX), LONGEST_PAUSE);
    }
}
