//! `faas-gateway`: the gateway alone, as a service.

use clap::{Args, Parser, Subcommand};
use faas_gateway::{Credentials, Gateway, GatewayConfig, Limits, Sources};
use std::{fs, io::IsTerminal as _, net::SocketAddr, path::PathBuf, process::ExitCode, time::Duration};
use tokio::signal::unix::{signal, SignalKind};
use tracing_subscriber::EnvFilter;

/// An OpenFaaS-compatible gateway that runs WASI functions in its own process.
#[derive(Parser)]
#[command(version, about, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
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
";

#[derive(Subcommand)]
enum Command {
    /// Serve until SIGINT or SIGTERM; running calls may end first
    Run(Box<Run>),
}

#[derive(Args)]
struct Run {
    /// Address to listen on (plain HTTP; put a TLS proxy in front of anything but loopback)
    #[arg(long, env = "FAAS_GATEWAY_LISTEN", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Folder for the database and the modules; made if missing, readable by this user only
    #[arg(long, env = "FAAS_GATEWAY_STATE_DIR", value_name = "DIR")]
    state_dir: PathBuf,
    /// The administrator's name
    #[arg(long, env = "FAAS_GATEWAY_BASIC_AUTH_USER", value_name = "NAME", default_value = "admin")]
    basic_auth_user: String,
    /// File with the administrator's password; white space at its end is ignored
    #[arg(long, env = "FAAS_GATEWAY_BASIC_AUTH_PASSWORD_FILE", value_name = "FILE")]
    basic_auth_password_file: PathBuf,
    /// Networks besides the Internet that functions may reach when their deployments name servers there, as in
    /// "10.1.0.0/16"; several with commas
    #[arg(long = "egress-network", env = "FAAS_GATEWAY_EGRESS_NETWORKS", value_name = "CIDR", value_delimiter = ',')]
    egress_networks: Vec<ipnet::IpNet>,
    /// What to log: a level or tracing directives, as in "info,faas_gateway=debug" (debug shows functions' stderr)
    #[arg(long, env = "FAAS_GATEWAY_LOG", default_value = "info")]
    log: String,
    /// Log JSON, one object per line
    #[arg(long, env = "FAAS_GATEWAY_LOG_JSON")]
    log_json: bool,
    #[command(flatten)]
    sources: SourceArgs,
    #[command(flatten)]
    limits: LimitArgs,
}

#[derive(Args)]
#[command(next_help_heading = "Where code may come from, besides uploads")]
struct SourceArgs {
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
    fn sources(self) -> Sources {
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
    /// Largest answer of a function, in bytes
    #[arg(long, env = "FAAS_GATEWAY_MAX_OUTPUT", value_name = "BYTES", default_value_t = Limits::default().output_bytes)]
    max_output: usize,
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
    /// Time running calls get when the gateway stops or their function is deleted, in milliseconds
    #[arg(long, env = "FAAS_GATEWAY_DRAIN_TIMEOUT_MS", value_name = "MS",
          default_value_t = Limits::default().drain_timeout.as_millis() as u64)]
    drain_timeout_ms: u64,
}

impl LimitArgs {
    fn limits(&self) -> Limits {
        Limits {
            request_body_bytes: self.max_body,
            output_bytes: self.max_output,
            module_bytes: self.max_module,
            store_bytes: self.max_store,
            calls: self.max_calls,
            calls_per_function: self.max_calls_per_function,
            memory_bytes: self.memory,
            default_function_memory: self.default_memory,
            default_timeout: Duration::from_millis(self.default_timeout_ms),
            drain_timeout: Duration::from_millis(self.drain_timeout_ms),
            ..Limits::default()
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let Command::Run(arguments) = Cli::parse().command;
    match run(*arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("faas-gateway: {message}");
            ExitCode::FAILURE
        },
    }
}

async fn run(arguments: Run) -> Result<(), String> {
    start_log(&arguments)?;
    let password = read_password(&arguments)?;
    let config = GatewayConfig {
        listen: arguments.listen,
        state_dir: arguments.state_dir,
        credentials: Credentials::new(arguments.basic_auth_user, password),
        sources: arguments.sources.sources(),
        egress_networks: arguments.egress_networks,
        limits: arguments.limits.limits(),
    };
    let mut terminate = signal(SignalKind::terminate()).map_err(|error| format!("cannot wait for signals: {error}"))?;
    let running = Gateway::start(config).await.map_err(|error| error.to_string())?;
    // To standard output, for scripts that let the system choose a port.
    println!("listening on http://{}", running.addr());
    tokio::select! {
        _ = terminate.recv() => (),
        _ = tokio::signal::ctrl_c() => (),
    }
    running.shutdown().await;
    Ok(())
}

fn start_log(arguments: &Run) -> Result<(), String> {
    let filter = EnvFilter::try_new(&arguments.log).map_err(|error| format!("--log: {error}"))?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    if arguments.log_json {
        log.json().init();
    } else {
        log.init();
    }
    Ok(())
}

fn read_password(arguments: &Run) -> Result<String, String> {
    let path = &arguments.basic_auth_password_file;
    let text = fs::read_to_string(path)
        .map_err(|error| format!("cannot read the password file {}: {error}", path.display()))?;
    Ok(text.trim_end().to_owned())
}
