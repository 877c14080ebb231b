//! Accounts' presence on the grid.

use crate::{
    args::TwinCommand,
    error::CliError,
    output::Fields,
    session::{expect_event, Session},
};
use grid_client::{records::Twin, Call, Event};

pub async fn run(session: &Session, command: TwinCommand) -> Result<(), CliError> {
    match command {
        TwinCommand::Create { relay } => create(session, relay).await,
        TwinCommand::Show { twin } => show(session, twin).await,
    }
}

async fn create(session: &Session, relay: Option<String>) -> Result<(), CliError> {
    let (key, chain) = (session.key()?, session.chain().await?);
    let included = session.submit_final(&chain, &key, Call::CreateTwin { relay, pk: None }).await?;
    let twin = expect_event(&included, "TwinStored", |event| match event {
        Event::TwinStored { twin } => Some(twin.clone()),
        _ => None,
    })?;
    print(session, &twin);
    Ok(())
}

async fn show(session: &Session, twin: Option<u32>) -> Result<(), CliError> {
    let view = session.chain().await?.best().await?;
    let id = match twin {
        Some(id) => id,
        None => session.me(&view).await?.twin,
    };
    let twin = view.twin(id).await?.ok_or_else(|| CliError::not_found("twin", id))?;
    print(session, &twin);
    Ok(())
}

fn print(session: &Session, twin: &Twin) {
    let fields = Fields::default()
        .with("twin", twin.id)
        .with("account", twin.account)
        .maybe("relay", twin.relay.as_ref())
        .maybe("key", twin.pk.as_ref().map(hex::encode));
    session.out.fields(twin, fields);
}
