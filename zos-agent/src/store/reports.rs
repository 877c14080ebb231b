//! What was measured and not yet taken by the chain.

use super::{decode, encode, Read, StoreError, Write};
use grid_types::units::Report;
use redb::{ReadableTable, ReadableTableMetadata, TableDefinition};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// contract -> [`Meter`].
const METERS: TableDefinition<u64, &[u8]> = TableDefinition::new("meters");
/// (end of the window, contract) -> [`Report`]: in the order of time, so that each contract's windows are sent in order.
const OUTBOX: TableDefinition<(u64, u64), &[u8]> = TableDefinition::new("outbox");

/// The most reports that wait. Beyond it the oldest are dropped: the chain would refuse them as too old.
pub const MAX_OUTBOX: u64 = 1_000_000;

/// How far a contract has been measured. Counters of the gateway begin again at zero now and then; these never do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Meter {
    /// End of the last window, Unix seconds of the chain; 0 before the first.
    pub until: u64,
    /// When the counters were last read, Unix milliseconds of this machine.
    pub read_at: u64,
    /// Traffic since the first deployment, bytes.
    pub nru: u64,
    /// The gateway's counters at that time, by function.
    pub functions: BTreeMap<String, Baseline>,
}

/// The gateway's counters of one function when they were last read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// When they began, Unix milliseconds.
    pub started_at: u64,
    /// Processor time, seconds.
    pub cpu_seconds: f64,
    /// Memory over time, byte seconds.
    pub memory_byte_seconds: f64,
    /// Requests and answers, bytes.
    pub network_bytes: u64,
}

pub(super) fn create_tables(write: &Write) -> Result<(), StoreError> {
    write.0.open_table(METERS)?;
    write.0.open_table(OUTBOX)?;
    Ok(())
}

impl Read {
    /// How far a contract has been measured.
    pub fn meter(&self, contract_id: u64) -> Result<Meter, StoreError> {
        let meter = self.0.open_table(METERS)?.get(contract_id)?.map(|bytes| decode(bytes.value())).transpose()?;
        Ok(meter.unwrap_or_default())
    }

    /// The oldest reports, at most `limit`.
    pub fn oldest_reports(&self, limit: usize) -> Result<Vec<Report>, StoreError> {
        let table = self.0.open_table(OUTBOX)?;
        let oldest = table.iter()?.take(limit);
        oldest.map(|entry| decode(entry?.1.value())).collect()
    }

    /// How many reports wait.
    pub fn waiting_reports(&self) -> Result<u64, StoreError> {
        Ok(self.0.open_table(OUTBOX)?.len()?)
    }
}

impl Write {
    /// Keeps a measured window together with the counters it was measured from.
    pub fn add_report(&self, meter: &Meter, report: &Report) -> Result<(), StoreError> {
        self.0.open_table(METERS)?.insert(report.contract_id, encode(meter)?.as_slice())?;
        self.send_report(report)
    }

    /// Keeps a window until the chain has answered.
    pub fn send_report(&self, report: &Report) -> Result<(), StoreError> {
        let mut outbox = self.0.open_table(OUTBOX)?;
        outbox.insert((report.timestamp, report.contract_id), encode(report)?.as_slice())?;
        while outbox.len()? > MAX_OUTBOX {
            let dropped = outbox.pop_first()?.map(|(key, _)| key.value());
            tracing::warn!(?dropped, "the outbox is full; its oldest report is given up");
        }
        Ok(())
    }

    /// How many reports wait.
    pub fn waiting_reports(&self) -> Result<u64, StoreError> {
        Ok(self.0.open_table(OUTBOX)?.len()?)
    }

    /// Takes out what the chain has taken or refused.
    pub fn settle_reports(&self, reports: &[Report]) -> Result<(), StoreError> {
        let mut outbox = self.0.open_table(OUTBOX)?;
        for report in reports {
            outbox.remove((report.timestamp, report.contract_id))?;
        }
        Ok(())
    }

    /// Forgets how far a contract was measured. Its reports stay until the chain has answered.
    pub(super) fn forget_meter(&self, contract_id: u64) -> Result<(), StoreError> {
        self.0.open_table(METERS)?.remove(contract_id)?;
        Ok(())
    }
}
