//! Accounts' presence on the grid.

use crate::{
    args::TwinCommand,
    error::CliError,
    output::Fields,
    session::{self, expect_event, Session},
};
use grid_client::{records::Twin, Account, Call, Event};
use serde_json::json;

pub async fn run(session: &Session, command: TwinCommand) -> Result<(), CliError> {
    match command {
        TwinCommand::Create { relay } => create(session, relay).await,
        TwinCommand::Update { relay } => update(session, relay).await,
        TwinCommand::Delete => delete(session).await,
        TwinCommand::Show { twin } => show(session, twin).await,
        TwinCommand::Sponsor { account } => sponsor(session, account, true).await,
        TwinCommand::Unsponsor { account } => sponsor(session, account, false).await,
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

async fn update(session: &Session, relay: Option<String>) -> Result<(), CliError> {
    let chain = session.chain().await?;
    let view = chain.best().await?;
    let me = session.me(&view).await?;
    // The key of the message bus belongs to other programs: it stays what it is.
    let pk = view.twin(me.twin).await?.and_then(|twin| twin.pk);
    session.submit_final(&chain, &me.key, Call::UpdateTwin { relay, pk }).await?;
    show(session, Some(me.twin)).await
}

async fn delete(session: &Session) -> Result<(), CliError> {
    let chain = session.chain().await?;
    let me = session.me(&chain.best().await?).await?;
    session.submit_final(&chain, &me.key, Call::DeleteTwin).await?;
    let fields = Fields::default().with("twin", me.twin).with("state", "deleted; its deposit is free again");
    session.out.fields(json!({ "twin_id": me.twin, "deleted": true }), fields);
    Ok(())
}

async fn show(session: &Session, twin: Option<u32>) -> Result<(), CliError> {
    let view = session.chain().await?.best().await?;
    let id = match twin {
        Some(id) => id,
        None => session.me(&view).await?.twin,
    };
    print(session, &session::twin(&view, id).await?);
    Ok(())
}

async fn sponsor(session: &Session, account: Account, sponsored: bool) -> Result<(), CliError> {
    let (key, chain) = (session.key()?, session.chain().await?);
    let (call, state) = match sponsored {
        true => (Call::SponsorTwin { account }, "sponsored: its twin costs it no deposit"),
        false => (Call::WithdrawSponsorship { account }, "not sponsored any more"),
    };
    session.submit_final(&chain, &key, call).await?;
    let fields = Fields::default().with("account", account).with("state", state);
    session.out.fields(json!({ "account": account, "sponsored": sponsored }), fields);
    Ok(())
}

fn print(session: &Session, twin: &Twin) {
    let entities: Vec<_> = twin.entities.iter().map(ToString::to_string).collect();
    let fields = Fields::default()
        .with("twin", twin.id)
        .with("account", twin.account)
        .maybe("relay", twin.relay.as_ref())
        .maybe("key", twin.pk.as_ref().map(hex::encode))
        .maybe("entities", (!entities.is_empty()).then(|| entities.join(" ")));
    session.out.fields(twin, fields);
}
