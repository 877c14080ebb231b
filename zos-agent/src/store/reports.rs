//! What was measured and not yet taken by the chain.

use super::{decode, encode, Read, StoreError, Write};
use crate::chain::Signed;
use grid_types::units::Report;
use redb::{ReadableTable, ReadableTableMetadata, TableDefinition};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// contract -> [`Meter`].
const METERS: TableDefinition<u64, &[u8]> = TableDefinition::new("meters");
/// (end of the window, contract) -> [`Report`]: in the order of time, so that each contract's windows are sent in order.
const OUTBOX: TableDefinition<(u64, u64), &[u8]> = TableDefinition::new("outbox");

/// What is known about sending: [`FLIGHT`], [`TALLY`].
const SENDING: TableDefinition<&str, &[u8]> = TableDefinition::new("sending");
/// The batch whose fate is not known, a [`Flight`].
const FLIGHT: &str = "flight";
/// What became of all windows so far, a [`Tally`].
const TALLY: &str = "tally";

/// A batch that was signed, kept before anybody else knew it: its windows are not sent in another one before it is known what
/// became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flight {
    /// What was sent, or was about to be.
    pub signed: Signed,
    /// Its reports, in their order.
    pub reports: Vec<Report>,
}

/// What became of windows since the state folder was made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Charged by the chain.
    pub accepted: u64,
    /// Never to be charged.
    pub refused: u64,
    /// When the chain last settled some, Unix seconds.
    pub settled_at: Option<u64>,
    /// Why the last one was refused.
    pub refusal: Option<String>,
}

impl Tally {
    /// Counts.
    pub fn add(&mut self, accepted: u64, refused: u64, refusal: Option<String>) {
        self.accepted = self.accepted.saturating_add(accepted);
        self.refused = self.refused.saturating_add(refused);
        self.refusal = refusal.or(self.refusal.take());
    }
}

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
    write.0.open_table(SENDING)?;
    Ok(())
}

impl Read {
    /// How far a contract has been measured.
    pub fn meter(&self, contract_id: u64) -> Result<Meter, StoreError> {
        let meter = self.0.open_table(METERS)?.get(contract_id)?.map(|bytes| decode(bytes.value())).transpose()?;
        Ok(meter.unwrap_or_default())
    }

    /// The oldest reports of windows that end at `until` or before, at most `limit`.
    pub fn oldest_reports(&self, limit: usize, until: u64) -> Result<Vec<Report>, StoreError> {
        let table = self.0.open_table(OUTBOX)?;
        let oldest = table.range(..=(until, u64::MAX))?.take(limit);
        oldest.map(|entry| decode(entry?.1.value())).collect()
    }

    /// The batch whose fate is not known, if there is one.
    pub fn flight(&self) -> Result<Option<Flight>, StoreError> {
        self.0.open_table(SENDING)?.get(FLIGHT)?.map(|bytes| decode(bytes.value())).transpose()
    }

    /// What became of windows so far.
    pub fn tally(&self) -> Result<Tally, StoreError> {
        let tally = self.0.open_table(SENDING)?.get(TALLY)?.map(|bytes| decode(bytes.value())).transpose()?;
        Ok(tally.unwrap_or_default())
    }

    /// How many reports wait.
    pub fn waiting_reports(&self) -> Result<u64, StoreError> {
        Ok(self.0.open_table(OUTBOX)?.len()?)
    }
}

impl Write {
    /// Keeps a measured window, if there is one, together with the counters it was measured from.
    pub fn add_report(&self, contract_id: u64, meter: &Meter, report: Option<&Report>) -> Result<(), StoreError> {
        self.0.open_table(METERS)?.insert(contract_id, encode(meter)?.as_slice())?;
        report.map_or(Ok(()), |report| self.send_report(report))
    }

    /// Keeps a window until the chain has answered.
    pub fn send_report(&self, report: &Report) -> Result<(), StoreError> {
        let mut outbox = self.0.open_table(OUTBOX)?;
        outbox.insert((report.timestamp, report.contract_id), encode(report)?.as_slice())?;
        let mut dropped = 0;
        while outbox.len()? > MAX_OUTBOX {
            outbox.pop_first()?;
            dropped += 1;
        }
        drop(outbox);
        if dropped > 0 {
            tracing::warn!(dropped, "the outbox is full; its oldest reports are given up");
            self.count(|tally| tally.add(0, dropped, Some("the outbox was full".to_owned())))?;
        }
        Ok(())
    }

    /// Gives up the oldest windows that end before `oldest`, at most `limit`; how many.
    pub fn refuse_reports(&self, oldest: u64, limit: usize, reason: &str) -> Result<u64, StoreError> {
        let mut outbox = self.0.open_table(OUTBOX)?;
        let keys = outbox.range(..(oldest, 0))?.take(limit).map(|entry| Ok(entry?.0.value()));
        let keys: Vec<(u64, u64)> = keys.collect::<Result<_, StoreError>>()?;
        for key in &keys {
            outbox.remove(key)?;
        }
        drop(outbox);
        let refused = keys.len() as u64;
        if refused > 0 {
            self.count(|tally| tally.add(0, refused, Some(reason.to_owned())))?;
        }
        Ok(refused)
    }

    /// Changes the count of what became of windows.
    pub fn count(&self, change: impl FnOnce(&mut Tally)) -> Result<(), StoreError> {
        let mut table = self.0.open_table(SENDING)?;
        let mut tally: Tally = table.get(TALLY)?.map(|bytes| decode(bytes.value())).transpose()?.unwrap_or_default();
        change(&mut tally);
        table.insert(TALLY, encode(&tally)?.as_slice())?;
        Ok(())
    }

    /// Keeps the batch that is about to be sent.
    pub fn take_off(&self, flight: &Flight) -> Result<(), StoreError> {
        self.0.open_table(SENDING)?.insert(FLIGHT, encode(flight)?.as_slice())?;
        Ok(())
    }

    /// It is known what became of the batch.
    pub fn land(&self) -> Result<(), StoreError> {
        self.0.open_table(SENDING)?.remove(FLIGHT)?;
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
