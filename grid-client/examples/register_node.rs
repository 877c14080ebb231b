//! Registers a machine with a farm that has authorized it, and shows that it lives. `zos-agent` does the latter all the time.
//!
//! ```sh
//! cargo run -p grid-client --example register_node machine.key 1
//! ```

use grid_client::{
    records::{Location, NodeSpec},
    Call, Chain, Event, Key, Wait,
};
use grid_types::units::{Capacity, GIB};
use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("GRID_URL").unwrap_or_else(|_| "ws://127.0.0.1:9944".into());
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [secret, farm] = &arguments[..] else { return Err("usage: register_node KEY FARM".into()) };
    let key = Key::from_uri_or_file(secret)?;
    let chain = Chain::connect(&[url]).await?;

    let spec = NodeSpec {
        // Processors in thousandths, the rest in bytes.
        capacity: Capacity { cru: 8_000, mru: 16 * GIB, sru: 500 * GIB, hru: 0 },
        location: Location { country: "Belgium".into(), city: "Ghent".into(), latitude: None, longitude: None },
        interfaces: Vec::new(),
        serial: None,
        bus: Some("ws://127.0.0.1:7070".into()),
    };
    // Without an agent of its own, the machine's account signs what the node says.
    let call = Call::CreateNode { farm_id: farm.parse()?, spec, agent: None };
    let included = chain.submit(&key, call, Wait::InBlock).await?;
    for event in &included.events {
        if let Event::NodeCreated { node_id, .. } = event {
            println!("node {node_id} joined farm {farm}");
        }
    }

    let heartbeat = chain.submit(&key, Call::ReportUptime { uptime: 1 }, Wait::InBlock).await?;
    println!("heartbeat in block {}, fee {:?}", heartbeat.block, heartbeat.fee);
    Ok(())
}
