//! The gateway alone, in a process that ends itself without a warning when the work has come to a named step; see `crash-agent`.

use clap::Parser;
use faas_gateway::{Credentials, Gateway, GatewayConfig};
use grid_tests::steps::Watch;
use std::{fs, future, net::SocketAddr, path::PathBuf, process::ExitCode};

/// The gateway, to be killed.
#[derive(Parser)]
struct Arguments {
    /// Where functions are called.
    #[arg(long)]
    listen: SocketAddr,
    /// Where it is commanded.
    #[arg(long)]
    control_listen: SocketAddr,
    /// What it remembers.
    #[arg(long)]
    state_dir: PathBuf,
    /// The password of its administrator.
    #[arg(long)]
    password_file: PathBuf,
    #[command(flatten)]
    watch: Watch,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    arguments.watch.begin();
    let password = fs::read_to_string(&arguments.password_file).expect("the test wrote a password");
    let credentials = Credentials::new("admin", password.trim());
    let mut config = GatewayConfig::new(arguments.listen, arguments.state_dir, credentials);
    config.control_listen = Some(arguments.control_listen);
    match Gateway::start(config).await {
        // It never ends by itself.
        Ok(_running) => future::pending().await,
        Err(error) => {
            eprintln!("crash-gateway: {error}");
            ExitCode::FAILURE
        },
    }
}
