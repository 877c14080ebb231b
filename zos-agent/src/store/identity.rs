//! Who this node is, as last read from the chain, and how far the chain has been followed.

use super::{decode, encode, Read, StoreError, Write};
use crate::chain::Head;
use redb::{ReadableTable, TableDefinition};
use serde::{Deserialize, Serialize};

const IDENTITY: TableDefinition<&str, &[u8]> = TableDefinition::new("identity");
const IDENTITY_KEY: &str = "identity";
const CURSOR_KEY: &str = "cursor";
const CURSOR_TIME_KEY: &str = "cursor_time";

/// Who this node is. It does not change in the life of a state folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The chain.
    pub genesis: [u8; 32],
    /// The node's number.
    pub node_id: u32,
    /// The twin that speaks for it on the bus.
    pub twin_id: u32,
}

pub(super) fn create_tables(write: &Write) -> Result<(), StoreError> {
    write.0.open_table(IDENTITY)?;
    Ok(())
}

impl Read {
    /// Who this node was when it last asked.
    pub fn identity(&self) -> Result<Option<Identity>, StoreError> {
        self.0.open_table(IDENTITY)?.get(IDENTITY_KEY)?.map(|bytes| decode(bytes.value())).transpose()
    }

    /// The newest finalized block that was seen; 0 before the first.
    pub fn cursor(&self) -> Result<u64, StoreError> {
        let number = self.0.open_table(IDENTITY)?.get(CURSOR_KEY)?.map(|bytes| decode(bytes.value())).transpose()?;
        Ok(number.unwrap_or_default())
    }

    /// The same with its time; that is 0 if an earlier version has seen it.
    pub fn seen(&self) -> Result<Head, StoreError> {
        let table = self.0.open_table(IDENTITY)?;
        let timestamp = table.get(CURSOR_TIME_KEY)?.map(|bytes| decode(bytes.value())).transpose()?;
        Ok(Head { number: self.cursor()?, timestamp: timestamp.unwrap_or_default() })
    }
}

impl Write {
    /// Keeps who this node is.
    pub fn set_identity(&self, identity: &Identity) -> Result<(), StoreError> {
        self.0.open_table(IDENTITY)?.insert(IDENTITY_KEY, encode(identity)?.as_slice())?;
        Ok(())
    }

    /// Keeps the newest finalized block; never goes back.
    pub fn raise_cursor(&self, head: Head) -> Result<(), StoreError> {
        let mut table = self.0.open_table(IDENTITY)?;
        let known: u64 = table.get(CURSOR_KEY)?.map(|bytes| decode(bytes.value())).transpose()?.unwrap_or_default();
        if head.number > known {
            table.insert(CURSOR_KEY, encode(&head.number)?.as_slice())?;
            table.insert(CURSOR_TIME_KEY, encode(&head.timestamp)?.as_slice())?;
        }
        Ok(())
    }
}
