//! Ends a contract. What is owed is settled, the rest comes back. An error of the chain is told by its name.
//!
//! ```sh
//! cargo run -p grid-client --example cancel_contract me.key 1
//! ```

use grid_client::{Call, Chain, Event, Key, SubmitError, Wait};
use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("GRID_URL").unwrap_or_else(|_| "ws://127.0.0.1:9944".into());
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [secret, contract] = &arguments[..] else { return Err("usage: cancel_contract KEY CONTRACT".into()) };
    let key = Key::from_uri_or_file(secret)?;
    let contract_id = contract.parse()?;
    let chain = Chain::connect(&[url]).await?;

    match chain.submit(&key, Call::CancelContract { contract_id }, Wait::Finalized).await {
        Ok(included) => {
            for event in &included.events {
                if let Event::ContractEnded { cause, refund, .. } = event {
                    println!("contract {contract_id} {}; refund {refund} base units", cause.as_str());
                }
            }
        },
        // It was in a block and failed: the pallet, the error, and what the chain says about it.
        Err(SubmitError::Failed(error)) => println!("refused: {}.{}: {}", error.pallet, error.name, error.hint),
        Err(other) => return Err(other.into()),
    }
    Ok(())
}
