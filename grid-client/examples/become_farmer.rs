//! Makes a price list, a farm with a public address, and lets a machine join it.
//!
//! ```sh
//! cargo run -p grid-client --example become_farmer farmer.key meadow 203.0.113.10 <the machine's account>
//! ```

use grid_client::{Account, Call, Chain, Event, Key, Wait};
use grid_types::units::{Prices, GRID};
use std::{error::Error, net::Ipv4Addr};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("GRID_URL").unwrap_or_else(|_| "ws://127.0.0.1:9944".into());
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [secret, name, address, machine] = &arguments[..] else {
        return Err("usage: become_farmer KEY NAME ADDRESS ACCOUNT".into());
    };
    let key = Key::from_uri_or_file(secret)?;
    let (address, machine): (Ipv4Addr, Account) = (address.parse()?, machine.parse()?);
    let chain = Chain::connect(&[url]).await?;
    let submit = |call| chain.submit(&key, call, Wait::InBlock);

    // Base units for an hour of a unit, 10^9 bytes of traffic, a GiB of memory for a second.
    let hundredth = u64::try_from(GRID / 100)?;
    let prices =
        Prices { cu: hundredth, su: hundredth / 2, nu: hundredth, ipu: hundredth, gb_second: 100, min_use: 100 };
    let included = submit(Call::CreatePricingPolicy { name: name.clone(), prices }).await?;
    let policy = |event: &Event| match event {
        Event::PolicyCreated { policy_id, .. } => Some(*policy_id),
        _ => None,
    };
    let policy_id = included.events.iter().find_map(policy).ok_or("no price list was made")?;

    let included = submit(Call::CreateFarm { name: name.clone(), policy_id }).await?;
    let farm = |event: &Event| match event {
        Event::FarmCreated { farm_id, .. } => Some(*farm_id),
        _ => None,
    };
    let farm_id = included.events.iter().find_map(farm).ok_or("no farm was made")?;

    let [a, b, c, _] = address.octets();
    let gateway = Ipv4Addr::new(a, b, c, 1);
    submit(Call::AddFarmIp { farm_id, address, prefix_len: 24, gateway }).await?;
    submit(Call::AuthorizeNode { farm_id, account: machine }).await?;
    println!("farm {farm_id} with price list {policy_id} offers {address} and lets {machine} join");
    Ok(())
}
