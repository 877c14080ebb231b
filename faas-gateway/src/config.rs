//! What an operator decides: where to listen, where to keep state, who administers, how much one call may use.

use crate::sources::Sources;
use ipnet::IpNet;
use std::{fmt, net::SocketAddr, path::PathBuf, time::Duration};

const KIB: u64 = 1 << 10;
const MIB: u64 = KIB << 10;
const GIB: u64 = MIB << 10;

/// The smallest and the largest linear memory a function may ask for, in bytes. The upper end is what 32-bit
/// WebAssembly can address.
pub const FUNCTION_MEMORY_BYTES: std::ops::RangeInclusive<u64> = MIB..=4 * GIB;
/// The time limits a function may ask for, in milliseconds.
pub const FUNCTION_TIMEOUT_MS: std::ops::RangeInclusive<u64> = 1..=300_000;

/// Everything [`crate::Gateway::start`] needs.
#[derive(Clone, Debug)]
pub struct GatewayConfig {
    /// Address of the HTTP server; port 0 lets the system choose one (see [`crate::Running::addr`]).
    pub listen: SocketAddr,
    /// Where the whole API is served, for who administers. If given, only functions are served on `listen`, and no password
    /// opens more there. Port 0 lets the system choose one (see [`crate::Running::control_addr`]).
    pub control_listen: Option<SocketAddr>,
    /// Folder for databases, modules and secrets. Created with mode 0700; one gateway at a time may use it.
    pub state_dir: PathBuf,
    /// Who may use `/system` and call every function.
    pub credentials: Credentials,
    /// Where `/metrics` is served, without credentials; `None` serves none. Port 0 lets the system choose one (see
    /// [`crate::Running::metrics_addr`]).
    pub metrics_listen: Option<SocketAddr>,
    /// Where code may come from, besides uploads.
    pub sources: Sources,
    /// Networks besides the Internet that a caller of `/async-function` may have answers sent to. Loopback and private
    /// addresses are refused unless they are in here: the gateway would reach for strangers what only it can reach.
    pub callback_networks: Vec<IpNet>,
    /// Networks besides the Internet that functions may reach, if their deployments name servers there. Loopback and
    /// private addresses are refused unless they are in here, for the same reason.
    pub egress_networks: Vec<IpNet>,
    /// Bounds on what callers and functions may use.
    pub limits: Limits,
}

impl GatewayConfig {
    /// A configuration with default [`Limits`].
    pub fn new(listen: SocketAddr, state_dir: PathBuf, credentials: Credentials) -> Self {
        Self {
            listen,
            control_listen: None,
            state_dir,
            credentials,
            metrics_listen: None,
            sources: Sources::default(),
            callback_networks: Vec::new(),
            egress_networks: Vec::new(),
            limits: Limits::default(),
        }
    }
}

/// The administrator's name and password (HTTP basic auth).
#[derive(Clone)]
pub struct Credentials {
    /// User name; must not contain a colon (RFC 7617).
    pub user: String,
    /// Password; must not be empty.
    pub password: String,
}

impl Credentials {
    /// Credentials from their two parts.
    pub fn new(user: impl Into<String>, password: impl Into<String>) -> Self {
        Self { user: user.into(), password: password.into() }
    }
}

// By hand, so that a password never reaches a log through `{:?}`.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("user", &self.user).field("password", &"<hidden>").finish()
    }
}

/// Bounds. Every buffer that a caller or a function can fill has one here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest body of a call, in bytes; more is refused with 413.
    pub request_body_bytes: usize,
    /// Largest answer of a command, in bytes; one that writes more is stopped and the caller gets 502. Also the most that
    /// is kept of a component's answer for a callback.
    pub output_bytes: usize,
    /// Largest answer of a component, in bytes. It is sent as it is written; beyond this it is cut.
    pub stream_bytes: u64,
    /// Answers of commands that wait for their callers, together, in bytes; one function may have a quarter of it. More
    /// are refused with 429.
    pub buffer_bytes: u64,
    /// Largest module, in bytes of WebAssembly.
    pub module_bytes: usize,
    /// All modules and their compiled forms together, in bytes of disk.
    pub store_bytes: u64,
    /// Calls that run at once, over all functions; more wait 100 ms for a place and are refused with 429.
    pub calls: u32,
    /// Calls of one function that run at once; more wait 100 ms for a place and are refused with 429.
    pub calls_per_function: u32,
    /// Open connections; more wait in the system's queue. Other machines may have three quarters of them, one address a
    /// quarter; what is beyond that is closed at once.
    pub connections: usize,
    /// Linear memory of all running instances together, in bytes.
    pub memory_bytes: u64,
    /// Linear memory of a function that names no limit, in bytes.
    pub default_function_memory: u64,
    /// Running time of a call of a function that names no limit.
    pub default_timeout: Duration,
    /// Time a client may take to send a request's head; also how long an idle connection is kept.
    pub head_timeout: Duration,
    /// Time a client may take to send a body.
    pub body_timeout: Duration,
    /// Time a client may take to take any part of an answer; then its connection is closed.
    pub write_timeout: Duration,
    /// Time that running calls get when the gateway stops or their function is deleted.
    pub drain_timeout: Duration,
    /// Calls that wait.
    pub asynchronous: AsyncLimits,
}

