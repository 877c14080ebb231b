//! Scaling: a wish that is kept, shown, and ends a function's sleep with its next call.

use super::{now, Core};
use crate::{
    error::ApiError,
    function::Function,
    names::Key,
    store::{FunctionRecord, ScaleRecord},
};

impl Core {
    /// Keeps a wish for a number of replicas. Calls are answered whatever it is.
    pub fn scale(&self, key: Key<'_>, replicas: u64) -> Result<(), ApiError> {
        let _serialised = self.lock();
        let old = self.find(key).ok_or_else(|| ApiError::function_not_found(key.name))?;
        let replicas = old.plan.replicas.wished(replicas);
        let scale = Some(ScaleRecord { replicas, invocations: old.invocations() });
        let record = FunctionRecord { scale, ..old.record.clone() };
        self.store.set_function(key, Some(&record), &[], now().as_secs())?;
        tracing::info!(function = key.name, namespace = key.namespace, replicas, "scaled");
        self.publish(Function {
            record,
            plan: old.plan.clone(),
            code: old.code.clone(),
            secrets: old.secrets.clone(),
            shared: old.shared.clone(),
        });
        Ok(())
    }
}

/// After a crash the count may be less than it was when the function was scaled; then it counts from there.
pub(super) fn forget_lost_calls(record: &mut FunctionRecord, counted: u64) {
    if let Some(scale) = &mut record.scale {
        scale.invocations = scale.invocations.min(counted);
    }
}
