//! The chain's records at one block. All answers of one [`View`] belong to one state.

mod ask;
mod contracts;
mod registry;

use crate::{
    connect::{AtBlock, Connection},
    error::ChainError,
    events::Event,
    keys::Account,
    records::{Balance, BlockRef},
    runtime::api,
};
use std::sync::Arc;
use subxt::{
    error::EventsError,
    storage::{Address, PrefixOf},
    view_functions::Payload as ViewCall,
};

/// How much of a list is asked for at once: the most that the chain gives.
const PAGE: u32 = 100;

/// The chain at one block.
pub struct View {
    at: AtBlock,
    connection: Arc<Connection>,
}

impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "View({})", self.block())
    }
}

impl View {
    pub(crate) fn new(at: AtBlock, connection: Arc<Connection>) -> Self {
        Self { at, connection }
    }

    /// Which block.
    pub fn block(&self) -> BlockRef {
        BlockRef { number: self.at.block_number(), hash: self.at.block_hash().0 }
    }

    /// The version of the runtime at that block.
    pub fn spec_version(&self) -> u32 {
        self.at.spec_version()
    }

    /// The block's time, Unix seconds.
    pub async fn time(&self) -> Result<u64, ChainError> {
        let milliseconds = self.fetch(api::storage().timestamp().now(), ()).await?;
        Ok(milliseconds.unwrap_or_default() / 1_000)
    }

    /// What an account has, base units; nothing if it does not exist.
    pub async fn balance(&self, account: Account) -> Result<Balance, ChainError> {
        let info = self.fetch(api::storage().system().account(), (account.into(),)).await?;
        Ok(info.map(Balance::from).unwrap_or_default())
    }

    /// How many transactions of an account were included up to the block.
    pub async fn nonce(&self, account: Account) -> Result<u64, ChainError> {
        let info = self.fetch(api::storage().system().account(), (account.into(),)).await?;
        Ok(info.map_or(0, |info| u64::from(info.nonce)))
    }

    /// The least that an account must have to exist, base units.
    pub fn existential_deposit(&self) -> Result<u128, ChainError> {
        let address = api::constants().balances().existential_deposit();
        self.at.constants().entry(address).map_err(|error| mismatch("ExistentialDeposit", error))
    }

    /// All tokens there are, base units.
    pub async fn total_issuance(&self) -> Result<u128, ChainError> {
        Ok(self.fetch(api::storage().balances().total_issuance(), ()).await?.unwrap_or_default())
    }

    /// What happened in the block, as far as the grid's pallets tell.
    pub async fn events(&self) -> Result<Vec<Event>, ChainError> {
        let events = self.at.events().fetch().await.map_err(|error| match error {
            EventsError::CannotFetchEventBytes(reason) => self.connection.backend_failed(reason),
            other => ChainError::unreadable("events", other),
        })?;
        let mut out = Vec::new();
        for event in events.iter() {
            let event = event.map_err(|error| ChainError::unreadable("an event", error))?;
            out.extend(Event::read(&event)?);
        }
        Ok(out)
    }

    /// One value; `None` if there is none and the entry has no default.
    async fn fetch<A: Address>(&self, address: A, key: A::KeyParts) -> Result<Option<A::Value>, ChainError> {
        let what = address.entry_name().to_owned();
        let value = self.at.storage().try_fetch(address, key).await;
        let value = value.map_err(|error| self.connection.storage_failed(&what, error))?;
        value.map(|value| value.decode()).transpose().map_err(|error| ChainError::unreadable(&what, error))
    }

    /// All pages of a list; each begins after the last of the one before.
    async fn pages<Id: Copy, P: ViewCall<ReturnType = Vec<Id>>>(
        &self,
        page: impl Fn(Option<Id>) -> P,
    ) -> Result<Vec<Id>, ChainError> {
        let mut all = Vec::new();
        loop {
            let found = self.ask(page(all.last().copied())).await?;
            let more = found.len() == PAGE as usize;
            all.extend(found);
            if !more {
                return Ok(all);
            }
        }
    }

    /// All keys and values below a part of a key.
    async fn list<A: Address, P: PrefixOf<A::KeyParts>>(
        &self,
        address: A,
        prefix: P,
    ) -> Result<Vec<(A::KeyParts, A::Value)>, ChainError> {
        let what = address.entry_name().to_owned();
        let failed = |error| self.connection.storage_failed(&what, error);
        let mut entries = self.at.storage().iter(address, prefix).await.map_err(failed)?;
        let mut out = Vec::new();
        while let Some(entry) = entries.next().await {
            let entry = entry.map_err(failed)?;
            let key = entry.key().and_then(|key| key.decode());
            let key = key.map_err(|error| ChainError::unreadable(&what, error))?;
            let value = entry.value().decode().map_err(|error| ChainError::unreadable(&what, error))?;
            out.push((key, value));
        }
        Ok(out)
    }
}

fn mismatch(what: &str, error: impl ToString) -> ChainError {
    ChainError::RuntimeMismatch { what: what.into(), reason: error.to_string() }
}
