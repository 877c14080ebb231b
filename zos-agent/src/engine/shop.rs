//! Work in progress: one task a contract, a few that really work, and nobody who hangs in the way of others.
//!
//! A task that takes longer than [`QUICK`] gives its seat to the next and goes on beside: up to [`SLOW`] may hang at once
//! before anybody waits for them. A task is cancelled when what it was begun for no longer holds, and cut off at its end
//! ([`super::act`]). A contract whose work failed in a way that could not be noted rests for a while, so that nothing spins.

use super::{
    act::{Hands, Performed},
    backoff,
    decide::Action,
};
use crate::chain::{ContractState, Snapshot};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::{Id, JoinError, JoinSet},
};
use tokio_util::sync::CancellationToken;

/// How long work keeps its seat.
const QUICK: Duration = Duration::from_secs(2);
/// How much slow work goes on at once.
const SLOW: usize = 64;
/// The longest rest after failures that could not be noted, seconds.
const LONGEST_REST: u64 = 60;
/// How long work that has begun may go on when the agent stops.
const DRAIN: Duration = Duration::from_secs(15);

/// What a contract's work is begun for: when this changes, it is not worth its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Basis {
    Live([u8; 32]),
    Paused,
    Over,
    Unknown,
}

impl Basis {
    fn of(chain: &Snapshot, contract_id: u64) -> Self {
        match chain.contracts.get(&contract_id) {
            Some(contract) => match contract.state {
                ContractState::Created | ContractState::Deployed => Self::Live(contract.hash),
                ContractState::Grace => Self::Paused,
                ContractState::Ending => Self::Over,
            },
            None if contract_id < chain.next_contract_id => Self::Over,
            None => Self::Unknown,
        }
    }
}

struct Job {
    contract_id: u64,
    basis: Basis,
    cancel: CancellationToken,
}

/// Why a contract is left alone for a while.
#[derive(Clone, Copy, Debug, Default)]
struct Rest {
    failures: u32,
    until: u64,
}

/// Everything that is under way.
pub struct Shop {
    tasks: JoinSet<Performed>,
    jobs: HashMap<Id, Job>,
    resting: BTreeMap<u64, Rest>,
    seats: Arc<Semaphore>,
    slow: Arc<Semaphore>,
}

impl Shop {
    /// With so many seats.
    pub fn new(seats: usize) -> Self {
        Self {
            tasks: JoinSet::new(),
            jobs: HashMap::new(),
            resting: BTreeMap::new(),
            seats: Arc::new(Semaphore::new(seats)),
            slow: Arc::new(Semaphore::new(SLOW)),
        }
    }

    /// Contracts that are not to be decided on: they are worked on, or rest.
    pub fn busy(&self, now: u64) -> BTreeSet<u64> {
        let resting = self.resting.iter().filter(|(_, rest)| rest.until > now).map(|(id, _)| *id);
        self.jobs.values().map(|job| job.contract_id).chain(resting).collect()
    }

    /// When the first contract has rested enough, Unix seconds.
    pub fn next_rested(&self, now: u64) -> Option<u64> {
        self.resting.values().map(|rest| rest.until).filter(|until| *until > now).min()
    }

    /// Starts each contract's actions as one task.
    pub fn start(&mut self, actions: Vec<Action>, chain: &Snapshot, hands: &Arc<Hands>) {
        let mut orders: BTreeMap<u64, Vec<Action>> = BTreeMap::new();
        for action in actions {
            orders.entry(action.contract_id()).or_default().push(action);
        }
        for (contract_id, order) in orders {
            tracing::debug!(contract = contract_id, ?order, "to do");
            let (hands, seats, slow) = (hands.clone(), self.seats.clone(), self.slow.clone());
            let cancel = CancellationToken::new();
            let token = cancel.clone();
            let task = self.tasks.spawn(async move {
                // The semaphore is never closed; without a seat the work would be done all the same.
                let seat = tokio::select! {
                    biased;
                    () = token.cancelled() => return Performed::Cancelled,
                    seat = seats.acquire_owned() => seat.ok(),
                };
                seated(seat, &slow, QUICK, hands.perform(order, &token)).await
            });
            self.jobs.insert(task.id(), Job { contract_id, basis: Basis::of(chain, contract_id), cancel });
        }
    }

    /// Cancels what was begun for a state of the chain that is no more. `chain`: all contracts of the node.
    pub fn review(&self, chain: &Snapshot) {
        for job in self.jobs.values() {
            let basis = Basis::of(chain, job.contract_id);
            // Not to know is no news.
            if basis != job.basis && basis != Basis::Unknown && !job.cancel.is_cancelled() {
                tracing::info!(contract = job.contract_id, "what is under way is not wanted any more");
                job.cancel.cancel();
            }
        }
    }

