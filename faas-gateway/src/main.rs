//! `faas-gateway`: the gateway alone, as a service.

mod arguments;

use arguments::{Cli, Command, Run};
use clap::Parser as _;
use faas_gateway::{Credentials, Gateway, GatewayConfig};
use std::{
    fs,
    io::{IsTerminal as _, Write as _},
    process::ExitCode,
};
use tokio::signal::unix::{signal, SignalKind};
use tracing_subscriber::EnvFilter;

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
        limits: arguments.limits(),
        listen: arguments.listen,
        control_listen: arguments.control_listen,
        state_dir: arguments.state_dir,
        credentials: Credentials::new(arguments.basic_auth_user, password),
        metrics_listen: arguments.metrics_listen.0,
        sources: arguments.sources.sources(),
        callback_networks: arguments.waiting.callback_networks,
        egress_networks: arguments.egress_networks,
    };
    let mut terminate = signal(SignalKind::terminate()).map_err(|error| format!("cannot wait for signals: {error}"))?;
    let running = Gateway::start(config).await.map_err(|error| error.to_string())?;
    // To standard output, for scripts that let the system choose a port.
    println!("listening on http://{}", running.addr());
    // Who reads only the first line may have gone.
    if let Some(addr) = running.control_addr() {
        let _ = writeln!(std::io::stdout(), "administration on http://{addr}");
    }
    if let Some(addr) = running.metrics_addr() {
        let _ = writeln!(std::io::stdout(), "metrics on http://{addr}/metrics");
    }
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
