//! The clock by which guests that compute are looked at. It stands still while none runs: an idle gateway wakes nobody.

use std::{
    io,
    sync::{
        atomic::{AtomicBool, AtomicUsize, Ordering},
        Arc,
    },
    thread::{self, Thread},
    time::Duration,
};
use wasmtime::{Engine, EngineWeak};

/// The precision of deadlines, and the time after which a guest is known to be slow.
pub(super) const TICK: Duration = Duration::from_millis(1);
/// Ticks without a call after which the clock stands still: waking it costs a call more than a tick costs the machine.
const IDLE_TICKS: u32 = 1000;

/// Makes the epoch of an engine pass, until it is dropped.
pub(super) struct Ticker {
    shared: Arc<Shared>,
    thread: Thread,
}

#[derive(Default)]
struct Shared {
    running: AtomicUsize,
    parked: AtomicBool,
    stop: AtomicBool,
}

/// While it lives, the clock ticks.
pub(super) struct Ticking(Arc<Shared>);

impl Drop for Ticking {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Ticker {
    pub fn start(engine: &Engine) -> io::Result<Self> {
        let (engine, shared) = (engine.weak(), Arc::<Shared>::default());
        let mine = shared.clone();
        let tick = thread::Builder::new().name("faas-ticker".into()).spawn(move || tick(&engine, &mine))?;
        Ok(Self { shared, thread: tick.thread().clone() })
    }

    /// To be called before a guest runs.
    pub fn need(&self) -> Ticking {
        self.shared.running.fetch_add(1, Ordering::SeqCst);
        if self.shared.parked.swap(false, Ordering::SeqCst) {
            self.thread.unpark();
        }
        Ticking(self.shared.clone())
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        self.thread.unpark();
    }
}

fn tick(engine: &EngineWeak, shared: &Shared) {
    let mut idle = 0;
    while !shared.stop.load(Ordering::SeqCst) {
        let Some(engine) = engine.upgrade() else { return };
        engine.increment_epoch();
        drop(engine);
        thread::sleep(TICK);
        idle = if shared.running.load(Ordering::SeqCst) == 0 { idle + 1 } else { 0 };
        if idle >= IDLE_TICKS {
            idle = 0;
            rest(shared);
        }
    }
}

/// Until there is a call.
fn rest(shared: &Shared) {
    shared.parked.store(true, Ordering::SeqCst);
    // Whoever came before the flag was set did not see it.
    while shared.parked.load(Ordering::SeqCst)
        && shared.running.load(Ordering::SeqCst) == 0
        && !shared.stop.load(Ordering::SeqCst)
    {
        thread::park();
    }
    shared.parked.store(false, Ordering::SeqCst);
}
