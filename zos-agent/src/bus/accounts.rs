//! Which account speaks for which twin: read from the chain, remembered for a short while.
//!
//! Bounded: at most [`CAPACITY`] twins are remembered. That a twin does not exist is remembered too, or strangers could make
//! the node ask the chain as often as they like.

use crate::chain::Chain;
use grid_types::bus::{Code, Failure};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How long an account is remembered.
const KNOWN_FOR: Duration = Duration::from_secs(60);
/// How long it is remembered that there is no such twin.
const UNKNOWN_FOR: Duration = Duration::from_secs(6);
/// The most twins that are remembered.
const CAPACITY: usize = 10_000;

/// What the chain said and until when that is believed.
type Entry = (Option<[u8; 32]>, Instant);

/// Reads and remembers accounts.
pub struct Accounts {
    chain: Arc<dyn Chain>,
    known: Mutex<HashMap<u32, Entry>>,
}

impl Accounts {
    /// Nothing is known yet.
    pub fn new(chain: Arc<dyn Chain>) -> Self {
        Self { chain, known: Mutex::default() }
    }

    /// The account that signs for a twin.
    pub async fn of(&self, twin_id: u32) -> Result<[u8; 32], Failure> {
        let account = match self.remembered(twin_id) {
            Some(account) => account,
            None => {
                let account = self.chain.account_of(twin_id).await?;
                self.remember(twin_id, account);
                account
            },
        };
        account.ok_or_else(|| {
            Failure::new(Code::UnknownTwin, format!("there is no twin {twin_id} on the chain; create it first"))
        })
    }

    fn remembered(&self, twin_id: u32) -> Option<Option<[u8; 32]>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&twin_id).filter(|(_, until)| *until > Instant::now()).map(|(account, _)| *account)
    }

    fn remember(&self, twin_id: u32, account: Option<[u8; 32]>) {
        let now = Instant::now();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= CAPACITY {
            known.retain(|_, (_, until)| *until > now);
        }
        if known.len() >= CAPACITY {
            known.clear();
        }
        known.insert(twin_id, (account, now + if account.is_some() { KNOWN_FOR } else { UNKNOWN_FOR }));
    }
}
