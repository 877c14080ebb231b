//! Hands what was measured to the chain: the oldest first, one batch in flight, nothing forgotten before it is final.
//!
//! A batch whose fate is not known is sent again: a window that the chain has taken already costs nothing.

use super::pause;
use crate::{
    chain::{Chain, ChainError, Settled},
    engine::backoff,
    store::{Store, StoreError},
};
use grid_types::units::Report;
use std::{sync::Arc, time::Duration};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// The longest pause between two attempts, seconds.
const MAX_BACKOFF: u64 = 60;
/// How often to look without being told, seconds.
const LOOK: u64 = 30;

/// What sends.
pub struct Sender {
    /// Where windows wait.
    pub store: Store,
    /// Where they go.
    pub chain: Arc<dyn Chain>,
    /// Says that there is something to send.
    pub filled: Arc<Notify>,
    /// Reports in one transaction, at most.
    pub batch: usize,
}

/// What was sent since the start.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    taken: u64,
    refused: u64,
}

/// Why a batch is still there.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Chain(#[from] ChainError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{sent} reports were sent and {answered} answered")]
    Miscounted { sent: usize, answered: usize },
}

impl Sender {
    /// Runs until `stop`. A batch that is under way then is waited for as long as the agent's end allows.
    pub async fn run(self, stop: CancellationToken) {
        let (mut tally, mut misses) = (Tally::default(), 0);
        while !stop.is_cancelled() {
            match self.send_one(&mut tally).await {
                Ok(true) => misses = 0,
                Ok(false) => tokio::select! {
                    () = stop.cancelled() => {},
                    () = self.filled.notified() => {},
                    () = tokio::time::sleep(Duration::from_secs(LOOK)) => {},
                },
                Err(error) => {
                    misses += 1;
                    tracing::warn!(%error, misses, "reports wait");
                    pause(Duration::from_secs(backoff::after(misses, MAX_BACKOFF)), &stop).await;
                },
            }
        }
    }

    /// Sends the oldest batch; `false` if nothing is left that can be sent now.
    async fn send_one(&self, tally: &mut Tally) -> Result<bool, Failure> {
        let limit = self.batch;
        let batch = self.store.read(move |read| read.oldest_reports(limit)).await?;
        if batch.is_empty() {
            return Ok(false);
        }
        crate::step::reached("report.sending");
        let outcomes = self.chain.add_reports(batch.clone()).await?;
        crate::step::reached("report.answered");
        if outcomes.len() != batch.len() {
            return Err(Failure::Miscounted { sent: batch.len(), answered: outcomes.len() });
        }
        let settled: Vec<Report> = batch
            .iter()
            .zip(&outcomes)
            .filter(|(report, outcome)| tally.count(report, outcome))
            .map(|(report, _)| *report)
            .collect();
        let progress = !settled.is_empty();
        let waiting = self
            .store
            .write(move |write| {
                write.settle_reports(&settled)?;
                write.waiting_reports()
            })
            .await?;
        crate::step::reached("report.settled");
        tracing::debug!(taken = tally.taken, refused = tally.refused, waiting, "reports settled");
        Ok(progress)
    }
}

impl Tally {
    /// Counts an outcome; whether it is final.
    fn count(&mut self, report: &Report, outcome: &Settled) -> bool {
        match outcome {
            Settled::Taken => self.taken += 1,
            Settled::Refused(reason) => {
                self.refused += 1;
                let (contract, timestamp, refused) = (report.contract_id, report.timestamp, self.refused);
                tracing::warn!(
                    contract,
                    timestamp,
                    reason,
                    refused,
                    "the chain refused a report; its window is not paid"
                );
            },
            Settled::TooEarly => return false,
        }
        true
    }
}
