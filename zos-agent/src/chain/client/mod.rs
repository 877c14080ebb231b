//! The real chain: an adapter from [`grid_client`] to what the agent needs. Nothing is decided here.
//!
//! [`read`] is what it says, [`send`] what is said to it. The connection is made at the first question and kept; `grid_client`
//! finds another endpoint of the same chain when it breaks. Every question and every transaction has a bound in time, so that a node that hangs is *unknown*, not waited for.

mod read;
mod send;

use super::{Chain, ChainError, ContractView, Fate, Head, Lookup, NodeView, Outcome, Signed, Snapshot, Ticket, Times};
use crate::key::AgentKey;
use async_trait::async_trait;
use futures::{
    future::{BoxFuture, Shared},
    stream::BoxStream,
    FutureExt,
};
use grid_client::{Account, Prepared, View};
use grid_types::units::Report;
use std::{
    collections::BTreeMap,
    future::Future,
    sync::{atomic::AtomicBool, Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{task::JoinError, time::timeout};

/// The longest that a question may take.
const ANSWER: Duration = Duration::from_secs(10);

/// The chain behind its RPC endpoints.
pub struct RpcChain {
    endpoints: Vec<String>,
    key: AgentKey,
    link: Mutex<Option<Connecting>>,
    /// The contracts that were read last, with the digests of their records.
    known: Mutex<Arc<BTreeMap<u64, Marked>>>,
    /// How far the blocks have been searched for a transaction.
    searched: Mutex<Option<(Ticket, u64)>>,
    /// The batch that was signed last and not sent yet: until then nothing else may get its nonce.
    prepared: Mutex<Option<Prepared>>,
    /// Whether the pool may have transactions of this account that nobody follows: of an earlier process, or lost from sight.
    unsure: AtomicBool,
}

/// The connection, or the attempt to make it, for all who wait for it.
type Connecting = Shared<BoxFuture<'static, Result<grid_client::Chain, grid_client::ChainError>>>;

/// A contract with the digest of its record.
type Marked = ([u8; 32], ContractView);

impl RpcChain {
    /// The chain that these endpoints serve. Nothing is asked yet.
    pub fn new(endpoints: Vec<String>, key: AgentKey) -> Self {
        let (link, known, searched, prepared) = Default::default();
        Self { endpoints, key, link, known, searched, prepared, unsure: AtomicBool::new(true) }
    }

    /// The connection. It is made in a task of its own: whoever loses patience with an endpoint that takes long does not throw
    /// away what the next question waits for.
    async fn link(&self) -> Result<grid_client::Chain, ChainError> {
        let connecting = {
            let mut link = locked(&self.link);
            // What failed is tried again.
            if link.as_ref().and_then(|link| link.clone().now_or_never()).is_some_and(|made| made.is_err()) {
                *link = None;
            }
            link.get_or_insert_with(|| connect(self.endpoints.clone())).clone()
        };
        answered(connecting).await
    }

    async fn finalized(&self) -> Result<View, ChainError> {
        answered(self.link().await?.finalized()).await
    }

    fn account(&self) -> Account {
        Account(self.key.account())
    }
}

fn connect(endpoints: Vec<String>) -> Connecting {
    let task = tokio::spawn(async move { grid_client::Chain::connect(&endpoints).await });
    let broken = |error: JoinError| {
        let (endpoint, reason) = ("nowhere".to_owned(), error.to_string());
        grid_client::ChainError::Unavailable { endpoint, reason }
    };
    task.map(move |made| made.unwrap_or_else(|error| Err(broken(error)))).boxed().shared()
}

/// The lock's content; a panic elsewhere leaves it usable.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl Chain for RpcChain {
    async fn genesis(&self) -> Result<[u8; 32], ChainError> {
        Ok(self.link().await?.genesis())
    }

    async fn head(&self) -> Result<Head, ChainError> {
        read::head(&self.finalized().await?).await
    }

    async fn heads(&self) -> Result<BoxStream<'static, u64>, ChainError> {
        self.follow().await
    }

    async fn node(&self) -> Result<Option<NodeView>, ChainError> {
        self.read_node().await
    }

    async fn accept(&self, node_id: u32) -> Result<(), ChainError> {
        self.send_acceptance(node_id).await
    }

    async fn times(&self) -> Result<Times, ChainError> {
        self.read_times().await
    }

    async fn snapshot(&self, node_id: u32) -> Result<Snapshot, ChainError> {
        self.read_snapshot(node_id).await
    }

    async fn contract(&self, contract_id: u64) -> Result<Lookup, ChainError> {
        self.read_contract(contract_id).await
    }

    async fn account_of(&self, twin_id: u32) -> Result<Option<[u8; 32]>, ChainError> {
        let twin = answered(self.finalized().await?.twin(twin_id)).await?;
        Ok(twin.map(|twin| twin.account.0))
    }

    async fn report_deployment(&self, contract_id: u64, version: u32, outcome: Outcome) -> Result<(), ChainError> {
        self.send_outcome(contract_id, version, outcome).await
    }

    async fn sign_reports(&self, reports: &[Report]) -> Result<Signed, ChainError> {
        self.sign_batch(reports).await
    }

    async fn send(&self, signed: &Signed) -> Result<(), ChainError> {
        self.send_batch(signed).await
    }

    async fn reports_fate(&self, ticket: &Ticket, reports: &[Report]) -> Result<Fate, ChainError> {
        self.find_batch(ticket, reports).await
    }

    async fn report_uptime(&self, uptime: u64) -> Result<(), ChainError> {
        self.send_heartbeat(uptime).await
    }

    async fn float(&self) -> Result<u128, ChainError> {
        Ok(answered(self.finalized().await?.balance(self.account())).await?.free)
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
