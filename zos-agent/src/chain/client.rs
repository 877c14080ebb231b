//! The real chain: an adapter from [`grid_client`] to what the agent needs. Nothing is decided here.
//!
//! The connection is made at the first question and kept; `grid_client` finds another endpoint of the same chain when it
//! breaks. Every question and every transaction has a bound in time, so that a node that hangs is *unknown*, not waited for.

use super::{
    Chain, ChainError, ContractKind, ContractState, ContractView, Fate, Head, Lookup, NodeView, Outcome, Settled,
    Signed, Snapshot, Ticket, Times,
};
use crate::key::AgentKey;
use async_trait::async_trait;
use futures::{
    stream::{self, BoxStream},
    StreamExt, TryStreamExt,
};
use grid_client::{
    records::{self, DeploymentOutcome, Refusal},
    report_outcomes, Account, Call, ReportOutcome, SubmitError, View, Wait,
};
use grid_types::units::Report;
use std::{
    collections::BTreeMap,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::OnceCell,
    time::{error::Elapsed, timeout},
};

/// The longest that a question may take.
const ANSWER: Duration = Duration::from_secs(10);
/// The longest that a search through blocks may take.
const SEARCH: Duration = Duration::from_secs(60);
/// The longest that a transaction may take to be in a block.
const INCLUSION: Duration = Duration::from_secs(60);
/// The longest that an acceptance may take to be final.
const FINALITY: Duration = Duration::from_secs(180);
/// What the runtime says to a report that it has already.
const ALREADY_REPORTED: &str = "AlreadyReported";
/// Why a report that the chain takes may still come to nothing.
const NOTHING_LEFT: &str = "nothing of its window was left to charge: it was too old, or paid already";
/// What the pool says to a transaction for which no block has room.
const EXHAUSTING: &str = "exhaust the block limits";
/// Contracts that are read at once.
const READS: usize = 64;

/// The chain behind its RPC endpoints.
pub struct RpcChain {
    endpoints: Vec<String>,
    key: AgentKey,
    link: OnceCell<grid_client::Chain>,
    /// The contracts that were read last, with the digests of their records.
    known: Mutex<Arc<BTreeMap<u64, Marked>>>,
    /// How far the blocks have been searched for a transaction.
    searched: Mutex<Option<(Ticket, u64)>>,
}

/// A contract with the digest of its record.
type Marked = ([u8; 32], ContractView);

impl RpcChain {
    /// The chain that these endpoints serve. Nothing is asked yet.
    pub fn new(endpoints: Vec<String>, key: AgentKey) -> Self {
        Self { endpoints, key, link: OnceCell::new(), known: Mutex::default(), searched: Mutex::default() }
    }

    fn known(&self) -> MutexGuard<'_, Arc<BTreeMap<u64, Marked>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn searched(&self) -> MutexGuard<'_, Option<(Ticket, u64)>> {
        self.searched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn searched_for(&self, ticket: &Ticket) -> u64 {
        self.searched().filter(|(other, _)| other == ticket).map_or(0, |(_, searched)| searched)
    }

    async fn link(&self) -> Result<&grid_client::Chain, ChainError> {
        let connect = self.link.get_or_try_init(|| grid_client::Chain::connect(&self.endpoints));
        answered(connect).await
    }

    async fn finalized(&self) -> Result<View, ChainError> {
        answered(self.link().await?.finalized()).await
    }

    fn account(&self) -> Account {
        Account(self.key.account())
    }

    /// That some node has this account as its agent: else heartbeats and reports fail, and each costs a fee.
    async fn check_agent(&self) -> Result<(), ChainError> {
        let node = answered(self.finalized().await?.node_of_agent(self.account())).await?;
        let next = "not sent, as no node has this account as its agent; if one names it, set node.id and start again";
        node.map(drop).ok_or_else(|| ChainError::Refused(next.to_owned()))
    }

    /// That a node names this account as its agent.
    async fn check_named(&self, view: &View, node_id: u32) -> Result<(), ChainError> {
        let node = answered(view.node(node_id)).await?;
        if node.is_some_and(|node| node.agent == self.account()) {
            return Ok(());
        }
        Err(ChainError::Refused(format!("not sent, as node {node_id} does not name this account as its agent")))
    }
}

#[async_trait]
impl Chain for RpcChain {
    async fn genesis(&self) -> Result<[u8; 32], ChainError> {
        Ok(self.link().await?.genesis())
    }

