//! One chain out of several endpoints: the first that can be believed is asked, the others are watched.
//!
//! [`watch`] looks at every endpoint every few seconds; [`super::health`] says who is set aside and why; what one says alone is
//! held against others only as far as there is a [`witness`]. A question that one does not answer goes to the next. A transaction
//! is sent once: only if it is certain that nothing was sent does another endpoint get it.
//! Bounded: one record an endpoint.

mod watch;
mod witness;

use super::{
    health::{judge, Now, Record},
    Chain, ChainError, EndpointStatus, Fate, Head, Lookup, NodeView, Outcome, Signed, Snapshot, Ticket, Times,
};
use crate::clock;
use async_trait::async_trait;
use futures::{
    future::{join_all, BoxFuture},
    stream::{self, BoxStream},
    FutureExt, StreamExt,
};
use grid_types::units::Report;
use std::{
    sync::{
        atomic::{AtomicUsize, Ordering},
        Arc, Mutex, MutexGuard, PoisonError,
    },
    time::{Duration, Instant},
};
use tokio::{sync::watch::Sender, task::JoinHandle, time::timeout};

/// The longest that an endpoint may take for a question before another is asked.
const PATIENCE: Duration = Duration::from_secs(20);

/// One endpoint: its address, and a chain that asks only it.
pub type Endpoint = (String, Arc<dyn Chain>);

/// A chain behind several endpoints.
pub struct Failover {
    endpoints: Vec<Endpoint>,
    state: Mutex<State>,
    height: Sender<u64>,
    started: Instant,
    watching: Mutex<Vec<JoinHandle<()>>>,
}

/// The moment of a question.
#[derive(Clone, Copy)]
struct Asked {
    begun: u64,
    seen: Head,
}

#[derive(Debug, Default)]
struct State {
    records: Vec<Record>,
    /// When each was last heard of by the machine's clock, Unix seconds.
    heard_at: Vec<Option<u64>>,
    genesis: Option<[u8; 32]>,
    /// The newest finalized block of which an answer was given, as far as that is vouched for.
    seen: Head,
    used: Option<usize>,
    /// Who gave the last list of contracts: it is his word if one of them is over.
    said: Option<usize>,
}

