//! Which nodes have room for a wish, and what each would cost.
//!
//! ```sh
//! cargo run -p grid-client --example free_nodes
//! ```

use grid_client::Chain;
use grid_types::units::{Resources, GIB, GRID};
use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("GRID_URL").unwrap_or_else(|_| "ws://127.0.0.1:9944".into());
    let view = Chain::connect(&[url]).await?.best().await?;

    let wish = Resources { cru: 1_000, mru: 2 * GIB, sru: 50 * GIB, hru: 0, nru_per_hour: 1_000_000_000 };
    let public_ips = 1;
    let nodes = view.free_nodes(wish.capacity(), public_ips).await?;
    println!("{} nodes have room for it", nodes.len());
    let grid = |base: u128| base as f64 / GRID as f64;
    for node_id in nodes {
        // The chain's own arithmetic, at the farmer's prices of now.
        let Some(quote) = view.quote(node_id, wish, public_ips).await? else { continue };
        println!(
            "node {node_id}: {} GRID an hour, {} GRID for 10^9 bytes, {} GRID to begin",
            grid(quote.hourly),
            grid(quote.traffic.into()),
            grid(quote.needed),
        );
    }
    Ok(())
}
