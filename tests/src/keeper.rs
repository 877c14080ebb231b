//! Keeps a program alive that is killed again and again: a process of its own on fixed ports, started anew whenever it ends.

use crate::{home::Program, steps::Kill};
use std::{
    os::unix::process::ExitStatusExt,
    process::{Child, ExitStatus},
    sync::{
        atomic::{AtomicBool, Ordering},
        Arc, Mutex, PoisonError,
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// How often the process is looked at.
const LOOK: Duration = Duration::from_millis(10);
/// The signal that cannot be caught.
const SIGKILL: i32 = 9;

/// How one life of a program ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// When the test does.
    Never,
    /// At a step.
    At(Kill),
    /// After this time, wherever it is then.
    After(Duration),
}

/// Keeps a program alive. The program ends with it.
pub struct Keeper {
    program: Program,
    lives: Arc<Mutex<Vec<ExitStatus>>>,
    /// Of the life that goes on; 0 between two.
    process: Arc<Mutex<u32>>,
    orders: Arc<Orders>,
    thread: Option<JoinHandle<()>>,
}

/// What a keeper was told besides its plan.
#[derive(Default)]
struct Orders {
    /// This life ends now.
    kill: AtomicBool,
    /// It ends, and no other begins.
    stop: AtomicBool,
}

impl End {
    /// The step at which the program ends itself.
    const fn step(&self) -> Option<&Kill> {
        match self {
            Self::At(kill) => Some(kill),
            _ => None,
        }
    }
}

impl Orders {
    fn stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }
}

impl Keeper {
    /// Starts the program; `plan` says how each of its lives ends, by its number.
    pub fn start(program: &Program, mut plan: impl FnMut(usize) -> End + Send + 'static) -> Self {
        let (lives, process, orders) =
            (Arc::<Mutex<Vec<_>>>::default(), Arc::<Mutex<u32>>::default(), Arc::<Orders>::default());
        let (past, present, told, started) = (lives.clone(), process.clone(), orders.clone(), program.clone());
        let thread = thread::spawn(move || {
            while !told.stopped() {
                let number = locked(&past).len();
                let end = plan(number);
                let mut child = started.start(end.step());
                *locked(&present) = child.id();
                let status = live(&mut child, &end, &told);
                *locked(&present) = 0;
                locked(&past).push(status);
            }
        });
        Self { program: program.clone(), lives, process, orders, thread: Some(thread) }
    }

    /// How the lives that are over ended.
    pub fn lives(&self) -> Vec<ExitStatus> {
        locked(&self.lives).clone()
    }

    /// How many lives ended by a kill.
    pub fn kills(&self) -> usize {
        self.lives().iter().filter(|status| status.signal() == Some(SIGKILL)).count()
    }

    /// The process of the life that goes on.
    pub fn process(&self) -> Option<u32> {
        Some(*locked(&self.process)).filter(|id| *id != 0)
    }

    /// Ends the life that goes on, whatever its plan was.
    pub fn kill(&self) {
        self.orders.kill.store(true, Ordering::SeqCst);
    }

    /// Ends the program and its keeper.
    pub fn stop(&mut self) {
        self.orders.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.stop();
        if thread::panicking() {
            let log = self.program.log();
            let tail: Vec<&str> = log.lines().rev().take(60).collect();
            eprintln!("--- end of {}'s log, after {} lives", self.program.name(), self.lives().len());
            tail.iter().rev().for_each(|line| eprintln!("{line}"));
        }
    }
}

/// Waits for the end of a life, or makes it.
fn live(child: &mut Child, end: &End, orders: &Orders) -> ExitStatus {
    let born = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("the process is this one's child") {
            return status;
        }
        let over = matches!(end, End::After(time) if born.elapsed() >= *time);
        if over || orders.kill.swap(false, Ordering::SeqCst) || orders.stopped() {
            let _ = child.kill();
            return child.wait().expect("the process is this one's child");
        }
        thread::sleep(LOOK);
    }
}

/// What a mutex guards, whether somebody panicked meanwhile or not.
pub fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