impl Failover {
    /// Begins to watch these endpoints, which the operator prefers in this order.
    pub fn start(endpoints: Vec<Endpoint>) -> Arc<Self> {
        let count = endpoints.len();
        let records = vec![Record::default(); count];
        let state = State { records, heard_at: vec![None; count], ..State::default() };
        let chain = Arc::new(Self {
            endpoints,
            state: Mutex::new(state),
            height: Sender::new(0),
            started: Instant::now(),
            watching: Mutex::default(),
        });
        let tasks = (0..count).flat_map(|index| {
            [
                tokio::spawn(watch::look(Arc::downgrade(&chain), index)),
                tokio::spawn(watch::follow(Arc::downgrade(&chain), index)),
            ]
        });
        let tasks = tasks.collect();
        *chain.watching.lock().unwrap_or_else(PoisonError::into_inner) = tasks;
        chain
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn url(&self, index: usize) -> &str {
        self.endpoints.get(index).map_or("", |(url, _)| url)
    }

    fn verdicts(&self) -> Vec<Option<String>> {
        let seen = self.state().seen;
        self.judged(seen)
    }

    fn judged(&self, seen: Head) -> Vec<Option<String>> {
        let now = self.now();
        let state = self.state();
        // The first endpoint that answers says which chain this is, if no earlier process has seen it.
        let genesis = state.genesis.or_else(|| state.records.iter().find_map(|record| record.genesis));
        judge(&state.records, genesis, seen, Now { now, clock: clock::now() })
    }

    /// Those that can be asked, best first.
    fn healthy(&self) -> Vec<usize> {
        let verdicts = self.verdicts();
        verdicts.iter().enumerate().filter(|(_, aside)| aside.is_none()).map(|(index, _)| index).collect()
    }

    fn choose(&self) {
        let verdicts = self.verdicts();
        let chosen = verdicts.iter().position(Option::is_none);
        let mut state = self.state();
        if state.used == chosen {
            return;
        }
        let reason = state.used.and_then(|used| verdicts.get(used).cloned().flatten()).unwrap_or_default();
        state.used = chosen;
        drop(state);
        match chosen {
            Some(index) => tracing::info!(endpoint = self.url(index), reason, "this endpoint of the chain is asked"),
            None => tracing::warn!(reason, "no endpoint of the chain can be asked"),
        }
    }

    /// Why nobody can be asked.
    fn nobody(&self) -> ChainError {
        let verdicts = self.verdicts();
        let told = self.endpoints.iter().zip(verdicts);
        let told: Vec<_> = told.map(|((url, _), aside)| format!("{url}: {}", aside.unwrap_or_default())).collect();
        ChainError::Unavailable(told.join("; "))
    }

    /// The best that can be asked and was not; if there is none, after a look at those that are left: perhaps one is back.
    async fn next(&self, tried: &[usize]) -> Option<usize> {
        let untried = || self.healthy().into_iter().find(|index| !tried.contains(index));
        if let Some(index) = untried() {
            return Some(index);
        }
        let left = (0..self.endpoints.len()).filter(|index| !tried.contains(index));
        join_all(left.map(|index| self.glance(index))).await;
        untried()
    }

    /// Asks one after the other until there is an answer.
    async fn ask<'a, T>(
        &'a self,
        question: impl Fn(&'a dyn Chain) -> BoxFuture<'a, Result<T, ChainError>>,
    ) -> Result<(usize, T), ChainError> {
        let mut tried = Vec::new();
        while let Some(index) = self.next(&tried).await {
            tried.push(index);
            let Some((_, chain)) = self.endpoints.get(index) else { continue };
            match timeout(PATIENCE, question(chain.as_ref())).await {
                Ok(Ok(answer)) => return Ok((index, answer)),
                Ok(Err(ChainError::Unavailable(reason))) => self.failed(index, reason),
                Ok(Err(error)) => return Err(error),
                Err(_) => self.failed(index, format!("no answer in {} s", PATIENCE.as_secs())),
            }
        }
        Err(self.nobody())
    }

    /// Sends through one after the other until one has taken it, or may have.
    async fn submit<'a, T>(
        &'a self,
        transaction: impl Fn(&'a dyn Chain) -> BoxFuture<'a, Result<T, ChainError>>,
    ) -> Result<T, ChainError> {
        let mut tried = Vec::new();
        while let Some(index) = self.next(&tried).await {
            tried.push(index);
            let Some((_, chain)) = self.endpoints.get(index) else { continue };
            match transaction(chain.as_ref()).await {
                // Nothing was sent.
                Err(ChainError::Unavailable(reason)) => self.failed(index, reason),
                outcome => return outcome,
            }
        }
        Err(self.nobody())
    }

    /// Before a question: when it is asked, and the newest block of which an answer was given until then.
    fn asking(&self) -> Asked {
        Asked { begun: self.now(), seen: self.state().seen }
    }

    /// An answer counts only if it is of this chain, of no older block than one that was given before the question, and of one
    /// for which nobody would be set aside.
    fn accept_answer(&self, index: usize, genesis: [u8; 32], head: Head, asked: Asked) -> Result<(), ChainError> {
        self.sighted(index, genesis, head, asked.begun);
        let aside = self.judged(asked.seen).get(index).is_none_or(Option::is_some);
        let expected = *self.state().genesis.get_or_insert(genesis);
        let vouched = self.vouched_by_others(index, head);
        let mut state = self.state();
        if aside || expected != genesis || head.number < asked.seen.number || !asked.seen.can_reach(head) {
            drop(state);
            return Err(self.nobody());
        }
        if vouched.number > state.seen.number {
            state.seen = vouched;
        }
        Ok(())
    }
}

impl Drop for Failover {
    fn drop(&mut self) {
        let tasks = self.watching.get_mut().unwrap_or_else(PoisonError::into_inner);
        tasks.iter().for_each(JoinHandle::abort);
    }
}

#[async_trait]
impl Chain for Failover {
    async fn genesis(&self) -> Result<[u8; 32], ChainError> {
        let (_, genesis) = self.ask(|chain| chain.genesis()).await?;
        Ok(genesis)
    }

    async fn head(&self) -> Result<Head, ChainError> {
        let asked = self.asking();
        let (index, (genesis, head)) =
            self.ask(|chain| async { Ok((chain.genesis().await?, chain.head().await?)) }.boxed()).await?;
        self.accept_answer(index, genesis, head, asked)?;
        Ok(head)
    }

    async fn heads(&self) -> Result<BoxStream<'static, u64>, ChainError> {
        let heights = stream::unfold(self.height.subscribe(), |mut heights| async move {
            heights.changed().await.ok()?;
            let height = *heights.borrow_and_update();
            Some((height, heights))
        });
        Ok(heights.boxed())
    }

