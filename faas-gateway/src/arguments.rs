//! What can be said on the command line, each also by an environment variable.

use clap::{Args, Parser, Subcommand};
use faas_gateway::{AsyncLimits, IpNet, Limits, Sources};
use std::{net::SocketAddr, path::PathBuf, str::FromStr, time::Duration};

/// An OpenFaaS-compatible gateway that runs WASI functions in its own process.
#[derive(Parser)]
#[command(version, about, after_help = EXAMPLES)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Examples:
  Start it, with a new password:
    (umask 077; head -c 24 /dev/urandom | base64 > password)
    faas-gateway run --state-dir ./state --basic-auth-password-file password

  Store a module, deploy it, call it:
    H=$(sha256sum stats.wasm | cut -d' ' -f1); A=admin:$(cat password); U=http://127.0.0.1:8080
    curl -u $A -T stats.wasm $U/system/modules/$H
    curl -u $A $U/system/functions -d '{\"service\":\"stats\",\"image\":\"module:sha256:'$H'\"}'
    curl $U/function/stats -d '{\"values\":[1,2,3]}'

  Call it later, and have the answer sent somewhere:
    curl $U/async-function/stats -d '{\"values\":[1,2,3]}' -H 'X-Callback-Url: https://example.org/answers'

  With OpenFaaS' client:
    faas-cli login -g $U --username admin --password-stdin <password
    faas-cli deploy -g $U --image module:sha256:$H --name stats
";

#[derive(Subcommand)]
pub enum Command {
    /// Serve until SIGINT or SIGTERM; running calls may end first
    Run(Box<Run>),
}

#[derive(Args)]
pub struct Run {
    /// Address to listen on (plain HTTP; put a TLS proxy in front of anything but loopback)
    #[arg(long, env = "FAAS_GATEWAY_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Address for administration: serves everything, /system included; --listen then serves functions and /healthz alone
    #[arg(long, env = "FAAS_GATEWAY_CONTROL_LISTEN", value_name = "ADDRESS")]
    pub control_listen: Option<SocketAddr>,
    /// Address on which /metrics is served, without credentials; "off" serves none
    #[arg(long, env = "FAAS_GATEWAY_METRICS_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:8082")]
    pub metrics_listen: OptionalAddress,
    /// Folder for databases, modules and secrets; made if missing, readable by this user only
    #[arg(long, env = "FAAS_GATEWAY_STATE_DIR", value_name = "DIR")]
    pub state_dir: PathBuf,
    /// The administrator's name
    #[arg(long, env = "FAAS_GATEWAY_BASIC_AUTH_USER", value_name = "NAME", default_value = "admin")]
    pub basic_auth_user: String,
    /// File with the administrator's password; white space at its end is ignored
    #[arg(long, env = "FAAS_GATEWAY_BASIC_AUTH_PASSWORD_FILE", value_name = "FILE")]
    pub basic_auth_password_file: PathBuf,
    /// Networks besides the public Internet that functions may reach when their deployments name servers there, as in
    /// 10.1.0.0/16; several with commas
    #[arg(long, env = "FAAS_GATEWAY_EGRESS_NETWORKS", value_name = "NETWORKS", value_delimiter = ',')]
    pub egress_networks: Vec<IpNet>,
    /// What to log: a level or tracing directives, as in "info,faas_gateway=debug" (debug shows functions' stderr)
    #[arg(long, env = "FAAS_GATEWAY_LOG", default_value = "info")]
    pub log: String,
    /// Log JSON, one object per line
    #[arg(long, env = "FAAS_GATEWAY_LOG_JSON")]
    pub log_json: bool,
    #[command(flatten)]
    pub sources: SourceArgs,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    pub waiting: AsyncArgs,
}

impl Run {
    /// The bounds, all together.
    pub fn limits(&self) -> Limits {
        self.limits.limits(self.waiting.limits(self.limits.max_body))
    }
}

/// An address, or none.
#[derive(Clone, Copy)]
pub struct OptionalAddress(pub Option<SocketAddr>);

impl FromStr for OptionalAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self(None));
        }
        let address = text.parse().map_err(|_| "an address as in 127.0.0.1:8082, or \"off\"".to_owned())?;
        Ok(Self(Some(address)))
    }
}

#[derive(Args)]
#[command(next_help_heading = "Where code may come from, besides uploads")]
pub struct SourceArgs {
    /// Take file: images from below this folder
    #[arg(long, env = "FAAS_GATEWAY_FILE_FOLDER", value_name = "DIR")]
    file_folder: Option<PathBuf>,
    /// Registries that images may come from, as host or host:port, with commas; none other are asked
    #[arg(long, env = "FAAS_GATEWAY_REGISTRIES", value_name = "HOSTS", value_delimiter = ',',
          default_values_t = Sources::default().registries)]
    registries: Vec<String>,
    /// Further registries, spoken to without TLS
    #[arg(long, env = "FAAS_GATEWAY_INSECURE_REGISTRIES", value_name = "HOSTS", value_delimiter = ',')]
    insecure_registries: Vec<String>,
    /// Credentials for registries, a file like Docker's config.json
    #[arg(long, env = "FAAS_GATEWAY_REGISTRY_AUTH_FILE", value_name = "FILE")]
    registry_auth_file: Option<PathBuf>,
}

