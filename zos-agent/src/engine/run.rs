//! The loop around the decision: see what is, decide, let it be done, wait for a reason to look again.
//!
//! A look at everything is taken on every finalized block that changes a contract of the node, on a timer and at the start. When
//! one contract has news (it was accepted, or work on it ended), one look at that contract is enough: it costs the same whether
//! the node has ten contracts or a thousand. One contract's actions run in order in a task of their own; see [`super::shop`].

use super::{
    act::Hands,
    backoff,
    decide::{decide, Rules, World},
    ends::Ends,
    nudge::{Asked, Nudge},
    shop::Shop,
};
use crate::{
    board::Board,
    chain::{Chain, Head, Snapshot},
    clock,
    faas::{Faas, FaasError, Listed},
    metrics::Metrics,
    store::{deployments::Work, identity::Identity, Store, StoreError},
};
use futures::StreamExt;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

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
    pub nudge: Nudge,
    /// Where the newest view of the chain is shown to others.
    pub view: watch::Sender<Option<Arc<Snapshot>>>,
    /// The longest time between two looks, seconds.
    pub resync: u64,
    /// Contracts that are worked on at once.
    pub parallel: usize,
    /// Where looks are counted.
    pub metrics: Metrics,
    /// Where the last one is shown.
    pub board: Board,
}

/// What a look at everything came to.
struct Look {
    /// The time of the next thing to do, Unix seconds; nothing if not all could be seen.
    next: Option<u64>,
    /// Whether functions of contracts that are over still run: a look at one contract does not see what room they take.
    leaving: bool,
}

impl Engine {
    /// Runs until `stop`, then lets what has begun come to its end.
    pub async fn run(self, stop: CancellationToken) {
        let follower = tokio::spawn(follow(self.chain.clone(), self.nudge.clone(), stop.clone()));
        let (mut shop, mut ends) = (Shop::new(self.parallel), Ends::default());
        let (mut misses, mut leaving) = (0, false);
        let mut asked = Asked { all: true, ..Asked::default() };
        let mut due = Instant::now();
        loop {
            asked.contracts.extend(shop.sweep(clock::now()));
            let quiet =
                !leaving && misses == 0 && asked.contracts.is_empty() && Instant::now() < due && ends.are_clear();
            if asked.all && quiet {
                match self.nothing_new().await {
                    Ok(nothing) => asked.all = !nothing,
                    Err(error) => tracing::error!(%error, "the store failed; everything is looked at"),
                }
            }
            if asked.all || leaving || Instant::now() >= due || (misses > 0 && !asked.contracts.is_empty()) {
                let pause = match self.look_at_all(&mut shop, &mut ends).await {
                    Ok(Look { next: Some(next), leaving: some }) => {
                        (misses, leaving) = (0, some);
                        next.saturating_sub(clock::now()).clamp(1, self.resync)
                    },
                    Ok(Look { next: None, .. }) => {
                        misses += 1;
                        backoff::after(misses, self.resync)
                    },
                    Err(error) => {
                        tracing::error!(%error, "the store failed; nothing is decided");
                        misses += 1;
                        backoff::after(misses, self.resync)
                    },
                };
                due = Instant::now() + Duration::from_secs(pause);
            } else if !asked.contracts.is_empty() {
                match self.look_at(&asked.contracts, &mut shop, &ends).await {
                    Ok(Some(next)) => {
                        let pause = Duration::from_secs(next.saturating_sub(clock::now()).clamp(1, self.resync));
                        due = due.min(Instant::now() + pause);
                    },
                    // Not all could be seen this way.
                    Ok(None) => {
                        (asked, due) = (Asked { all: true, ..Asked::default() }, Instant::now());
                        continue;
                    },
                    Err(error) => tracing::error!(%error, "the store failed; nothing is decided"),
                }
            }
            let ended = tokio::select! {
                () = stop.cancelled() => break,
                () = self.nudge.rung() => None,
                () = tokio::time::sleep_until(due.into()) => None,
                contract_id = shop.ended(clock::now) => Some(contract_id),
            };
            asked = self.nudge.take();
            asked.contracts.extend(ended);
        }
        shop.drain().await;
        follower.abort();
    }