    async fn head(&self) -> Result<Head, ChainError> {
        head(&self.finalized().await?).await
    }

    async fn heads(&self) -> Result<BoxStream<'static, u64>, ChainError> {
        let heads = self.link().await?.finalized_heads(None);
        let blocks = stream::unfold(heads, |mut heads| async move {
            loop {
                match heads.next().await {
                    Ok(block) => return Some((block.number, heads)),
                    // It connects again by itself.
                    Err(error) => tracing::warn!(%error, "the chain's blocks are interrupted"),
                }
            }
        });
        Ok(blocks.boxed())
    }

    async fn node(&self) -> Result<Option<NodeView>, ChainError> {
        let view = self.finalized().await?;
        let Some(node_id) = answered(view.node_of_agent(self.account())).await? else { return Ok(None) };
        let node = answered(view.node(node_id)).await?;
        Ok(node.map(|node| NodeView { node_id: node.id, twin_id: node.twin_id, capacity: node.spec.capacity }))
    }

    async fn accept(&self, node_id: u32) -> Result<(), ChainError> {
        self.check_named(&self.finalized().await?, node_id).await?;
        let link = self.link().await?;
        let best = answered(link.best()).await?;
        match answered(best.node_of_agent(self.account())).await? {
            // By an earlier transaction, perhaps of an earlier process: another one would fail, and cost a fee.
            Some(own) if own == node_id => return Err(ChainError::Uncertain("in a block, not final yet".to_owned())),
            Some(other) => return Err(ChainError::Refused(format!("not sent, as this is the agent of node {other}"))),
            None => {},
        }
        let sent = link.submit(self.key.client_key(), Call::AcceptAgent { node_id }, Wait::Finalized);
        executed(FINALITY, sent).await.map(drop)
    }

    async fn times(&self) -> Result<Times, ChainError> {
        let view = self.finalized().await?;
        let parameters = answered(view.parameters()).await?;
        let stalls = answered(view.stalls()).await?;
        Ok(Times {
            report_period: parameters.report_period,
            heartbeat: parameters.heartbeat_period,
            max_window: parameters.max_window,
            oldest: oldest(parameters.max_report_delay, &stalls, answered(view.time()).await?),
        })
    }

    /// Reads the records that have changed since the last time, by their digests.
    async fn snapshot(&self, node_id: u32) -> Result<Snapshot, ChainError> {
        let view = self.finalized().await?;
        let next_contract_id = answered(view.next_contract_id()).await?;
        let ids = answered(view.contracts_of_node(node_id)).await?;
        let marks = answered(view.contract_marks(&ids)).await?;
        let known = self.known().clone();
        let read = |(id, mark): (u64, Option<[u8; 32]>)| {
            let (view, known) = (&view, &known);
            async move {
                // Listed and not there: whatever that is, it is not the end of a contract.
                let missing = || ChainError::Unavailable(format!("contract {id} cannot be read"));
                let mark = mark.ok_or_else(missing)?;
                if let Some((_, contract)) = known.get(&id).filter(|(known, _)| *known == mark) {
                    return Ok((id, (mark, *contract)));
                }
                let contract = answered(view.contract(id)).await?.ok_or_else(missing)?;
                Ok::<_, ChainError>((id, (mark, contract_view(&contract))))
            }
        };
        let found: BTreeMap<_, _> =
            stream::iter(ids.into_iter().zip(marks)).map(read).buffer_unordered(READS).try_collect().await?;
        let contracts = found.iter().map(|(id, (_, contract))| (*id, *contract)).collect();
        *self.known() = Arc::new(found);
        let capacity = answered(view.node(node_id)).await?.map(|node| node.spec.capacity);
        Ok(Snapshot { genesis: self.genesis().await?, head: head(&view).await?, next_contract_id, capacity, contracts })
    }

    async fn contract(&self, contract_id: u64) -> Result<Lookup, ChainError> {
        let view = self.finalized().await?;
        let contract = answered(view.contract(contract_id)).await?;
        Ok(Lookup {
            genesis: self.genesis().await?,
            head: head(&view).await?,
            next_contract_id: answered(view.next_contract_id()).await?,
            contract: contract.as_ref().map(contract_view),
        })
    }

