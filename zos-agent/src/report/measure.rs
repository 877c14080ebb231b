//! Looks at the counters once every report period and puts the windows into the outbox.

use super::{
    pause,
    rents::Rents,
    sample::{measure, Sample},
    time::ChainTime,
    Calendar,
};
use crate::{
    chain::{Chain, ContractKind, ContractState, Snapshot, Times},
    clock,
    faas::{Faas, FaasError},
    store::{reports::Meter, Store, StoreError},
};
use grid_types::units::Report;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::{
    sync::{watch, Notify},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

/// So many functions in a row of which the gateway tells nothing: it is away, and the others need not be asked.
const SILENCES: u32 = 3;

/// What measures.
pub struct Measurer {
    /// Where windows and counters are kept.
    pub store: Store,
    /// Whose time counts.
    pub chain: Arc<dyn Chain>,
    /// What counts.
    pub faas: Faas,
    /// The engine's newest view of the chain.
    pub view: watch::Receiver<Option<Arc<Snapshot>>>,
    /// Told when there is something to send.
    pub filled: Arc<Notify>,
}

/// A contract, its counters, and the window that they came to.
type Window = (u64, Meter, Option<Report>);

/// Why nothing could be measured. It is tried again at the next period; the counters go on.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Faas(#[from] FaasError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Measurer {
    /// Runs until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let mut calendar = Calendar::new(self.chain.clone());
        let (mut time, mut rents) = (ChainTime::default(), Rents::default());
        while let Some(times) = calendar.times(&stop).await {
            let next = Instant::now() + Duration::from_secs(times.report_period.max(1));
            let head = self.chain.head().await.ok();
            time.note(head.map(|head| head.timestamp), std::time::Instant::now());
            if let Err(error) = self.measure_all(&times, &mut time, &mut rents).await {
                tracing::warn!(%error, "nothing was measured this time");
            }
            if !pause(next.saturating_duration_since(Instant::now()), &stop).await {
                return;
            }
        }
    }

    async fn measure_all(&self, times: &Times, time: &mut ChainTime, rents: &mut Rents) -> Result<(), Failure> {
        let Some(view) = self.view.borrow().clone() else { return Ok(()) };
        let Some(chain_now) = time.at(std::time::Instant::now()) else { return Ok(()) };
        let deployed = |kind| {
            let contracts = view.contracts.values();
            let contracts = contracts.filter(move |each| each.kind == kind && each.state == ContractState::Deployed);
            contracts.map(|contract| contract.contract_id)
        };
        let idle = rents.look(deployed(ContractKind::Rent), chain_now, times.max_window);
        let (mut windows, mut silences) = (Vec::new(), 0);
        for contract_id in deployed(ContractKind::Capacity) {
            match self.measure_one(contract_id, times, chain_now).await {
                Ok(window) => {
                    silences = 0;
                    windows.extend(window.map(|(meter, report)| (contract_id, meter, report)));
                },
                // One function that the gateway does not tell of is no reason to measure no other, unless it tells of none.
                Err(Failure::Faas(error)) => {
                    tracing::warn!(contract = contract_id, %error, "not measured this time");
                    silences = if matches!(error, FaasError::Unavailable(_)) { silences + 1 } else { 0 };
                    if silences == SILENCES {
                        self.keep(windows, idle).await?;
                        return Err(error.into());
                    }
                },
                Err(error) => return Err(error),
            }
        }
        self.keep(windows, idle).await
    }

    /// Puts windows into the outbox.
    async fn keep(&self, windows: Vec<Window>, idle: Vec<Report>) -> Result<(), Failure> {
        let count = windows.len() + idle.len();
        if count == 0 {
            return Ok(());
        }
        let kept = self.store.write(move |write| {
            idle.iter().try_for_each(|report| write.send_report(report))?;
            windows
                .iter()
                .try_for_each(|(contract_id, meter, report)| write.add_report(*contract_id, meter, report.as_ref()))
        });
        kept.await?;
        crate::step::reached("report.kept");
        tracing::debug!(count, "measured");
        self.filled.notify_one();
        Ok(())
    }

    async fn measure_one(
        &self,
        contract_id: u64,
        times: &Times,
        chain_now: u64,
    ) -> Result<Option<(Meter, Option<Report>)>, Failure> {
        let known = self.store.read(move |read| Ok((read.stored(contract_id)?, read.meter(contract_id)?))).await?;
        let (Some(stored), meter) = known else { return Ok(None) };
        if stored.ended.is_some() {
            return Ok(None);
        }
        let mut readings = BTreeMap::new();
        for workload in &stored.deployment.workloads {
            let function = workload.function_name(contract_id);
            if let Some(reading) = self.faas.reading(&function).await? {
                readings.insert(function, reading);
            }
        }
        let local_ms = clock::now_ms();
        let sample = Sample { chain_now, local_ms, max_window: times.max_window, readings };
        Ok(measure(contract_id, &meter, &sample))
    }
}
