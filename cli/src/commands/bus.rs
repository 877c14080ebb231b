//! Any command of the message bus, as a program would send it.

use super::input;
use crate::{
    args::BusCommand,
    error::CliError,
    session::{self, Session},
};
use grid_types::json;
use serde_json::Value;

pub async fn run(session: &Session, command: BusCommand) -> Result<(), CliError> {
    let BusCommand::Call { node, command, payload } = command;
    // Read strictly here too: what the node would refuse is not worth sending.
    let payload: Value = json::parse(&input(&payload)?)?;
    let chain = session.chain().await?;
    let view = chain.best().await?;
    let me = session.me(&view).await?;
    let node = session::node(&view, node).await?;
    let bus = me.bus(&chain, &node).await?;
    let answer: Value = bus.call(&command, &payload).await?;
    let lines = serde_json::to_string_pretty(&answer).unwrap_or_else(|_| answer.to_string());
    session.out.bytes(format!("{lines}\n").as_bytes());
    Ok(())
}
