//! Measured use of a function.
//!
//! **Processor time** is the thread's own (`CLOCK_THREAD_CPUTIME_ID`), read before and after each turn of a call (a poll
//! of its future, see `turn`): within a turn the call has the thread for itself, so the clock's difference is the call's,
//! with what the host did for it, and without the time in which others had the processor. Wall time would bill a guest
//! for its neighbours.
//!
//! **Memory** is the sum over time of the linear memory that running instances hold, exact: the amount only changes
//! when it grows, and each change closes an interval. Both are added up at every tick, so that a long call shows in the
//! counters while it runs.

use rustix::time::{clock_gettime, ClockId};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// What a function has used since `started_at`. Shared by its calls.
pub(crate) struct Usage {
    /// Milliseconds since the Unix epoch.
    pub started_at: u64,
    counters: Mutex<Counters>,
}

#[derive(Default)]
struct Counters {
    totals: Totals,
    millicores: f64,
    interval: Option<(Instant, Duration)>,
}

/// The numbers at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Totals {
    /// Calls that were let in, also those that failed.
    pub calls: u64,
    /// Processor time.
    pub cpu: Duration,
    /// Linear memory over time, in byte nanoseconds.
    pub memory_byte_nanos: u128,
    /// Requests and answers, also those of the function's own requests, in bytes.
    pub network_bytes: u64,
    /// Linear memory held now, in bytes.
    pub memory_bytes: u64,
}

impl Totals {
    /// Linear memory over time, in byte seconds.
    pub fn memory_byte_seconds(&self) -> f64 {
        self.memory_byte_nanos as f64 / 1e9
    }
}

impl Usage {
    pub fn new() -> Arc<Self> {
        let started_at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64;
        Arc::new(Self { started_at, counters: Mutex::default() })
    }

