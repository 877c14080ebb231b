//! Signing, sending and following transactions.
//!
//! Transactions are mortal: [`LIFE`] blocks after they were made they cannot be included any more. Nonces come from the
//! transaction pool and from what this process has under way, so that several submissions of one key may overlap.

mod nonces;
mod outcome;

use nonces::Nonce;
pub(crate) use nonces::Nonces;
pub(crate) use outcome::done;
use outcome::named;
pub use outcome::{report_outcomes, Included, ReportOutcome};

use crate::{
    calls::{Call, Encoded, MAX_REPORTS},
    connect::{at_block_error, AtBlock, Chain, Connection},
    error::{ChainError, SubmitError},
    fate::Trace,
    keys::{Account, Key},
    records::BlockRef,
    Hash,
};
use grid_types::units::Report;
use std::{sync::Arc, time::Duration};
use subxt::{
    client::OnlineClientAtBlockImpl,
    config::DefaultExtrinsicParamsBuilder,
    error::{BackendError, ExtrinsicError, RpcError, TransactionEventsError},
    rpcs::{Error as ClientError, UserError},
    tx::{SubmittableTransaction, TransactionInBlock, TransactionProgress, TransactionStatus},
    SubstrateConfig,
};

/// How many blocks a transaction may be included in after it was made.
pub const LIFE: u64 = 64;
/// The longest wait for what becomes of a transaction: its life at six seconds a block.
const PATIENCE: Duration = Duration::from_secs(6 * LIFE);
/// How often a nonce that somebody else took meanwhile is chosen anew.
const NONCE_TRIES: usize = 3;
/// What the pool says of such nonces: outdated, taken by an equal or better transaction, already there.
const NONCE_TAKEN: [&str; 3] = ["outdated", "Priority is too low", "Already Imported"];

type InBlock = TransactionInBlock<SubstrateConfig, OnlineClientAtBlockImpl<SubstrateConfig>>;
type Signed = SubmittableTransaction<SubstrateConfig, OnlineClientAtBlockImpl<SubstrateConfig>>;
type Progress = TransactionProgress<SubstrateConfig, OnlineClientAtBlockImpl<SubstrateConfig>>;

/// What the pool says of a transaction that was included, or that it has or had.
const NONCE_SPENT: [&str; 3] = ["outdated", "Already Imported", "temporarily banned"];

/// A transaction that is signed and not sent. As long as this is kept, no other of this process gets its nonce.
#[derive(Debug)]
pub struct Prepared {
    /// Its hash.
    pub transaction: Hash,
    /// The block from which its life of [`LIFE`] blocks counts.
    pub from: BlockRef,
    /// What [`Chain::broadcast`] sends.
    pub bytes: Vec<u8>,
    _nonce: Nonce,
}

/// How long to follow a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Until it is in the best block, which may still be replaced.
    InBlock,
    /// Until it is in a finalized block.
    Finalized,
}

impl Chain {
    /// Signs and sends a call and follows it. If the connection is lost meanwhile, what became of it is looked up in the blocks
    /// since, and whoever answers is given the same transaction again, which counts once; [`SubmitError::Lost`] only if nobody can
    /// be asked for as long as it may still be included.
    pub async fn submit(&self, key: &Key, call: Call, wait: Wait) -> Result<Included, SubmitError> {
        let Sent { progress, connection, transaction, bytes, from, _nonce } = self.send(key, call).await?;
        let lost = |reason: String| SubmitError::Lost { transaction, from, reason };
        let watched = async {
            let block = follow(progress.map_err(lost)?, wait, &lost).await?;
            included(&connection, block, transaction, &lost).await
        };
        let outcome = tokio::time::timeout(PATIENCE, async {
            match watched.await {
                Err(SubmitError::Lost { reason, .. }) => {
                    self.find(&Trace { transaction, bytes, from, wait }, reason).await
                },
                // It is in a block, though nobody can read what it did there: whoever hears that the chain did not answer
                // would send it again.
                Err(SubmitError::Chain(error)) => Err(lost(error.to_string())),
                outcome => outcome,
            }
        });
        outcome.await.unwrap_or_else(|_| Err(lost(format!("no block took it within {} s", PATIENCE.as_secs()))))
    }

