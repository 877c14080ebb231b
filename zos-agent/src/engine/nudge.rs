//! Reasons to look again, collected until somebody looks.

use std::{
    collections::BTreeSet,
    mem,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::Notify;

/// Calls the engine. Clones call the same one. Bounded by the number of contracts on the node.
#[derive(Clone, Debug, Default)]
pub struct Nudge {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    bell: Notify,
    asked: Mutex<Asked>,
}

/// What should be looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Everything.
    pub all: bool,
    /// These contracts at least.
    pub contracts: BTreeSet<u64>,
}

impl Nudge {
    /// Something may have changed anywhere.
    pub fn notify_one(&self) {
        self.ask(|asked| asked.all = true);
    }

    /// Something has changed about one contract: cheap, however many there are.
    pub fn contract(&self, contract_id: u64) {
        self.ask(|asked| asked.contracts.extend([contract_id]));
    }

    fn ask(&self, what: impl FnOnce(&mut Asked)) {
        what(&mut self.inner.asked.lock().unwrap_or_else(PoisonError::into_inner));
        self.inner.bell.notify_one();
    }

    /// Waits until somebody has asked. Cancel-safe.
    pub async fn rung(&self) {
        self.inner.bell.notified().await;
    }

    /// All that was asked for since the last time.
    pub fn take(&self) -> Asked {
        mem::take(&mut self.inner.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_asked_for_before_anybody_waits_is_not_lost() {
        let nudge = Nudge::default();
        nudge.contract(7);
        nudge.clone().contract(8);
        nudge.rung().await;
        assert_eq!(nudge.take(), Asked { all: false, contracts: BTreeSet::from([7, 8]) });
        assert_eq!(nudge.take(), Asked::default());
        nudge.notify_one();
        nudge.rung().await;
        assert!(nudge.take().all);
    }
}
