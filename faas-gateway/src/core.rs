//! Deploy, update, delete: the one place where functions in memory, modules on disk and the database meet.
//!
//! What changes something is serialised by one lock and is durable before it is visible. Reading and calling never wait
//! for it. Everything here blocks; the doors in `api` call it from threads that may.

use crate::{
    auth::Admin,
    config::{GatewayConfig, Limits},
    digest::Digest,
    error::{ApiError, StartError},
    function::{Function, Shared},
    model::FunctionDeployment,
    modules::{private_folder, ModuleStore, ModuleStoreError},
    plan::{self, Plan},
    runtime::{Budget, Compiled, EgressRules, Runtime},
    sources::Fetcher,
    store::{FunctionRecord, Store, StoreError},
};
use axum::http::StatusCode;
use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// A module that no function has used for this long is removed: an upload that no deployment followed, or what a
/// deleted function left.
const UNUSED_MODULE_TIME: Duration = Duration::from_secs(24 * 3600);

/// One function may have this part of the room for answers.
const BUFFER_SHARE: u64 = 4;

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
    /// Ends all calls: the gateway stops.
    pub cancel: CancellationToken,
    memory: Arc<Budget>,
    buffers: Arc<Budget>,
    store: Arc<Store>,
    functions: RwLock<BTreeMap<String, Arc<Function>>>,
    changing: Mutex<()>,
}

impl Core {
    /// Opens the state folder and takes up what was deployed.
    pub fn open(config: &GatewayConfig) -> Result<Self, StartError> {
        let limits = config.limits.clone();
        let runtime = Runtime::new(&limits, EgressRules::new(config.egress_networks.clone()))
            .map_err(|error| StartError::Engine(format!("{error:#}")))?;
        let runtime = Arc::new(runtime);
        let store = Arc::new(open_store(&config.state_dir)?);
        let unreadable = |message: String| StartError::Store { path: config.state_dir.clone(), message };
        let modules = ModuleStore::open(&config.state_dir, store.clone(), runtime.clone(), limits.store_bytes)
            .map_err(|error| unreadable(error.to_string()))?;
        let core = Self {
            admin: Admin::new(&config.credentials),
            runtime,
            modules,
            sources: Fetcher::new(&config.sources).map_err(|error| StartError::Config(error.to_string()))?,
            permits: Arc::new(Semaphore::new(limits.calls as usize)),
            cancel: CancellationToken::new(),
            memory: Budget::new(limits.memory_bytes, None),
            buffers: Budget::new(limits.buffer_bytes, None),
            store,
            functions: RwLock::default(),
            changing: Mutex::default(),
            limits,
        };
        for (name, record) in core.store.functions().map_err(|error| unreadable(error.to_string()))? {
            core.take_up(name, record);
        }
        Ok(core)
    }

    /// A function that was deployed before the start. One that cannot run any more stays visible with its reason.
    fn take_up(&self, name: String, record: FunctionRecord) {
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
        let code = self.modules.load(&plan.module).map_err(|error| error.to_string());
        if let Err(problem) = &code {
            tracing::error!(function = name, problem, "a deployed function cannot run");
        }
        let shared = self.new_shared(&plan);
        self.publish(name, Function { record, plan, code, shared });
    }

    fn new_shared(&self, plan: &Plan) -> Arc<Shared> {
        let memory = Budget::new(plan.memory_bytes, Some(self.memory.clone()));
        // No function's slow readers may take the room of all.
        let buffers = Budget::new(self.limits.buffer_bytes / BUFFER_SHARE, Some(self.buffers.clone()));
        Shared::new(self.limits.calls_per_function, memory, buffers, self.cancel.child_token())
    }

    fn publish(&self, name: String, function: Function) -> Arc<Function> {
        let function = Arc::new(function);
        let mut functions = self.functions.write().unwrap_or_else(PoisonError::into_inner);
        functions.insert(name, function.clone());
        function
    }

