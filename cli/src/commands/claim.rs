//! Paying out what waits for an account.

use super::balance::{self, grid};
use crate::{error::CliError, session::Session};
use grid_client::{Account, Call};

pub async fn run(session: &Session, account: Option<Account>) -> Result<(), CliError> {
    let (key, chain) = (session.key()?, session.chain().await?);
    let account = account.unwrap_or_else(|| key.account());
    let waits = chain.best().await?.payable(account).await?;
    session.submit(&chain, &key, Call::Claim { account }).await?;
    session.out.note(format!("paid out {}", grid(waits)));
    balance::run(session, Some(account)).await
}