    /// Signs a call without sending it, so that its hash can be kept before anybody else knows it.
    pub async fn prepare(&self, key: &Key, call: Call) -> Result<Prepared, SubmitError> {
        let connection = self.connection().await?;
        let call = Signable::new(&connection, call).await?;
        let nonce = self.nonces().of(key.account()).take(next_index(&connection, key.account()).await?);
        let transaction = call.sign(key, nonce.number)?;
        let (hash, from) = (transaction.hash().0, call.from);
        Ok(Prepared { transaction: hash, from, bytes: transaction.into_encoded(), _nonce: nonce })
    }

    /// Hands a signed transaction to the pool. It does not matter if the pool or a block has it already: [`Chain::fate`] tells
    /// what becomes of it. [`SubmitError::Refused`] only if the pool will not take it.
    pub async fn broadcast(&self, bytes: &[u8]) -> Result<(), SubmitError> {
        let connection = self.connection().await?;
        match connection.methods.author_submit_extrinsic(bytes).await {
            Ok(_) => Ok(()),
            Err(ClientError::User(error)) => {
                let reason = said(error);
                let known = NONCE_SPENT.iter().any(|words| reason.contains(words));
                if known {
                    Ok(())
                } else {
                    Err(SubmitError::Refused { reason })
                }
            },
            Err(error) => Err(SubmitError::Chain(connection.failed(error))),
        }
    }

    /// Whether the pool has transactions of an account that are in no block yet, whoever sent them.
    pub async fn has_waiting(&self, account: Account) -> Result<bool, ChainError> {
        let connection = self.connection().await?;
        // First: what a block takes meanwhile does not wait any more.
        let next = next_index(&connection, account).await?;
        Ok(self.best().await?.nonce(account).await? < next)
    }

    /// Reports what contracts used; what became of each comes back in the same order. At most [`MAX_REPORTS`].
    pub async fn add_reports(
        &self,
        key: &Key,
        reports: &[Report],
        wait: Wait,
    ) -> Result<Vec<ReportOutcome>, SubmitError> {
        if reports.len() > MAX_REPORTS {
            return Err(SubmitError::TooMany { given: reports.len(), most: MAX_REPORTS });
        }
        let included = self.submit(key, Call::AddReports(reports.to_vec()), wait).await?;
        report_outcomes(reports, &included.events).map_err(SubmitError::Chain)
    }

    async fn send(&self, key: &Key, call: Call) -> Result<Sent, SubmitError> {
        let connection = self.connection().await?;
        let call = Signable::new(&connection, call).await?;
        let account = key.account();
        let line = self.nonces().of(account);
        let _turn = line.turn.lock().await;
        for _ in 0..NONCE_TRIES {
            let nonce = line.take(next_index(&connection, account).await?);
            let transaction = call.sign(key, nonce.number)?;
            let progress = match transaction.submit_and_watch().await.map_err(refusal) {
                Ok(progress) => Ok(progress),
                Err(Ok(reason)) if NONCE_TAKEN.iter().any(|words| reason.contains(words)) => continue,
                Err(Ok(reason)) => return Err(SubmitError::Refused { reason }),
                Err(Err(broken_off)) => Err(broken_off),
            };
            let (hash, bytes) = (transaction.hash().0, transaction.into_encoded());
            return Ok(Sent { progress, connection, transaction: hash, bytes, from: call.from, _nonce: nonce });
        }
        Err(SubmitError::Refused {
            reason: "others send with the same key: its nonces are taken again and again".into(),
        })
    }
}

/// A call that can be signed at a block, with whatever nonce.
struct Signable {
    at: AtBlock,
    payload: Encoded,
    /// The block from which the transaction's life counts.
    from: BlockRef,
}

