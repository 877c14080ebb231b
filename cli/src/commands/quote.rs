//! What things would cost now, by the chain's own arithmetic.

use super::{balance::grid, deploy::default_resources, node::capacity_text};
use crate::{
    args::QuoteArgs,
    error::CliError,
    output::Fields,
    session::{self, Session},
};
use grid_client::{
    records::{Node, Quote},
    View,
};
use grid_types::units::{Capacity, Resources, GIB};

/// Memory of a wish that names none.
const DEFAULT_MRU: u64 = GIB;

pub async fn run(session: &Session, args: QuoteArgs) -> Result<(), CliError> {
    let view = session.chain().await?.best().await?;
    let node = session::node(&view, args.node).await?;
    let wish = default_resources(&args.resources, DEFAULT_MRU);
    let quote = of_wish(&view, node.id, wish, args.ips).await?;
    session.out.fields(quote, quote_fields(&node, &wish.capacity(), args.ips, &quote));
    Ok(())
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
