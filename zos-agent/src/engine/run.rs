//! The loop around the decision: fetch what is, decide, let it be done, wait for a reason to look again.
//!
//! One contract's actions run in order in a task of their own; different contracts run side by side, a few at a time. A
//! contract that is being worked on is left out of decisions until its task has ended.

use super::{
    act::Hands,
    backoff,
    decide::{decide, Action, Rules, World},
};
use crate::{
    chain::{Chain, Snapshot},
    clock,
    faas::Faas,
    store::{identity::Identity, Store, StoreError},
};
use futures::StreamExt;
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::{watch, Notify, Semaphore},
    task::{Id, JoinError, JoinSet},
};
use tokio_util::sync::CancellationToken;

/// How long work that has begun may go on when the agent stops.
const DRAIN: Duration = Duration::from_secs(15);

/// The engine.
pub struct Engine {
    /// What was accepted.
    pub store: Store,
    /// What was agreed.
    pub chain: Arc<dyn Chain>,
    /// What runs.
    pub faas: Faas,
    /// Who this node is.
    pub identity: Identity,
    /// What the operator decided.
    pub rules: Rules,
    /// What acts.
    pub hands: Arc<Hands>,
    /// Reasons to look again.
    pub nudge: Arc<Notify>,
    /// Where the newest view of the chain is shown to others.
    pub view: watch::Sender<Option<Arc<Snapshot>>>,
    /// The longest time between two looks, seconds.
    pub resync: u64,
    /// Contracts that are worked on at once.
    pub parallel: usize,
}

/// Work in progress.
struct Shop {
    tasks: JoinSet<()>,
    contracts: HashMap<Id, u64>,
    seats: Arc<Semaphore>,
}

impl Engine {
    /// Runs until `stop`, then lets what has begun come to its end.
    pub async fn run(self, stop: CancellationToken) {
        let follower = tokio::spawn(follow(self.chain.clone(), self.nudge.clone(), stop.clone()));
        let seats = Arc::new(Semaphore::new(self.parallel));
        let mut shop = Shop { tasks: JoinSet::new(), contracts: HashMap::new(), seats };
        let mut misses = 0;
        loop {
            let pause = match self.reconcile(&mut shop).await {
                Ok(Some(next)) => {
                    misses = 0;
                    next.saturating_sub(clock::now()).clamp(1, self.resync)
                },
                Ok(None) => {
                    misses += 1;
                    backoff::after(misses, self.resync)
                },
                Err(error) => {
                    tracing::error!(%error, "the store failed; nothing is decided");
                    self.resync
                },
            };
            tokio::select! {
                () = stop.cancelled() => break,
                () = self.nudge.notified() => {},
                () = tokio::time::sleep(Duration::from_secs(pause)) => {},
                Some(done) = shop.tasks.join_next_with_id() => shop.done(done),
            }
        }
        shop.drain().await;
        follower.abort();
    }

    /// One look at everything. Gives the time of the next thing to do, or nothing if not all could be seen.
    async fn reconcile(&self, shop: &mut Shop) -> Result<Option<u64>, StoreError> {
        while let Some(done) = shop.tasks.try_join_next_with_id() {
            shop.done(done);
        }
        let now = clock::now();
        // What was accepted is read before the chain is: a contract that was accepted on the word of a block is then never
        // compared with an older block.
        let (works, cursor) = self.store.read(|read| Ok((read.works()?, read.cursor()?))).await?;
        let chain = self.look_at_chain(cursor).await?;
        let gateway = match self.faas.list().await {
            Ok(functions) => Some(functions),
            Err(error) => {
                tracing::warn!(%error, "cannot see what runs; nothing is decided");
                None
            },
        };
        let next = next_try(&works, now, self.resync);
        let seen = chain.is_some() && gateway.is_some();
        let world = World {
            now,
            node_id: self.identity.node_id,
            genesis: self.identity.genesis,
            cursor,
            rules: self.rules,
            chain,
            gateway,
            works,
            busy: shop.contracts.values().copied().collect(),
        };
        shop.start(decide(&world), &self.hands);
        Ok(seen.then_some(next))
    }

    /// The node's contracts at the newest finalized block, if the endpoint can be believed.
    async fn look_at_chain(&self, cursor: u64) -> Result<Option<Snapshot>, StoreError> {
        let snapshot = match self.chain.snapshot(self.identity.node_id).await {
            Ok(snapshot) => snapshot,
            Err(error) => {
                tracing::warn!(%error, "cannot see what is agreed; what runs goes on");
                return Ok(None);
            },
        };
        if snapshot.genesis != self.identity.genesis {
            tracing::error!(genesis = %hex::encode(snapshot.genesis), "the endpoint serves another chain; nothing is decided");
            return Ok(None);
        }
        let number = snapshot.head.number;
        if number < cursor {
            tracing::warn!(number, cursor, "the endpoint is behind what was seen before; nothing is decided");
            return Ok(None);
        }
        if number > cursor {
            self.store.write(move |write| write.raise_cursor(number)).await?;
            crate::step::reached("engine.cursor_written");
        }
        self.view.send_replace(Some(Arc::new(snapshot.clone())));
        Ok(Some(snapshot))
    }
}

impl Shop {
    /// Starts each contract's actions as one task.
    fn start(&mut self, actions: Vec<Action>, hands: &Arc<Hands>) {
        let mut orders: BTreeMap<u64, Vec<Action>> = BTreeMap::new();
        for action in actions {
            orders.entry(action.contract_id()).or_default().push(action);
        }
        for (contract_id, order) in orders {
            tracing::debug!(contract = contract_id, ?order, "to do");
            let (hands, seats) = (hands.clone(), self.seats.clone());
            let task = self.tasks.spawn(async move {
                // The semaphore is never closed; without a seat the work would be done all the same.
                let _seat = seats.acquire().await;
                hands.perform(order).await;
            });
            self.contracts.insert(task.id(), contract_id);
        }
    }

    fn done(&mut self, outcome: Result<(Id, ()), JoinError>) {
        let id = match outcome {
            Ok((id, ())) => id,
            Err(error) => {
                tracing::error!(%error, "work on a contract broke off");
                error.id()
            },
        };
        self.contracts.remove(&id);
    }

    async fn drain(mut self) {
        let rest = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(DRAIN, rest).await.is_err() {
            tracing::warn!("some work did not end in time; it goes on after the next start");
        }
    }
}

/// When the first waiting task falls due, Unix seconds.
fn next_try(works: &BTreeMap<u64, crate::store::deployments::Work>, now: u64, resync: u64) -> u64 {
    let waiting = works.values().flat_map(|work| work.tasks.values()).map(|task| task.next_try);
    waiting.filter(|next| *next > now).min().unwrap_or(now + resync)
}

/// Nudges on every finalized block; finds a new connection when one ends.
async fn follow(chain: Arc<dyn Chain>, nudge: Arc<Notify>, stop: CancellationToken) {
    let mut misses = 0;
    while !stop.is_cancelled() {
        match chain.heads().await {
            Ok(mut heads) => {
                while let Some(number) = heads.next().await {
                    misses = 0;
                    tracing::trace!(number, "finalized");
                    nudge.notify_one();
                }
                tracing::warn!("the chain's blocks stopped coming; connecting again");
            },
            Err(error) => tracing::warn!(%error, "cannot follow the chain"),
        }
        misses += 1;
        tokio::time::sleep(Duration::from_secs(backoff::after(misses, 30))).await;
    }
}
