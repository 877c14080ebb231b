//! What one look at the counters makes of a contract's window: pure arithmetic.
//!
//! A window ends now and begins where the last one ended, so windows never overlap and leave no gap while the agent runs.
//! Counters that began again (the gateway restarted, the function was deployed anew) count from zero, and if all of them
//! did, the window begins no earlier than they: time in which nothing was measured is not charged. The traffic counter adds
//! up what the gateway's counters gained and so never goes back.

use crate::{
    faas::Reading,
    store::reports::{Baseline, Meter},
};
use grid_types::units::Report;
use std::collections::BTreeMap;

/// One look.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// Time on the chain, Unix seconds; never ahead of its newest finalized block while it can be asked.
    pub chain_now: u64,
    /// Time of this machine, by which the counters run, Unix milliseconds.
    pub local_ms: u64,
    /// The longest window that the chain takes, seconds.
    pub max_window: u64,
    /// The counters by function; functions that are not there are left out.
    pub readings: BTreeMap<String, Reading>,
}

/// What was gained since the last look.
#[derive(Default)]
struct Gain {
    cpu_seconds: f64,
    memory_byte_seconds: f64,
    network_bytes: u64,
}

/// The report of the window that ends with this sample, and the meter after it. Nothing if there is nothing to say yet: no
/// function runs, or no time has passed.
pub fn measure(contract_id: u64, meter: &Meter, sample: &Sample) -> Option<(Meter, Report)> {
    let mut gain = Gain::default();
    let mut first_start = u64::MAX;
    let mut continued = false;
    for (function, reading) in &sample.readings {
        let baseline = meter.functions.get(function).filter(|baseline| continues(baseline, reading));
        continued |= baseline.is_some();
        first_start = first_start.min(reading.started_at);
        gain.add(reading, &baseline.copied().unwrap_or_default());
    }
    if sample.readings.is_empty() {
        return None;
    }
    let measured_from = if continued { meter.read_at } else { meter.read_at.max(first_start) };
    let elapsed_ms = sample.local_ms.saturating_sub(measured_from);
    let mut window = sample.chain_now.saturating_sub(meter.until).min(sample.max_window);
    if !continued {
        window = window.min(elapsed_ms / 1_000);
    }
    if window == 0 || elapsed_ms == 0 {
        return None;
    }
    let elapsed = elapsed_ms as f64 / 1_000.0;
    let nru = meter.nru.saturating_add(gain.network_bytes);
    let report = Report {
        contract_id,
        timestamp: sample.chain_now,
        window,
        // `as` saturates.
        cru: (gain.cpu_seconds / elapsed * 1_000.0).round() as u64,
        mru: (gain.memory_byte_seconds / elapsed).round() as u64,
        sru: sample.readings.values().fold(0, |sum, reading| sum.saturating_add(reading.disk_bytes)),
        hru: 0,
        nru,
    };
    let functions = sample.readings.iter().map(|(function, reading)| (function.clone(), Baseline::from(reading)));
    let meter = Meter { until: sample.chain_now, read_at: sample.local_ms, nru, functions: functions.collect() };
    Some((meter, report))
}

/// Whether a reading goes on from a baseline. A counter that went back began again, whatever it says of its beginning.
fn continues(baseline: &Baseline, reading: &Reading) -> bool {
    baseline.started_at == reading.started_at
        && baseline.cpu_seconds <= reading.cpu_seconds
        && baseline.memory_byte_seconds <= reading.memory_byte_seconds
        && baseline.network_bytes <= reading.network_bytes
}

impl Gain {
    fn add(&mut self, reading: &Reading, baseline: &Baseline) {
        self.cpu_seconds += reading.cpu_seconds - baseline.cpu_seconds;
        self.memory_byte_seconds += reading.memory_byte_seconds - baseline.memory_byte_seconds;
        let gained = reading.network_bytes.saturating_sub(baseline.network_bytes);
        self.network_bytes = self.network_bytes.saturating_add(gained);
    }
}

