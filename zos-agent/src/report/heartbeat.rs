//! Tells the chain once in a heartbeat period that the node is up.

use super::{pause, Calendar};
use crate::{chain::Chain, clock};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Runs until `stop`. A heartbeat that fails is not repeated before the next is due: only the newest says something.
pub async fn run(chain: Arc<dyn Chain>, stop: CancellationToken) {
    let started = clock::now();
    let mut calendar = Calendar::new(chain.clone());
    while let Some(times) = calendar.times(&stop).await {
        let next = Instant::now() + Duration::from_secs(times.heartbeat.max(1));
        let uptime = clock::uptime(started);
        crate::step::reached("heartbeat.sending");
        let outcome = tokio::select! {
            () = stop.cancelled() => return,
            outcome = chain.report_uptime(uptime) => outcome,
        };
        crate::step::reached("heartbeat.sent");
        match outcome {
            Ok(()) => tracing::debug!(uptime, "heartbeat"),
            Err(error) => tracing::warn!(%error, "the heartbeat did not reach the chain"),
        }
        if !pause(next.saturating_duration_since(Instant::now()), &stop).await {
            return;
        }
    }
}
