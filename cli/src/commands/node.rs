//! Machines.

use super::node_changes;
use crate::{
    amount::{Bytes, Vcpu},
    args::{NodeCommand, RegisterArgs, WishArgs},
    capacity,
    error::CliError,
    output::Fields,
    session::{self, expect_event, Session},
    time::date,
};
use grid_client::{
    records::{Location, Node, NodeSpec, NodeStatus, Parameters, PowerState},
    Call, Chain, Event, View,
};
use grid_types::units::Capacity;
use serde_json::json;

pub async fn run(session: &Session, command: NodeCommand) -> Result<(), CliError> {
    match command {
        NodeCommand::Register(args) => register(session, *args).await,
        NodeCommand::Show { node } => print(session, &session.chain().await?, node).await,
        NodeCommand::List(wish) => list(session, wish).await,
        NodeCommand::Change(change) => node_changes::run(session, change).await,
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

async fn list(session: &Session, wish: WishArgs) -> Result<(), CliError> {
    let view = session.chain().await?.best().await?;
    let (rules, now) = (view.parameters().await?, view.time().await?);
    let nodes = if wish == WishArgs::default() { view.nodes().await? } else { with_room(&view, &wish).await? };
    let (mut rows, mut all) = (Vec::new(), Vec::new());
    for node in nodes {
        let status = view.node_status(node.id).await?;
        let free = free(&node, &status);
        rows.push(vec![
            node.id.to_string(),
            node.farm_id.to_string(),
            format!("{}, {}", node.spec.location.city, node.spec.location.country),
            Vcpu(free.cru).to_string(),
            Bytes(free.mru).to_string(),
            Bytes(free.sru).to_string(),
            status.contracts.to_string(),
            standing(&node, &status, &rules, now),
        ]);
        all.push(json!({ "node": node, "status": status, "free": free }));
    }
    let header = ["NODE", "FARM", "PLACE", "FREE VCPU", "FREE MEMORY", "FREE SSD", "CONTRACTS", "STATE"];
    session.out.table(all, &header, &rows);
    Ok(())
}

/// The nodes that take a wish now, as the chain sees it.
async fn with_room(view: &View, wish: &WishArgs) -> Result<Vec<Node>, CliError> {
    let capacity = wish.capacity.over(Capacity::default());
    let mut nodes = Vec::new();
    for id in view.free_nodes(capacity, wish.ips.unwrap_or_default()).await? {
        nodes.extend(view.node(id).await?);
    }
    Ok(nodes)
}

pub async fn print(session: &Session, chain: &Chain, id: u32) -> Result<(), CliError> {
    let view = chain.best().await?;
    let node = session::node(&view, id).await?;
    let (status, rules, now) = (view.node_status(id).await?, view.parameters().await?, view.time().await?);
    let free = free(&node, &status);
    let config = node.public_config.clone().unwrap_or_default();
    let public = [
        config.ip4.map(|ip| format!("{}/{}", ip.address, ip.prefix_len)),
        config.ip6.map(|ip| format!("{}/{}", ip.address, ip.prefix_len)),
        config.domain,
    ];
    let public: Vec<_> = public.into_iter().flatten().collect();
    let fields = Fields::default()
        .with("node", node.id)
        .with("farm", node.farm_id)
        .with("twin", node.twin_id)
        .with("agent", node.agent)
        .maybe("bus", node.spec.bus.as_ref())
        .with("place", format!("{}, {}", node.spec.location.city, node.spec.location.country))
        .maybe("serial", node.spec.serial.as_ref())
        .with("has", capacity_text(&node.spec.capacity))
        .with("reserved", capacity_text(&status.reserved))
        .with("free", capacity_text(&free))
        .with("contracts", status.contracts)
        .maybe("rented by", status.rented_by.map(|contract| format!("contract {contract}")))
        .with("rent", rent_text(&node))
        .maybe("public", (!public.is_empty()).then(|| public.join(" ")))
        .with("certified", if node.certified { "yes" } else { "no" })
        .with("heard of", if status.seen.last == 0 { "never".into() } else { date(status.seen.last) })
        .with("state", standing(&node, &status, &rules, now));
    session.out.fields(json!({ "node": node, "status": status, "free": free }), fields);
    Ok(())
}

/// Capacity in words.
pub fn capacity_text(capacity: &Capacity) -> String {
    let Capacity { cru, mru, sru, hru } = *capacity;
    let disk = if hru > 0 { format!(", {} HDD", Bytes(hru)) } else { String::new() };
    format!("{} vCPU, {} memory, {} SSD{disk}", Vcpu(cru), Bytes(mru), Bytes(sru))
}

fn free(node: &Node, status: &NodeStatus) -> Capacity {
    node.spec.capacity.checked_sub(&status.reserved).unwrap_or_default()
}

fn rent_text(node: &Node) -> String {
    let only = if node.rent.whole_only { "; only as a whole" } else { "" };
    format!("{} % on top of CU and SU{only}", node.rent.surcharge)
}

/// No sign of life for two report periods, by the chain's clock.
pub fn is_unseen(status: &NodeStatus, rules: &Parameters, now: u64) -> bool {
    status.seen.last.saturating_add(2 * rules.report_period) < now
}

/// Whether the node takes work.
fn standing(node: &Node, status: &NodeStatus, rules: &Parameters, now: u64) -> String {
    let power = node.power;
    if node.closing {
        "closing".into()
    } else if power.state == PowerState::Down {
        "switched off".into()
    } else if power.target == PowerState::Down {
        "to be switched off".into()
    } else if is_unseen(status, rules, now) {
        "unseen".into()
    } else if let Some(contract) = status.rented_by {
        format!("up, rented by contract {contract}")
    } else {
        "up".into()
    }
}
