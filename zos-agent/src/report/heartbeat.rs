//! Tells the chain once in a heartbeat period that the node is up: as long as its own door answers.
//!
//! A node that is up on chain and dead on the bus costs its users time; so one whose door does not answer itself says nothing.

use super::{pause, reach::SelfCheck, Calendar};
use crate::{
    board::Board,
    chain::{Chain, ChainError},
    clock,
    metrics::Metrics,
};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How soon to try again when the door or the chain did not answer: a moment in which it was crowded shall not cost a period.
const KNOCK_AGAIN: Duration = Duration::from_secs(60);

/// What beats.
pub struct Heart {
    /// Who is told.
    pub chain: Arc<dyn Chain>,
    /// Whether the door answers.
    pub check: SelfCheck,
    /// Where heartbeats are counted.
    pub metrics: Metrics,
    /// Where the last one is shown.
    pub board: Board,
}

impl Heart {
    /// Runs until `stop`. A heartbeat that may have been sent is not repeated before the next is due: only the newest says
    /// something. One that was not, as nobody could be asked, costs no period either.
    pub async fn run(self, stop: CancellationToken) {
        let started = clock::now();
        let mut calendar = Calendar::new(self.chain.clone());
        while let Some(times) = calendar.times(&stop).await {
            let begun = Instant::now();
            let beaten = tokio::select! {
                () = stop.cancelled() => return,
                beaten = self.beat(clock::uptime(started)) => beaten,
            };
            let period = Duration::from_secs(times.heartbeat.max(1));
            let next = begun + if beaten { period } else { period.min(KNOCK_AGAIN) };
            if !pause(next.saturating_duration_since(Instant::now()), &stop).await {
                return;
            }
        }
    }

    /// One heartbeat, if the door answers; whether it may have been sent.
    async fn beat(&self, uptime: u64) -> bool {
        if let Err(error) = self.check.knock().await {
            self.metrics.heartbeat("unreachable");
            self.board.note(|notes| notes.door_failure = Some(error.to_string()));
            tracing::error!(%error, "the node's own door does not answer; no heartbeat is sent");
            return false;
        }
        self.board.note(|notes| (notes.door_at, notes.door_failure) = (Some(clock::now()), None));
        crate::step::reached("heartbeat.sending");
        let outcome = self.chain.report_uptime(uptime).await;
        crate::step::reached("heartbeat.sent");
        match outcome {
            Ok(()) => {
                self.metrics.heartbeat("taken");
                self.board.note(|notes| (notes.heartbeat_at, notes.heartbeat_failure) = (Some(clock::now()), None));
                tracing::debug!(uptime, "heartbeat");
            },
            Err(error) => {
                self.metrics.heartbeat("failed");
                self.board.note(|notes| notes.heartbeat_failure = Some(error.to_string()));
                tracing::warn!(%error, "the heartbeat did not reach the chain");
                return !matches!(error, ChainError::Unavailable(_));
            },
        }
        true
    }
}
