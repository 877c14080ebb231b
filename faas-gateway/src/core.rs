//! Deploy, update, delete: the one place where functions in memory, modules on disk and the database meet. What else can
//! be changed is in the rooms below: `namespaces`, `secrets`, `scale`, `invocations`; `open` is the start.
//!
//! What changes something is serialised by one lock and is durable before it is visible. Reading and calling never wait
//! for it. Everything here blocks; the doors in `api` call it from threads that may.

mod invocations;
mod namespaces;
mod open;
mod scale;
mod secrets;

use crate::{
    auth::Admin,
    callback::Callbacks,
    config::Limits,
    digest::Digest,
    error::ApiError,
    function::{Function, Shared},
    metrics::Metrics,
    model::FunctionDeployment,
    modules::{ModuleStore, ModuleStoreError},
    names::Key,
    plan::Plan,
    runtime::{Budget, Compiled, Runtime},
    secret_folder::SecretFolders,
    sources::Fetcher,
    store::{FunctionRecord, Store, StoreError},
};
use axum::http::StatusCode;
use ipnet::IpNet;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// A module that no function has used for this long is removed: an upload that no deployment followed, or what a
/// deleted function left.
const UNUSED_MODULE_TIME: Duration = Duration::from_secs(24 * 3600);

/// One function may have this part of the room for answers.
const BUFFER_SHARE: u64 = 4;
/// One function may have this part of the places for large bodies of waiting calls that are being read.
const QUEUE_READERS_SHARE: usize = 4;

/// The gateway without its sockets.
pub(crate) struct Core {
    pub admin: Admin,
    pub limits: Limits,
    pub runtime: Arc<Runtime>,
    pub modules: ModuleStore,
    /// Where else code may come from.
    pub sources: Fetcher,
    /// One permit per call that runs, over all functions.
    pub permits: Arc<Semaphore>,
    /// One permit per call for later whose body is being read.
    pub queue_readers: Arc<Semaphore>,
    pub callbacks: Callbacks,
    pub callback_networks: Vec<IpNet>,
    pub metrics: Metrics,
    /// Ends all calls: the gateway stops.
    pub cancel: CancellationToken,
    /// The gateway stops: what would wait without end, ends.
    pub stopping: CancellationToken,
    memory: Arc<Budget>,
    buffers: Arc<Budget>,
    store: Arc<Store>,
    secrets: SecretFolders,
    /// By namespace, then by name. A namespace is here as long as it exists, with functions or without.
    functions: RwLock<BTreeMap<String, Functions>>,
    changing: Mutex<()>,
}

type Functions = BTreeMap<String, Arc<Function>>;

impl Core {
    fn new_shared(&self, plan: &Plan, counted: u64) -> Arc<Shared> {
        let memory = Budget::new(plan.memory_bytes, Some(self.memory.clone()));
        // No function's slow readers may take the room of all.
        let buffers = Budget::new(self.limits.buffer_bytes / BUFFER_SHARE, Some(self.buffers.clone()));
        // Nor may one function's slow senders.
        let readers = (self.limits.calls as usize).div_ceil(QUEUE_READERS_SHARE);
        let (calls, cancel) = (self.limits.calls_per_function, self.cancel.child_token());
        Shared::new(calls, readers, memory, buffers, cancel, counted)
    }

