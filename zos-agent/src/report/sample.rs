//! What one look at the counters makes of a contract's window: pure arithmetic.
//!
//! A window ends now and begins where the last one ended, so windows never overlap and leave no gap while the agent runs.
//! Counters that began again (the gateway restarted, the function was deployed anew) count from zero, and if all of them
//! did, the window begins no earlier than they: time in which nothing was measured is not charged. The traffic counter adds
//! up what the gateway's counters gained and so never goes back.
//!
//! The machine's clock counts only for means over the window, and only as far as it agrees with the chain's: it may have been
//! set meanwhile, in either direction.

use crate::{
    faas::Reading,
    store::reports::{Baseline, Meter},
};
use grid_types::units::Report;
use std::collections::BTreeMap;

/// How much longer a window may be by the machine's clock, milliseconds, or half of it if that is more.
const MAX_DRIFT_MS: u64 = 10_000;

/// One look.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// Time on the chain, Unix seconds.
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

/// The meter after a look, and the report of the window that ends with it. No report if there is nothing to say yet; nothing at
/// all if nothing changes: no function runs, or no time has passed.
pub fn measure(contract_id: u64, meter: &Meter, sample: &Sample) -> Option<(Meter, Option<Report>)> {
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
    let functions = sample.readings.iter().map(|(function, reading)| (function.clone(), Baseline::from(reading)));
    let nru = meter.nru.saturating_add(gain.network_bytes);
    let next = |until| Meter { until, read_at: sample.local_ms, nru, functions: functions.collect() };
    let passed = sample.chain_now.saturating_sub(meter.until);
    let (window, elapsed_ms) = if continued {
        let by_machine = sample.local_ms.saturating_sub(meter.read_at);
        (passed, plausible(by_machine, passed.saturating_mul(1_000)))
    } else if first_start > sample.local_ms {
        // The machine's clock was set back since they began: how long they run cannot be told, so they begin now.
        return Some((next(sample.chain_now.max(meter.until)), None));
    } else {
        let read_at = Some(meter.read_at).filter(|read_at| *read_at <= sample.local_ms).unwrap_or_default();
        let elapsed_ms = sample.local_ms - read_at.max(first_start);
        (passed.min(elapsed_ms / 1_000), elapsed_ms)
    };
    let window = window.min(sample.max_window);
    if window == 0 || elapsed_ms == 0 {
        return None;
    }
    let elapsed = elapsed_ms as f64 / 1_000.0;
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
    Some((next(sample.chain_now), Some(report)))
}

