//! What the parts of a running agent tell of themselves, for `zos-agent status` and for `/readyz`. Nothing is decided on it.

use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The newest of each. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Board(Arc<Mutex<Notes>>);

/// What hangs on the board. Times in Unix seconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notes {
    /// The last heartbeat that is in a block.
    pub heartbeat_at: Option<u64>,
    /// Why the last one is not.
    pub heartbeat_failure: Option<String>,
    /// When the node's own door last answered.
    pub door_at: Option<u64>,
    /// Why it did not the last time.
    pub door_failure: Option<String>,
    /// Why the last batch of reports still waits.
    pub report_failure: Option<String>,
    /// The last look at which both chain and gateway could be asked.
    pub look_at: Option<u64>,
    /// How long that took, milliseconds.
    pub look_ms: Option<u64>,
}

impl Board {
    /// Hangs something up.
    pub fn note(&self, change: impl FnOnce(&mut Notes)) {
        change(&mut self.lock());
    }

    /// All of it.
    pub fn read(&self) -> Notes {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Notes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
