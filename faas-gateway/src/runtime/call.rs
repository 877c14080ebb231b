//! One call: a fresh instance, run to its end or to its limits. What both kinds of guests share.

use super::{
    egress::{Egress, Outgoing},
    engine::Runtime,
    guest::Guest,
    input::{Fault, Input, InputError},
    limits::{Budget, Limiter, Refusal},
    log::{Lines, Log},
    output::{Output, OutputRefused},
    turn::{Control, Interrupted, Pace, FIRST_LOOK},
    usage::{Meter, Usage},
};
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;
use wasmtime::{PoolConcurrencyLimitError, Store, Trap};
use wasmtime_wasi::{DirPerms, FilePerms, I32Exit, WasiCtxBuilder};

/// Where a guest finds its secrets.
const SECRETS_FOLDER: &str = "/var/openfaas/secrets";
/// Bytes that one instance may make the host copy out of its memory for calls of components' imports at once.
const HOSTCALL_BYTES: usize = 16 << 20;
/// The most random bytes an instance may ask for at once.
const RANDOM_BYTES: u64 = 1 << 20;

/// With what to run a guest, and within what.
pub(crate) struct Call {
    pub arguments: Vec<String>,
    pub environment: Vec<(String, String)>,
    /// The folder that the guest sees, read-only, as [`SECRETS_FOLDER`].
    pub secrets: Option<PathBuf>,
    pub timeout: Duration,
    /// Most bytes of a buffered answer.
    pub output_bytes: usize,
    /// What buffered answers share.
    pub buffers: Arc<Budget>,
    pub memory: Arc<Budget>,
    pub usage: Arc<Usage>,
    pub pace: Arc<Pace>,
    /// Where standard error goes; of a component, standard output too.
    pub log: Lines,
    pub egress: Arc<Egress>,
    /// Given back when the instance is gone.
    pub _places: [OwnedSemaphorePermit; 2],
    /// Ends the call early.
    pub cancel: CancellationToken,
}

/// Why a call has no good answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    #[error("the function trapped: {0}")]
    Trapped(String),
    #[error("the function exited with status {0}")]
    Exited(i32),
    #[error("the function ended without an answer")]
    NoAnswer,
    #[error("the function answered with an error: {0}")]
    Answer(String),
    #[error("the function ran out of memory: its limit is {0} bytes")]
    OutOfMemory(u64),
    #[error("other calls hold the memory this one needed; try again")]
    MemoryBusy,
    #[error("other answers that wait for their callers hold the room this one needed; try again")]
    BuffersBusy,
    #[error("the function wrote more than the {0} bytes an answer may have")]
    TooMuchOutput(usize),
    #[error("the function did not finish within {} ms", .0.as_millis())]
    Deadline(Duration),
    #[error("the call was stopped: the function was removed, the gateway stops, or the caller went away")]
    Cancelled,
    #[error(transparent)]
    Input(InputError),
    #[error("the gateway could not run the function: {0}")]
    Internal(String),
}

/// How a guest's run ended, and what its limiter had to say.
pub(super) struct Ended {
    pub result: wasmtime::Result<()>,
    pub refusal: Option<Refusal>,
}

/// What is needed afterwards to name the reason of a failure.
pub(super) struct Circumstances {
    timeout: Duration,
    memory_bytes: u64,
    fault: Fault,
}

impl Circumstances {
    pub fn of(call: &Call, input: &Input) -> Self {
        Self { timeout: call.timeout, memory_bytes: call.memory.limit(), fault: input.fault() }
    }

