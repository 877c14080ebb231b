//! Tells each charge of a contract when it is final, until the contract ends.
//!
//! ```sh
//! cargo run -p grid-client --example watch_bills 1
//! ```

use grid_client::{Chain, Event};
use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("GRID_URL").unwrap_or_else(|_| "ws://127.0.0.1:9944".into());
    let contract: u64 = std::env::args().nth(1).ok_or("usage: watch_bills CONTRACT")?.parse()?;
    let chain = Chain::connect(&[url]).await?;
    let view = chain.finalized().await?;
    let mut total = view.billing(contract).await?.map_or(0, |billing| billing.billed);
    println!("charged before: {total} base units");

    // What that block charged is in the sum already.
    let mut heads = chain.finalized_heads(Some(view.block().number + 1));
    loop {
        let view = chain.at(heads.next().await?).await?;
        for event in view.events().await? {
            if event.contract_id() != Some(contract) {
                continue;
            }
            match event {
                Event::ContractBilled { bill, .. } => {
                    total += bill.total();
                    println!("{} s: {} base units, in all {total}", bill.seconds, bill.total());
                },
                Event::GraceStarted { until, .. } => println!("out of funds: paused until {until}"),
                Event::ContractResumed { .. } => println!("it goes on"),
                Event::ContractEnded { cause, refund, .. } => {
                    println!("ended: {}; {refund} base units came back", cause.as_str());
                    return Ok(());
                },
                _ => {},
            }
        }
    }
}