    /// One look at everything.
    async fn look_at_all(&self, shop: &mut Shop, ends: &mut Ends) -> Result<Look, StoreError> {
        let started = Instant::now();
        let now = clock::now();
        // What was accepted is read before the chain is: a contract that was accepted on the word of a block is then never
        // compared with an older block.
        let (works, holders, seen) = self.store.read(|read| Ok((read.works()?, read.holders()?, read.seen()?))).await?;
        let (chain, cursor) = (self.look_at_chain(seen).await?, seen.number);
        let gateway = self.gateway(self.faas.list().await);
        let next = self.next_look(&works, now, shop);
        let mut world = World { holders, ..self.world(now, cursor, chain, gateway, works, shop) };
        if let (Some(chain), Some(gateway)) = (&world.chain, &world.gateway) {
            world.doubted = ends.doubted(self.chain.as_ref(), chain, &world, gateway).await;
        }
        let seen = world.chain.is_some() && world.gateway.is_some();
        if let Some(chain) = &world.chain {
            shop.review(chain);
        }
        let leaving = self.decide(&world, shop);
        self.metrics.looked(started.elapsed(), seen);
        self.metrics.saw(&world);
        if seen {
            let took = u64::try_from(started.elapsed().as_millis()).ok();
            self.board.note(|notes| (notes.look_at, notes.look_ms) = (Some(now), took));
        }
        Ok(Look { next: seen.then_some(next), leaving })
    }

    /// Whether the newest block has nothing that was not looked at already: most blocks are like that, and a look at all that was
    /// accepted costs the more the more there is of it.
    async fn nothing_new(&self) -> Result<bool, StoreError> {
        let before = self.view.borrow().clone();
        let seen = self.store.read(|read| read.seen()).await?;
        let Some(chain) = self.look_at_chain(seen).await? else { return Ok(false) };
        let same = |before: Arc<Snapshot>| before.contracts == chain.contracts && before.capacity == chain.capacity;
        Ok(before.is_some_and(same))
    }

    /// One look at these contracts alone, on what was last seen of the chain. Gives the time of the next thing to do, or
    /// nothing if only a look at everything will do.
    async fn look_at(
        &self,
        contracts: &BTreeSet<u64>,
        shop: &mut Shop,
        ends: &Ends,
    ) -> Result<Option<u64>, StoreError> {
        let now = clock::now();
        let ids = contracts.clone();
        let (works, cursor) = self
            .store
            .read(move |read| {
                let mut works = BTreeMap::new();
                for id in ids {
                    works.extend(read.work(id)?.map(|work| (id, work)));
                }
                Ok((works, read.cursor()?))
            })
            .await?;
        let settled = |chain: &Snapshot| contracts.iter().all(|id| ends.settled(chain, *id));
        let Some(chain) = self.seen(&works).filter(settled) else { return Ok(None) };
        let mut functions = Vec::new();
        for (id, work) in &works {
            match self.functions_of(*id, work).await {
                Ok(some) => functions.extend(some),
                Err(_) => return Ok(None),
            }
        }
        let next = self.next_look(&works, now, shop);
        let world = self.world(now, cursor, Some(chain), Some(functions), works, shop);
        self.decide(&world, shop);
        Ok(Some(next))
    }

    /// When there is something to do by time alone, Unix seconds.
    fn next_look(&self, works: &BTreeMap<u64, Work>, now: u64, shop: &Shop) -> u64 {
        next_try(works, now, &self.rules, self.resync).min(shop.next_rested(now).unwrap_or(u64::MAX))
    }

    fn world(
        &self,
        now: u64,
        cursor: u64,
        chain: Option<Snapshot>,
        gateway: Option<Vec<Listed>>,
        works: BTreeMap<u64, Work>,
        shop: &Shop,
    ) -> World {
        let Identity { node_id, genesis, .. } = self.identity;
        let (rules, busy, holders, doubted) = (self.rules, shop.busy(now), BTreeSet::new(), BTreeSet::new());
        World { now, node_id, genesis, cursor, rules, chain, gateway, works, holders, busy, doubted }
    }

