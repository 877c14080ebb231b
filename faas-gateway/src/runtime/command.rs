//! A WASI preview 1 command: reads the request on standard input, writes its answer to standard output, exits.
//!
//! Its input streams in, its answer is kept until it has exited: only then is it known whether it is an answer at all,
//! and a status that was sent cannot be taken back.

use super::{
    call::{Call, CallError, Circumstances, Ended, Streams},
    compiled::Command,
    engine::Runtime,
    guest::Guest,
    input::{Input, Stdin},
    output::Output,
    turn::{Run, Turns},
};
use bytes::Bytes;
use wasmtime::Store;
use wasmtime_wasi::I32Exit;

/// What came of a command.
pub(crate) struct Outcome {
    pub result: Result<(), CallError>,
    /// What it wrote, also if it failed.
    pub stdout: Bytes,
}

impl Runtime {
    /// Runs a command to its end. Dropping the future ends it.
    pub async fn command(&self, command: Command, call: Call, input: Input) -> Outcome {
        let circumstances = Circumstances::of(&call, &input);
        let stdout = Output::new(call.output_bytes, call.buffers.clone());
        let streams = Streams { stdin: Stdin::new(input), stdout: stdout.clone() };
        let (mut store, control) = match self.store(&call, Some(streams)) {
            Ok(ready) => ready,
            Err(error) => return Outcome { result: Err(error), stdout: Bytes::new() },
        };
        let (pace, crew) = (call.pace.clone(), self.crew.clone());
        let run: Run<Ended> = Box::pin(async move {
            let result = start(&mut store, &command).await;
            store.data_mut().ended_well = result.is_ok();
            let ended = Ended { result, refusal: store.data().limiter.refusal };
            // The places are free again when the instance is gone.
            drop(store);
            drop(call);
            ended
        });
        let ended = match Turns::new(run, control, pace, crew).first().await {
            Ok(ended) => Ok(ended),
            Err(turns) => turns.rest().await,
        };
        Outcome { result: circumstances.judge(ended), stdout: stdout.take() }
    }
}

async fn start(store: &mut Store<Guest>, command: &Command) -> wasmtime::Result<()> {
    let instance = command.instance.instantiate_async(&mut *store).await?;
    let start = instance.get_typed_func::<(), ()>(&mut *store, "_start")?;
    match start.call_async(store, ()).await {
        Err(error) if matches!(error.downcast_ref(), Some(I32Exit(0))) => Ok(()),
        ended => ended,
    }
}
