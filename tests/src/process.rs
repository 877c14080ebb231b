//! Child processes of a test.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, TcpListener},
    ops::Range,
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

/// A running program; its output goes to a file. Killed when dropped.
pub struct Process {
    child: Child,
    log: PathBuf,
    name: String,
}

impl Process {
    /// Starts `program`, built by the workspace, with its output in `folder`.
    pub fn start(folder: &Path, program: &str, arguments: &[&str]) -> Self {
        Self::start_with(folder, program, arguments, &[])
    }

    /// The same, with variables in its environment.
    pub fn start_with(folder: &Path, program: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(binary(program));
        command.args(arguments).envs(variables.iter().copied());
        Self::spawn(folder, program, command)
    }

    /// The same as another user, whom only root can become. From a copy in `folder`: where the program was built, that user may
    /// not be able to look.
    pub fn start_as(folder: &Path, program: &str, arguments: &[&str], user: u32) -> Self {
        let copy = folder.join(program);
        fs::copy(binary(program), &copy).expect("the test's folder is writable");
        let mut command = Command::new(copy);
        command.args(arguments).uid(user).gid(user);
        Self::spawn(folder, program, command)
    }

    fn spawn(folder: &Path, program: &str, mut command: Command) -> Self {
        let log = folder.join(format!("{}.log", program.replace('/', "-")));
        command.current_dir(folder);
        Self { child: launch(command, &log), log, name: program.to_owned() }
    }

    /// Panics with the log if the program has ended.
    pub fn assert_running(&mut self) {
        if let Ok(Some(status)) = self.child.try_wait() {
            panic!("{} ended with {status}:\n{}", self.name, self.log());
        }
    }

    /// Whose it is.
    pub fn user(&self) -> u32 {
        fs::metadata(format!("/proc/{}", self.child.id())).expect("the process runs").uid()
    }

    /// Asks it to end, and goes on at once.
    pub fn terminate(&self) {
        let process = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(process, rustix::process::Signal::TERM).expect("the process runs");
    }

    /// How it ended, once it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("the process is this one's child")
    }

    /// All that it wrote so far.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Ends it without a warning, as a power failure would.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            let log = self.log();
            let tail: Vec<&str> = log.lines().rev().take(60).collect();
            eprintln!("--- end of {}'s log", self.name);
            for line in tail.iter().rev() {
                eprintln!("{line}");
            }
        }
    }
}

/// Starts a program that is told nothing more and whose output goes to the end of a file.
pub fn launch(mut command: Command, log: &Path) -> Child {
    let output = File::options().create(true).append(true).open(log).expect("the test's folder is writable");
    let errors = output.try_clone().expect("a file handle can be cloned");
    command.stdin(Stdio::null()).stdout(output).stderr(errors);
    command.spawn().unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}"))
}

/// The path of a program that the workspace built beside this test, or beside this program.
pub fn binary(program: &str) -> PathBuf {
    let this = std::env::current_exe().expect("a test knows its own path");
    // target/release/deps/test -> target/release/program, and target/release/soak -> target/release/program
    let folder = this.ancestors().skip(1).find(|folder| !folder.ends_with("deps"));
    let path = folder.expect("a test lies below the target directory").join(program);
    assert!(path.exists(), "{} is missing: build the whole workspace first (scripts/test does)", path.display());
    path
}

/// Below what the system gives to connections and to whoever leaves the choice to it: a program that is down for a moment must
/// find its port free again.
const PORTS: Range<u16> = 12_000..32_000;

/// A port that is free, and that nobody else in this process gets.
pub fn free_port() -> u16 {
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    let count = u32::from(PORTS.end - PORTS.start);
    // Tests that run beside this one begin elsewhere.
    let first = std::process::id().wrapping_mul(701);
    let port = (0..count).find_map(|_| {
        let number = first.wrapping_add(GIVEN.fetch_add(1, Ordering::Relaxed)) % count;
        let port = PORTS.start + u16::try_from(number).ok()?;
        TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok().then_some(port)
    });
    port.expect("loopback has a free port")
}
