//! The echo called in this process: what a call costs without a gateway. The engine is set up like the gateway's.

use crate::modules::ECHO;
use bytes::Bytes;
use std::time::{Duration, Instant};
use wasmtime::{
    Config, Engine, InstanceAllocationStrategy, InstancePre, Linker, Module, PoolingAllocationConfig, Store,
};
use wasmtime_wasi::{
    p2::pipe::{MemoryInputPipe, MemoryOutputPipe},
    preview1::{self, WasiP1Ctx},
    WasiCtxBuilder,
};

const CALLS: usize = 20_000;

/// The median of many calls, one after the other.
pub async fn call() -> anyhow::Result<Duration> {
    let mut config = Config::new();
    config.async_support(true).epoch_interruption(true);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(PoolingAllocationConfig::new()));
    let engine = Engine::new(&config)?;
    let mut linker = Linker::<WasiP1Ctx>::new(&engine);
    preview1::add_to_linker_async(&mut linker, |wasi| wasi)?;
    let echo = linker.instantiate_pre(&Module::new(&engine, wat::parse_str(ECHO)?)?)?;
    let mut times = Vec::with_capacity(CALLS);
    for _ in 0..CALLS {
        let began = Instant::now();
        one(&engine, &echo).await?;
        times.push(began.elapsed());
    }
    times.sort_unstable();
    Ok(times[CALLS / 2])
}

async fn one(engine: &Engine, echo: &InstancePre<WasiP1Ctx>) -> anyhow::Result<()> {
    let output = MemoryOutputPipe::new(4096);
    let input = MemoryInputPipe::new(Bytes::from_static(b"hello"));
    let wasi = WasiCtxBuilder::new().stdin(input).stdout(output.clone()).build_p1();
    let mut store = Store::new(engine, wasi);
    store.set_epoch_deadline(1);
    let instance = echo.instantiate_async(&mut store).await?;
    instance.get_typed_func::<(), ()>(&mut store, "_start")?.call_async(&mut store, ()).await?;
    anyhow::ensure!(output.contents() == "hello", "another answer");
    Ok(())
}