    /// Decides and lets it be done. Whether functions of contracts that are over still run.
    fn decide(&self, world: &World, shop: &mut Shop) -> bool {
        let Some(chain) = &world.chain else { return false };
        shop.start(decide(world), chain, &self.hands);
        let over = |id: u64| !chain.contracts.contains_key(&id) && id < chain.next_contract_id;
        let owners = world.gateway.iter().flatten().filter_map(|function| function.owner.as_ref());
        owners.filter(|owner| owner.node_id == world.node_id).any(|owner| over(owner.contract_id))
    }

    fn gateway(&self, functions: Result<Vec<Listed>, FaasError>) -> Option<Vec<Listed>> {
        functions.map_err(|error| tracing::warn!(%error, "cannot see what runs; nothing is decided")).ok()
    }

    /// The node's contracts at the newest finalized block, if the endpoint can be believed.
    async fn look_at_chain(&self, seen: Head) -> Result<Option<Snapshot>, StoreError> {
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
        let (number, cursor) = (snapshot.head.number, seen.number);
        if number < cursor {
            tracing::warn!(number, cursor, "the endpoint is behind what was seen before; nothing is decided");
            return Ok(None);
        }
        if !seen.can_reach(snapshot.head) {
            tracing::error!(
                number,
                cursor,
                "the endpoint claims a height for which there was no time; nothing is decided"
            );
            return Ok(None);
        }
        let vouched = self.chain.vouched(snapshot.head);
        if vouched.number > cursor {
            self.store.write(move |write| write.raise_cursor(vouched)).await?;
            crate::step::reached("engine.cursor_written");
        }
        self.view.send_replace(Some(Arc::new(snapshot.clone())));
        Ok(Some(snapshot))
    }

    /// These contracts as they were last seen on chain; nothing if that is older than what was accepted for one of them.
    fn seen(&self, works: &BTreeMap<u64, Work>) -> Option<Snapshot> {
        let view = self.view.borrow().clone()?;
        let settled = |(id, work): (&u64, &Work)| match view.contracts.get(id) {
            Some(contract) => contract.hash == work.stored.hash || work.stored.ended.is_some(),
            None => *id < view.next_contract_id,
        };
        let contracts = works.keys().filter_map(|id| Some((*id, *view.contracts.get(id)?))).collect();
        works.iter().all(settled).then(|| Snapshot { contracts, ..*view })
    }

    /// What runs of a contract: the workloads it has, and those that it had as far as anything is noted of them.
    async fn functions_of(&self, contract_id: u64, work: &Work) -> Result<Vec<Listed>, FaasError> {
        let wanted = work.stored.deployment.workloads.iter().map(|workload| workload.name.as_str());
        let names: BTreeSet<&str> = wanted.chain(work.standings.keys().map(String::as_str)).collect();
        let mut functions = Vec::new();
        for name in names {
            let function = grid_types::deployment::function_name(name, contract_id);
            functions.extend(self.faas.status(&function).await?);
        }
        Ok(functions)
    }
}

/// When the first thing falls due by time alone, Unix seconds: a task, or the end of what has one.
fn next_try(works: &BTreeMap<u64, Work>, now: u64, rules: &Rules, resync: u64) -> u64 {
    let waiting = works.values().flat_map(|work| {
        let (stored, expiration) = (&work.stored, work.stored.deployment.expiration);
        let expires = Some(expiration).filter(|at| *at > 0 && stored.ended.is_none());
        let overdue = stored.outdated_since.map(|since| since.saturating_add(rules.outdated_grace));
        let forgotten = stored.ended.as_ref().map(|ended| ended.at.saturating_add(rules.keep_ended));
        work.tasks.values().map(|task| task.next_try).chain([expires, overdue, forgotten].into_iter().flatten())
    });
    waiting.filter(|next| *next > now).min().unwrap_or(now + resync)
}

/// Nudges on every finalized block; finds a new connection when one ends.
async fn follow(chain: Arc<dyn Chain>, nudge: Nudge, stop: CancellationToken) {
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
