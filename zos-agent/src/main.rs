//! `zos-agent`: the command line of the farmer's service.

use clap::{Args, Parser, Subcommand};
use std::{path::PathBuf, process::ExitCode};
use zos_agent::{config, config::Config, error::AgentError, key::AgentKey, logging, service};

/// The service of a gridchain node: runs what users have agreed with the farmer on chain, and reports what they use.
#[derive(Parser)]
#[command(name = "zos-agent", version, after_long_help = guide())]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the agent until SIGTERM or SIGINT.
    #[command(after_long_help = guide())]
    Run(File),
    /// Check the configuration and the key file, print what is in effect, and change nothing.
    CheckConfig(File),
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
  1. grid key new > agent.key && chmod 600 agent.key     the agent's own account; it signs and pays small fees
  2. grid node register --help                           the farmer registers the node with that account as its agent
  3. zos-agent check-config --config agent.toml
  4. zos-agent run --config agent.toml

{}
Environment variables override the file:
{variables}
Signals: SIGTERM and SIGINT stop the agent after what has begun; a second one stops it at once. Nothing is lost either way.",
        config::EXAMPLE
    )
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        Command::Run(file) => run(&file),
        Command::CheckConfig(file) => check(&file),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("zos-agent: {error}");
            ExitCode::FAILURE
        },
    }
}

fn load(file: &File) -> Result<(Config, AgentKey), AgentError> {
    // A variable that is not text cannot be one of ours.
    let environment =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let config = Config::load(&file.config, environment)?;
    logging::check(&config.log)?;
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
