//! Signing, sending and following transactions.
//!
//! Transactions are mortal: [`LIFE`] blocks after they were made they cannot be included any more. Nonces come from the
//! transaction pool and from what this process has under way, so that several submissions of one key may overlap.

use crate::{
    calls::{Call, Encoded, MAX_REPORTS},
    connect::{at_block_error, AtBlock, Chain, Connection},
    error::{ChainError, DispatchError, SubmitError},
    events::Event,
    fate::Trace,
    keys::{Account, Key},
    records::{Bill, BlockRef, Refusal},
    runtime::api,
    Hash,
};
use grid_types::units::Report;
use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use subxt::{
    client::OnlineClientAtBlockImpl,
    config::DefaultExtrinsicParamsBuilder,
    error::{BackendError, DispatchError as RuntimeError, ExtrinsicError, RpcError, TransactionEventsError},
    metadata::ArcMetadata,
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
/// The event that tells what became of root's call.
const SUDID: (&str, &str) = ("Sudo", "Sudid");
/// The event of a transaction that failed.
const FAILED: (&str, &str) = ("System", "ExtrinsicFailed");
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

/// A transaction that is in a block and did what it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Included {
    /// The block.
    pub block: BlockRef,
    /// The transaction's hash.
    pub transaction: Hash,
    /// What it did, as far as the grid's pallets tell.
    pub events: Vec<Event>,
    /// What it cost, base units; none if it was free.
    pub fee: Option<u128>,
}

/// What became of one report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportOutcome {
    /// Accepted and charged.
    Billed(Bill),
    /// Not accepted; the rest of its batch is not affected.
    Refused(Refusal),
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

/// What a transaction did, by its events.
pub(crate) fn done<'a>(
    at: &AtBlock,
    transaction: Hash,
    happened: impl IntoIterator<Item = Result<subxt::events::Event<'a, SubstrateConfig>, subxt::error::EventsError>>,
) -> Result<Included, SubmitError> {
    let (mut events, mut fee) = (Vec::new(), None);
    for event in happened {
        let event = event.map_err(|error| ChainError::unreadable("an event", error))?;
        match (event.pallet_name(), event.event_name()) {
            SUDID => root_result(event.field_bytes(), at.metadata())?,
            FAILED => {
                let error = RuntimeError::decode_from(event.field_bytes(), at.metadata());
                let error = error.map_err(|error| ChainError::unreadable("why a transaction failed", error))?;
                return Err(SubmitError::Failed(named(&error)));
            },
            _ => {},
        }
        if let Some(paid) = event.decode_fields_as::<api::transaction_payment::events::TransactionFeePaid>() {
            let paid = paid.map_err(|error| ChainError::unreadable("TransactionFeePaid", error))?;
            fee = Some(paid.actual_fee).filter(|fee| *fee > 0);
        }
        events.extend(Event::read(&event)?);
    }
    let block = BlockRef { number: at.block_number(), hash: at.block_hash().0 };
    Ok(Included { block, transaction, events, fee })
}

/// What became of root's call, by the fields of [`SUDID`]: the transaction around it succeeds either way.
fn root_result(fields: &[u8], metadata: ArcMetadata) -> Result<(), SubmitError> {
    match fields {
        [0] => Ok(()),
        [1, error @ ..] => {
            let error = RuntimeError::decode_from(error, metadata);
            let error = error.map_err(|error| ChainError::unreadable("the result of root's call", error))?;
            Err(SubmitError::Failed(named(&error)))
        },
        _ => Err(ChainError::unreadable("the result of root's call", "it is neither done nor an error").into()),
    }
}

/// An error of the runtime with its name, and its documentation as a hint.
fn named(error: &RuntimeError) -> DispatchError {
    let general = |pallet: &str, name: String| DispatchError { pallet: pallet.into(), name, hint: error.to_string() };
    match error {
        RuntimeError::Module(module) => match module.details() {
            Ok(details) => DispatchError {
                pallet: details.pallet.name().into(),
                name: details.variant.name.clone(),
                hint: details.variant.docs.join(" ").trim().into(),
            },
            Err(unknown) => general("Module", unknown.to_string()),
        },
        RuntimeError::Token(kind) => general("Token", format!("{kind:?}")),
        RuntimeError::Arithmetic(kind) => general("Arithmetic", format!("{kind:?}")),
        other => general("Dispatch", format!("{other:?}")),
    }
}

/// Each report's outcome: the chain tells them in the order of the batch. A report that leaves a contract out of funds may be
/// followed by a second bill of that contract, which closes its past before the pause and answers no report.
pub fn report_outcomes(reports: &[Report], events: &[Event]) -> Result<Vec<ReportOutcome>, ChainError> {
    let mut out_of_funds = None;
    let mut told = Vec::with_capacity(reports.len());
    for event in events {
        match event {
            Event::ContractOutOfFunds { contract_id } => out_of_funds = Some(*contract_id),
            Event::ContractBilled { contract_id, .. } if out_of_funds == Some(*contract_id) => out_of_funds = None,
            Event::ContractBilled { contract_id, bill } => told.push((*contract_id, ReportOutcome::Billed(*bill))),
            Event::ReportRefused { contract_id, reason, .. } => {
                out_of_funds = None;
                told.push((*contract_id, ReportOutcome::Refused(*reason)));
            },
            _ => {},
        }
    }
    let matches =
        told.len() == reports.len() && told.iter().zip(reports).all(|(told, sent)| told.0 == sent.contract_id);
    if !matches {
        return Err(ChainError::unreadable("the outcome of reports", "its events do not match the batch"));
    }
    Ok(told.into_iter().map(|(_, outcome)| outcome).collect())
}

