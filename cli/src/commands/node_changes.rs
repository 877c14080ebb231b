//! What farmers, nodes, agents and certifiers say about a node that is registered.

use super::node::print;
use crate::{
    args::{CapacityArgs, Cidr, NodeChange, NodeUpdateArgs, PublicConfigArgs, RentTermsArgs},
    error::CliError,
    output::Fields,
    session::{self, Session},
};
use grid_client::{
    records::{Location, NodeSpec, PublicConfig, RentTerms, Subnet},
    Call, Chain, Event,
};
use serde_json::json;

pub async fn run(session: &Session, change: NodeChange) -> Result<(), CliError> {
    let chain = session.chain().await?;
    let (node_id, call) = match change {
        NodeChange::Update(args) => {
            let had = session::node(&chain.best().await?, args.node).await?.spec;
            (args.node, Call::UpdateNode { node_id: args.node, spec: updated(*args, had) })
        },
        NodeChange::SetAgent { node, agent } => (node, Call::SetNodeAgent { node_id: node, agent }),
        NodeChange::AcceptAgent { node } => (node, Call::AcceptAgent { node_id: node }),
        NodeChange::ResignAgent => (own_node(session, &chain).await?, Call::ResignAgent),
        NodeChange::Power { node, target } => (node, Call::ChangePowerTarget { node_id: node, target: target.into() }),
        NodeChange::Powered { state } => {
            (own_node(session, &chain).await?, Call::ChangePowerState { state: state.into() })
        },
        NodeChange::Degraded(args) => degraded(session, &chain, &args).await?,
        NodeChange::Certify { node, revoke } => {
            let seen = session::node(&chain.best().await?, node).await?.spec.machine();
            (node, Call::SetNodeCertification { node_id: node, machine: (!revoke).then_some(seen) })
        },
        NodeChange::RentTerms(args) => {
            let had = session::node(&chain.best().await?, args.node).await?.rent;
            (args.node, Call::SetNodeRentTerms { node_id: args.node, terms: rent_terms(&args, had) })
        },
        NodeChange::PublicConfig(args) => {
            let had = session::node(&chain.best().await?, args.node).await?.public_config;
            (args.node, Call::SetNodePublicConfig { node_id: args.node, config: public_config(args, had) })
        },
        NodeChange::Move { node, farm } => (node, Call::MoveNode { node_id: node, farm_id: farm }),
        NodeChange::Delete { node } => return delete(session, &chain, node).await,
    };
    session.submit(&chain, &session.key()?, call).await?;
    print(session, &chain, node_id).await
}

async fn degraded(session: &Session, chain: &Chain, args: &CapacityArgs) -> Result<(u32, Call), CliError> {
    let node_id = own_node(session, chain).await?;
    let had = session::node(&chain.best().await?, node_id).await?.spec.capacity;
    Ok((node_id, Call::ReportDegraded { capacity: args.over(had) }))
}

async fn delete(session: &Session, chain: &Chain, node_id: u32) -> Result<(), CliError> {
    let included = session.submit(chain, &session.key()?, Call::DeleteNode { node_id }).await?;
    let closing = included.events.iter().any(|event| matches!(event, Event::NodeClosing { .. }));
    let state = if closing { "closing: its contracts end, then it is gone" } else { "gone" };
    let fields = Fields::default().with("node", node_id).with("state", state);
    session.out.fields(json!({ "node_id": node_id, "closing": closing }), fields);
    Ok(())
}

/// The node whose agent your key is.
async fn own_node(session: &Session, chain: &Chain) -> Result<u32, CliError> {
    let account = session.key()?.account();
    chain.best().await?.node_of_agent(account).await?.ok_or_else(|| {
        CliError::failed("no_node", format!("{account} is not the agent of any node"))
            .hint("this needs the agent's key: --key")
    })
}

fn updated(args: NodeUpdateArgs, had: NodeSpec) -> NodeSpec {
    let NodeUpdateArgs { node: _, bus, no_bus, country, city, capacity, serial } = args;
    let moved = country.is_some() || city.is_some();
    // Coordinates of the place where it was.
    let coordinate = |had: Option<i32>| had.filter(|_| !moved);
    NodeSpec {
        capacity: capacity.over(had.capacity),
        location: Location {
            country: country.unwrap_or(had.location.country),
            city: city.unwrap_or(had.location.city),
            latitude: coordinate(had.location.latitude),
            longitude: coordinate(had.location.longitude),
        },
        interfaces: had.interfaces,
        serial: serial.or(had.serial),
        bus: bus.or(had.bus).filter(|_| !no_bus),
    }
}

