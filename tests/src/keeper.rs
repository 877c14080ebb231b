//! Keeps an agent alive that is killed again and again: a process of its own on fixed ports, started anew whenever it ends.

use crate::{
    process::{binary, free_port},
    steps::Kill,
};
use std::{
    fs::{self, File},
    net::{Ipv4Addr, SocketAddr},
    os::unix::{fs::OpenOptionsExt, process::ExitStatusExt},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
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

/// How one life of the agent ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// When the test does.
    Never,
    /// At a step.
    At(Kill),
    /// After this time, wherever it is then.
    After(Duration),
}

/// Where an agent's things are, and how it is reached.
#[derive(Clone, Debug)]
pub struct Home {
    /// The folder with everything.
    pub folder: PathBuf,
    /// The direct door.
    pub bus: SocketAddr,
    /// The embedded gateway.
    pub gateway: SocketAddr,
    /// Where its gateway is commanded.
    pub control: SocketAddr,
}

impl Home {
    /// A configuration in `folder` for an agent of the chain behind these endpoints. `secret`: the agent's key.
    pub fn furnish(folder: &Path, endpoints: &[String], secret: &str) -> Self {
        let local = || SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let home = Self { folder: folder.to_owned(), bus: local(), gateway: local(), control: local() };
        let key = folder.join("agent.key");
        let mut file = File::options().create(true).truncate(true).write(true).mode(0o600).open(&key);
        let written = file.as_mut().map(|file| std::io::Write::write_all(file, secret.as_bytes()));
        assert!(matches!(written, Ok(Ok(()))), "the test's folder is writable");
        let (state, bus, gateway, control) = (home.state(), home.bus, home.gateway, home.control);
        let config = format!(
            "state_dir = {state:?}\n\
             [chain]\nendpoints = {endpoints:?}\n\
             [node]\nkey_file = {key:?}\nid = 1\n\
             [bus]\nlisten = \"{bus}\"\n\
             [gateway]\nlisten = \"{gateway}\"\ncontrol_listen = \"{control}\"\nmemory = 268435456\n\
             [engine]\nkeep_ended = 0\nmax_backoff = 2\n"
        );
        fs::write(home.config(), config).expect("the test's folder is writable");
        home
    }

    /// The agent's configuration.
    pub fn config(&self) -> PathBuf {
        self.folder.join("agent.toml")
    }

    /// What the agent remembers.
    pub fn state(&self) -> PathBuf {
        self.folder.join("agent")
    }

    /// What the gateway remembers.
    pub fn gateway_state(&self) -> PathBuf {
        self.state().join("gateway")
    }

    /// The steps that it has reached, in all its lives, in their order.
    pub fn steps(&self) -> Vec<String> {
        fs::read_to_string(self.notes()).unwrap_or_default().lines().map(str::to_owned).collect()
    }

    fn notes(&self) -> PathBuf {
        self.folder.join("steps")
    }

    fn log(&self) -> PathBuf {
        self.folder.join("crash-agent.log")
    }

    fn start(&self, end: &End) -> Child {
        let log = File::options().create(true).append(true).open(self.log()).expect("the test's folder is writable");
        let mut command = Command::new(binary("crash-agent"));
        command.arg("--config").arg(self.config()).arg("--steps").arg(self.notes());
        if let End::At(kill) = end {
            command.arg("--kill").arg(kill.to_string());
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        command.spawn().expect("the agent can be started")
    }
}

/// Keeps an agent alive. The agent ends with it.
pub struct Keeper {
    home: Home,
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

impl Orders {
    fn stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }
}

impl Keeper {
    /// Starts the agent; `plan` says how each of its lives ends, by its number.
    pub fn start(home: &Home, mut plan: impl FnMut(usize) -> End + Send + 'static) -> Self {
        let (lives, process, orders) =
            (Arc::<Mutex<Vec<_>>>::default(), Arc::<Mutex<u32>>::default(), Arc::<Orders>::default());
        let (past, present, told, place) = (lives.clone(), process.clone(), orders.clone(), home.clone());
        let thread = thread::spawn(move || {
            while !told.stopped() {
                let number = locked(&past).len();
                let end = plan(number);
                let mut child = place.start(&end);
                *locked(&present) = child.id();
                let status = live(&mut child, &end, &told);
                *locked(&present) = 0;
                locked(&past).push(status);
            }
        });
        Self { home: home.clone(), lives, process, orders, thread: Some(thread) }
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

    /// Ends the agent and its keeper.
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
            let log = fs::read_to_string(self.home.log()).unwrap_or_default();
            let tail: Vec<&str> = log.lines().rev().take(60).collect();
            eprintln!("--- end of the agent's log, after {} lives", self.lives().len());
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

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
