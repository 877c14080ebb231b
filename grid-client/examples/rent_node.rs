//! Rents an empty node as a whole. Contracts that the renter makes there then pay for addresses and traffic only.
//!
//! ```sh
//! cargo run -p grid-client --example rent_node me.key 1
//! ```

use grid_client::{records::PriceLimit, Call, Chain, Event, Key, Wait};
use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("GRID_URL").unwrap_or_else(|_| "ws://127.0.0.1:9944".into());
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [secret, node] = &arguments[..] else { return Err("usage: rent_node KEY NODE".into()) };
    let key = Key::from_uri_or_file(secret)?;
    let node_id: u32 = node.parse()?;
    let chain = Chain::connect(&[url]).await?;

    let quote = chain.best().await?.quote_rent(node_id).await?.ok_or("there is no such node")?;
    println!("node {node_id} as a whole costs {} base units an hour", quote.hourly);
    let price_limit = Some(PriceLimit { max_hourly: quote.hourly, max_gb_second: u64::MAX });
    let included = chain.submit(&key, Call::CreateRentContract { node_id, price_limit }, Wait::Finalized).await?;
    for event in &included.events {
        if let Event::ContractCreated { contract_id, .. } = event {
            println!("contract {contract_id} rents it");
        }
    }
    let status = chain.finalized().await?.node_status(node_id).await?;
    println!("rented by {:?}", status.rented_by);
    Ok(())
}