/// The nonces of this process, by account.
#[derive(Default)]
pub(crate) struct Nonces(Mutex<HashMap<Account, Arc<Line>>>);

/// The transactions of one account: sent one at a time, then under way together.
#[derive(Debug, Default)]
struct Line {
    turn: tokio::sync::Mutex<()>,
    under_way: Mutex<BTreeSet<u64>>,
}

/// A nonce in use; free again when dropped.
#[derive(Debug)]
struct Nonce {
    number: u64,
    line: Arc<Line>,
}

impl Nonces {
    fn of(&self, account: Account) -> Arc<Line> {
        locked(&self.0).entry(account).or_default().clone()
    }
}

impl Line {
    /// The nonce after all that the pool and this process know of.
    fn take(self: &Arc<Self>, pool_next: u64) -> Nonce {
        let mut under_way = locked(&self.under_way);
        let own_next = under_way.last().map_or(0, |last| last.saturating_add(1));
        let number = pool_next.max(own_next);
        under_way.insert(number);
        Nonce { number, line: self.clone() }
    }
}

impl Drop for Nonce {
    fn drop(&mut self) {
        locked(&self.line.under_way).remove(&self.number);
    }
}

/// The lock's content; a panic elsewhere leaves it usable.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn report(contract_id: u64) -> Report {
        Report { contract_id, ..Report::default() }
    }

    #[test]
    fn nonces_under_way_are_not_given_twice() {
        let nonces = Nonces::default();
        let line = nonces.of(Account([1; 32]));
        let first = line.take(5);
        let second = line.take(5);
        assert_eq!((first.number, second.number), (5, 6));
        drop(second);
        assert_eq!(nonces.of(Account([1; 32])).take(5).number, 6);
    }

    #[test]
    fn the_pool_decides_when_nothing_is_under_way() {
        let nonces = Nonces::default();
        let line = nonces.of(Account([1; 32]));
        drop(line.take(9));
        assert_eq!(line.take(7).number, 7);
    }

    #[test]
    fn a_transaction_without_an_answer_may_have_arrived() {
        let broken =
            |error| ExtrinsicError::ErrorSubmittingTransaction(BackendError::Rpc(RpcError::ClientError(error)));
        assert!(refusal(broken(ClientError::DisconnectedWillReconnect("gone".to_owned()))).is_err());
        let said = UserError { code: 1_010, message: "Invalid Transaction".to_owned(), data: None };
        assert_eq!(refusal(broken(ClientError::User(said))), Ok("Invalid Transaction".to_owned()));
    }

    #[test]
    fn accounts_do_not_share_nonces() {
        let nonces = Nonces::default();
        let _first = nonces.of(Account([1; 32])).take(3);
        assert_eq!(nonces.of(Account([2; 32])).take(3).number, 3);
    }

    fn metadata() -> ArcMetadata {
        subxt::metadata::Metadata::decode_from(include_bytes!("../metadata.scale")).unwrap().arc()
    }

    #[test]
    fn roots_call_is_done_only_if_the_one_inside_is() {
        assert_eq!(root_result(&[0], metadata()), Ok(()));
        let metadata = metadata();
        let pallet = metadata.pallet_by_name("TfgridModule").unwrap();
        let refused = pallet.error_variants().unwrap().iter().find(|error| error.name == "AlreadyCertifier").unwrap();
        // An error, of a module, and which one of its own.
        let fields = [1, 3, pallet.error_index(), refused.index, 0, 0, 0];
        let error = root_result(&fields, metadata.clone()).unwrap_err();
        assert_eq!((error.code(), error.hint()), ("AlreadyCertifier", "The account is a certifier already."));
        assert_eq!(root_result(&[2], metadata).unwrap_err().code(), "unreadable");
    }

    #[test]
    fn outcomes_come_in_the_order_of_the_reports() {
        let events = [
            Event::ContractFunded { contract_id: 9, from: Account([0; 32]), amount: 1 },
            Event::ContractBilled { contract_id: 1, bill: Bill::default() },
            Event::ReportRefused { contract_id: 2, timestamp: 3, reason: Refusal::Ended },
        ];
        let found = report_outcomes(&[report(1), report(2)], &events).unwrap();
        assert_eq!(found, [ReportOutcome::Billed(Bill::default()), ReportOutcome::Refused(Refusal::Ended)]);
    }

    #[test]
    fn the_bill_that_closes_the_past_of_a_paused_contract_answers_no_report() {
        let billed =
            |contract_id, seconds| Event::ContractBilled { contract_id, bill: Bill { seconds, ..Bill::default() } };
        let refused = Event::ReportRefused { contract_id: 1, timestamp: 3, reason: Refusal::NotDeployed };
        let events =
            [billed(1, 600), Event::ContractOutOfFunds { contract_id: 1 }, billed(1, 5), refused, billed(2, 600)];
        let found = report_outcomes(&[report(1), report(1), report(2)], &events).unwrap();
        let bill = ReportOutcome::Billed(Bill { seconds: 600, ..Bill::default() });
        assert_eq!(found, [bill, ReportOutcome::Refused(Refusal::NotDeployed), bill]);
    }

    #[test]
    fn outcomes_that_do_not_match_the_batch_are_unreadable() {
        let events = [Event::ContractBilled { contract_id: 1, bill: Bill::default() }];
        assert_eq!(report_outcomes(&[report(2)], &events).unwrap_err().code(), "unreadable");
        assert_eq!(report_outcomes(&[report(1), report(1)], &events).unwrap_err().code(), "unreadable");
    }
}
