//! The real chain: an adapter from [`grid_client`] to what the agent needs. Nothing is decided here.
//!
//! The connection is made at the first question and kept; `grid_client` finds another endpoint of the same chain when it
//! breaks. Every question and every transaction has a bound in time, so that a node that hangs is *unknown*, not waited for.

use super::{
    Chain, ChainError, ContractKind, ContractState, ContractView, Head, Lookup, NodeView, Outcome, Settled, Snapshot,
    Times,
};
use crate::key::AgentKey;
use async_trait::async_trait;
use futures::{
    stream::{self, BoxStream},
    StreamExt, TryStreamExt,
};
use grid_client::{
    records::{self, DeploymentOutcome, Refusal},
    Account, Call, ReportOutcome, SubmitError, View, Wait,
};
use grid_types::units::Report;
use std::{future::Future, time::Duration};
use tokio::{
    sync::OnceCell,
    time::{error::Elapsed, timeout},
};

/// The longest that a question may take.
const ANSWER: Duration = Duration::from_secs(30);
/// The longest that a transaction may take to be in a block.
const INCLUSION: Duration = Duration::from_secs(60);
/// The longest that a transaction may take to be final.
const FINALITY: Duration = Duration::from_secs(180);
/// What the runtime says to a report that it has already.
const ALREADY_REPORTED: &str = "AlreadyReported";
/// Contracts that are read at once.
const READS: usize = 16;

/// The chain behind its RPC endpoints.
pub struct RpcChain {
    endpoints: Vec<String>,
    key: AgentKey,
    link: OnceCell<grid_client::Chain>,
}

impl RpcChain {
    /// The chain that these endpoints serve. Nothing is asked yet.
    pub fn new(endpoints: Vec<String>, key: AgentKey) -> Self {
        Self { endpoints, key, link: OnceCell::new() }
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
        let parameters = answered(self.finalized().await?.parameters()).await?;
        Ok(Times {
            report_period: parameters.report_period,
            heartbeat: parameters.heartbeat_period,
            max_window: parameters.max_window,
        })
    }

    async fn snapshot(&self, node_id: u32) -> Result<Snapshot, ChainError> {
        let view = self.finalized().await?;
        let next_contract_id = answered(view.next_contract_id()).await?;
        let ids = answered(view.contracts_of_node(node_id)).await?;
        let read = |id| {
            let view = &view;
            async move {
                let contract = answered(view.contract(id)).await?;
                // Listed and not there: whatever that is, it is not the end of a contract.
                let contract =
                    contract.ok_or_else(|| ChainError::Unavailable(format!("contract {id} cannot be read")))?;
                Ok::<_, ChainError>((id, contract_view(&contract)))
            }
        };
        let contracts = stream::iter(ids).map(read).buffer_unordered(READS).try_collect().await?;
        Ok(Snapshot { genesis: self.genesis().await?, head: head(&view).await?, next_contract_id, contracts })
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

    async fn add_reports(&self, reports: Vec<Report>) -> Result<Vec<Settled>, ChainError> {
        self.check_agent().await?;
        let link = self.link().await?;
        let sent = link.add_reports(self.key.client_key(), &reports, Wait::Finalized);
        let outcomes = executed(FINALITY, sent).await?;
        Ok(outcomes.into_iter().map(settled).collect())
    }

    async fn report_uptime(&self, uptime: u64) -> Result<(), ChainError> {
        self.check_agent().await?;
        let link = self.link().await?;
        let sent = link.submit(self.key.client_key(), Call::ReportUptime { uptime }, Wait::InBlock);
        executed(INCLUSION, sent).await.map(drop)
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

fn settled(outcome: ReportOutcome) -> Settled {
    match outcome {
        ReportOutcome::Billed(_) => Settled::Taken,
        ReportOutcome::Refused(Refusal::InTheFuture) => Settled::TooEarly,
        ReportOutcome::Refused(refusal) => Settled::Refused(format!("{refusal:?}")),
    }
}

/// A question with its bound in time.
async fn answered<T>(question: impl Future<Output = Result<T, grid_client::ChainError>>) -> Result<T, ChainError> {
    match timeout(ANSWER, question).await {
        Ok(answer) => answer.map_err(|error| ChainError::Unavailable(error.to_string())),
        Err(_) => Err(ChainError::Unavailable(format!("no answer in {} s", ANSWER.as_secs()))),
    }
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
        SubmitError::Lost { .. } => ChainError::Uncertain(error.to_string()),
        _ => ChainError::Refused(error.to_string()),
    })
}
