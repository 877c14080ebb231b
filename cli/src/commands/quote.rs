//! What things would cost now, by the chain's own arithmetic.

use super::{
    balance::grid,
    deploy::default_resources,
    node::{capacity_text, is_unseen},
};
use crate::{
    args::QuoteArgs,
    error::CliError,
    output::Fields,
    session::{self, Session},
};
use grid_client::{
    records::{Node, NodeStatus, PowerState, Quote},
    View,
};
use grid_types::units::{Capacity, Resources, GIB};
use serde::Serialize;

/// Memory of a wish that names none.
const DEFAULT_MRU: u64 = GIB;

pub async fn run(session: &Session, args: QuoteArgs) -> Result<(), CliError> {
    let view = session.chain().await?.best().await?;
    let node = session::node(&view, args.node).await?;
    let wish = default_resources(&args.resources, DEFAULT_MRU);
    let quote = of_wish(&view, node.id, wish, args.ips).await?;
    let status = view.node_status(node.id).await?;
    let renter = renter(session, &view, &status).await?;
    let unseen = is_unseen(&status, &view.parameters().await?, view.time().await?);
    let obstacle = obstacle(&node, renter, unseen);
    let inside_rent = match renter {
        Renter::You { rent } => Some(rent),
        _ => None,
    };
    let fields = quote_fields(&node, &wish.capacity(), args.ips, &quote)
        .maybe("inside", inside_rent.map(|rent| format!("your rent, contract {rent}: addresses and traffic only")))
        .maybe("but", obstacle.as_ref().map(|obstacle| &obstacle.message));
    session.out.fields(Answer { quote, inside_rent, obstacle }, fields);
    Ok(())
}

/// A quote, and whether there is anything to be had at that price.
#[derive(Serialize)]
struct Answer {
    #[serde(flatten)]
    quote: Quote,
    /// The rent of yours that it would be inside of.
    inside_rent: Option<u64>,
    obstacle: Option<Obstacle>,
}

/// Why the chain would refuse a contract now.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Obstacle {
    /// The error that it would give.
    code: &'static str,
    message: String,
}

/// Who rents a node as a whole. Its price is the renter's, whoever asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Renter {
    Nobody,
    You { rent: u64 },
    Other { rent: u64, twin: u32 },
}

async fn renter(session: &Session, view: &View, status: &NodeStatus) -> Result<Renter, CliError> {
    let Some(rent) = status.rented_by else { return Ok(Renter::Nobody) };
    let twin = session::contract(view, rent).await?.twin_id;
    Ok(match session.twin_if_known(view).await? {
        Some(me) if me == twin => Renter::You { rent },
        _ => Renter::Other { rent, twin },
    })
}

fn obstacle(node: &Node, renter: Renter, unseen: bool) -> Option<Obstacle> {
    let (code, message) = match renter {
        Renter::Other { rent, twin } => (
            "NodeRentedByOther",
            format!("twin {twin} rents the node (contract {rent}): nobody else gets a contract there, at any price"),
        ),
        _ if node.closing => ("NodeClosing", "the node leaves the grid".into()),
        _ if node.power.target == PowerState::Down || node.power.state == PowerState::Down => {
            ("NodePoweredDown", "the node is switched off, or about to be".into())
        },
        _ if unseen => ("NodeUnseen", "the node was not heard of lately".into()),
        Renter::Nobody if node.rent.whole_only => {
            ("NodeWholeOnly", format!("the node is let as a whole only: grid rent quote {}", node.id))
        },
        _ => return None,
    };
    Some(Obstacle { code, message })
}

/// What a wish on a node costs.
pub async fn of_wish(view: &View, node_id: u32, wish: Resources, ips: u32) -> Result<Quote, CliError> {
    view.quote(node_id, wish, ips).await?.ok_or_else(|| CliError::not_found("node", node_id))
}

/// What renting a node costs.
pub async fn of_rent(view: &View, node_id: u32) -> Result<Quote, CliError> {
    view.quote_rent(node_id).await?.ok_or_else(|| CliError::not_found("node", node_id))
}

/// A quote in one sentence.
pub fn sentence(quote: &Quote) -> String {
    format!(
        "it costs at most {} per hour and {} per 10^9 bytes; {} must be there, {} is set aside if you have it",
        grid(quote.hourly),
        grid(quote.traffic.into()),
        grid(quote.needed),
        grid(quote.high),
    )
}

/// A quote line by line.
pub fn quote_fields(node: &Node, capacity: &Capacity, ips: u32, quote: &Quote) -> Fields {
    Fields::default()
        .with("node", node.id)
        .with("for", format!("{}, {ips} public addresses", capacity_text(capacity)))
        .with("costs", format!("at most {} per hour", grid(quote.hourly)))
        .with("paused", format!("{} per hour", grid(quote.held_hourly)))
        .with("traffic", format!("{} per 10^9 bytes", grid(quote.traffic.into())))
        .with("needs", format!("{} to begin, without the deposit", grid(quote.needed)))
        .with("sets aside", format!("{} if you have it", grid(quote.high)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use grid_client::{
        records::{Location, NodeSpec, Power, RentTerms},
        Account,
    };

    fn node(rent: RentTerms) -> Node {
        let location = Location { country: "Belgium".into(), city: "Ghent".into(), latitude: None, longitude: None };
        let capacity = Capacity::default();
        Node {
            id: 1,
            farm_id: 1,
            twin_id: 1,
            agent: Account([0; 32]),
            spec: NodeSpec { capacity, location, interfaces: Vec::new(), serial: None, bus: None },
            certified: false,
            created: 0,
            closing: false,
            power: Power::default(),
            rent,
            public_config: None,
        }
    }

    fn code(node: &Node, renter: Renter, unseen: bool) -> Option<&'static str> {
        obstacle(node, renter, unseen).map(|obstacle| obstacle.code)
    }

    #[test]
    fn a_node_that_is_let_in_parts_can_be_had() {
        assert_eq!(code(&node(RentTerms::default()), Renter::Nobody, false), None);
    }

    #[test]
    fn what_others_rent_cannot() {
        let other = Renter::Other { rent: 7, twin: 3 };
        assert_eq!(code(&node(RentTerms::default()), other, false), Some("NodeRentedByOther"));
    }

    #[test]
    fn a_whole_node_can_be_had_in_parts_by_who_rents_it() {
        let whole = node(RentTerms { surcharge: 0, whole_only: true });
        assert_eq!(code(&whole, Renter::Nobody, false), Some("NodeWholeOnly"));
        assert_eq!(code(&whole, Renter::You { rent: 7 }, false), None);
        assert_eq!(code(&whole, Renter::You { rent: 7 }, true), Some("NodeUnseen"));
    }

    #[test]
    fn an_answer_is_the_quote_with_more() {
        let quote = Quote { hourly: u128::MAX, traffic: 1, needed: 2, high: 3, held_hourly: 4 };
        let answer = serde_json::to_value(Answer { quote, inside_rent: None, obstacle: None }).unwrap();
        assert_eq!((answer["hourly"].to_string(), answer["high"].as_u64()), (u128::MAX.to_string(), Some(3)));
    }
}
