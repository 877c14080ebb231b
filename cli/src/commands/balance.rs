//! What an account has.

use crate::{amount::Amount, error::CliError, output::Fields, session::Session};
use grid_client::{Account, View};
use serde::Serialize;

/// What an account has, base units.
#[derive(Serialize)]
struct Standing {
    account: Account,
    free: u128,
    held: u128,
    frozen: u128,
    payable: u128,
    /// What was paid out just now.
    #[serde(skip_serializing_if = "Option::is_none")]
    claimed: Option<u128>,
    block: u64,
}

pub async fn run(session: &Session, account: Option<Account>) -> Result<(), CliError> {
    let account = account.map_or_else(|| session.key().map(|key| key.account()), Ok)?;
    print(session, &session.chain().await?.best().await?, account, None).await
}

/// Shows what an account has, and what was paid out to it just now.
pub async fn print(session: &Session, view: &View, account: Account, claimed: Option<u128>) -> Result<(), CliError> {
    let (balance, payable) = (view.balance(account).await?, view.payable(account).await?);
    let fields = Fields::default()
        .with("account", account)
        .maybe("paid out", claimed.map(grid))
        .with("free", grid(balance.free))
        .with("held", format!("{} (deposits)", grid(balance.held)))
        .maybe("frozen", (balance.frozen > 0).then(|| grid(balance.frozen)))
        .maybe("payable", (payable > 0).then(|| format!("{} (waits: grid claim)", grid(payable))));
    let block = view.block().number;
    let standing =
        Standing { account, free: balance.free, held: balance.held, frozen: balance.frozen, payable, claimed, block };
    session.out.fields(standing, fields);
    Ok(())
}

/// An amount with the token's name.
pub fn grid(base: u128) -> String {
    format!("{} GRID", Amount(base))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn amounts_above_64_bits_are_numbers_too() {
        let (account, free) = (Account([0; 32]), u128::MAX);
        let standing = Standing { account, free, held: 0, frozen: 0, payable: 0, claimed: None, block: 1 };
        let json = serde_json::to_value(standing).unwrap();
        assert_eq!(json["free"].to_string(), u128::MAX.to_string());
        assert!(json.get("claimed").is_none());
        assert_eq!(serde_json::json!({ "amount": u128::MAX })["amount"], json["free"]);
    }
}
