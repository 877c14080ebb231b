//! Which nonce a transaction gets, so that several of one key may be under way.

use crate::keys::Account;
use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The nonces of this process, by account.
#[derive(Default)]
pub(crate) struct Nonces(Mutex<HashMap<Account, Arc<Line>>>);

/// The transactions of one account: sent one at a time, then under way together.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// Of those who choose a nonce and send.
    pub turn: tokio::sync::Mutex<()>,
    under_way: Mutex<BTreeSet<u64>>,
}

/// A nonce in use; free again when dropped.
#[derive(Debug)]
pub(super) struct Nonce {
    pub number: u64,
    line: Arc<Line>,
}

impl Nonces {
    pub(super) fn of(&self, account: Account) -> Arc<Line> {
        locked(&self.0).entry(account).or_default().clone()
    }
}

impl Line {
    /// The nonce after all that the pool and this process know of.
    pub fn take(self: &Arc<Self>, pool_next: u64) -> Nonce {
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
    use super::*;

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
    fn accounts_do_not_share_nonces() {
        let nonces = Nonces::default();
        let _first = nonces.of(Account([1; 32])).take(3);
        assert_eq!(nonces.of(Account([2; 32])).take(3).number, 3);
    }
}