/// How long it was, milliseconds: by the machine's clock, unless the chain's says that that was set meanwhile. In doubt the longer
/// time, which makes for less use.
fn plausible(by_machine: u64, by_chain: u64) -> u64 {
    let at_most = by_chain.saturating_add(MAX_DRIFT_MS.max(by_chain / 2));
    Some(by_machine).filter(|by_machine| *by_machine <= at_most).unwrap_or_default().max(by_chain)
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

    /// With a report.
    fn measured(meter: &Meter, sample: &Sample) -> (Meter, Report) {
        let (meter, report) = measure(1, meter, sample).unwrap();
        (meter, report.unwrap())
    }

    #[test]
    fn means_are_over_the_window_and_traffic_adds_up() {
        let (meter, _) = measured(&Meter::default(), &sample(1_010, reading(1_000, 1.0, 100.0, 50)));
        let (meter, report) = measured(&meter, &sample(1_020, reading(1_000, 6.0, 2_100.0, 80)));
        let expected =
            Report { contract_id: 1, timestamp: 1_016, window: 10, cru: 500, sru: 500, hru: 0, mru: 200, nru: 80 };
        assert_eq!(report, expected);
        assert_eq!((meter.until, meter.nru), (1_016, 80));
    }

    #[test]
    fn the_first_window_begins_with_the_counters() {
        let (_, report) = measured(&Meter::default(), &sample(1_010, reading(1_000, 1.0, 100.0, 50)));
        assert_eq!((report.timestamp, report.window, report.cru, report.nru), (1_006, 10, 100, 50));
    }

    #[test]
    fn the_time_a_gateway_was_down_is_not_charged() {
        let (meter, _) = measured(&Meter::default(), &sample(1_010, reading(1_000, 1.0, 100.0, 50)));
        let (_, report) = measured(&meter, &sample(1_050, reading(1_045, 0.5, 0.0, 7)));
        assert_eq!((report.timestamp, report.window, report.cru, report.nru), (1_046, 5, 100, 57));
    }

    #[test]
    fn traffic_never_goes_back_although_the_gateways_counter_does() {
        let (meter, _) = measure(1, &Meter::default(), &sample(1_010, reading(1_000, 1.0, 100.0, 5_000))).unwrap();
        let (meter, report) = measured(&meter, &sample(1_020, reading(1_012, 0.0, 0.0, 0)));
        assert_eq!(report.nru, 5_000);
        let (_, report) = measured(&meter, &sample(1_030, reading(1_012, 0.0, 0.0, 9)));
        assert_eq!(report.nru, 5_009);
    }

    #[test]
    fn a_window_is_never_longer_than_the_chain_takes() {
        let (meter, _) = measured(&Meter::default(), &sample(1_010, reading(1_000, 1.0, 100.0, 50)));
        let (_, report) = measured(&meter, &sample(2_010, reading(1_000, 1_001.0, 100.0, 50)));
        assert_eq!((report.window, report.cru), (60, 1_000));
    }

    #[test]
    fn no_time_no_report() {
        let (meter, _) = measured(&Meter::default(), &sample(1_010, reading(1_000, 1.0, 100.0, 50)));
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

    /// A look at which the machine's clock and the chain's have nothing to do with each other.
    fn askew(chain_now: u64, local: u64, reading: Reading) -> Sample {
        Sample { chain_now, local_ms: local * 1_000, ..sample(1_000, reading) }
    }

    #[test]
    fn a_clock_that_jumps_back_loses_no_window_and_charges_no_more() {
        let (meter, _) = measured(&Meter::default(), &sample(1_010, reading(1_000, 1.0, 100.0, 50)));
        let (meter, report) = measured(&meter, &askew(1_016, 10, reading(1_000, 2.0, 200.0, 50)));
        assert_eq!((report.timestamp, report.window, report.cru), (1_016, 10, 100));
        let (_, report) = measured(&meter, &askew(1_026, 20, reading(1_000, 3.0, 300.0, 50)));
        assert_eq!((report.timestamp, report.window, report.cru), (1_026, 10, 100), "and goes on");
    }

    #[test]
    fn a_clock_that_jumps_ahead_dilutes_nothing() {
        let (meter, _) = measured(&Meter::default(), &sample(1_010, reading(1_000, 1.0, 100.0, 50)));
        let (_, report) = measured(&meter, &askew(1_016, 900_000, reading(1_000, 2.0, 200.0, 50)));
        assert_eq!((report.window, report.cru), (10, 100));
    }

    #[test]
    fn functions_that_seem_to_begin_in_the_future_begin_now() {
        let (meter, report) = measure(1, &Meter::default(), &askew(1_000, 10, reading(2_000, 1.0, 1.0, 5))).unwrap();
        assert_eq!((meter.until, report), (1_000, None));
        let (_, report) = measured(&meter, &askew(1_010, 20, reading(2_000, 2.0, 1.0, 9)));
        assert_eq!((report.window, report.cru, report.nru), (10, 100, 9));
    }

    proptest! {
        #[test]
        fn whatever_the_machines_clock_says_windows_touch_and_have_no_negative_length(
            looks in proptest::collection::vec((0..30_u64, any::<u32>(), any::<u32>()), 1..40),
        ) {
            let (mut meter, mut chain) = (Meter::default(), 1_000);
            for (step, local, start) in looks {
                chain += step;
                let sample = askew(chain, u64::from(local), reading(u64::from(start), 0.0, 0.0, 0));
                if let Some((next, report)) = measure(1, &meter, &sample) {
                    prop_assert!(next.until >= meter.until && next.until <= chain);
                    if let Some(report) = report {
                        prop_assert!(report.window > 0 && report.window <= 60);
                        prop_assert!(report.timestamp - report.window >= meter.until);
                    }
                    meter = next;
                }
            }
        }

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
                if let Some((next, Some(report))) = measure(1, &meter, &sample(local, reading(start, 0.0, 0.0, bytes))) {
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
