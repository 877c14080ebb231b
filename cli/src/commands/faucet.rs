//! Tokens to try things with.

use super::balance::grid;
use crate::{amount::Amount, error::CliError, output::Fields, session::Session};
use grid_client::{Account, Call, Key};
use serde_json::json;

/// Who pays: the key that every development chain endows and everybody has.
const SOURCE: &str = "//Alice";

pub async fn run(session: &Session, to: Option<Account>, amount: Amount) -> Result<(), CliError> {
    let to = to.map_or_else(|| session.key().map(|key| key.account()), Ok)?;
    let chain = session.chain().await?;
    if !chain.is_development().await? {
        let message = format!("\"{}\" is not a development chain: its tokens are not given away", chain.name().await?);
        return Err(CliError::failed("not_a_development_chain", message)
            .hint("start one with: gridchain-node --dev, or get tokens from somebody who has some"));
    }
    let sent = session.submit(&chain, &Key::from_uri(SOURCE)?, Call::Transfer { to, amount: amount.0 }).await?;
    let free = chain.at(sent.block).await?.balance(to).await?.free;
    let fields = Fields::default().with("account", to).with("sent", grid(amount.0)).with("free now", grid(free));
    session.out.fields(json!({ "account": to, "sent": amount.0, "free": free }), fields);
    Ok(())
}