    /// Waits until a contract's work has ended; gives the contract. Never ends while nothing is under way. Cancel-safe.
    pub async fn ended(&mut self, now: impl Fn() -> u64) -> u64 {
        loop {
            match self.tasks.join_next_with_id().await {
                Some(done) => {
                    if let Some(contract_id) = self.done(done, now()) {
                        return contract_id;
                    }
                },
                None => std::future::pending().await,
            }
        }
    }

    /// What has ended already.
    pub fn sweep(&mut self, now: u64) -> BTreeSet<u64> {
        let mut ended = BTreeSet::new();
        while let Some(done) = self.tasks.try_join_next_with_id() {
            ended.extend(self.done(done, now));
        }
        ended
    }

    fn done(&mut self, outcome: Result<(Id, Performed), JoinError>, now: u64) -> Option<u64> {
        let (id, performed) = match outcome {
            Ok(done) => done,
            Err(error) => {
                tracing::error!(%error, "work on a contract broke off");
                (error.id(), Performed::Unnoted)
            },
        };
        let contract_id = self.jobs.remove(&id)?.contract_id;
        if performed == Performed::Unnoted {
            let rest = self.resting.entry(contract_id).or_default();
            rest.failures = rest.failures.saturating_add(1);
            rest.until = now.saturating_add(backoff::after(rest.failures, LONGEST_REST));
        } else {
            self.resting.remove(&contract_id);
        }
        Some(contract_id)
    }

    /// Lets what has begun come to its end, within bounds.
    pub async fn drain(mut self) {
        let rest = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(DRAIN, rest).await.is_err() {
            tracing::warn!("some work did not end in time; it goes on after the next start");
        }
    }
}

/// Works on a seat, and beside it once it takes long and there is room for one more that does.
async fn seated<T>(
    mut seat: Option<OwnedSemaphorePermit>,
    slow: &Arc<Semaphore>,
    quick: Duration,
    work: impl std::future::Future<Output = T>,
) -> T {
    let mut work = std::pin::pin!(work);
    let mut beside = None;
    loop {
        match tokio::time::timeout(quick, &mut work).await {
            Ok(done) => return done,
            Err(_) if beside.is_none() => {
                beside = slow.clone().try_acquire_owned().ok();
                if beside.is_some() {
                    drop(seat.take());
                }
            },
            Err(_) => {},
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const MOMENT: Duration = Duration::from_millis(1);

    #[tokio::test]
    async fn who_hangs_gives_his_seat_to_others() {
        let (seats, slow) = (Arc::new(Semaphore::new(1)), Arc::new(Semaphore::new(SLOW)));
        let mut hanging = JoinSet::new();
        for _ in 0..10 {
            let (seats, slow) = (seats.clone(), slow.clone());
            hanging.spawn(async move {
                let seat = seats.acquire_owned().await.ok();
                seated(seat, &slow, MOMENT, std::future::pending::<()>()).await
            });
        }
        let seat = seats.clone().acquire_owned().await.ok();
        assert_eq!(seated(seat, &slow, MOMENT, async { 7 }).await, 7);
    }

    #[tokio::test]
    async fn no_more_hang_beside_than_there_is_room_for() {
        let (seats, slow) = (Arc::new(Semaphore::new(1)), Arc::new(Semaphore::new(0)));
        let seat = seats.clone().acquire_owned().await.ok();
        let (looks, mut looked) = tokio::sync::watch::channel(0);
        let hanging = tokio::spawn(async move {
            // It is looked at once at the beginning and once each time that it takes too long.
            let work = std::future::poll_fn(|_| {
                looks.send_modify(|looks| *looks += 1);
                std::task::Poll::<()>::Pending
            });
            seated(seat, &slow, MOMENT, work).await
        });
        looked.wait_for(|looks| *looks >= 5).await.unwrap();
        assert_eq!(seats.available_permits(), 0, "it keeps its seat");
        hanging.abort();
    }

    #[test]
    fn what_could_not_be_noted_rests_longer_each_time() {
        let mut shop = Shop::new(1);
        for (failures, until) in [(1, 101), (2, 102), (3, 104)] {
            let rest = shop.resting.entry(1).or_default();
            rest.failures = failures;
            rest.until = 100 + backoff::after(failures, LONGEST_REST);
            assert_eq!(shop.next_rested(100), Some(until));
            assert_eq!((shop.busy(until - 1).len(), shop.busy(until).len()), (1, 0));
        }
    }
}
