//! A function as it lives in memory: its conditions, its code, its counters.

use crate::{
    log_ring::LogRing,
    model::{DeploymentEcho, FunctionStatus, FunctionUsage, Map},
    names::Key,
    plan::Plan,
    runtime::{Budget, Compiled, Pace, Usage},
    secret_folder::SecretFolder,
    store::FunctionRecord,
};
use std::{
    sync::{atomic::AtomicU64, Arc},
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
    /// The secrets it names, as files; `None` if it names none.
    pub secrets: Option<Arc<SecretFolder>>,
    pub shared: Arc<Shared>,
}

/// What outlives an update.
pub(crate) struct Shared {
    pub usage: Arc<Usage>,
    pub log: LogRing,
    /// One permit per call that runs.
    pub permits: Arc<Semaphore>,
    /// One permit per call that is to wait and whose large body is being read.
    pub queue_readers: Arc<Semaphore>,
    pub memory: Arc<Budget>,
    /// Room for answers that wait to be sent.
    pub buffers: Arc<Budget>,
    pub pace: Arc<Pace>,
    /// The function is gone: nothing new comes from it.
    pub gone: CancellationToken,
    /// Ends all calls: the function has been gone for a while, or the gateway stops.
    pub cancel: CancellationToken,
    /// Calls that were counted before this gateway started.
    counted: u64,
    /// The count that is on disk.
    pub saved: AtomicU64,
}

impl Shared {
    pub fn new(
        calls: u32,
        queue_readers: usize,
        memory: Arc<Budget>,
        buffers: Arc<Budget>,
        cancel: CancellationToken,
        counted: u64,
    ) -> Arc<Self> {
        let permits = Arc::new(Semaphore::new(calls as usize));
        let queue_readers = Arc::new(Semaphore::new(queue_readers));
        Arc::new(Self {
            usage: Usage::new(),
            log: LogRing::default(),
            permits,
            queue_readers,
            memory,
            buffers,
            pace: Pace::new(),
            gone: CancellationToken::new(),
            cancel,
            counted,
            saved: counted.into(),
        })
    }
}

impl Function {
    /// Where it lives.
    pub fn key(&self) -> Key<'_> {
        self.record.key()
    }

    /// Calls that were let in since it was deployed; approximate over a crash of the gateway.
    pub fn invocations(&self) -> u64 {
        self.shared.counted + self.shared.usage.read().0.calls
    }

    /// How many there are in OpenFaaS' terms. Instances start with each call, so this is what was wished for: no number
    /// of calls changes it, but that one call wakes a function that was scaled to zero.
    pub fn replicas(&self) -> u32 {
        match self.record.scale {
            Some(scale) if scale.replicas > 0 || self.invocations() <= scale.invocations => scale.replicas,
            _ => self.plan.replicas.least(),
        }
    }

    /// The function as the API shows it.
    pub fn status(&self) -> FunctionStatus {
        let mut deployment = self.record.deployment.clone();
        deployment.namespace = Some(self.key().namespace.to_owned());
        let replicas = u64::from(self.replicas());
        deployment.labels.get_or_insert_with(Map::new).insert(NAME_LABEL.into(), deployment.service.clone());
        let created = UNIX_EPOCH + Duration::from_millis(self.record.created_at);
        FunctionStatus {
            name: deployment.service.clone(),
            deployment: DeploymentEcho::from(&deployment),
            invocation_count: self.invocations() as f64,
            replicas,
            available_replicas: if self.code.is_ok() { replicas } else { 0 },
            created_at: humantime::format_rfc3339_seconds(created).to_string(),
            usage: self.usage(),
            not_honoured: self.plan.not_honoured.clone(),
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