impl From<&Reading> for Baseline {
    fn from(reading: &Reading) -> Self {
        Self {
            started_at: reading.started_at,
            cpu_seconds: reading.cpu_seconds,
            memory_byte_seconds: reading.memory_byte_seconds,
            network_bytes: reading.network_bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use proptest::prelude::*;

    /// This machine's clock is 4 s ahead of the finalized block in these tests.
    const LAG: u64 = 4;

    fn reading(started_at: u64, cpu_seconds: f64, memory_byte_seconds: f64, network_bytes: u64) -> Reading {
        Reading { started_at: started_at * 1_000, cpu_seconds, memory_byte_seconds, disk_bytes: 500, network_bytes }
    }

    fn sample(local: u64, reading: Reading) -> Sample {
        Sample {
            chain_now: local - LAG,
            local_ms: local * 1_000,
            max_window: 60,
            readings: BTreeMap::from([("f-1".to_owned(), reading)]),
        }
    }

    #[test]
    fn means_are_over_the_window_and_traffic_adds_up() {
        let (meter, _) = measure(1, &Meter::default(), &sample(1_010, reading(1_000, 1.0, 100.0, 50))).unwrap();
        let (meter, report) = measure(1, &meter, &sample(1_020, reading(1_000, 6.0, 2_100.0, 80))).unwrap();
        let expected =
            Report { contract_id: 1, timestamp: 1_016, window: 10, cru: 500, sru: 500, hru: 0, mru: 200, nru: 80 };
        assert_eq!(report, expected);
        assert_eq!((meter.until, meter.nru), (1_016, 80));
    }

    #[test]
    fn the_first_window_begins_with_the_counters() {
        let (_, report) = measure(1, &Meter::default(), &sample(1_010, reading(1_000, 1.0, 100.0, 50))).unwrap();
        assert_eq!((report.timestamp, report.window, report.cru, report.nru), (1_006, 10, 100, 50));
    }

    #[test]
    fn the_time_a_gateway_was_down_is_not_charged() {
        let (meter, _) = measure(1, &Meter::default(), &sample(1_010, reading(1_000, 1.0, 100.0, 50))).unwrap();
        let (_, report) = measure(1, &meter, &sample(1_050, reading(1_045, 0.5, 0.0, 7))).unwrap();
        assert_eq!((report.timestamp, report.window, report.cru, report.nru), (1_046, 5, 100, 57));
    }

    #[test]
    fn traffic_never_goes_back_although_the_gateways_counter_does() {
        let (meter, _) = measure(1, &Meter::default(), &sample(1_010, reading(1_000, 1.0, 100.0, 5_000))).unwrap();
        let (meter, report) = measure(1, &meter, &sample(1_020, reading(1_012, 0.0, 0.0, 0))).unwrap();
        assert_eq!(report.nru, 5_000);
        let (_, report) = measure(1, &meter, &sample(1_030, reading(1_012, 0.0, 0.0, 9))).unwrap();
        assert_eq!(report.nru, 5_009);
    }

    #[test]
    fn a_window_is_never_longer_than_the_chain_takes() {
        let (meter, _) = measure(1, &Meter::default(), &sample(1_010, reading(1_000, 1.0, 100.0, 50))).unwrap();
        let (_, report) = measure(1, &meter, &sample(2_010, reading(1_000, 1_001.0, 100.0, 50))).unwrap();
        assert_eq!((report.window, report.cru), (60, 1_000));
    }

    #[test]
    fn no_time_no_report() {
        let (meter, _) = measure(1, &Meter::default(), &sample(1_010, reading(1_000, 1.0, 100.0, 50))).unwrap();
        assert_eq!(measure(1, &meter, &sample(1_010, reading(1_000, 1.0, 100.0, 50))), None);
        let standing = Sample { chain_now: 1_006, ..sample(1_020, reading(1_000, 1.0, 100.0, 50)) };
        assert_eq!(measure(1, &meter, &standing), None, "the chain stands still");
        assert_eq!(
            measure(
                1,
                &Meter::default(),
                &Sample { chain_now: 5, local_ms: 9_000, max_window: 60, ..Sample::default() }
            ),
            None
        );
    }

    proptest! {
        #[test]
        fn windows_touch_and_the_traffic_counter_only_grows(
            looks in proptest::collection::vec((0..30_u64, any::<bool>(), 0..1_000_u64), 1..40),
        ) {
            let (mut meter, mut local, mut start, mut bytes) = (Meter::default(), 1_000, 1_000, 0);
            let mut seen = 0;
            for (step, restart, gained) in looks {
                local += step;
                if restart {
                    start = local;
                    bytes = 0;
                }
                bytes += gained;
                if let Some((next, report)) = measure(1, &meter, &sample(local, reading(start, 0.0, 0.0, bytes))) {
                    prop_assert!(report.timestamp - report.window >= meter.until);
                    prop_assert!(report.window <= 60 && report.window > 0);
                    prop_assert!(report.nru >= seen);
                    seen = report.nru;
                    meter = next;
                }
            }
        }
    }
}
