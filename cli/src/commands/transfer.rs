//! Tokens to another account.

use super::balance::grid;
use crate::{amount::Amount, error::CliError, output::Fields, session::Session};
use grid_client::{Account, Call};
use serde_json::json;

pub async fn run(session: &Session, to: Account, amount: Amount) -> Result<(), CliError> {
    let (key, chain) = (session.key()?, session.chain().await?);
    session.out.note("sending; waiting until that is final");
    let sent = session.submit_final(&chain, &key, Call::Transfer { to, amount: amount.0 }).await?;
    let free = chain.at(sent.block).await?.balance(key.account()).await?.free;
    let fields = Fields::default().with("to", to).with("sent", grid(amount.0)).with("free now", grid(free));
    session.out.fields(json!({ "to": to, "sent": amount.0, "free": free }), fields);
    Ok(())
}
