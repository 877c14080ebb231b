//! Where a call runs, how its time is measured, and how it is ended early.
//!
//! **Two places.** A call is a future. It gets its first turns on the thread that serves its connection: most functions
//! answer within a fraction of a millisecond, and a change of threads would cost them more than their work. A call that
//! computes for longer than a tick, or adds up to [`SERVING_TIME`], moves to a thread of its own in the [`Crew`], whose
//! threads share what of the processor is left over: there busy guests delay neither connections nor quick neighbours. A
//! call on a serving thread that waits, for a caller's bytes, a clock or another server, occupies no thread at all; one on
//! a thread of its own keeps that until it ends.
//!
//! **Fairness.** How long a function may disturb the serving threads is bounded by its [`Pace`]: after a call that
//! took longer than [`QUICK`], the function's calls begin on threads of their own for a hundred times as long. So what
//! a function can take from its neighbours is about a hundredth of a thread, however it mixes long calls and short
//! ones.
//!
//! **How a call ends early.** A guest that computes is looked at on ticks of the epoch; one that waits is raced against
//! the clock. Both look at the deadline and at the call's cancellation. Dropping the future ends a guest that waits in
//! the host, where no epoch reaches it.

use super::{crew::Crew, usage::Meter};
use std::{
    future::{poll_fn, Future},
    pin::Pin,
    sync::{
        atomic::{AtomicBool, AtomicU64, Ordering},
        Arc,
    },
    task::Poll,
    time::{Duration, Instant},
};
use tokio::{runtime::Handle, sync::oneshot};
use tokio_util::sync::CancellationToken;
use wasmtime::UpdateDeadline;

/// A call that takes less processor time than this is quick.
const QUICK: Duration = Duration::from_micros(200);
/// Processor time that a call may use on a serving thread, over all its turns.
const SERVING_TIME: Duration = Duration::from_millis(2);
/// After a slow call, for how many times its processor time its function's calls begin on threads of their own.
const CAUTION: u32 = 100;
/// Ticks until a guest on a serving thread is interrupted: the first may be due at once.
pub(super) const FIRST_LOOK: u64 = 2;
/// Ticks between two looks at a guest on a thread of its own.
const LATER_LOOKS: u64 = 10;

/// A call, from an instance to its end. Gives up what the call held when it is dropped.
pub(super) type Run<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Why a call was ended. Travels through the engine as an error.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub(super) enum Interrupted {
    #[error("deadline")]
    Deadline,
    #[error("cancelled")]
    Cancelled,
    /// The thread that ran it broke down.
    #[error("the call broke")]
    Broken,
}

/// When a function's calls may begin on serving threads.
pub(crate) struct Pace {
    born: Instant,
    /// Nanoseconds after `born`.
    quick_from: AtomicU64,
}

impl Pace {
    pub fn new() -> Arc<Self> {
        Arc::new(Self { born: Instant::now(), quick_from: AtomicU64::new(0) })
    }

    fn is_quick(&self, now: Instant) -> bool {
        (now - self.born).as_nanos() as u64 >= self.quick_from.load(Ordering::Relaxed)
    }

    fn note(&self, spent: Duration, now: Instant) {
        if spent > QUICK {
            let until = (now - self.born) + spent.saturating_mul(CAUTION);
            self.quick_from.fetch_max(until.as_nanos() as u64, Ordering::Relaxed);
        }
    }
}

/// What a running call and the one who waits for it know of each other.
pub(super) struct Control {
    pub meter: Arc<Meter>,
    deadline: Instant,
    cancel: CancellationToken,
    on_own_thread: AtomicBool,
    overran: AtomicBool,
}

impl Control {
    pub fn new(meter: Arc<Meter>, timeout: Duration, cancel: CancellationToken) -> Arc<Self> {
        let deadline = Instant::now() + timeout;
        let (on_own_thread, overran) = (AtomicBool::new(false), AtomicBool::new(false));
        Arc::new(Self { meter, deadline, cancel, on_own_thread, overran })
    }

    /// To be called on a tick of the epoch while the guest computes.
    pub fn tick(&self) -> wasmtime::Result<UpdateDeadline> {
        self.meter.sample();
        if self.cancel.is_cancelled() {
            return Err(Interrupted::Cancelled.into());
        }
        if Instant::now() >= self.deadline {
            return Err(Interrupted::Deadline.into());
        }
        if self.on_own_thread.load(Ordering::Relaxed) {
            return Ok(UpdateDeadline::Continue(LATER_LOOKS));
        }
        self.overran.store(true, Ordering::Relaxed);
        Ok(UpdateDeadline::Yield(1))
    }

    /// One turn, measured. Gives the processor time of all turns so far, too.
    fn turn<T>(&self, run: &mut Run<T>, pace: &Pace, context: &mut std::task::Context<'_>) -> (Poll<T>, Duration) {
        self.meter.enter();
        let polled = run.as_mut().poll(context);
        let spent = self.meter.leave();
        // Also if it has not ended: a call of many turns disturbs as much as one of a single turn.
        pace.note(spent, Instant::now());
        (polled, spent)
    }

