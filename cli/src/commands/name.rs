//! Names, leased by the day.

use super::balance::grid;
use crate::{
    amount::Amount,
    args::NameCommand,
    error::CliError,
    output::Fields,
    session::{expect_event, Session},
    time::{date, DAY},
};
use grid_client::{records::NameLease, Call, Event, View};
use serde_json::json;

pub async fn run(session: &Session, command: NameCommand) -> Result<(), CliError> {
    match command {
        NameCommand::Lease { name, days, max_price } => lease(session, name, days, max_price).await,
        NameCommand::Renew { name, days, max_price } => renew(session, name, days, max_price).await,
        NameCommand::Cancel { name } => cancel(session, name).await,
        NameCommand::Show { name } => show(session, &name).await,
        NameCommand::List { twin } => list(session, twin).await,
    }
}

async fn lease(session: &Session, name: String, days: u32, limit: Option<Amount>) -> Result<(), CliError> {
    let (key, chain) = (session.key()?, session.chain().await?);
    let max_price = Some(most(&chain.best().await?, days, limit).await?);
    let call = Call::CreateNameContract { name: name.clone(), days, max_price };
    let included = session.submit_final(&chain, &key, call).await?;
    let paid = expect_event(&included, "NameContractCreated", |event| match event {
        Event::NameContractCreated { paid, .. } => Some(*paid),
        _ => None,
    })?;
    print(session, &chain.best().await?, &name, paid).await
}

async fn renew(session: &Session, name: String, days: u32, limit: Option<Amount>) -> Result<(), CliError> {
    let (key, chain) = (session.key()?, session.chain().await?);
    let view = chain.best().await?;
    let contract_id = find(&view, &name).await?.contract_id;
    let max_price = Some(most(&view, days, limit).await?);
    let included = session.submit_final(&chain, &key, Call::RenewNameContract { contract_id, days, max_price }).await?;
    let paid = expect_event(&included, "NameContractRenewed", |event| match event {
        Event::NameContractRenewed { paid, .. } => Some(*paid),
        _ => None,
    })?;
    print(session, &chain.best().await?, &name, paid).await
}

async fn cancel(session: &Session, name: String) -> Result<(), CliError> {
    let (key, chain) = (session.key()?, session.chain().await?);
    let contract_id = find(&chain.best().await?, &name).await?.contract_id;
    session.submit_final(&chain, &key, Call::CancelNameContract { contract_id }).await?;
    let fields = Fields::default().with("name", &name).with("state", "free: anyone may lease it now");
    session.out.fields(json!({ "name": name, "contract_id": contract_id, "leased": false }), fields);
    Ok(())
}

async fn show(session: &Session, name: &str) -> Result<(), CliError> {
    let view = session.chain().await?.best().await?;
    let per_day = view.name_price().await?;
    let day = format!("{} for a day", grid(per_day));
    match view.name(name).await? {
        Some(lease) => {
            let fields = lease_fields(&lease, view.time().await?).with("costs", day);
            session.out.fields(json!({ "lease": lease, "price_per_day": per_day }), fields);
        },
        None => {
            let fields = Fields::default().with("name", name).with("state", "free").with("costs", day);
            session.out.fields(json!({ "lease": null, "price_per_day": per_day }), fields);
        },
    }
    Ok(())
}

async fn list(session: &Session, twin: Option<u32>) -> Result<(), CliError> {
    let view = session.chain().await?.best().await?;
    let twin = match twin {
        Some(twin) => twin,
        None => session.me(&view).await?.twin,
    };
    let leases = view.names_of_twin(twin).await?;
    let row = |lease: &NameLease| vec![lease.name.clone(), lease.contract_id.to_string(), date(lease.lease_until)];
    let rows: Vec<_> = leases.iter().map(row).collect();
    session.out.table(&leases, &["NAME", "CONTRACT", "LEASED UNTIL"], &rows);
    Ok(())
}

/// The most that is accepted: what is given, else the price of now.
async fn most(view: &View, days: u32, given: Option<Amount>) -> Result<u128, CliError> {
    match given {
        Some(amount) => Ok(amount.0),
        None => Ok(view.name_price().await?.saturating_mul(days.into())),
    }
}

async fn find(view: &View, name: &str) -> Result<NameLease, CliError> {
    view.name(name).await?.ok_or_else(|| CliError::not_found("lease of", name).hint("lease it: grid name lease"))
}

async fn print(session: &Session, view: &View, name: &str, paid: u128) -> Result<(), CliError> {
    let lease = find(view, name).await?;
    let fields = lease_fields(&lease, view.time().await?).with("paid", grid(paid));
    session.out.fields(json!({ "lease": lease, "paid": paid }), fields);
    Ok(())
}

fn lease_fields(lease: &NameLease, now: u64) -> Fields {
    let days = lease.lease_until.saturating_sub(now) / DAY;
    Fields::default()
        .with("name", &lease.name)
        .with("contract", lease.contract_id)
        .with("twin", lease.twin_id)
        .with("account", lease.account)
        .with("leased until", format!("{} ({days} full days)", date(lease.lease_until)))
}