    fn publish(&self, function: Function) -> Arc<Function> {
        let function = Arc::new(function);
        let Key { namespace, name } = function.key();
        self.write().entry(namespace.to_owned()).or_default().insert(name.to_owned(), function.clone());
        function
    }

    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<String, Functions>> {
        self.functions.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, BTreeMap<String, Functions>> {
        self.functions.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The function of that name.
    pub fn find(&self, key: Key<'_>) -> Option<Arc<Function>> {
        self.read().get(key.namespace)?.get(key.name).cloned()
    }

    /// All functions, by namespace and name.
    pub fn list(&self) -> Vec<Arc<Function>> {
        self.read().values().flat_map(BTreeMap::values).cloned().collect()
    }

    /// A namespace's functions, by name; none if there is no such namespace.
    pub fn list_in(&self, namespace: &str) -> Vec<Arc<Function>> {
        self.read().get(namespace).into_iter().flat_map(BTreeMap::values).cloned().collect()
    }

    /// Deploys a function that does not exist yet, with the module that its image was found to be.
    pub fn create(&self, deployment: FunctionDeployment, module: Digest) -> Result<(), ApiError> {
        let plan = Plan::of(&deployment, module, &self.limits)?;
        let record = record_of(deployment, module, now().as_millis() as u64);
        let key = record.key();
        self.check_new(key)?;
        // Perhaps it has to be compiled again: nobody else's change waits for that.
        let code = self.load_for(&plan)?;
        let _serialised = self.lock();
        self.check_new(key)?;
        let secrets = self.secret_folder(&record.deployment, &plan)?;
        let set = || self.store.set_function(key, Some(&record), &[plan.module], now().as_secs());
        self.modules.record_use(&plan.module, set)?;
        crate::step::reached("function.recorded");
        let shared = self.new_shared(&plan, 0);
        tracing::info!(function = key.name, namespace = key.namespace, module = %plan.module, "deployed");
        warn_of_not_honoured(key, &plan);
        self.publish(Function { record, plan, code: Ok(code), secrets, shared });
        crate::step::reached("function.published");
        Ok(())
    }

    /// Whether a function of that name may be made.
    fn check_new(&self, key: Key<'_>) -> Result<(), ApiError> {
        self.check_namespace(key.namespace)?;
        if self.find(key).is_some() {
            let text = format!("a function called {:?} exists; update it with PUT", key.name);
            return Err(ApiError::bad_request("function_exists", text));
        }
        Ok(())
    }

    /// Replaces a function. The old one answers until the new one is ready; its running calls end undisturbed.
    pub fn update(&self, deployment: FunctionDeployment, module: Digest) -> Result<(), ApiError> {
        let plan = Plan::of(&deployment, module, &self.limits)?;
        let mut record = record_of(deployment, module, 0);
        let key = record.key();
        let found = || self.find(key).ok_or_else(|| ApiError::function_not_found(key.name));
        found()?;
        let code = self.load_for(&plan)?;
        let _serialised = self.lock();
        let old = found()?;
        let secrets = self.secret_folder(&record.deployment, &plan)?;
        record.created_at = old.record.created_at;
        let touched = [plan.module, old.plan.module];
        let set = || self.store.set_function(old.key(), Some(&record), &touched, now().as_secs());
        self.modules.record_use(&plan.module, set)?;
        crate::step::reached("update.recorded");
        old.shared.memory.set_limit(plan.memory_bytes);
        tracing::info!(function = old.key().name, namespace = old.key().namespace, module = %plan.module, "updated");
        warn_of_not_honoured(old.key(), &plan);
        self.publish(Function { record, plan, code: Ok(code), secrets, shared: old.shared.clone() });
        crate::step::reached("update.published");
        Ok(())
    }

    /// Removes a function: no call begins any more. Gives what it was; ending its running calls is the caller's.
    pub fn delete(&self, name: &str, namespace: Option<&str>) -> Result<Arc<Function>, ApiError> {
        let missing = || ApiError::function_not_found(name);
        let key = Key::of(name, namespace).ok_or_else(missing)?;
        let _serialised = self.lock();
        let function = self.find(key).ok_or_else(missing)?;
        self.store.set_function(key, None, &[function.plan.module], now().as_secs())?;
        crate::step::reached("delete.recorded");
        if let Some(functions) = self.write().get_mut(key.namespace) {
            functions.remove(key.name);
        }
        crate::step::reached("delete.unpublished");
        function.shared.gone.cancel();
        self.metrics.forget(key);
        tracing::info!(function = key.name, namespace = key.namespace, "deleted");
        Ok(function)
    }

    /// Removes a module that no function uses.
    pub fn remove_module(&self, digest: &Digest) -> Result<(), ModuleStoreError> {
        self.modules.remove(digest)
    }

    /// Removes the modules that have been unused for long.
    pub fn sweep(&self) -> Result<(), ModuleStoreError> {
        let then = now().saturating_sub(UNUSED_MODULE_TIME).as_secs();
        for digest in self.modules.unused_since(then)? {
            match self.modules.remove_unused(&digest, then) {
                Ok(()) => tracing::info!(%digest, "removed a module that was long unused"),
                // Somebody was quicker: put it to use, or removed it.
                Err(ModuleStoreError::InUse | ModuleStoreError::Missing) => (),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Calls that run now.
    pub fn calls_in_flight(&self) -> u64 {
        (self.limits.calls as usize).saturating_sub(self.permits.available_permits()) as u64
    }

    /// Linear memory of all running instances, in bytes.
    pub fn memory_in_use(&self) -> u64 {
        self.memory.used()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, ()> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The code of a plan, which must be able to start within its memory.
    fn load_for(&self, plan: &Plan) -> Result<Arc<Compiled>, ApiError> {
        if plan.memory_bytes > self.limits.memory_bytes {
            let text =
                format!("limits.memory exceeds the {} bytes there are for all functions", self.limits.memory_bytes);
            return Err(ApiError::bad_request("invalid_memory", text));
        }
        let code = self.modules.load(&plan.module)?;
        if code.initial_memory > plan.memory_bytes {
            let text = format!(
                "the module starts with {} bytes of memory, more than limits.memory ({} bytes)",
                code.initial_memory, plan.memory_bytes
            );
            return Err(ApiError::bad_request("memory_limit_too_small", text));
        }
        Ok(code)
    }
}

fn warn_of_not_honoured(key: Key<'_>, plan: &Plan) {
    if !plan.not_honoured.is_empty() {
        let fields = plan.not_honoured.join(", ");
        tracing::warn!(function = key.name, namespace = key.namespace, fields, "its deployment asks for these in vain");
    }
}

/// A function that nobody has scaled yet. `created_at` in milliseconds since the Unix epoch.
fn record_of(deployment: FunctionDeployment, module: Digest, created_at: u64) -> FunctionRecord {
    FunctionRecord { deployment, module: Some(module.to_string()), created_at, scale: None }
}

/// Time since the Unix epoch.
pub(crate) fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        ApiError::internal(error.to_string())
    }
}

impl From<ModuleStoreError> for ApiError {
    fn from(error: ModuleStoreError) -> Self {
        use crate::runtime::ModuleError;
        let (status, code) = match &error {
            ModuleStoreError::DigestMismatch(_) => (StatusCode::BAD_REQUEST, "digest_mismatch"),
            ModuleStoreError::Module(ModuleError::Stale(_)) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
            ModuleStoreError::Module(ModuleError::Invalid(_)) => (StatusCode::BAD_REQUEST, "module_invalid"),
            ModuleStoreError::Module(ModuleError::TooComplex(_)) => (StatusCode::BAD_REQUEST, "module_too_complex"),
            ModuleStoreError::Module(_) => (StatusCode::BAD_REQUEST, "module_unsupported"),
            ModuleStoreError::Missing => (StatusCode::BAD_REQUEST, "module_missing"),
            ModuleStoreError::Full(_) => (StatusCode::INSUFFICIENT_STORAGE, "store_full"),
            ModuleStoreError::InUse => (StatusCode::CONFLICT, "module_in_use"),
            ModuleStoreError::Io(_) | ModuleStoreError::Store(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        };
        ApiError::new(status, code, error.to_string())
    }
}
