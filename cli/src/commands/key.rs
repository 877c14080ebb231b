//! Secrets and the accounts they sign for.

use crate::{
    args::KeyCommand,
    error::{file_error, CliError},
    output::Fields,
    session::Session,
};
use grid_client::Key;
use grid_types::signature::Scheme;
use serde_json::json;
use std::{io::Write, path::Path};

pub fn run(session: &Session, command: KeyCommand) -> Result<(), CliError> {
    match command {
        KeyCommand::New { out, scheme } => new(session, out.as_deref(), scheme),
        KeyCommand::Show => show(session),
    }
}

fn new(session: &Session, out: Option<&Path>, scheme: Scheme) -> Result<(), CliError> {
    let (key, phrase) = Key::generate(scheme)?;
    let account = key.account();
    let Some(path) = out else {
        session.out.note("whoever knows these words has what the account has; write them down");
        let fields = Fields::default().with("account", account).with("phrase", &phrase);
        session.out.fields(json!({ "account": account, "phrase": phrase }), fields);
        return Ok(());
    };
    write_secret(path, &phrase).map_err(|error| file_error(path, &error))?;
    let fields = Fields::default().with("account", account).with("file", path.display());
    session.out.fields(json!({ "account": account, "file": path }), fields);
    Ok(())
}

fn show(session: &Session) -> Result<(), CliError> {
    let key = session.key()?;
    let (account, scheme) = (key.account(), key.scheme());
    let public = format!("0x{}", hex::encode(account.0));
    let fields = Fields::default().with("account", account).with("public key", &public).with("scheme", scheme);
    session.out.fields(json!({ "account": account, "public_key": public, "scheme": scheme }), fields);
    Ok(())
}

/// A new file that only its owner can read; never over an old one.
fn write_secret(path: &Path, secret: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(format!("{secret}\n").as_bytes())?;
    file.sync_all()
}