    /// The function of that name.
    pub fn find(&self, name: &str) -> Option<Arc<Function>> {
        self.functions.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// All functions, by name.
    pub fn list(&self) -> Vec<Arc<Function>> {
        self.functions.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Deploys a function that does not exist yet, with the module that its image was found to be.
    pub fn create(&self, deployment: FunctionDeployment, module: Digest) -> Result<(), ApiError> {
        let plan = Plan::of(&deployment, module, &self.limits)?;
        let _serialised = self.lock();
        let name = deployment.service.clone();
        if self.find(&name).is_some() {
            let text = format!("a function called {name:?} exists; update it with PUT");
            return Err(ApiError::bad_request("function_exists", text));
        }
        let code = self.load_for(&plan)?;
        let record =
            FunctionRecord { deployment, module: Some(module.to_string()), created_at: now().as_millis() as u64 };
        self.store.set_function(&name, Some(&record), &[plan.module], now().as_secs())?;
        let shared = self.new_shared(&plan);
        tracing::info!(function = name, module = %plan.module, "deployed");
        self.publish(name, Function { record, plan, code: Ok(code), shared });
        Ok(())
    }

    /// Replaces a function. The old one answers until the new one is ready; its running calls end undisturbed.
    pub fn update(&self, deployment: FunctionDeployment, module: Digest) -> Result<(), ApiError> {
        let plan = Plan::of(&deployment, module, &self.limits)?;
        let _serialised = self.lock();
        let name = deployment.service.clone();
        let old = self.find(&name).ok_or_else(|| ApiError::function_not_found(&name))?;
        let code = self.load_for(&plan)?;
        let record = FunctionRecord { deployment, module: Some(module.to_string()), created_at: old.record.created_at };
        let touched = [plan.module, old.plan.module];
        self.store.set_function(&name, Some(&record), &touched, now().as_secs())?;
        old.shared.memory.set_limit(plan.memory_bytes);
        tracing::info!(function = name, module = %plan.module, "updated");
        self.publish(name, Function { record, plan, code: Ok(code), shared: old.shared.clone() });
        Ok(())
    }

    /// Removes a function: no call begins any more. Gives what it was; ending its running calls is the caller's.
    pub fn delete(&self, name: &str, namespace: Option<&str>) -> Result<Arc<Function>, ApiError> {
        let missing = || ApiError::function_not_found(name);
        if !plan::is_here(namespace) {
            return Err(missing());
        }
        let _serialised = self.lock();
        let function = self.find(name).ok_or_else(missing)?;
        self.store.set_function(name, None, &[function.plan.module], now().as_secs())?;
        self.functions.write().unwrap_or_else(PoisonError::into_inner).remove(name);
        tracing::info!(function = name, "deleted");
        Ok(function)
    }

    /// Removes a module that no function uses.
    pub fn remove_module(&self, digest: &Digest) -> Result<(), ModuleStoreError> {
        let _serialised = self.lock();
        self.modules.remove(digest)
    }

    /// Removes the modules that have been unused for long.
    pub fn sweep(&self) -> Result<(), ModuleStoreError> {
        let _serialised = self.lock();
        for digest in self.modules.unused_since(now().saturating_sub(UNUSED_MODULE_TIME).as_secs())? {
            self.modules.remove(&digest)?;
            tracing::info!(%digest, "removed a module that was long unused");
        }
        Ok(())
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

fn open_store(state_dir: &Path) -> Result<Store, StartError> {
    let path = state_dir.to_owned();
    private_folder(state_dir).map_err(|source| StartError::StateDir { path: path.clone(), source })?;
    let store = Store::open(&state_dir.join("gateway.redb")).map_err(|error| match error {
        redb::DatabaseError::DatabaseAlreadyOpen => StartError::InUse(path.clone()),
        other => StartError::Store { path: path.clone(), message: other.to_string() },
    })?;
    store.prepare().map_err(|error| StartError::Store { path, message: error.to_string() })?;
    Ok(store)
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