/// Bounds on `/async-function`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AsyncLimits {
    /// Calls that wait or run; more are refused with 503. One function may have half of them.
    pub items: u64,
    /// The heads and bodies of these calls, or of their answers, in bytes of disk. One function may have half of them.
    pub bytes: u64,
    /// Largest body, in bytes; not more than [`Limits::request_body_bytes`].
    pub body_bytes: usize,
    /// Waiting calls that run at once. They take places among all calls.
    pub calls: usize,
    /// Waiting calls of one function that run at once.
    pub calls_per_function: usize,
    /// Callbacks that are sent at once; a quarter of them for one function.
    pub callbacks: usize,
    /// How often a call is tried that found no room, and how often a callback.
    pub attempts: u32,
    /// Shortest time between two tries; it doubles from try to try.
    pub min_wait: Duration,
    /// Longest time between two tries.
    pub max_wait: Duration,
    /// Time a callback may take.
    pub callback_timeout: Duration,
}

impl Default for AsyncLimits {
    fn default() -> Self {
        Self {
            items: 10_000,
            bytes: GIB,
            body_bytes: 8 << 20,
            calls: 16,
            calls_per_function: 4,
            callbacks: 32,
            attempts: 20,
            min_wait: Duration::from_millis(500),
            max_wait: Duration::from_secs(60),
            callback_timeout: Duration::from_secs(30),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request_body_bytes: 8 << 20,
            output_bytes: 8 << 20,
            stream_bytes: GIB,
            buffer_bytes: 256 * MIB,
            module_bytes: 16 << 20,
            store_bytes: 10 * GIB,
            calls: 64,
            calls_per_function: 16,
            connections: 1024,
            memory_bytes: 4 * GIB,
            default_function_memory: 128 * MIB,
            default_timeout: Duration::from_secs(60),
            head_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            drain_timeout: Duration::from_secs(10),
            asynchronous: AsyncLimits::default(),
        }
    }
}

impl GatewayConfig {
    /// The first thing that is wrong, in words, if anything is.
    pub(crate) fn problem(&self) -> Option<String> {
        let limits = &self.limits;
        let waiting = &limits.asynchronous;
        let checks = [
            (self.credentials.user.is_empty(), "the user name is empty"),
            (self.credentials.user.contains(':'), "the user name contains a colon, which basic auth cannot carry"),
            (self.credentials.password.is_empty(), "the password is empty"),
            (limits.calls == 0 || limits.calls > 10_000, "calls must be between 1 and 10000"),
            (limits.calls_per_function == 0, "calls per function must be at least 1"),
            (limits.connections == 0, "connections must be at least 1"),
            (waiting.items == 0 || waiting.bytes == 0, "the queue must have room for something"),
            (
                waiting.calls == 0 || waiting.calls_per_function == 0 || waiting.callbacks == 0,
                "waiting calls and callbacks at once must be at least 1",
            ),
            (
                waiting.body_bytes > limits.request_body_bytes,
                "a waiting call could have a larger body than any call may: lower the largest body of waiting calls",
            ),
            (waiting.attempts == 0, "waiting calls must be tried at least once"),
            (waiting.min_wait > waiting.max_wait, "the shortest wait between tries is longer than the longest"),
            (
                !FUNCTION_MEMORY_BYTES.contains(&limits.default_function_memory),
                "the default function memory must be between 1 MiB and 4 GiB",
            ),
            (
                limits.memory_bytes < limits.default_function_memory,
                "the memory of all functions is smaller than the default memory of one",
            ),
            (
                limits.default_timeout.is_zero() || limits.default_timeout > Duration::from_secs(300),
                "the default timeout must be between 1 ms and 300 s",
            ),
        ];
        checks.into_iter().find_map(|(wrong, text)| wrong.then(|| text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(user: &str, password: &str) -> GatewayConfig {
        GatewayConfig::new(([127, 0, 0, 1], 0).into(), "unused".into(), Credentials::new(user, password))
    }

    #[test]
    fn defaults_are_valid() {
        assert_eq!(config("admin", "secret").problem(), None);
    }

    #[test]
    fn empty_password_is_refused() {
        assert!(config("admin", "").problem().is_some());
    }

    #[test]
    fn user_with_a_colon_is_refused() {
        assert!(config("ad:min", "secret").problem().is_some());
    }

    #[test]
    fn a_call_that_could_be_queued_and_never_run_is_refused_at_the_start() {
        let mut config = config("admin", "secret");
        config.limits.request_body_bytes = config.limits.asynchronous.body_bytes;
        assert_eq!(config.problem(), None);
        config.limits.request_body_bytes -= 1;
        assert!(config.problem().is_some_and(|problem| problem.contains("waiting call")));
    }

    #[test]
    fn debug_hides_the_password() {
        assert!(!format!("{:?}", config("admin", "secret")).contains("secret"));
    }
}