    async fn node(&self) -> Result<Option<NodeView>, ChainError> {
        Ok(self.ask(|chain| chain.node()).await?.1)
    }

    async fn accept(&self, node_id: u32) -> Result<(), ChainError> {
        self.submit(|chain| chain.accept(node_id)).await
    }

    async fn times(&self) -> Result<Times, ChainError> {
        let (index, times) = self.ask(|chain| chain.times()).await?;
        Ok(Times { oldest: self.oldest(index, times.oldest).await, ..times })
    }

    async fn snapshot(&self, node_id: u32) -> Result<Snapshot, ChainError> {
        let asked = self.asking();
        let (index, snapshot) = self.ask(|chain| chain.snapshot(node_id)).await?;
        self.accept_answer(index, snapshot.genesis, snapshot.head, asked)?;
        self.state().said = Some(index);
        Ok(snapshot)
    }

    async fn contract(&self, contract_id: u64) -> Result<Lookup, ChainError> {
        let asked = self.asking();
        let (index, found) = self.ask(|chain| chain.contract(contract_id)).await?;
        self.accept_answer(index, found.genesis, found.head, asked)?;
        Ok(found)
    }

    async fn is_over(&self, contract_id: u64, head: Head) -> Result<bool, ChainError> {
        self.witnessed(contract_id, head).await
    }

    async fn account_of(&self, twin_id: u32) -> Result<Option<[u8; 32]>, ChainError> {
        Ok(self.ask(|chain| chain.account_of(twin_id)).await?.1)
    }

    async fn report_deployment(&self, contract_id: u64, version: u32, outcome: Outcome) -> Result<(), ChainError> {
        self.submit(|chain| chain.report_deployment(contract_id, version, outcome.clone())).await
    }

    async fn sign_reports(&self, reports: &[Report]) -> Result<Signed, ChainError> {
        let (_, signed) = self.ask(|chain| chain.sign_reports(reports)).await?;
        Ok(signed)
    }

    async fn send(&self, signed: &Signed) -> Result<(), ChainError> {
        // Sending it again does nothing: it may go to another endpoint whatever became of it at the first.
        let asked = AtomicUsize::new(0);
        let sent = self.ask(|chain| {
            asked.fetch_add(1, Ordering::Relaxed);
            chain.send(signed)
        });
        match sent.await {
            // One that broke off before may have passed it on: that this one will not have it decides nothing.
            Err(ChainError::Refused(reason) | ChainError::TooLarge(reason)) if asked.load(Ordering::Relaxed) > 1 => {
                Err(ChainError::Uncertain(reason))
            },
            sent => sent.map(drop),
        }
    }

    async fn reports_fate(&self, ticket: &Ticket, reports: &[Report]) -> Result<Fate, ChainError> {
        Ok(self.ask(|chain| chain.reports_fate(ticket, reports)).await?.1)
    }

    async fn report_uptime(&self, uptime: u64) -> Result<(), ChainError> {
        self.submit(|chain| chain.report_uptime(uptime)).await
    }

    async fn float(&self) -> Result<u128, ChainError> {
        Ok(self.ask(|chain| chain.float()).await?.1)
    }

    fn vouched(&self, head: Head) -> Head {
        let said = self.state().said;
        said.map_or(head, |index| self.vouched_by_others(index, head))
    }

    fn expect(&self, genesis: [u8; 32], seen: Head) {
        let mut state = self.state();
        state.genesis = Some(genesis);
        if seen.number > state.seen.number {
            state.seen = seen;
        }
        drop(state);
        self.choose();
    }

    fn endpoints(&self) -> Vec<EndpointStatus> {
        let verdicts = self.verdicts();
        let state = self.state();
        let heights = state.records.iter().zip(&verdicts).filter(|(_, aside)| aside.is_none());
        let newest = heights.filter_map(|(record, _)| Some(record.head?.number)).max();
        let told = self.endpoints.iter().zip(&state.records).zip(verdicts).zip(&state.heard_at).enumerate();
        told.map(|(index, ((((url, _), record), set_aside), heard_at))| {
            let head = record.head.map(|head| head.number);
            EndpointStatus {
                url: url.clone(),
                used: state.used == Some(index),
                set_aside,
                head,
                behind: newest.zip(head).map(|(newest, head)| newest.saturating_sub(head)),
                heard_at: *heard_at,
            }
        })
        .collect()
    }
}
