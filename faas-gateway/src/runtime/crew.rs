//! Threads for calls that compute for long. They get the processor when no thread that serves sockets wants it, so that
//! whoever only has to answer can do so at once; among themselves the kernel shares it fairly.
//!
//! A thread is made when there is work and none is idle: admission bounds how many there are. A few idle ones are kept
//! for a while.

use std::{
    sync::{
        mpsc::{self, RecvTimeoutError},
        Arc, Mutex, PoisonError, Weak,
    },
    thread,
    time::Duration,
};

/// Idle threads that are kept.
const KEPT: usize = 8;
/// How long an idle thread is kept.
const IDLE_TIME: Duration = Duration::from_secs(10);
/// Added to the niceness of the process.
const NICENESS: i32 = 19;
/// Guests have stacks of their own; a thread needs room for the host's functions only.
const STACK_BYTES: usize = 512 << 10;

type Work = Box<dyn FnOnce() + Send>;

/// The threads.
#[derive(Default)]
pub(super) struct Crew {
    idle: Mutex<Vec<Idle>>,
}

struct Idle {
    number: thread::ThreadId,
    door: mpsc::Sender<Work>,
}

impl Crew {
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does this work on a thread of its own. If the system gives no thread, the work is dropped, which whoever waits
    /// for it sees.
    pub fn work(self: &Arc<Self>, work: Work) {
        let free = self.idle().pop();
        let work = match free {
            // A thread that listed itself does not end before it has looked at its door again.
            Some(idle) => match idle.door.send(work) {
                Ok(()) => return,
                Err(mpsc::SendError(work)) => work,
            },
            None => work,
        };
        let crew = Arc::downgrade(self);
        let made = thread::Builder::new().name("faas-guest".into()).stack_size(STACK_BYTES).spawn(move || {
            yield_to_others();
            leave_the_rest();
            stay(&crew, work);
        });
        if let Err(error) = made {
            tracing::error!(%error, "cannot make a thread for a call");
        }
    }
}

/// Works, then waits for more work for a while.
fn stay(crew: &Weak<Crew>, first: Work) {
    let number = thread::current().id();
    let (sender, door) = mpsc::channel::<Work>();
    first();
    loop {
        let Some(here) = crew.upgrade() else { return };
        {
            let mut idle = here.idle();
            if idle.len() >= KEPT {
                return;
            }
            idle.push(Idle { number, door: sender.clone() });
        }
        drop(here);
        let work = match door.recv_timeout(IDLE_TIME) {
            Ok(work) => work,
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {
                let Some(here) = crew.upgrade() else { return };
                let mut idle = here.idle();
                let listed = idle.len();
                idle.retain(|idle| idle.number != number);
                if idle.len() < listed {
                    return;
                }
                drop(idle);
                // Somebody has just taken this thread off the list: work is on its way.
                let Ok(work) = door.recv() else { return };
                work
            },
        };
        work();
    }
}

/// On Linux a priority belongs to a thread. Where it cannot be lowered, work goes on as it is.
pub(super) fn yield_to_others() {
    let now = rustix::process::getpriority_process(None).unwrap_or(0);
    if let Err(error) = rustix::process::setpriority_process(None, (now + NICENESS).min(19)) {
        tracing::debug!(%error, "cannot lower a thread's priority");
    }
}

/// From now on this thread gets what of the processor is left over, and a little more. Niceness alone is not enough: a dozen busy
/// functions together have so much of a core's share then that a thread which serves has used up its own, and waits for
/// milliseconds.
#[cfg(target_os = "linux")]
fn leave_the_rest() {
    let parameters = libc::sched_param { sched_priority: 0 };
    // SAFETY: the kernel reads the parameters during the call, and keeps nothing.
    #[allow(unsafe_code)]
    let refused = unsafe { libc::sched_setscheduler(0, libc::SCHED_IDLE, &raw const parameters) } != 0;
    if refused {
        tracing::debug!(error = %std::io::Error::last_os_error(), "cannot leave the processor to other threads");
    }
}

#[cfg(not(target_os = "linux"))]
fn leave_the_rest() {}

#[cfg(test)]
mod tests {
    use super::*;

    fn niceness_within(crew: &Arc<Crew>) -> (thread::ThreadId, i32) {
        let (sender, receiver) = mpsc::channel();
        crew.work(Box::new(move || {
            let niceness = rustix::process::getpriority_process(None).expect("readable");
            sender.send((thread::current().id(), niceness)).expect("somebody waits");
        }));
        receiver.recv().expect("the work is done")
    }

    #[test]
    fn threads_give_way_and_are_used_again() {
        let crew = Crew::new();
        let here = rustix::process::getpriority_process(None).expect("readable");
        let (first, niceness) = niceness_within(&crew);
        assert_eq!(niceness, (here + NICENESS).min(19));
        while crew.idle().is_empty() {
            thread::yield_now();
        }
        assert_eq!(niceness_within(&crew), (first, niceness));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn threads_get_what_others_leave() {
        let (sender, receiver) = mpsc::channel();
        Crew::new().work(Box::new(move || {
            // SAFETY: it looks at this thread, and at nothing of the process.
            #[allow(unsafe_code)]
            let policy = unsafe { libc::sched_getscheduler(0) };
            sender.send(policy).expect("somebody waits");
        }));
        assert_eq!(receiver.recv(), Ok(libc::SCHED_IDLE));
    }

    #[test]
    fn work_that_blocks_does_not_hold_up_other_work() {
        let crew = Crew::new();
        let (release, blocked) = mpsc::channel::<()>();
        crew.work(Box::new(move || {
            let _ = blocked.recv();
        }));
        niceness_within(&crew);
        drop(release);
    }
}