impl SourceArgs {
    pub fn sources(self) -> Sources {
        Sources {
            file_folder: self.file_folder,
            registries: self.registries,
            insecure_registries: self.insecure_registries,
            registry_auth_file: self.registry_auth_file,
            ..Sources::default()
        }
    }
}

#[derive(Args)]
#[command(next_help_heading = "Limits")]
struct LimitArgs {
    /// Largest body of a call, in bytes
    #[arg(long, env = "FAAS_GATEWAY_MAX_BODY", value_name = "BYTES", default_value_t = Limits::default().request_body_bytes)]
    max_body: usize,
    /// Largest answer of a command, in bytes; also the largest of a component that is kept for a callback
    #[arg(long, env = "FAAS_GATEWAY_MAX_OUTPUT", value_name = "BYTES", default_value_t = Limits::default().output_bytes)]
    max_output: usize,
    /// Largest answer of a component, in bytes; it is sent as it is written
    #[arg(long, env = "FAAS_GATEWAY_MAX_STREAM", value_name = "BYTES", default_value_t = Limits::default().stream_bytes)]
    max_stream: u64,
    /// Answers of commands that wait for their callers, together, in bytes; one function may have a quarter of it
    #[arg(long, env = "FAAS_GATEWAY_MAX_BUFFERS", value_name = "BYTES", default_value_t = Limits::default().buffer_bytes)]
    max_buffers: u64,
    /// Largest module, in bytes
    #[arg(long, env = "FAAS_GATEWAY_MAX_MODULE", value_name = "BYTES", default_value_t = Limits::default().module_bytes)]
    max_module: usize,
    /// Disk for all modules and their compiled forms, in bytes
    #[arg(long, env = "FAAS_GATEWAY_MAX_STORE", value_name = "BYTES", default_value_t = Limits::default().store_bytes)]
    max_store: u64,
    /// Calls at once, over all functions
    #[arg(long, env = "FAAS_GATEWAY_MAX_CALLS", value_name = "N", default_value_t = Limits::default().calls)]
    max_calls: u32,
    /// Calls at once of one function
    #[arg(long, env = "FAAS_GATEWAY_MAX_CALLS_PER_FUNCTION", value_name = "N",
          default_value_t = Limits::default().calls_per_function)]
    max_calls_per_function: u32,
    /// Linear memory of all running instances, in bytes
    #[arg(long, env = "FAAS_GATEWAY_MEMORY", value_name = "BYTES", default_value_t = Limits::default().memory_bytes)]
    memory: u64,
    /// Linear memory of a function that names no limit, in bytes
    #[arg(long, env = "FAAS_GATEWAY_DEFAULT_MEMORY", value_name = "BYTES",
          default_value_t = Limits::default().default_function_memory)]
    default_memory: u64,
    /// Running time of a call of a function that names no limit, in milliseconds
    #[arg(long, env = "FAAS_GATEWAY_DEFAULT_TIMEOUT_MS", value_name = "MS",
          default_value_t = Limits::default().default_timeout.as_millis() as u64)]
    default_timeout_ms: u64,
    /// Time for a client to send a request's head; also how long an idle connection is kept, in milliseconds
    #[arg(long, env = "FAAS_GATEWAY_HEAD_TIMEOUT_MS", value_name = "MS",
          default_value_t = Limits::default().head_timeout.as_millis() as u64)]
    head_timeout_ms: u64,
    /// Time for a client to send a body, in milliseconds
    #[arg(long, env = "FAAS_GATEWAY_BODY_TIMEOUT_MS", value_name = "MS",
          default_value_t = Limits::default().body_timeout.as_millis() as u64)]
    body_timeout_ms: u64,
    /// Time for a client to take any part of an answer, in milliseconds
    #[arg(long, env = "FAAS_GATEWAY_WRITE_TIMEOUT_MS", value_name = "MS",
          default_value_t = Limits::default().write_timeout.as_millis() as u64)]
    write_timeout_ms: u64,
    /// Open connections; more wait in the system's queue
    #[arg(long, env = "FAAS_GATEWAY_MAX_CONNECTIONS", value_name = "N", default_value_t = Limits::default().connections)]
    max_connections: usize,
    /// Time running calls get when the gateway stops or their function is deleted, in milliseconds
    #[arg(long, env = "FAAS_GATEWAY_DRAIN_TIMEOUT_MS", value_name = "MS",
          default_value_t = Limits::default().drain_timeout.as_millis() as u64)]
    drain_timeout_ms: u64,
}

