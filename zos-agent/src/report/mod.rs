//! Says what was used and that the node is there.
//!
//! Three loops that fail apart: [`measure`] turns the gateway's counters into windows once every report period, with those
//! of [`rents`], stamped by the chain's [`time`]; [`outbox`] keeps them on disk until the chain has taken or refused them;
//! [`heartbeat`] tells that the node is up, as long as [`reach`] finds its door open. All periods are the chain's.

pub mod batch_size;
pub mod heartbeat;
pub mod measure;
pub mod outbox;
mod own_door;
pub mod reach;
pub mod rents;
pub mod sample;
pub mod time;

use crate::chain::{Chain, Times};
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// How soon to ask for the chain's times again when it could not be asked.
const ASK_AGAIN: Duration = Duration::from_secs(5);

/// The chain's times, as last read.
struct Calendar {
    chain: Arc<dyn Chain>,
    known: Option<Times>,
}

impl Calendar {
    fn new(chain: Arc<dyn Chain>) -> Self {
        Self { chain, known: None }
    }

    /// The chain's times now, or those it had when it could last be asked. Waits for the first answer; nothing if stopped.
    async fn times(&mut self, stop: &CancellationToken) -> Option<Times> {
        loop {
            match self.chain.times().await {
                Ok(times) => self.known = Some(times),
                Err(error) => tracing::debug!(%error, "the chain's times are as last read"),
            }
            if self.known.is_some() {
                return self.known;
            }
            if !pause(ASK_AGAIN, stop).await {
                return None;
            }
        }
    }
}

/// Waits; `false` if stopped meanwhile.
async fn pause(time: Duration, stop: &CancellationToken) -> bool {
    tokio::select! {
        () = stop.cancelled() => false,
        () = tokio::time::sleep(time) => true,
    }
}
