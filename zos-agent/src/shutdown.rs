//! When to stop: SIGTERM or SIGINT once to drain, twice to go at once.

use tokio::signal::unix::{signal, Signal, SignalKind};

/// The exit code of a process that was told twice.
const IMPATIENT: i32 = 130;

/// The signals that ask a service to stop.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// From here on the signals are caught.
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for the next one.
    pub async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }

    /// Ends the process at the next one, in case draining takes longer than somebody likes.
    pub fn exit_at_next(mut self) {
        tokio::spawn(async move {
            let name = self.next().await;
            tracing::warn!(signal = name, "told twice: going at once");
            std::process::exit(IMPATIENT);
        });
    }
}
