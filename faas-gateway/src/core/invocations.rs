//! How often functions were called, over restarts. Written every few seconds and when the gateway stops: after a crash
//! the last seconds' calls are missing, and no call waits for a disk.

use super::Core;
use crate::store::StoreError;
use std::sync::atomic::Ordering;

impl Core {
    /// Writes what has changed since the last time.
    pub fn save_invocations(&self) -> Result<(), StoreError> {
        // So that no count of a function that is being removed is written after it.
        let _serialised = self.lock();
        let changed: Vec<_> = self
            .list()
            .into_iter()
            .map(|function| (function.invocations(), function))
            .filter(|(count, function)| function.shared.saved.load(Ordering::Relaxed) != *count)
            .collect();
        if changed.is_empty() {
            return Ok(());
        }
        self.store.set_invocations(changed.iter().map(|(count, function)| (function.key(), *count)))?;
        for (count, function) in &changed {
            function.shared.saved.store(*count, Ordering::Relaxed);
        }
        Ok(())
    }
}
