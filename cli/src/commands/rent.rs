//! Whole nodes.

use super::{
    contract,
    quote::{self, quote_fields},
};
use crate::{
    amount::Amount,
    args::RentCommand,
    error::CliError,
    session::{self, expect_event, Session},
};
use grid_client::{records::PriceLimit, Call, Event};

pub async fn run(session: &Session, command: RentCommand) -> Result<(), CliError> {
    match command {
        RentCommand::Create { node, price_limit } => create(session, node, price_limit).await,
        RentCommand::Quote { node } => price(session, node).await,
    }
}

async fn create(session: &Session, node_id: u32, limit: Option<Amount>) -> Result<(), CliError> {
    let chain = session.chain().await?;
    let view = chain.best().await?;
    let me = session.me(&view).await?;
    let quote = quote::of_rent(&view, node_id).await?;
    session.out.note(quote::sentence(&quote));
    let max_hourly = limit.map_or(quote.hourly, |limit| limit.0);
    // No calls are paid one by one under a rent.
    let price_limit = Some(PriceLimit { max_hourly, max_gb_second: u64::MAX });
    let included = session.submit_final(&chain, &me.key, Call::CreateRentContract { node_id, price_limit }).await?;
    let contract_id = expect_event(&included, "ContractCreated", |event| match event {
        Event::ContractCreated { contract_id, .. } => Some(*contract_id),
        _ => None,
    })?;
    session.out.note(format!("node {node_id} is yours; to run something there: grid deploy … --node {node_id}"));
    contract::print(session, &chain, contract_id).await
}

async fn price(session: &Session, node_id: u32) -> Result<(), CliError> {
    let view = session.chain().await?.best().await?;
    let node = session::node(&view, node_id).await?;
    let quote = quote::of_rent(&view, node_id).await?;
    session.out.fields(quote, quote_fields(&node, &node.spec.capacity, 0, &quote));
    Ok(())
}
