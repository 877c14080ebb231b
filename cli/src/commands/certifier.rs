//! Accounts that vouch for machines and addresses.

use crate::{args::CertifierCommand, error::CliError, output::Fields, session::Session};
use grid_client::{Account, Call};
use serde_json::json;

pub async fn run(session: &Session, command: CertifierCommand) -> Result<(), CliError> {
    match command {
        CertifierCommand::Add { account } => choose(session, account, true).await,
        CertifierCommand::Remove { account } => choose(session, account, false).await,
        CertifierCommand::List => list(session).await,
    }
}

async fn choose(session: &Session, account: Account, wanted: bool) -> Result<(), CliError> {
    let (key, chain) = (session.key()?, session.chain().await?);
    if chain.best().await?.certifiers().await?.contains(&account) == wanted {
        let state = if wanted { "is a certifier already" } else { "is no certifier" };
        let message = format!("{account} {state}; nothing was sent");
        return Err(CliError::failed("nothing_changed", message).hint("see who is: grid certifier list"));
    }
    let call = if wanted { Call::AddCertifier { account } } else { Call::RemoveCertifier { account } };
    session.submit(&chain, &key, Call::AsRoot(Box::new(call))).await?;
    let fields = Fields::default().with("account", account).with("certifier", if wanted { "yes" } else { "no" });
    session.out.fields(json!({ "account": account, "certifier": wanted }), fields);
    Ok(())
}

async fn list(session: &Session) -> Result<(), CliError> {
    let certifiers = session.chain().await?.best().await?.certifiers().await?;
    let rows: Vec<_> = certifiers.iter().map(|account| vec![account.to_string()]).collect();
    session.out.table(&certifiers, &["CERTIFIER"], &rows);
    Ok(())
}
