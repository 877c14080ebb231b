//! The WebAssembly engine and its settings, each with its reason.

use super::{
    crew::{yield_to_others, Crew},
    egress::EgressRules,
    guest::Guest,
    ticker::Ticker,
};
use crate::config::Limits;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
};
use wasmtime::{component, Config, Engine, InstanceAllocationStrategy, Linker, PoolingAllocationConfig};

/// The engine with the imports every guest may use. One per gateway.
pub(crate) struct Runtime {
    pub(super) engine: Engine,
    /// What commands may import.
    pub(super) commands: Linker<Guest>,
    /// What components may import.
    pub(super) components: component::Linker<Guest>,
    pub(super) crew: Arc<Crew>,
    /// Threads that compile. Like the crew's they have a low priority: deploying disturbs no calls.
    pub(super) compilers: ThreadPool,
    pub(super) ticker: Ticker,
    pub(super) egress: Arc<EgressRules>,
    compatibility: String,
}

impl Runtime {
    /// Reserves the pool's address space and starts the ticker.
    pub fn new(limits: &Limits, egress: EgressRules) -> wasmtime::Result<Self> {
        let engine = Engine::new(&settings(limits))?;
        let mut commands = Linker::new(&engine);
        wasmtime_wasi::preview1::add_to_linker_async(&mut commands, |guest: &mut Guest| guest.wasi())?;
        let mut components = component::Linker::new(&engine);
        // Sockets and files are there to be linked with, as compilers' libraries do; nobody is given any.
        wasmtime_wasi::p2::add_to_linker_async(&mut components)?;
        wasmtime_wasi_http::add_only_http_to_linker_async(&mut components)?;
        let mut hasher = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        let compatibility = format!("{:016x}", hasher.finish());
        let compilers = ThreadPoolBuilder::new()
            .thread_name(|number| format!("faas-compiler-{number}"))
            .start_handler(|_| yield_to_others())
            .build()?;
        let ticker = Ticker::start(&engine)?;
        let (crew, egress) = (Crew::new(), Arc::new(egress));
        Ok(Self { engine, commands, components, crew, compilers, ticker, egress, compatibility })
    }

    /// Changes with the engine's version and settings: compiled modules of another value are compiled again.
    pub fn compatibility(&self) -> &str {
        &self.compatibility
    }
}

fn settings(limits: &Limits) -> Config {
    let mut config = Config::new();
    // A guest that sleeps waits in the host, where epochs do not reach; as a future it can be dropped there.
    config.async_support(true);
    config.epoch_interruption(true);
    // The meter and the limiter follow one memory; what a second, a shared or a 64-bit memory would add is not
    // something that today's compilers emit for WASI.
    config.wasm_multi_memory(false);
    config.wasm_memory64(false);
    config.wasm_component_model(true);
    // The default, said aloud because a fresh instance per call is only cheap with it.
    config.memory_init_cow(true);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(limits)));
    config
}

/// Slots for the calls that may run at once, however many functions are deployed; admission happens before, so that
/// the pool is never found empty. Address space, not memory: a slot reserves what a 32-bit memory can address.
fn pool(limits: &Limits) -> PoolingAllocationConfig {
    const TABLES: u32 = 4;
    // A component is one program and what its compiler put around it, each an instance.
    const CORES_PER_COMPONENT: u32 = 8;
    // What is left of a memory or a stack for the next instance to begin with: clearing so little is cheaper than giving
    // it back to the system and asking again. With all slots in use these are a few MiB.
    const KEEP_BYTES: usize = 64 << 10;
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(limits.calls)
        .total_core_instances(limits.calls.saturating_mul(CORES_PER_COMPONENT))
        .total_memories(limits.calls)
        .total_stacks(limits.calls)
        .total_tables(limits.calls.saturating_mul(TABLES))
        .max_core_instances_per_component(CORES_PER_COMPONENT)
        .max_tables_per_module(TABLES)
        .max_tables_per_component(TABLES)
        .max_memories_per_module(1)
        .max_memories_per_component(1)
        .linear_memory_keep_resident(KEEP_BYTES)
        .table_keep_resident(KEEP_BYTES)
        .max_memory_size(4 << 30);
    pool
}
