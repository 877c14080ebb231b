//! Makes a twin of an account: its presence on the grid.
//!
//! ```sh
//! cargo run -p grid-client --example create_twin me.key
//! ```

use grid_client::{Call, Chain, Event, Key, Wait};
use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("GRID_URL").unwrap_or_else(|_| "ws://127.0.0.1:9944".into());
    let secret = std::env::args().nth(1).ok_or("usage: create_twin KEY")?;
    // A file with the secret, a phrase, or a development name such as //Alice.
    let key = Key::from_uri_or_file(&secret)?;
    let chain = Chain::connect(&[url]).await?;

    let view = chain.best().await?;
    if let Some(twin) = view.twin_of(key.account()).await? {
        println!("{} has twin {twin} already", key.account());
        return Ok(());
    }
    // What concerns others is worth waiting for until it is final: nodes read finalized blocks.
    let included = chain.submit(&key, Call::CreateTwin { relay: None, pk: None }, Wait::Finalized).await?;
    for event in &included.events {
        if let Event::TwinStored { twin } = event {
            println!("twin {} of {} in block {}", twin.id, twin.account, included.block);
        }
    }
    Ok(())
}
