//! Reserves a part of a node for a deployment, at no more than the price of now.
//!
//! ```sh
//! cargo run -p grid-client --example create_contract me.key 1
//! ```

use grid_client::{
    records::{ContractMode, PriceLimit},
    Call, Chain, CreateContract, Event, Key, Wait,
};
use grid_types::{
    challenge,
    deployment::Deployment,
    units::{Resources, GIB},
};
use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("GRID_URL").unwrap_or_else(|_| "ws://127.0.0.1:9944".into());
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [secret, node] = &arguments[..] else { return Err("usage: create_contract KEY NODE".into()) };
    let key = Key::from_uri_or_file(secret)?;
    let node_id: u32 = node.parse()?;
    let chain = Chain::connect(&[url]).await?;
    let view = chain.best().await?;
    let twin_id = view.twin_of(key.account()).await?.ok_or("make a twin first")?;

    // Only its hash goes on chain; the deployment itself is sent to the node's agent: see `grid deploy`.
    let deployment = Deployment::from_value(serde_json::json!({
        "version": 0, "twin_id": twin_id, "contract_id": 0, "metadata": "", "description": "example", "expiration": 0,
        "workloads": [{ "version": 0, "name": "stats", "type": "function", "metadata": "", "description": "",
            "data": { "module": format!("sha256:{}", "ab".repeat(32)), "memory": 64 << 20, "timeout_ms": 1_000 } }],
    }))?;
    let resources = Resources { cru: 1_000, mru: 2 * GIB, sru: 50 * GIB, hru: 0, nru_per_hour: 1_000_000_000 };
    let quote = view.quote(node_id, resources, 1).await?.ok_or("there is no such node")?;
    let call = Call::CreateContract(CreateContract {
        node_id,
        deployment_hash: challenge::hash(&deployment, &chain.genesis()),
        data: Vec::new(),
        public_ips: 1,
        resources,
        mode: ContractMode::Reserved,
        price_limit: Some(PriceLimit { max_hourly: quote.hourly, max_gb_second: u64::MAX }),
    });
    let included = chain.submit(&key, call, Wait::Finalized).await?;
    for event in &included.events {
        if let Event::ContractCreated { contract_id, escrow, public_ips, .. } = event {
            println!("contract {contract_id} holds {public_ips:?}; {escrow} base units are set aside");
        }
    }
    Ok(())
}
