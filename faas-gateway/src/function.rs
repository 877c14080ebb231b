//! A function as it lives in memory: its conditions, its code, its counters.

use crate::{
    log_ring::LogRing,
    model::{DeploymentEcho, FunctionStatus, FunctionUsage, Map},
    plan::Plan,
    runtime::{Budget, Compiled, Pace, Usage},
    store::FunctionRecord,
};
use std::{
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// The label OpenFaaS puts on every function.
const NAME_LABEL: &str = "faas_function";

/// One deployed function. An update makes a new one that shares [`Shared`]; calls keep the one they began with.
pub(crate) struct Function {
    pub record: FunctionRecord,
    pub plan: Plan,
    /// The code, or why there is none (a module file that was lost, say).
    pub code: Result<Arc<Compiled>, String>,
    pub shared: Arc<Shared>,
}

/// What outlives an update.
pub(crate) struct Shared {
    pub usage: Arc<Usage>,
    pub log: LogRing,
    /// One permit per call that runs.
    pub permits: Arc<Semaphore>,
    pub memory: Arc<Budget>,
    /// Room for answers that wait to be sent.
    pub buffers: Arc<Budget>,
    pub pace: Arc<Pace>,
    /// Ends all calls: the function is gone.
    pub cancel: CancellationToken,
}

impl Shared {
    pub fn new(calls: u32, memory: Arc<Budget>, buffers: Arc<Budget>, cancel: CancellationToken) -> Arc<Self> {
        let permits = Arc::new(Semaphore::new(calls as usize));
        Arc::new(Self {
            usage: Usage::new(),
            log: LogRing::default(),
            permits,
            memory,
            buffers,
            pace: Pace::new(),
            cancel,
        })
    }
}

impl Function {
    /// The function as the API shows it.
    pub fn status(&self) -> FunctionStatus {
        let mut deployment = self.record.deployment.clone();
        deployment.namespace.get_or_insert_with(|| crate::plan::NAMESPACE.to_owned());
        deployment.labels.get_or_insert_with(Map::new).insert(NAME_LABEL.into(), deployment.service.clone());
        let created = UNIX_EPOCH + Duration::from_millis(self.record.created_at);
        let (totals, _) = self.shared.usage.read();
        FunctionStatus {
            name: deployment.service.clone(),
            deployment: DeploymentEcho::from(&deployment),
            invocation_count: totals.calls as f64,
            // Instances start with each call: a function is always there once, whole, or not at all.
            replicas: 1,
            available_replicas: u64::from(self.code.is_ok()),
            created_at: humantime::format_rfc3339_seconds(created).to_string(),
            usage: self.usage(),
            problem: self.code.as_ref().err().cloned(),
        }
    }

    fn usage(&self) -> FunctionUsage {
        let (totals, millicores) = self.shared.usage.read();
        FunctionUsage {
            cpu: millicores,
            total_memory_bytes: totals.memory_bytes as f64,
            cpu_seconds: totals.cpu.as_secs_f64(),
            memory_byte_seconds: totals.memory_byte_seconds(),
            disk_bytes: self.code.as_ref().map_or(0, |code| code.module_bytes + code.compiled_bytes),
            network_bytes: totals.network_bytes,
            started_at: self.shared.usage.started_at,
        }
    }
}
