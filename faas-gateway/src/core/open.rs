//! The start: opens the state folder and takes up what was deployed.

use super::{now, scale, Core};
use crate::{
    auth::Admin,
    callback::Callbacks,
    config::GatewayConfig,
    error::StartError,
    function::Function,
    metrics::Metrics,
    modules::{private_folder, ModuleStore},
    plan::Plan,
    runtime::{Budget, EgressRules, Runtime},
    secret_folder::SecretFolders,
    sources::Fetcher,
    store::{FunctionRecord, Store, StoreError},
};
use std::{
    path::Path,
    sync::{Arc, Mutex, RwLock},
};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

impl Core {
    /// Opens the state folder and takes up what was deployed.
    pub fn open(config: &GatewayConfig) -> Result<Self, StartError> {
        let limits = config.limits.clone();
        // For clients of callbacks and registries. This fails only if the program has chosen one already, which serves as
        // well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let runtime = Runtime::new(&limits, EgressRules::new(config.egress_networks.clone()))
            .map_err(|error| StartError::Engine(format!("{error:#}")))?;
        let runtime = Arc::new(runtime);
        let store = Arc::new(open_store(&config.state_dir)?);
        let unreadable = |message: String| StartError::Store { path: config.state_dir.clone(), message };
        let modules = ModuleStore::open(&config.state_dir, store.clone(), runtime.clone(), limits.store_bytes)
            .map_err(|error| unreadable(error.to_string()))?;
        let secrets = SecretFolders::open(&config.state_dir)
            .map_err(|source| StartError::StateDir { path: config.state_dir.clone(), source })?;
        let callbacks = Callbacks::new(config.callback_networks.clone(), limits.asynchronous.callback_timeout)
            .map_err(|error| StartError::Config(format!("callbacks cannot be sent: {error}")))?;
        let core = Self {
            admin: Admin::new(&config.credentials),
            runtime,
            modules,
            sources: Fetcher::new(&config.sources).map_err(|error| StartError::Config(error.to_string()))?,
            permits: Arc::new(Semaphore::new(limits.calls as usize)),
            queue_readers: Arc::new(Semaphore::new(limits.calls as usize)),
            callbacks,
            callback_networks: config.callback_networks.clone(),
            metrics: Metrics::new(),
            cancel: CancellationToken::new(),
            stopping: CancellationToken::new(),
            memory: Budget::new(limits.memory_bytes, None),
            buffers: Budget::new(limits.buffer_bytes, None),
            store,
            secrets,
            functions: RwLock::default(),
            changing: Mutex::default(),
            limits,
        };
        core.load().map_err(|error| unreadable(error.to_string()))?;
        Ok(core)
    }

    /// Takes up what the database has.
    fn load(&self) -> Result<(), StoreError> {
        for (name, _) in self.store.namespaces()? {
            self.write().entry(name).or_default();
        }
        for record in self.store.functions()? {
            let counted = self.store.invocations(record.key())?;
            self.take_up(record, counted);
        }
        Ok(())
    }

    /// A function that was deployed before the start. One that cannot run any more stays visible with its reason.
    fn take_up(&self, mut record: FunctionRecord, counted: u64) {
        let name = record.key().full();
        let Some(module) = record.module() else {
            tracing::error!(function = name, "a stored deployment does not say which module it is");
            return;
        };
        let plan = match Plan::of(&record.deployment, module, &self.limits) {
            Ok(plan) => plan,
            Err(error) => {
                tracing::error!(function = name, error = error.message, "a stored deployment is not valid any more");
                return;
            },
        };
        let mut code = self.modules.load(&plan.module).map_err(|error| error.to_string());
        let secrets = self.secret_folder(&record.deployment, &plan).unwrap_or_else(|error| {
            code = Err(error.message);
            None
        });
        if let Err(problem) = &code {
            tracing::error!(function = name, problem, "a deployed function cannot run");
        }
        scale::forget_lost_calls(&mut record, counted);
        let shared = self.new_shared(&plan, counted);
        self.publish(Function { record, plan, code, secrets, shared });
    }
}

fn open_store(state_dir: &Path) -> Result<Store, StartError> {
    let path = state_dir.to_owned();
    private_folder(state_dir).map_err(|source| StartError::StateDir { path: path.clone(), source })?;
    let store = Store::open(&state_dir.join("gateway.redb")).map_err(|error| match error {
        redb::DatabaseError::DatabaseAlreadyOpen => StartError::InUse(path.clone()),
        other => StartError::Store { path: path.clone(), message: other.to_string() },
    })?;
    store.prepare(now().as_secs()).map_err(|error| StartError::Store { path, message: error.to_string() })?;
    Ok(store)
}