    async fn account_of(&self, twin_id: u32) -> Result<Option<[u8; 32]>, ChainError> {
        let twin = answered(self.finalized().await?.twin(twin_id)).await?;
        Ok(twin.map(|twin| twin.account.0))
    }

    async fn report_deployment(&self, contract_id: u64, version: u32, outcome: Outcome) -> Result<(), ChainError> {
        let outcome = match outcome {
            Outcome::Deployed => DeploymentOutcome::Deployed,
            Outcome::Failed(reason) => DeploymentOutcome::Failed(reason),
        };
        let link = self.link().await?;
        // The newest block tells what an earlier transaction has said: while that is not final, saying it again costs a fee.
        let best = answered(link.best()).await?;
        let contract = answered(best.contract(contract_id)).await?;
        let contract = contract.ok_or_else(|| ChainError::Refused(format!("contract {contract_id} has ended")))?;
        if contract.deployed_version == Some(version) {
            return Ok(());
        }
        self.check_named(&best, contract.node_id).await?;
        let call = Call::ReportDeployment { contract_id, version, outcome };
        match timeout(INCLUSION, link.submit(self.key.client_key(), call, Wait::InBlock)).await {
            // An earlier transaction whose fate was not known has said it.
            Ok(Err(SubmitError::Failed(error))) if error.name == ALREADY_REPORTED => Ok(()),
            outcome => settled_transaction(outcome, INCLUSION).map(drop),
        }
    }

    async fn sign_reports(&self, reports: &[Report]) -> Result<Signed, ChainError> {
        self.check_agent().await?;
        let call = Call::AddReports(reports.to_vec());
        let prepared = executed(ANSWER, self.link().await?.prepare(self.key.client_key(), call)).await?;
        let ticket = Ticket { transaction: prepared.transaction, from: prepared.from.number };
        Ok(Signed { ticket, bytes: prepared.bytes })
    }

    async fn send(&self, signed: &Signed) -> Result<(), ChainError> {
        executed(ANSWER, self.link().await?.broadcast(&signed.bytes)).await
    }

    async fn reports_fate(&self, ticket: &Ticket, reports: &[Report]) -> Result<Fate, ChainError> {
        let searched = self.searched_for(ticket);
        let found = self.link().await?.fate(ticket.transaction, ticket.from, searched);
        match timeout(SEARCH, found).await.map_err(|_| silent(SEARCH))? {
            Ok(grid_client::Fate::Open { searched }) => {
                *self.searched() = Some((*ticket, searched));
                Ok(Fate::Open)
            },
            Ok(grid_client::Fate::Expired) => Ok(Fate::Expired),
            Ok(grid_client::Fate::Final(Ok(included))) => {
                let outcomes = report_outcomes(reports, &included.events);
                let outcomes = outcomes.map_err(|error| ChainError::Unavailable(error.to_string()))?;
                Ok(Fate::Settled(outcomes.into_iter().map(settled).collect()))
            },
            Ok(grid_client::Fate::Final(Err(error))) => Ok(Fate::Failed(error.to_string())),
            Err(error) => Err(ChainError::Unavailable(error.to_string())),
        }
    }

    async fn report_uptime(&self, uptime: u64) -> Result<(), ChainError> {
        self.check_agent().await?;
        let link = self.link().await?;
        let sent = link.submit(self.key.client_key(), Call::ReportUptime { uptime }, Wait::InBlock);
        executed(INCLUSION, sent).await.map(drop)
    }

    async fn float(&self) -> Result<u128, ChainError> {
        Ok(answered(self.finalized().await?.balance(self.account())).await?.free)
    }
}

async fn head(view: &View) -> Result<Head, ChainError> {
    Ok(Head { number: view.block().number, timestamp: answered(view.time()).await? })
}

