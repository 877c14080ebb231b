//! `zos-agent`: the command line of the farmer's service.

use clap::{Args, Parser, Subcommand};
use std::{io::Write, path::PathBuf, process::ExitCode, time::SystemTime};
use zos_agent::{
    config,
    config::Config,
    doctor,
    error::AgentError,
    init::{init, next_steps, InitError, Wishes},
    key::AgentKey,
    logging, service,
    status::{self, StatusError},
};

/// The service of a gridchain node: runs what users have agreed with the farmer on chain, and reports what they use.
#[derive(Parser)]
#[command(name = "zos-agent", version, after_long_help = guide())]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write a configuration with comments and, if wanted, make the agent's key. Overwrites nothing.
    Init(Init),
    /// Run the agent until SIGTERM or SIGINT.
    #[command(after_long_help = guide())]
    Run(File),
    /// Show how the agent is doing: node, chain, contracts, reports. Asks a running agent, else reads what it left.
    Status(Status),
    /// Look at everything that must be so for the node to earn, one by one, and say what to do. Fails if something is bad.
    Doctor(File),
    /// Check the configuration and the key file, print what is in effect, and change nothing.
    CheckConfig(File),
}

#[derive(Args)]
struct Init {
    /// Where the configuration goes.
    #[arg(long, value_name = "FILE", env = "ZOS_CONFIG", default_value = "/etc/zos-agent/agent.toml")]
    config: PathBuf,
    /// The state folder; made, for its owner alone.
    #[arg(long, value_name = "DIR", default_value = "/var/lib/zos-agent")]
    state_dir: PathBuf,
    /// An endpoint of the chain; give several, the preferred first.
    #[arg(long = "endpoint", value_name = "URL")]
    endpoints: Vec<String>,
    /// The node's number, if it is registered already.
    #[arg(long, value_name = "NUMBER")]
    node: Option<u32>,
    /// The machine's name or address as users reach it: opens bus and gateway to everybody.
    #[arg(long, value_name = "HOST")]
    public: Option<String>,
    /// Make the agent's key as well, in the state folder (mode 0600).
    #[arg(long)]
    key: bool,
}

#[derive(Args)]
struct Status {
    #[command(flatten)]
    file: File,
    /// As JSON, for programs.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct File {
    /// The configuration (TOML). Keys that are left out have their defaults; keys that are not known are errors.
    #[arg(long, value_name = "FILE", env = "ZOS_CONFIG", default_value = "/etc/zos-agent/agent.toml")]
    config: PathBuf,
}

/// The long help: a first start, a configuration, the variables.
fn guide() -> String {
    let variables: String = config::variables().map(|(name, key)| format!("  {name:<28} {key}\n")).collect();
    format!(
        "\
A first start:
  1. zos-agent init --key --public <this machine's address>   a configuration, and the agent's own account for small fees
  2. grid farm authorize, grid node register (--help)         the farmer lets the machine in; its own key registers it, with
                                                              that account as its agent
  3. [node] id = <the number that this prints>; grid transfer <the agent's account> --amount 1
  4. zos-agent check-config, zos-agent doctor                 whether all is well, and what to do if not; its door is closed yet
  5. zos-agent run

{}
Environment variables override the file:
{variables}
Signals: SIGTERM and SIGINT stop the agent after what has begun; a second one stops it at once. Nothing that was accepted is lost either way.",
        config::EXAMPLE
    )
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        Command::Init(wishes) => begin(wishes).map_err(Failure::from),
        Command::Run(file) => run(&file).map_err(Failure::from),
        Command::Status(wanted) => show(&wanted),
        Command::Doctor(file) => examine(&file),
        Command::CheckConfig(file) => check(&file).map_err(Failure::from),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("zos-agent: {error}");
            ExitCode::FAILURE
        },
    }
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Agent(#[from] AgentError),
    #[error(transparent)]
    Init(#[from] InitError),
    #[error(transparent)]
    Status(#[from] StatusError),
    #[error("it cannot be shown: {0}")]
    Unshown(#[from] serde_json::Error),
    #[error("something must be done before this node can work")]
    Unwell,
}

fn begin(given: Init) -> Result<(), InitError> {
    let Init { config, state_dir, endpoints, node, public, key } = given;
    let wishes = Wishes { config, state_dir, endpoints, node, public, key };
    let made = init(&wishes)?;
    // Who reads only the first lines has seen what he wanted.
    let _ = writeln!(std::io::stdout(), "{}", next_steps(&wishes, &made));
    Ok(())
}

fn show(wanted: &Status) -> Result<(), Failure> {
    let config = configuration(&wanted.file)?;
    let status = blocking(&config)?.block_on(status::ask(&config.state_dir))?;
    if wanted.json {
        println!("{}", serde_json::to_string_pretty(&status)?);
    } else {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        print!("{}", status.table(now));
    }
    Ok(())
}

fn examine(file: &File) -> Result<(), Failure> {
    let config = configuration(file)?;
    let findings = blocking(&config)?.block_on(doctor::examine(&config));
    findings.iter().for_each(|finding| println!("{finding}"));
    if doctor::is_well(&findings) {
        Ok(())
    } else {
        Err(Failure::Unwell)
    }
}

/// A runtime for one question.
fn blocking(config: &Config) -> Result<tokio::runtime::Runtime, AgentError> {
    let failed = |reason: std::io::Error| AgentError::State { path: config.state_dir.clone(), reason: reason.into() };
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)
}

fn configuration(file: &File) -> Result<Config, AgentError> {
    // A variable that is not text cannot be one of ours.
    let environment =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let config = Config::load(&file.config, environment)?;
    logging::check(&config.log)?;
    Ok(config)
}

fn load(file: &File) -> Result<(Config, AgentKey), AgentError> {
    let config = configuration(file)?;
    let key = AgentKey::load(&config.node.key_file)?;
    Ok((config, key))
}

fn check(file: &File) -> Result<(), AgentError> {
    let (config, key) = load(file)?;
    match toml::to_string(&config) {
        Ok(text) => println!("{text}\n# the agent's account: {}", key.address()),
        Err(error) => println!("{config:#?}\n# {error}\n# the agent's account: {}", key.address()),
    }
    Ok(())
}

fn run(file: &File) -> Result<(), AgentError> {
    let (config, key) = load(file)?;
    logging::init(&config.log)?;
    service::run(&config, key)
}
