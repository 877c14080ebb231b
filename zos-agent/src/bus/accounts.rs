//! Which account speaks for which twin: read from the chain, remembered for a short while.
//!
//! Bounded: at most [`CAPACITY`] twins are remembered. That a twin does not exist is remembered too, apart from those that do,
//! or strangers could crowd these out. About twins that were never heard of the chain is asked [`QUESTIONS`] times a second at
//! most for all strangers together, and [`QUESTIONS_EACH`] times for one address, or one could take them all; about the others
//! whenever it is due.

use super::limits::neighbourhood;
use crate::chain::Chain;
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};
use grid_types::bus::{Code, Failure};
use std::{
    collections::HashMap,
    net::IpAddr,
    num::NonZeroU32,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// How long an account is remembered.
const KNOWN_FOR: Duration = Duration::from_secs(60);
/// How long it is remembered that there is no such twin.
const UNKNOWN_FOR: Duration = Duration::from_secs(6);
/// The most twins that are remembered; of those that there are not, the same.
const CAPACITY: usize = 10_000;
/// Questions a second about twins that were never heard of.
const QUESTIONS: NonZeroU32 = NonZeroU32::new(200).expect("200 is not 0; qed");
/// The same from one address.
const QUESTIONS_EACH: NonZeroU32 = NonZeroU32::new(10).expect("10 is not 0; qed");

/// Reads and remembers accounts.
pub struct Accounts {
    chain: Arc<dyn Chain>,
    memory: Mutex<Memory>,
    questions: DefaultDirectRateLimiter,
    questions_each: DefaultKeyedRateLimiter<IpAddr>,
}

/// What the chain said, and until when that is believed.
#[derive(Default)]
struct Memory {
    known: HashMap<u32, ([u8; 32], Instant)>,
    unknown: HashMap<u32, Instant>,
}

/// What is remembered of a twin.
#[derive(Debug, PartialEq, Eq)]
enum Remembered {
    Account([u8; 32]),
    NoSuchTwin,
    /// It was there a while ago.
    Stale,
    Nothing,
}

impl Accounts {
    /// Nothing is known yet.
    pub fn new(chain: Arc<dyn Chain>) -> Self {
        let questions = RateLimiter::direct(Quota::per_second(QUESTIONS));
        let questions_each = RateLimiter::keyed(Quota::per_second(QUESTIONS_EACH));
        Self { chain, memory: Mutex::default(), questions, questions_each }
    }

    /// The account that signs for a twin. `from`: the address that asks, as long as it is not known who that is.
    pub async fn of(&self, twin_id: u32, from: Option<IpAddr>) -> Result<[u8; 32], Failure> {
        let remembered = self.memory().recall(twin_id, Instant::now());
        let account = match remembered {
            Remembered::Account(account) => Some(account),
            Remembered::NoSuchTwin => None,
            Remembered::Nothing if from.is_some_and(|from| !self.may_ask(from)) => {
                let message = "too many twins that this node has never heard of at the moment; try again in a second";
                return Err(Failure::new(Code::RateLimited, message));
            },
            Remembered::Stale | Remembered::Nothing => {
                let account = self.chain.account_of(twin_id).await?;
                self.memory().remember(twin_id, account, Instant::now());
                account
            },
        };
        account.ok_or_else(|| {
            Failure::new(Code::UnknownTwin, format!("there is no twin {twin_id} on the chain; create it first"))
        })
    }

    fn may_ask(&self, from: IpAddr) -> bool {
        if self.questions_each.len() > CAPACITY {
            self.questions_each.retain_recent();
        }
        self.questions_each.check_key(&neighbourhood(from)).is_ok() && self.questions.check().is_ok()
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    fn recall(&self, twin_id: u32, now: Instant) -> Remembered {
        match (self.known.get(&twin_id), self.unknown.get(&twin_id)) {
            (Some((account, until)), _) if *until > now => Remembered::Account(*account),
            (Some(_), _) => Remembered::Stale,
            (None, Some(until)) if *until > now => Remembered::NoSuchTwin,
            (None, _) => Remembered::Nothing,
        }
    }

    fn remember(&mut self, twin_id: u32, account: Option<[u8; 32]>, now: Instant) {
        match account {
            Some(account) => {
                self.unknown.remove(&twin_id);
                if self.known.len() >= CAPACITY {
                    self.known.retain(|_, (_, until)| *until > now);
                }
                // Any of them: none is worth more than another.
                if let Some(other) = self.known.keys().next().copied().filter(|_| self.known.len() >= CAPACITY) {
                    self.known.remove(&other);
                }
                self.known.insert(twin_id, (account, now + KNOWN_FOR));
            },
            None => {
                self.known.remove(&twin_id);
                if self.unknown.len() >= CAPACITY {
                    self.unknown.retain(|_, until| *until > now);
                }
                if self.unknown.len() < CAPACITY {
                    self.unknown.insert(twin_id, now + UNKNOWN_FOR);
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twins_that_there_are_not_crowd_out_none_that_there_is() {
        let (mut memory, now) = (Memory::default(), Instant::now());
        memory.remember(1, Some([1; 32]), now);
        for twin_id in 2..2 * CAPACITY as u32 {
            memory.remember(twin_id, None, now);
        }
        assert_eq!(memory.recall(1, now), Remembered::Account([1; 32]));
        assert_eq!(memory.recall(2, now), Remembered::NoSuchTwin);
        assert!(memory.unknown.len() <= CAPACITY);
    }

    #[test]
    fn what_is_remembered_ends() {
        let (mut memory, now) = (Memory::default(), Instant::now());
        memory.remember(1, Some([1; 32]), now);
        memory.remember(2, None, now);
        assert_eq!(memory.recall(1, now + KNOWN_FOR), Remembered::Stale);
        assert_eq!(memory.recall(2, now + UNKNOWN_FOR), Remembered::Nothing);
        memory.remember(2, Some([2; 32]), now);
        assert_eq!(memory.recall(2, now), Remembered::Account([2; 32]));
    }

    #[test]
    fn as_many_twins_as_there_is_room_for_are_remembered() {
        let (mut memory, now) = (Memory::default(), Instant::now());
        for twin_id in 0..=CAPACITY as u32 {
            memory.remember(twin_id, Some([0; 32]), now);
        }
        assert_eq!(memory.known.len(), CAPACITY);
    }
}
