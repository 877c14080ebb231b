//! What each verb does, one file per noun.

mod balance;
mod bill;
mod bus;
mod cancel;
mod certifier;
mod claim;
mod contract;
mod contract_ips;
mod deploy;
mod deployment;
mod entity;
mod farm;
mod faucet;
mod invoke;
mod key;
mod logs;
mod module;
mod name;
mod node;
mod node_changes;
mod policy;
mod quote;
mod recover;
mod rent;
mod rollout;
mod status;
mod transfer;
mod twin;
mod update;

use crate::{
    args::Command,
    error::{file_error, CliError},
    session::Session,
};
use std::{io::Read, path::Path};

/// Does what the command line says.
pub async fn run(session: &Session, command: Command) -> Result<(), CliError> {
    match command {
        Command::Key(command) => key::run(session, command),
        Command::Balance { account } => balance::run(session, account).await,
        Command::Transfer { to, amount } => transfer::run(session, to, amount).await,
        Command::Faucet { to, amount } => faucet::run(session, to, amount).await,
        Command::Twin(command) => twin::run(session, command).await,
        Command::Entity(command) => entity::run(session, command).await,
        Command::Certifier(command) => certifier::run(session, command).await,
        Command::Claim { account } => claim::run(session, account).await,
        Command::Policy(command) => policy::run(session, command).await,
        Command::Farm(command) => farm::run(session, command).await,
        Command::Node(command) => node::run(session, command).await,
        Command::Contract(command) => contract::run(session, command).await,
        Command::Rent(command) => rent::run(session, command).await,
        Command::Name(command) => name::run(session, command).await,
        Command::Module(command) => module::run(session, command),
        Command::Deploy(args) => deploy::run(session, args).await,
        Command::Update(args) => update::run(session, args).await,
        Command::Deployment(command) => deployment::run(session, command).await,
        Command::Invoke(args) => invoke::run(session, args).await,
        Command::Logs(args) => logs::run(session, args).await,
        Command::Status { contract } => status::run(session, contract).await,
        Command::Cancel { contract } => cancel::run(session, contract).await,
        Command::Bus(command) => bus::run(session, command).await,
        Command::Recover { contract } => recover::run(session, contract).await,
    }
}

/// What an argument names: text, the content of a file (`@FILE`), or what stdin gives (`-`).
fn input(argument: &str) -> Result<Vec<u8>, CliError> {
    match argument.strip_prefix('@') {
        Some(file) => std::fs::read(file).map_err(|error| file_error(Path::new(file), &error)),
        None if argument == "-" => {
            let mut bytes = Vec::new();
            std::io::stdin().read_to_end(&mut bytes).map_err(|error| file_error(Path::new("-"), &error))?;
            Ok(bytes)
        },
        None => Ok(argument.as_bytes().to_vec()),
    }
}
