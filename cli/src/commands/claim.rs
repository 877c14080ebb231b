//! Paying out what waits for an account.

use super::balance;
use crate::{
    error::CliError,
    session::{expect_event, Session},
};
use grid_client::{Account, Call, Event};

pub async fn run(session: &Session, account: Option<Account>) -> Result<(), CliError> {
    let (key, chain) = (session.key()?, session.chain().await?);
    let account = account.unwrap_or_else(|| key.account());
    let included = session.submit(&chain, &key, Call::Claim { account }).await?;
    let claimed = expect_event(&included, "Claimed", |event| match event {
        Event::Claimed { account: to, amount } if *to == account => Some(*amount),
        _ => None,
    })?;
    balance::print(session, &chain.at(included.block).await?, account, Some(claimed)).await
}
