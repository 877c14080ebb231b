//! A contract's money: adds some, keeps a cushion for a pause, and limits what may be drawn from the owner.
//!
//! ```sh
//! cargo run -p grid-client --example fund_contract me.key 1
//! ```

use grid_client::{Call, Chain, Key, Wait};
use grid_types::units::GRID;
use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("GRID_URL").unwrap_or_else(|_| "ws://127.0.0.1:9944".into());
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [secret, contract] = &arguments[..] else { return Err("usage: fund_contract KEY CONTRACT".into()) };
    let key = Key::from_uri_or_file(secret)?;
    let contract_id: u64 = contract.parse()?;
    let chain = Chain::connect(&[url]).await?;

    let calls = [
        // Anyone can add to anyone's contract; what is left at the end goes to the owner.
        Call::FundContract { contract_id, amount: GRID },
        // With a cushion, a contract that is out of funds is paused instead of ended. It is drawn at once.
        Call::SetCushion { contract_id, amount: GRID / 2 },
        // The most that the chain may draw from the owner in a UTC day; 0 would be prepaid only, none no limit.
        Call::SetRefillLimit { contract_id, limit: Some(10 * GRID) },
    ];
    for call in calls {
        chain.submit(&key, call, Wait::InBlock).await?;
    }

    let funding = chain.best().await?.funding(contract_id).await?.ok_or("it has ended")?;
    println!("escrow {}, must stay above {}, of it {} cushion", funding.escrow, funding.low, funding.cushion);
    match funding.seconds_left {
        Some(seconds) => println!("lasts {seconds} s at full use if nothing can be drawn"),
        None => println!("lasts for ever, but for traffic"),
    }
    Ok(())
}
