//! Leases a name for a number of days, paid at once.
//!
//! ```sh
//! cargo run -p grid-client --example lease_name me.key myshop 7
//! ```

use grid_client::{Call, Chain, Key, Wait};
use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("GRID_URL").unwrap_or_else(|_| "ws://127.0.0.1:9944".into());
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [secret, name, days] = &arguments[..] else { return Err("usage: lease_name KEY NAME DAYS".into()) };
    let key = Key::from_uri_or_file(secret)?;
    let days: u32 = days.parse()?;
    let chain = Chain::connect(&[url]).await?;

    let view = chain.best().await?;
    if let Some(lease) = view.name(name).await? {
        println!("{name} is twin {}'s until {}", lease.twin_id, lease.lease_until);
        return Ok(());
    }
    let price = view.name_price().await? * u128::from(days);
    let call = Call::CreateNameContract { name: name.clone(), days, max_price: Some(price) };
    chain.submit(&key, call, Wait::Finalized).await?;
    let lease = chain.finalized().await?.name(name).await?.ok_or("the lease is not there")?;
    println!("{name} is yours until {}, for {price} base units; contract {}", lease.lease_until, lease.contract_id);
    Ok(())
}
