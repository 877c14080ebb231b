//! What an account has.

use crate::{amount::Amount, error::CliError, output::Fields, session::Session};
use grid_client::Account;
use serde_json::json;

pub async fn run(session: &Session, account: Option<Account>) -> Result<(), CliError> {
    let account = account.map_or_else(|| session.key().map(|key| key.account()), Ok)?;
    let view = session.chain().await?.best().await?;
    let balance = view.balance(account).await?;
    let payable = view.payable(account).await?;
    let fields = Fields::default()
        .with("account", account)
        .with("free", grid(balance.free))
        .with("held", format!("{} (deposits)", grid(balance.held)))
        .maybe("frozen", (balance.frozen > 0).then(|| grid(balance.frozen)))
        .maybe("payable", (payable > 0).then(|| format!("{} (waits: grid claim)", grid(payable))));
    let json = json!({
        "account": account, "free": balance.free, "held": balance.held, "frozen": balance.frozen, "payable": payable,
        "block": view.block().number,
    });
    session.out.fields(json, fields);
    Ok(())
}

/// An amount with the token's name.
pub fn grid(base: u128) -> String {
    format!("{} GRID", Amount(base))
}
