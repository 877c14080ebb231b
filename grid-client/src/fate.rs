//! What became of a transaction, looked up in the blocks it may be in: never guessed, and no other one is sent on a guess.

use crate::{
    connect::{Chain, Connection},
    error::{ChainError, SubmitError},
    records::BlockRef,
    submit::{done, Included, Wait, LIFE},
    Hash,
};
use sp_crypto_hashing::blake2_256;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use subxt::{config::substrate::H256, error::EventsError, events::Phase};

/// How often to look while a transaction may still be included.
const LOOK: Duration = Duration::from_secs(2);
/// After so long a look is broken off, and the next goes on where it was.
const LOOK_TIME: Duration = Duration::from_secs(5);
/// Blocks that are looked at in one go: as many as an endpoint far away gives in a few seconds.
const AT_ONCE: u64 = 16;

/// What became of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is in a finalized block; [`SubmitError::Failed`] if it did not do what it should.
    Final(Result<Included, SubmitError>),
    /// It may still be included, or is in a block that is not final. Blocks up to this one need not be looked at again.
    Open {
        /// The highest finalized block that was looked at.
        searched: u64,
    },
    /// It is in no block and can be in none any more: nothing happened.
    Expired,
    /// It is in a finalized block of which the endpoint no longer has the state: what it did there cannot be told.
    Forgotten,
}

/// A transaction whose trace was lost.
pub(crate) struct Trace {
    pub transaction: Hash,
    pub bytes: Vec<u8>,
    /// The block from which its life counts.
    pub from: BlockRef,
    pub wait: Wait,
}

impl Chain {
    /// Looks a transaction up in the finalized blocks of its life. `from`: the block from which that counts; `searched`: the
    /// highest block that an earlier look has been through, or 0. One look goes through a few blocks only, so that it has an end
    /// before anybody loses patience: [`Fate::Open`] may just mean that there are more.
    pub async fn fate(&self, transaction: Hash, from: u64, searched: u64) -> Result<Fate, ChainError> {
        let connection = self.connection().await?;
        let head = connection.methods.chain_get_finalized_head().await.map_err(|error| connection.failed(error))?;
        let head = connection.view(head).await?.block().number;
        let last = from.saturating_add(LIFE);
        let searched = from.max(searched);
        let to = head.min(last).min(searched.saturating_add(AT_ONCE));
        let begun = Instant::now();
        for number in searched.saturating_add(1)..=to {
            if number > searched.saturating_add(1) && begun.elapsed() > LOOK_TIME {
                return Ok(Fate::Open { searched: number - 1 });
            }
            match included_at(&connection, number, transaction).await? {
                Some(Fate::Final(Err(SubmitError::Chain(error)))) => return Err(error),
                Some(fate) => return Ok(fate),
                None => {},
            }
        }
        let searched = searched.max(to);
        Ok(if searched >= last { Fate::Expired } else { Fate::Open { searched } })
    }

    /// Looks until it is known what became of a transaction whose trace was lost. A node that was killed has lost its pool: while
    /// the transaction may still be included, whoever is asked gets it again. It is the same one, so it counts once.
    pub(crate) async fn find(&self, trace: &Trace, reason: String) -> Result<Included, SubmitError> {
        let Trace { transaction, ref bytes, from, wait } = *trace;
        tracing::info!(transaction = %hex::encode(transaction), reason, "looking for a transaction in the blocks since");
        let mut searched = from.number;
        loop {
            match self.fate(transaction, from.number, searched).await {
                Ok(Fate::Final(outcome)) => return outcome,
                Ok(Fate::Expired) => {
                    let reason = format!("no block took it in its life of {LIFE} blocks ({reason})");
                    return Err(SubmitError::Refused { reason });
                },
                Ok(Fate::Forgotten) => {
                    let reason = format!("it is in a block whose state the endpoint has discarded ({reason})");
                    return Err(SubmitError::Lost { transaction, from, reason });
                },
                Ok(Fate::Open { searched: up_to }) if up_to > searched => {
                    searched = up_to;
                    continue;
                },
                Ok(Fate::Open { .. }) => {
                    if wait == Wait::InBlock {
                        if let Some(outcome) = self.in_best_block(transaction, searched).await {
                            return outcome;
                        }
                    }
                    // Refused or not: the blocks tell.
                    if let Err(error) = self.broadcast(bytes).await {
                        tracing::debug!(%error, "the transaction was not taken again");
                    }
                },
                Err(error) => tracing::debug!(%error, "cannot look for it yet"),
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The transaction in a block after this one that is not final yet, as far as that can be told.
    async fn in_best_block(&self, transaction: Hash, after: u64) -> Option<Result<Included, SubmitError>> {
        let best = self.best().await.ok()?.block().number;
        let connection = self.connection().await.ok()?;
        for number in after.saturating_add(1)..=best {
            if let Ok(Some(Fate::Final(found))) = included_at(&connection, number, transaction).await {
                return Some(found);
            }
        }
        None
    }
}

/// What became of a transaction in the block of this height, if it is in it.
async fn included_at(connection: &Arc<Connection>, number: u64, transaction: Hash) -> Result<Option<Fate>, ChainError> {
    let hash = connection.hash_of(number).await?;
    let block = connection.methods.chain_get_block(Some(hash)).await.map_err(|error| connection.failed(error))?;
    let block = block.ok_or_else(|| ChainError::UnknownBlock { block: format!("#{number}") })?;
    let place = block.block.extrinsics.iter().position(|bytes| blake2_256(bytes) == transaction);
    let Some(place) = place.and_then(|place| u32::try_from(place).ok()) else { return Ok(None) };
    match outcome_at(connection, hash, transaction, place).await {
        Ok(outcome) => Ok(Some(Fate::Final(outcome))),
        // The block is there, as the transaction was found in it.
        Err(ChainError::UnknownBlock { .. }) => Ok(Some(Fate::Forgotten)),
        Err(error) => Err(error),
    }
}

async fn outcome_at(
    connection: &Arc<Connection>,
    hash: H256,
    transaction: Hash,
    place: u32,
) -> Result<Result<Included, SubmitError>, ChainError> {
    let at = connection.client.at_block(hash).await.map_err(|error| connection.no_block(error))?;
    let events = at.events().fetch().await.map_err(|error| match error {
        EventsError::CannotFetchEventBytes(reason) => connection.backend_failed(reason),
        other => ChainError::unreadable("events", other),
    })?;
    let own = events.iter().filter(|event| match event {
        Ok(event) => event.phase() == Phase::ApplyExtrinsic(place),
        Err(_) => true,
    });
    Ok(done(&at, transaction, own.collect::<Vec<_>>()))
}
