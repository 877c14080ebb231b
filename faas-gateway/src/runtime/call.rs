//! One call: a fresh instance, run to its end or to its limits.
//!
//! **Where a call runs.** Each call has a thread of the runtime's blocking pool for itself from start to end; admission
//! bounds how many there are. Guests are CPU-bound by nature: on the threads that serve sockets, even with a yield at
//! every tick, two busy guests on two cores would delay every connection by a tick for each poll; on threads of their
//! own the kernel shares the processor fairly, and a thread's clock measures exactly one call. On that thread the guest
//! runs as a future, because a guest that sleeps (`poll_oneoff`) waits in the host, where no epoch reaches it: dropping
//! the future ends it there.
//!
//! **How a call ends early.** A guest that computes is looked at on every tick of the epoch; one that waits is raced
//! against the clock. Both look at the deadline and at the call's cancellation.

use super::{
    compiled::Compiled,
    engine::Runtime,
    guest::Guest,
    limits::{Budget, Limiter, Refusal},
    output::{Beyond, Output, TooMuchOutput},
    usage::{Meter, Usage},
};
use bytes::Bytes;
use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use wasmtime::{PoolConcurrencyLimitError, Store, Trap, UpdateDeadline};
use wasmtime_wasi::{p2::pipe::MemoryInputPipe, DirPerms, FilePerms, I32Exit, WasiCtxBuilder};

/// Standard error kept of one call, in bytes.
const STDERR_BYTES: usize = 64 << 10;
/// Where a guest finds its secrets.
const SECRETS_FOLDER: &str = "/var/openfaas/secrets";

/// What to run, with what, within what.
pub(crate) struct Call {
    pub compiled: Arc<Compiled>,
    pub arguments: Vec<String>,
    pub environment: Vec<(String, String)>,
    pub input: Bytes,
    /// The folder that the guest sees, read-only, as [`SECRETS_FOLDER`].
    pub secrets: Option<PathBuf>,
    pub timeout: Duration,
    /// Most bytes of answer.
    pub output_bytes: usize,
    pub memory: Arc<Budget>,
    pub usage: Arc<Usage>,
    /// Ends the call early.
    pub cancel: CancellationToken,
}

/// What came of a call.
pub(crate) struct Outcome {
    pub result: Result<(), CallError>,
    /// What the guest wrote, also if it failed.
    pub stdout: Bytes,
    pub stderr: Bytes,
}

/// Why a call has no good answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    #[error("the function trapped: {0}")]
    Trapped(String),
    #[error("the function exited with status {0}")]
    Exited(i32),
    #[error("the function ran out of memory: its limit is {0} bytes")]
    OutOfMemory(u64),
    #[error("other calls hold the memory this one needed; try again")]
    MemoryBusy,
    #[error("the function wrote more than the {0} bytes an answer may have")]
    TooMuchOutput(usize),
    #[error("the function did not finish within {} ms", .0.as_millis())]
    Deadline(Duration),
    #[error("the call was stopped: the function was removed, the gateway stops, or the caller went away")]
    Cancelled,
    #[error("the gateway could not run the function: {0}")]
    Internal(String),
}

/// Why a tick ended a guest. Travels through the engine as an error.
#[derive(Clone, Copy, Debug, thiserror::Error)]
enum Interrupted {
    #[error("deadline")]
    Deadline,
    #[error("cancelled")]
    Cancelled,
}

impl Runtime {
    /// Runs a call on this thread, which must be one that may block.
    pub fn run(&self, handle: &Handle, call: Call) -> Outcome {
        let stdout = Output::new(call.output_bytes, Beyond::Stop);
        let stderr = Output::new(STDERR_BYTES, Beyond::Drop);
        let result = match self.store(&call, &stdout, &stderr) {
            Ok(mut store) => {
                let ended = handle.block_on(race(&mut store, &call));
                ended.map_err(|error| classify(&error, store.data().limiter.refusal, &call))
            },
            Err(error) => Err(CallError::Internal(format!("cannot open the folder of its secrets: {error}"))),
        };
        Outcome { result, stdout: stdout.take(), stderr: stderr.take() }
    }

    fn store(&self, call: &Call, stdout: &Output, stderr: &Output) -> wasmtime::Result<Store<Guest>> {
        let meter = Meter::start(call.usage.clone());
        let mut wasi = WasiCtxBuilder::new();
        if let Some(folder) = &call.secrets {
            wasi.preopened_dir(folder, SECRETS_FOLDER, DirPerms::READ, FilePerms::READ)?;
        }
        let wasi = wasi
            .args(&call.arguments)
            .envs(&call.environment)
            .stdin(MemoryInputPipe::new(call.input.clone()))
            .stdout(stdout.clone())
            .stderr(stderr.clone())
            .build_p1();
        let guest = Guest::new(wasi, Limiter::new(call.memory.clone(), meter));
        let mut store = Store::new(&self.engine, guest);
        store.limiter(|guest| &mut guest.limiter);
        store.set_epoch_deadline(1);
        let (deadline, cancel) = (Instant::now() + call.timeout, call.cancel.clone());
        store.epoch_deadline_callback(move |mut context| {
            context.data_mut().meter().sample();
            if cancel.is_cancelled() {
                return Err(Interrupted::Cancelled.into());
            }
            if Instant::now() >= deadline {
                return Err(Interrupted::Deadline.into());
            }
            Ok(UpdateDeadline::Continue(1))
        });
        Ok(store)
    }
}

/// The guest against the clock and its cancellation.
async fn race(store: &mut Store<Guest>, call: &Call) -> wasmtime::Result<()> {
    tokio::select! {
        biased;
        ended = start(store, &call.compiled) => ended,
        () = tokio::time::sleep(call.timeout) => Err(Interrupted::Deadline.into()),
        () = call.cancel.cancelled() => Err(Interrupted::Cancelled.into()),
    }
}

async fn start(store: &mut Store<Guest>, compiled: &Compiled) -> wasmtime::Result<()> {
    let instance = compiled.instance.instantiate_async(&mut *store).await?;
    let start = instance.get_typed_func::<(), ()>(&mut *store, "_start")?;
    match start.call_async(store, ()).await {
        Err(error) if matches!(error.downcast_ref(), Some(I32Exit(0))) => Ok(()),
        ended => ended,
    }
}

/// Names the reason. What the host decided comes before what the guest did about it: a program that was refused
/// memory usually traps or exits.
fn classify(error: &wasmtime::Error, refusal: Option<Refusal>, call: &Call) -> CallError {
    if let Some(interrupted) = error.downcast_ref::<Interrupted>() {
        return match interrupted {
            Interrupted::Deadline => CallError::Deadline(call.timeout),
            Interrupted::Cancelled => CallError::Cancelled,
        };
    }
    if let Some(TooMuchOutput(limit)) = error.downcast_ref() {
        return CallError::TooMuchOutput(*limit);
    }
    match refusal {
        Some(Refusal::TooMuch) => return CallError::OutOfMemory(call.memory.limit()),
        Some(Refusal::Busy) => return CallError::MemoryBusy,
        None => (),
    }
    if let Some(I32Exit(status)) = error.downcast_ref() {
        return CallError::Exited(*status);
    }
    if let Some(trap) = error.downcast_ref::<Trap>() {
        return CallError::Trapped(trap.to_string());
    }
    if error.is::<PoolConcurrencyLimitError>() {
        return CallError::Internal(error.to_string());
    }
    // An import that failed on what the guest asked of it ends the guest just as a trap does.
    CallError::Trapped(error.root_cause().to_string())
}
