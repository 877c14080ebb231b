//! The WebAssembly engine and its settings, each with its reason.

use super::guest::Guest;
use crate::config::Limits;
use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    thread,
    time::Duration,
};
use wasmtime::{Config, Engine, InstanceAllocationStrategy, Linker, PoolingAllocationConfig};

/// How often running guests are looked at: the precision of deadlines. Two clock readings and a
/// short lock for a guest that computes, nothing for one that waits.
pub(super) const TICK: Duration = Duration::from_millis(10);

/// The engine with the imports every guest may use. One per gateway.
pub(crate) struct Runtime {
    pub(super) engine: Engine,
    pub(super) linker: Linker<Guest>,
    compatibility: String,
}

impl Runtime {
    /// Reserves the pool's address space and starts the ticker.
    pub fn new(limits: &Limits) -> wasmtime::Result<Self> {
        let engine = Engine::new(&settings(limits))?;
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::preview1::add_to_linker_async(&mut linker, |guest: &mut Guest| guest.wasi())?;
        let mut hasher = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        let compatibility = format!("{:016x}", hasher.finish());
        start_ticker(&engine)?;
        Ok(Self { engine, linker, compatibility })
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
    config.wasm_component_model(false);
    // The default, said aloud because a fresh instance per call is only cheap with it.
    config.memory_init_cow(true);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(limits)));
    config
}

/// A slot for each call that may run at once; admission happens before, so that the pool is never found empty.
/// Address space, not memory: a slot reserves what a 32-bit memory can address.
fn pool(limits: &Limits) -> PoolingAllocationConfig {
    const TABLES_PER_MODULE: u32 = 4;
    let mut pool = PoolingAllocationConfig::new();
    pool.total_core_instances(limits.calls)
        .total_memories(limits.calls)
        .total_stacks(limits.calls)
        .total_tables(limits.calls * TABLES_PER_MODULE)
        .max_tables_per_module(TABLES_PER_MODULE)
        .max_memories_per_module(1)
        .max_memory_size(4 << 30);
    pool
}

/// Lets the epoch pass until the engine is gone.
fn start_ticker(engine: &Engine) -> std::io::Result<()> {
    let engine = engine.weak();
    thread::Builder::new().name("faas-ticker".into()).spawn(move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            thread::sleep(TICK);
        }
    })?;
    Ok(())
}