    /// Ends when the call must.
    async fn interruption(&self) -> Interrupted {
        tokio::select! {
            () = tokio::time::sleep_until(self.deadline.into()) => Interrupted::Deadline,
            () = self.cancel.cancelled() => Interrupted::Cancelled,
        }
    }
}

/// A call and where it is to go on.
pub(super) struct Turns<T> {
    run: Run<T>,
    control: Arc<Control>,
    pace: Arc<Pace>,
    crew: Arc<Crew>,
}

impl<T: Send + 'static> Turns<T> {
    pub fn new(run: Run<T>, control: Arc<Control>, pace: Arc<Pace>, crew: Arc<Crew>) -> Self {
        Self { run, control, pace, crew }
    }

    /// The first turn, on this thread if the function's pace allows it: most calls need no other.
    pub async fn first(mut self) -> Result<T, Self> {
        if !self.pace.is_quick(Instant::now()) {
            return Err(self);
        }
        match poll_fn(|context| Poll::Ready(self.control.turn(&mut self.run, &self.pace, context))).await {
            (Poll::Ready(ended), _) => Ok(ended),
            (Poll::Pending, _) => Err(self),
        }
    }

    /// All other turns, wherever they belong.
    pub async fn rest(mut self) -> Result<T, Interrupted> {
        if self.pace.is_quick(Instant::now()) {
            if let Some(ended) = self.on_this_thread().await {
                return ended;
            }
        }
        self.on_own_thread().await
    }

    /// `None` when it has to move.
    async fn on_this_thread(&mut self) -> Option<Result<T, Interrupted>> {
        let Self { run, control, pace, .. } = self;
        let must_move = |spent| control.overran.load(Ordering::Relaxed) || spent > SERVING_TIME;
        if must_move(Duration::ZERO) {
            return None;
        }
        let turns = poll_fn(|context| match control.turn(run, pace, context) {
            (Poll::Ready(ended), _) => Poll::Ready(Some(Ok(ended))),
            (Poll::Pending, spent) if must_move(spent) => Poll::Ready(None),
            (Poll::Pending, _) => Poll::Pending,
        });
        tokio::select! {
            biased;
            ended = turns => ended,
            why = control.interruption() => Some(Err(why)),
        }
    }

    async fn on_own_thread(self) -> Result<T, Interrupted> {
        let Self { mut run, control, pace, crew } = self;
        control.on_own_thread.store(true, Ordering::Relaxed);
        let (sender, receiver) = oneshot::channel();
        let handle = Handle::current();
        crew.work(Box::new(move || {
            let ended = handle.block_on(async {
                let turns = poll_fn(|context| control.turn(&mut run, &pace, context).0);
                tokio::select! {
                    biased;
                    ended = turns => Ok(ended),
                    why = control.interruption() => Err(why),
                }
            });
            // The instance goes before anybody hears of its end.
            drop(run);
            let _ = sender.send(ended);
        }));
        receiver.await.unwrap_or(Err(Interrupted::Broken))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::usage::Usage;

    #[test]
    fn a_slow_call_keeps_its_function_off_the_serving_threads_for_a_while() {
        let pace = Pace::new();
        let now = Instant::now();
        assert!(pace.is_quick(now));
        pace.note(QUICK, now);
        assert!(pace.is_quick(now));
        pace.note(Duration::from_millis(10), now);
        assert!(!pace.is_quick(now + Duration::from_millis(999)));
        assert!(pace.is_quick(now + Duration::from_millis(1001)));
    }

    #[test]
    fn a_quick_call_does_not_shorten_the_while() {
        let pace = Pace::new();
        let now = Instant::now();
        pace.note(Duration::from_millis(10), now);
        pace.note(Duration::from_millis(1), now);
        assert!(!pace.is_quick(now + Duration::from_millis(500)));
    }
    /// Two turns that end nothing: a quick one, and one that computes.
    fn turns(pace: &Arc<Pace>, mut quick: bool) -> Turns<()> {
        let run: Run<()> = Box::pin(poll_fn(move |context| {
            if !std::mem::take(&mut quick) {
                let computing = Meter::start(Usage::new());
                computing.enter();
                while computing.spent() <= SERVING_TIME {
                    std::hint::spin_loop();
                }
            }
            context.waker().wake_by_ref();
            Poll::Pending
        }));
        let control = Control::new(Meter::start(Usage::new()), Duration::from_secs(600), CancellationToken::new());
        Turns::new(run, control, pace.clone(), Crew::new())
    }

    #[tokio::test]
    async fn turns_that_end_nothing_count_too() {
        let noted = |pace: &Pace| pace.quick_from.load(Ordering::Relaxed) > 0;
        let pace = Pace::new();
        assert!(turns(&pace, false).first().await.is_err() && noted(&pace));
        let pace = Pace::new();
        assert!(turns(&pace, true).on_this_thread().await.is_none() && noted(&pace));
    }
}