    fn with<T>(&self, change: impl FnOnce(&mut Counters) -> T) -> T {
        change(&mut self.counters.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The numbers now, and the mean processor use of the last interval in thousandths of a CPU.
    pub fn read(&self) -> (Totals, f64) {
        self.with(|counters| (counters.totals, counters.millicores))
    }

    /// Counts a call that was let in.
    pub fn add_call(&self) {
        self.with(|counters| counters.totals.calls += 1);
    }

    /// Counts bytes that came in or went out.
    pub fn add_traffic(&self, bytes: u64) {
        self.with(|counters| counters.totals.network_bytes += bytes);
    }

    /// Ends an interval of the mean processor use. To be called periodically.
    pub fn end_interval(&self) {
        self.with(|counters| {
            let now = (Instant::now(), counters.totals.cpu);
            if let Some((then, cpu)) = counters.interval.replace(now) {
                let seconds = (now.0 - then).as_secs_f64();
                if seconds > 0.0 {
                    counters.millicores = 1000.0 * now.1.saturating_sub(cpu).as_secs_f64() / seconds;
                }
            }
        });
    }
}

/// Measures one call. Shared by the instance, which says how much memory it holds, and by whoever gives it turns.
pub(super) struct Meter {
    usage: Arc<Usage>,
    state: Mutex<Reading>,
}

struct Reading {
    /// When memory was last counted.
    wall: Instant,
    /// The thread's clock when the turn began or was last looked at; `None` between turns.
    turn: Option<Duration>,
    /// Processor time of all turns.
    spent: Duration,
    memory: u64,
}

impl Meter {
    pub fn start(usage: Arc<Usage>) -> Arc<Self> {
        let reading = Reading { wall: Instant::now(), turn: None, spent: Duration::ZERO, memory: 0 };
        Arc::new(Self { usage, state: Mutex::new(reading) })
    }

    fn reading(&self) -> MutexGuard<'_, Reading> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A turn begins on this thread.
    pub fn enter(&self) {
        self.reading().turn = Some(thread_cpu());
    }

    /// The turn ends, on the thread it began on. Gives the processor time of all turns so far.
    pub fn leave(&self) -> Duration {
        let mut reading = self.reading();
        self.add_turn(&mut reading, false);
        reading.spent
    }

    /// Processor time of all turns so far, to be asked on the thread of the turn.
    #[cfg(test)]
    pub fn spent(&self) -> Duration {
        self.sample();
        self.reading().spent
    }

    /// Adds what was used since the last look, on the thread of the turn.
    pub fn sample(&self) {
        let mut reading = self.reading();
        self.add_turn(&mut reading, true);
        let memory = reading.memory;
        self.add_memory(&mut reading, memory);
    }

    /// Closes an interval of memory, then counts with this much, in bytes.
    pub fn set_memory(&self, bytes: u64) {
        self.add_memory(&mut self.reading(), bytes);
    }

    fn add_turn(&self, reading: &mut Reading, goes_on: bool) {
        let Some(began) = reading.turn.take() else { return };
        let now = thread_cpu();
        let spent = now.saturating_sub(began);
        reading.turn = goes_on.then_some(now);
        reading.spent += spent;
        self.usage.with(|counters| counters.totals.cpu += spent);
    }

    fn add_memory(&self, reading: &mut Reading, bytes: u64) {
        let now = Instant::now();
        let held = u128::from(reading.memory) * (now - reading.wall).as_nanos();
        let before = reading.memory;
        (reading.wall, reading.memory) = (now, bytes);
        self.usage.with(|counters| {
            counters.totals.memory_byte_nanos += held;
            counters.totals.memory_bytes = counters.totals.memory_bytes + bytes - before;
        });
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.set_memory(0);
    }
}

/// Processor time of this thread.
fn thread_cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    // Neither part is ever negative for this clock.
    Duration::new(time.tv_sec.try_into().unwrap_or(0), time.tv_nsec.try_into().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spin(duration: Duration) {
        let start = thread_cpu();
        while thread_cpu() - start < duration {
            std::hint::spin_loop();
        }
    }

    #[test]
    fn processor_time_is_that_of_the_thread() {
        let usage = Usage::new();
        let meter = Meter::start(usage.clone());
        meter.enter();
        spin(Duration::from_millis(20));
        assert!(meter.leave() >= Duration::from_millis(20));
        assert!(usage.read().0.cpu >= Duration::from_millis(20));
        // Between turns the thread works for others.
        let cpu = usage.read().0.cpu;
        spin(Duration::from_millis(20));
        assert_eq!((meter.leave(), usage.read().0.cpu), (cpu, cpu));
    }

    #[test]
    fn sleeping_costs_memory_time_and_no_processor_time() {
        let usage = Usage::new();
        let meter = Meter::start(usage.clone());
        meter.enter();
        meter.set_memory(1_000_000);
        std::thread::sleep(Duration::from_millis(50));
        meter.leave();
        drop(meter);
        let (totals, _) = usage.read();
        assert!(totals.memory_byte_seconds() >= 50_000.0, "{totals:?}");
        assert!(totals.cpu < Duration::from_millis(40), "{totals:?}");
        assert_eq!(totals.memory_bytes, 0);
    }

    #[test]
    fn memory_held_now_is_the_sum_of_the_running() {
        let usage = Usage::new();
        let one = Meter::start(usage.clone());
        let two = Meter::start(usage.clone());
        one.set_memory(3);
        two.set_memory(5);
        one.set_memory(4);
        assert_eq!(usage.read().0.memory_bytes, 9);
        drop(two);
        assert_eq!(usage.read().0.memory_bytes, 4);
    }

    #[test]
    fn an_interval_gives_a_mean() {
        let usage = Usage::new();
        usage.end_interval();
        let meter = Meter::start(usage.clone());
        meter.enter();
        spin(Duration::from_millis(20));
        meter.leave();
        usage.end_interval();
        let (_, millicores) = usage.read();
        assert!(millicores > 0.0 && millicores < 1100.0, "{millicores}");
    }
}