fn contract_view(contract: &records::Contract) -> ContractView {
    ContractView {
        contract_id: contract.contract_id,
        version: contract.version,
        twin_id: contract.twin_id,
        node_id: contract.node_id,
        kind: match contract.kind {
            records::ContractKind::Capacity => ContractKind::Capacity,
            records::ContractKind::Rent => ContractKind::Rent,
        },
        hash: contract.deployment_hash,
        resources: contract.resources,
        state: match contract.state {
            records::ContractState::Created => ContractState::Created,
            records::ContractState::Deployed => ContractState::Deployed,
            records::ContractState::Grace { .. } => ContractState::Grace,
            records::ContractState::Ending { .. } => ContractState::Ending,
        },
        deployed_version: contract.deployed_version,
    }
}

/// What lies before this is not charged any more: `delay` of time in which the chain ran has passed since. The chain's own
/// rule, at `now`; a moment later it is no earlier.
fn oldest(delay: u64, stalls: &[(u64, u64)], now: u64) -> u64 {
    stalls.iter().rev().fold(now.saturating_sub(delay), |begin, (from, until)| {
        let end = (*until).min(now);
        let still = if end > begin { end.saturating_sub(*from) } else { 0 };
        begin.saturating_sub(still)
    })
}

fn settled(outcome: ReportOutcome) -> Settled {
    match outcome {
        ReportOutcome::Billed(bill) if bill.seconds == 0 => Settled::Refused(NOTHING_LEFT.to_owned()),
        ReportOutcome::Billed(_) => Settled::Taken,
        ReportOutcome::Refused(Refusal::InTheFuture) => Settled::TooEarly,
        ReportOutcome::Refused(refusal) => Settled::Refused(format!("{refusal:?}")),
    }
}

/// A question with its bound in time.
async fn answered<T>(question: impl Future<Output = Result<T, grid_client::ChainError>>) -> Result<T, ChainError> {
    match timeout(ANSWER, question).await {
        Ok(answer) => answer.map_err(|error| ChainError::Unavailable(error.to_string())),
        Err(_) => Err(silent(ANSWER)),
    }
}

fn silent(bound: Duration) -> ChainError {
    ChainError::Unavailable(format!("no answer in {} s", bound.as_secs()))
}

/// A transaction with its bound in time.
async fn executed<T>(
    bound: Duration,
    transaction: impl Future<Output = Result<T, SubmitError>>,
) -> Result<T, ChainError> {
    settled_transaction(timeout(bound, transaction).await, bound)
}

fn settled_transaction<T>(outcome: Result<Result<T, SubmitError>, Elapsed>, bound: Duration) -> Result<T, ChainError> {
    let outcome = outcome.map_err(|_| ChainError::Uncertain(format!("not seen in {} s", bound.as_secs())))?;
    outcome.map_err(|error| match &error {
        SubmitError::Chain(_) => ChainError::Unavailable(error.to_string()),
        SubmitError::Refused { reason } if reason.contains(EXHAUSTING) => ChainError::TooLarge(error.to_string()),
        SubmitError::Lost { .. } => ChainError::Uncertain(error.to_string()),
        _ => ChainError::Refused(error.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_in_which_the_chain_stood_still_makes_nothing_too_old() {
        assert_eq!(oldest(120, &[], 1_000), 880);
        assert_eq!(oldest(120, &[(100, 500), (640, 980)], 1_000), 540);
        assert_eq!(oldest(120, &[(380, 880)], 1_000), 880);
        assert_eq!(oldest(5_000, &[], 1_000), 0);
    }

    #[test]
    fn a_transaction_for_which_no_block_has_room_is_too_large_and_not_just_refused() {
        let said = |reason: &str| {
            let refused: Result<(), _> = Err(SubmitError::Refused { reason: reason.to_owned() });
            settled_transaction(Ok(refused), ANSWER)
        };
        let large = said("Invalid Transaction: Transaction would exhaust the block limits");
        assert!(matches!(large, Err(ChainError::TooLarge(_))));
        assert!(matches!(said("Invalid Transaction: Inability to pay some fees"), Err(ChainError::Refused(_))));
    }

    #[test]
    fn a_report_of_which_nothing_was_left_to_charge_counts_as_refused() {
        let billed = |seconds| ReportOutcome::Billed(records::Bill { seconds, ..records::Bill::default() });
        assert_eq!(settled(billed(10)), Settled::Taken);
        assert!(matches!(settled(billed(0)), Settled::Refused(_)));
        assert_eq!(settled(ReportOutcome::Refused(Refusal::InTheFuture)), Settled::TooEarly);
    }
}