fn rent_terms(args: &RentTermsArgs, had: RentTerms) -> RentTerms {
    RentTerms {
        surcharge: args.surcharge.unwrap_or(had.surcharge),
        whole_only: args.whole_only.unwrap_or(had.whole_only),
    }
}

fn public_config(args: PublicConfigArgs, had: Option<PublicConfig>) -> Option<PublicConfig> {
    if args.none {
        return None;
    }
    let had = had.unwrap_or_default();
    Some(PublicConfig {
        ip4: subnet(args.ip4, args.gateway4).or(had.ip4),
        ip6: subnet(args.ip6, args.gateway6).or(had.ip6),
        domain: args.domain.or(had.domain),
    })
}

fn subnet<Address>(ip: Option<Cidr<Address>>, gateway: Option<Address>) -> Option<Subnet<Address>> {
    let (Cidr { address, prefix_len }, gateway) = ip.zip(gateway)?;
    Some(Subnet { address, prefix_len, gateway })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use grid_types::units::Capacity;
    use std::net::Ipv4Addr;

    #[test]
    fn rent_terms_that_are_not_given_stay() {
        let had = RentTerms { surcharge: 20, whole_only: false };
        let given = |surcharge, whole_only| rent_terms(&RentTermsArgs { node: 1, surcharge, whole_only }, had);
        assert_eq!(given(None, Some(true)), RentTerms { surcharge: 20, whole_only: true });
        assert_eq!(given(Some(0), None), RentTerms { surcharge: 0, whole_only: false });
    }

    #[test]
    fn what_is_not_said_anew_of_a_machine_stays() {
        let text = |text: &str| Some(text.to_owned());
        let had = NodeSpec {
            capacity: Capacity { cru: 8_000, mru: 16 << 30, sru: 100 << 30, hru: 0 },
            location: Location {
                country: "Belgium".into(),
                city: "Ghent".into(),
                latitude: Some(51_050_000),
                longitude: Some(3_720_000),
            },
            interfaces: Vec::new(),
            serial: text("s-1"),
            bus: text("ws://10.0.0.7:7070"),
        };
        let nothing = || NodeUpdateArgs {
            node: 1,
            bus: None,
            no_bus: false,
            country: None,
            city: None,
            capacity: CapacityArgs::default(),
            serial: None,
        };
        assert_eq!(updated(nothing(), had.clone()), had);
        let door = updated(NodeUpdateArgs { bus: text("wss://n.example.org:7070"), ..nothing() }, had.clone());
        assert_eq!(door, NodeSpec { bus: text("wss://n.example.org:7070"), ..had.clone() });
        assert_eq!(
            updated(NodeUpdateArgs { no_bus: true, ..nothing() }, had.clone()),
            NodeSpec { bus: None, ..had.clone() }
        );
        let moved = updated(NodeUpdateArgs { city: text("Antwerp"), ..nothing() }, had).location;
        assert_eq!((moved.country.as_str(), moved.city.as_str(), moved.latitude), ("Belgium", "Antwerp", None));
    }

    #[test]
    fn public_addresses_that_are_not_given_stay() {
        let none = || PublicConfigArgs {
            node: 1,
            ip4: None,
            gateway4: None,
            ip6: None,
            gateway6: None,
            domain: None,
            none: false,
        };
        let (ip4, gateway) = ("203.0.113.5/24".parse().ok(), Ipv4Addr::new(203, 0, 113, 1));
        let first = public_config(PublicConfigArgs { ip4, gateway4: Some(gateway), ..none() }, None);
        let domain = Some("node1.example.org".to_owned());
        let both = public_config(PublicConfigArgs { domain: domain.clone(), ..none() }, first.clone()).unwrap();
        assert_eq!((both.ip4, both.domain), (first.unwrap().ip4, domain));
        assert_eq!(public_config(PublicConfigArgs { none: true, ..none() }, Some(PublicConfig::default())), None);
    }
}