    /// Names the reason. What the host decided comes before what the guest did about it: a program that was refused
    /// memory usually traps or exits.
    pub fn judge(&self, ended: Result<Ended, Interrupted>) -> Result<(), CallError> {
        let Ended { result, refusal } = match ended {
            Ok(ended) => ended,
            Err(why) => return Err(self.interrupted(why)),
        };
        let Err(error) = result else { return Ok(()) };
        if let Some(why) = error.downcast_ref::<Interrupted>() {
            return Err(self.interrupted(*why));
        }
        if let Some(fault) = self.fault.get() {
            return Err(CallError::Input(fault.clone()));
        }
        match error.downcast_ref() {
            Some(OutputRefused::TooMuch(limit)) => return Err(CallError::TooMuchOutput(*limit)),
            Some(OutputRefused::Busy) => return Err(CallError::BuffersBusy),
            None => (),
        }
        match refusal {
            Some(Refusal::TooMuch) => return Err(CallError::OutOfMemory(self.memory_bytes)),
            Some(Refusal::Busy) => return Err(CallError::MemoryBusy),
            None => (),
        }
        if let Some(I32Exit(status)) = error.downcast_ref() {
            return Err(CallError::Exited(*status));
        }
        if let Some(trap) = error.downcast_ref::<Trap>() {
            return Err(CallError::Trapped(trap.to_string()));
        }
        if error.is::<PoolConcurrencyLimitError>() {
            return Err(CallError::Internal(error.to_string()));
        }
        // An import that failed on what the guest asked of it ends the guest just as a trap does.
        Err(CallError::Trapped(error.root_cause().to_string()))
    }

    fn interrupted(&self, why: Interrupted) -> CallError {
        // A guest that waits for its caller's bytes until the end was not too slow itself.
        match (why, self.fault.get()) {
            (Interrupted::Deadline, Some(fault)) => CallError::Input(fault.clone()),
            (Interrupted::Deadline, None) => CallError::Deadline(self.timeout),
            (Interrupted::Cancelled, _) => CallError::Cancelled,
            (Interrupted::Broken, _) => CallError::Internal("its thread broke down".into()),
        }
    }
}

/// Standard input and output: a command has them, a component has a request and an answer instead.
pub(super) struct Streams {
    pub stdin: super::input::Stdin,
    pub stdout: Output,
}

impl Runtime {
    /// An empty world with the call's limits.
    pub(super) fn store(
        &self,
        call: &Call,
        streams: Option<Streams>,
    ) -> Result<(Store<Guest>, Arc<Control>), CallError> {
        let meter = Meter::start(call.usage.clone());
        let control = Control::new(meter.clone(), call.timeout, call.cancel.clone());
        let log = Log::new(call.log.clone());
        let mut wasi = WasiCtxBuilder::new();
        wasi.args(&call.arguments).envs(&call.environment).max_random_size(RANDOM_BYTES);
        wasi.allow_tcp(false).allow_udp(false);
        if let Some(folder) = &call.secrets {
            wasi.preopened_dir(folder, SECRETS_FOLDER, DirPerms::READ, FilePerms::READ)
                .map_err(|error| CallError::Internal(format!("cannot open the folder of its secrets: {error}")))?;
            // Small files of this machine are read where the call runs. A thread that is made for reading them would have
            // the low priority of the thread it was made from, and serve others afterwards.
            wasi.allow_blocking_current_thread(true);
        }
        match streams {
            Some(Streams { stdin, stdout }) => wasi.stdin(stdin).stdout(stdout),
            None => wasi.stdout(log.clone()),
        };
        let wasi = wasi.stderr(log).build_p1();
        let outgoing = Outgoing::new(call.egress.clone(), self.egress.clone(), call.usage.clone());
        let limiter = Limiter::new(call.memory.clone(), meter);
        let guest = Guest::new(wasi, outgoing, limiter, self.ticker.need());
        let mut store = Store::new(&self.engine, guest);
        store.limiter(|guest| &mut guest.limiter);
        store.set_hostcall_fuel(HOSTCALL_BYTES.max(call.output_bytes));
        store.set_epoch_deadline(FIRST_LOOK);
        let looks = control.clone();
        store.epoch_deadline_callback(move |_| looks.tick());
        Ok((store, control))
    }
}