impl Signable {
    async fn new(connection: &Connection, call: Call) -> Result<Self, SubmitError> {
        let at = connection.client.at_current_block().await.map_err(|error| connection.no_block(error))?;
        let from = BlockRef { number: at.block_number(), hash: at.block_hash().0 };
        let payload = call.encode(&at)?;
        Ok(Self { at, payload, from })
    }

    fn sign(&self, key: &Key, nonce: u64) -> Result<Signed, SubmitError> {
        let params = DefaultExtrinsicParamsBuilder::new()
            .nonce(nonce)
            .mortal_from_unchecked(LIFE, self.from.number, self.at.block_hash())
            .build();
        let unencodable = |error| SubmitError::Chain(at_block_error("the transaction", error));
        let mut signable =
            self.at.transactions().create_signable_offline(&self.payload, params).map_err(unencodable)?;
        signable.sign(key).map_err(unencodable)
    }
}

/// A transaction that the pool has taken, or may have.
struct Sent {
    /// What the pool tells of it; else why it tells nothing.
    progress: Result<Progress, String>,
    connection: Arc<Connection>,
    transaction: Hash,
    bytes: Vec<u8>,
    from: BlockRef,
    _nonce: Nonce,
}

async fn next_index(connection: &Connection, account: Account) -> Result<u64, ChainError> {
    connection.methods.system_account_next_index(&account.into()).await.map_err(|error| connection.failed(error))
}

/// Why the pool refused a transaction; `Err` if it may have taken it, as no answer came.
fn refusal(error: ExtrinsicError) -> Result<String, String> {
    match error {
        ExtrinsicError::ErrorSubmittingTransaction(BackendError::Rpc(RpcError::ClientError(ClientError::User(e)))) => {
            Ok(said(e))
        },
        other => Err(other.to_string()),
    }
}

/// What the pool says of a transaction that it does not take.
fn said(error: UserError) -> String {
    let data = error.data.map(|data| format!(": {}", data.get().trim_matches('"'))).unwrap_or_default();
    format!("{}{data}", error.message)
}

/// Waits for the block that the caller asked for.
async fn follow(
    mut progress: Progress,
    wait: Wait,
    lost: &impl Fn(String) -> SubmitError,
) -> Result<InBlock, SubmitError> {
    while let Some(status) = progress.next().await {
        match status.map_err(|error| lost(error.to_string()))? {
            TransactionStatus::InBestBlock(block) if wait == Wait::InBlock => return Ok(block),
            TransactionStatus::InFinalizedBlock(block) => return Ok(block),
            TransactionStatus::Invalid { message } => return Err(SubmitError::Refused { reason: message }),
            TransactionStatus::Dropped { message } | TransactionStatus::Error { message } => return Err(lost(message)),
            _ => {},
        }
    }
    Err(lost("the node stopped following it".into()))
}

/// Reads what a transaction did in its block.
async fn included(
    connection: &Connection,
    block: InBlock,
    transaction: Hash,
    lost: &impl Fn(String) -> SubmitError,
) -> Result<Included, SubmitError> {
    let happened = match block.wait_for_success().await {
        Ok(happened) => happened,
        Err(TransactionEventsError::ExtrinsicFailed(error)) => return Err(SubmitError::Failed(named(&error))),
        Err(error) => return Err(lost(error.to_string())),
    };
    let at: AtBlock = block.at().await.map_err(|error| lost(connection.no_block(error).to_string()))?;
    let events: Vec<_> = happened.iter().collect();
    done(&at, transaction, events)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transaction_without_an_answer_may_have_arrived() {
        let broken =
            |error| ExtrinsicError::ErrorSubmittingTransaction(BackendError::Rpc(RpcError::ClientError(error)));
        assert!(refusal(broken(ClientError::DisconnectedWillReconnect("gone".to_owned()))).is_err());
        let said = UserError { code: 1_010, message: "Invalid Transaction".to_owned(), data: None };
        assert_eq!(refusal(broken(ClientError::User(said))), Ok("Invalid Transaction".to_owned()));
    }
}
