//! Machines.

use super::now;
use crate::{
    amount::{Bytes, Vcpu},
    args::{NodeCommand, RegisterArgs},
    capacity,
    error::CliError,
    output::Fields,
    session::{self, expect_event, Session},
};
use grid_client::{
    records::{Location, Node, NodeSpec, NodeUse, Parameters, Seen},
    Account, Call, Chain, Event,
};
use grid_types::units::Capacity;
use serde_json::json;

pub async fn run(session: &Session, command: NodeCommand) -> Result<(), CliError> {
    match command {
        NodeCommand::Register(args) => register(session, *args).await,
        NodeCommand::SetAgent { node, agent } => set_agent(session, node, agent).await,
        NodeCommand::Show { node } => print(session, &session.chain().await?, node).await,
        NodeCommand::List => list(session).await,
    }
}

async fn register(session: &Session, args: RegisterArgs) -> Result<(), CliError> {
    let (key, chain) = (session.key()?, session.chain().await?);
    let capacity = capacity::of(&args)?;
    session.out.note(format!("registering {}", capacity_text(&capacity)));
    let spec = NodeSpec {
        capacity,
        location: Location { country: args.country, city: args.city, latitude: None, longitude: None },
        interfaces: Vec::new(),
        serial: args.serial,
        bus: args.bus,
    };
    let call = Call::CreateNode { farm_id: args.farm, spec, agent: args.agent };
    let included = session.submit(&chain, &key, call).await?;
    let id = expect_event(&included, "NodeCreated", |event| match event {
        Event::NodeCreated { node_id, .. } => Some(*node_id),
        _ => None,
    })?;
    print(session, &chain, id).await
}

async fn set_agent(session: &Session, node_id: u32, agent: Account) -> Result<(), CliError> {
    let (key, chain) = (session.key()?, session.chain().await?);
    session.submit(&chain, &key, Call::SetNodeAgent { node_id, agent }).await?;
    print(session, &chain, node_id).await
}

async fn list(session: &Session) -> Result<(), CliError> {
    let view = session.chain().await?.best().await?;
    let rules = view.parameters().await?;
    let (mut rows, mut all) = (Vec::new(), Vec::new());
    for node in view.nodes().await? {
        let (used, seen) = (view.node_use(node.id).await?, view.node_seen(node.id).await?);
        let free = free(&node, &used);
        rows.push(vec![
            node.id.to_string(),
            node.farm_id.to_string(),
            format!("{}, {}", node.spec.location.city, node.spec.location.country),
            Vcpu(free.cru).to_string(),
            Bytes(free.mru).to_string(),
            Bytes(free.sru).to_string(),
            used.contracts.to_string(),
            standing(&node, &seen, &rules).into(),
        ]);
        all.push(json!({ "node": node, "use": used, "seen": seen, "free": free }));
    }
    let header = ["NODE", "FARM", "PLACE", "FREE VCPU", "FREE MEMORY", "FREE SSD", "CONTRACTS", "STATE"];
    session.out.table(all, &header, &rows);
    Ok(())
}

async fn print(session: &Session, chain: &Chain, id: u32) -> Result<(), CliError> {
    let view = chain.best().await?;
    let node = session::node(&view, id).await?;
    let (used, seen, rules) = (view.node_use(id).await?, view.node_seen(id).await?, view.parameters().await?);
    let free = free(&node, &used);
    let fields = Fields::default()
        .with("node", node.id)
        .with("farm", node.farm_id)
        .with("twin", node.twin_id)
        .with("agent", node.agent)
        .maybe("bus", node.spec.bus.as_ref())
        .with("place", format!("{}, {}", node.spec.location.city, node.spec.location.country))
        .maybe("serial", node.spec.serial.as_ref())
        .with("has", capacity_text(&node.spec.capacity))
        .with("free", capacity_text(&free))
        .with("contracts", used.contracts)
        .with("state", standing(&node, &seen, &rules));
    session.out.fields(json!({ "node": node, "use": used, "seen": seen, "free": free }), fields);
    Ok(())
}

/// Capacity in words.
pub fn capacity_text(capacity: &Capacity) -> String {
    let Capacity { cru, mru, sru, hru } = *capacity;
    let disk = if hru > 0 { format!(", {} HDD", Bytes(hru)) } else { String::new() };
    format!("{} vCPU, {} memory, {} SSD{disk}", Vcpu(cru), Bytes(mru), Bytes(sru))
}

fn free(node: &Node, used: &NodeUse) -> Capacity {
    node.spec.capacity.checked_sub(&used.reserved).unwrap_or_default()
}

/// Whether the node takes work: unseen is no sign of life for two report periods.
fn standing(node: &Node, seen: &Seen, rules: &Parameters) -> &'static str {
    if node.closing {
        "closing"
    } else if seen.last.saturating_add(2 * rules.report_period) < now() {
        "unseen"
    } else {
        "up"
    }
}
