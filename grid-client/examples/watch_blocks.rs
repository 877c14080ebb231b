//! Connects, and tells what happens in finalized blocks.
//!
//! ```sh
//! cargo run -p grid-client --example watch_blocks 3
//! ```

use grid_client::Chain;
use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("GRID_URL").unwrap_or_else(|_| "ws://127.0.0.1:9944".into());
    let count: usize = std::env::args().nth(1).map_or(Ok(3), |count| count.parse())?;
    let chain = Chain::connect(&[url]).await?;
    println!("{}, genesis 0x{}", chain.name().await?, hex::encode(chain.genesis()));

    // Every height in order, without gaps, whatever happens to the connection. An error is a reason to call it again.
    let mut heads = chain.finalized_heads(None);
    for _ in 0..count {
        let block = heads.next().await?;
        let events = chain.at(block).await?.events().await?;
        println!("block {}: {} events of the grid", block.number, events.len());
        for event in events {
            println!("  {event:?}");
        }
    }
    Ok(())
}