impl LimitArgs {
    fn limits(&self, asynchronous: AsyncLimits) -> Limits {
        Limits {
            request_body_bytes: self.max_body,
            output_bytes: self.max_output,
            stream_bytes: self.max_stream,
            buffer_bytes: self.max_buffers,
            module_bytes: self.max_module,
            store_bytes: self.max_store,
            calls: self.max_calls,
            calls_per_function: self.max_calls_per_function,
            memory_bytes: self.memory,
            default_function_memory: self.default_memory,
            default_timeout: Duration::from_millis(self.default_timeout_ms),
            connections: self.max_connections,
            head_timeout: Duration::from_millis(self.head_timeout_ms),
            body_timeout: Duration::from_millis(self.body_timeout_ms),
            write_timeout: Duration::from_millis(self.write_timeout_ms),
            drain_timeout: Duration::from_millis(self.drain_timeout_ms),
            asynchronous,
        }
    }
}

#[derive(Args)]
#[command(next_help_heading = "Calls that wait (/async-function)")]
pub struct AsyncArgs {
    /// Calls that may wait; one function may have half of them
    #[arg(long, env = "FAAS_GATEWAY_ASYNC_ITEMS", value_name = "N", default_value_t = AsyncLimits::default().items)]
    async_items: u64,
    /// Disk for heads and bodies of waiting calls, and of answers that wait for their callback, in bytes; one function may
    /// have half of it
    #[arg(long, env = "FAAS_GATEWAY_ASYNC_BYTES", value_name = "BYTES", default_value_t = AsyncLimits::default().bytes)]
    async_bytes: u64,
    /// Largest body of a waiting call, in bytes; at most that of a call [default: 8 MiB, or that]
    #[arg(long, env = "FAAS_GATEWAY_ASYNC_MAX_BODY", value_name = "BYTES")]
    async_max_body: Option<usize>,
    /// Waiting calls that run at once
    #[arg(long, env = "FAAS_GATEWAY_ASYNC_CALLS", value_name = "N", default_value_t = AsyncLimits::default().calls)]
    async_calls: usize,
    /// Waiting calls of one function that run at once
    #[arg(long, env = "FAAS_GATEWAY_ASYNC_CALLS_PER_FUNCTION", value_name = "N",
          default_value_t = AsyncLimits::default().calls_per_function)]
    async_calls_per_function: usize,
    /// Callbacks that are sent at once
    #[arg(long, env = "FAAS_GATEWAY_ASYNC_CALLBACKS", value_name = "N",
          default_value_t = AsyncLimits::default().callbacks)]
    async_callbacks: usize,
    /// Tries of a call that finds no room, and of a callback
    #[arg(long, env = "FAAS_GATEWAY_ASYNC_ATTEMPTS", value_name = "N", default_value_t = AsyncLimits::default().attempts)]
    async_attempts: u32,
    /// Pause before the second try, in milliseconds; it doubles from try to try, and up to half is left out at random
    #[arg(long, env = "FAAS_GATEWAY_ASYNC_MIN_WAIT_MS", value_name = "MS",
          default_value_t = AsyncLimits::default().min_wait.as_millis() as u64)]
    async_min_wait_ms: u64,
    /// The longest such pause, in milliseconds
    #[arg(long, env = "FAAS_GATEWAY_ASYNC_MAX_WAIT_MS", value_name = "MS",
          default_value_t = AsyncLimits::default().max_wait.as_millis() as u64)]
    async_max_wait_ms: u64,
    /// Time a callback may take, in milliseconds
    #[arg(long, env = "FAAS_GATEWAY_CALLBACK_TIMEOUT_MS", value_name = "MS",
          default_value_t = AsyncLimits::default().callback_timeout.as_millis() as u64)]
    callback_timeout_ms: u64,
    /// Networks besides the public Internet that callbacks may go to, as in 10.1.0.0/16; several with commas
    #[arg(long, env = "FAAS_GATEWAY_CALLBACK_NETWORKS", value_name = "NETWORKS", value_delimiter = ',')]
    pub callback_networks: Vec<IpNet>,
}

impl AsyncArgs {
    fn limits(&self, max_body: usize) -> AsyncLimits {
        AsyncLimits {
            items: self.async_items,
            bytes: self.async_bytes,
            body_bytes: self.async_max_body.unwrap_or(AsyncLimits::default().body_bytes.min(max_body)),
            calls: self.async_calls,
            calls_per_function: self.async_calls_per_function,
            callbacks: self.async_callbacks,
            attempts: self.async_attempts,
            min_wait: Duration::from_millis(self.async_min_wait_ms),
            max_wait: Duration::from_millis(self.async_max_wait_ms),
            callback_timeout: Duration::from_millis(self.callback_timeout_ms),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn every_option_has_a_variable_and_the_readme_names_it() {
        let mut cli = Cli::command();
        cli.build();
        let run = cli.find_subcommand("run").expect("the subcommand");
        for option in run.get_arguments().filter(|option| option.get_id() != "help") {
            let variable = option.get_env().and_then(|name| name.to_str()).unwrap_or_else(|| panic!("{option}"));
            assert!(include_str!("../README.md").contains(&format!("`{variable}`")), "{variable}");
        }
    }
}
