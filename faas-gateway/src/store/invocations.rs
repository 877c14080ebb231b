//! How often functions were called. Written now and then, not with each call: see `core::invocations`.

use super::{Store, StoreError};
use crate::names::Key;
use redb::{ReadableDatabase as _, TableDefinition, WriteTransaction};

const INVOCATIONS: TableDefinition<(&str, &str), u64> = TableDefinition::new("invocations");

pub(super) fn prepare(write: &WriteTransaction) -> Result<(), StoreError> {
    write.open_table(INVOCATIONS)?;
    Ok(())
}

/// A function is gone: one that is deployed anew begins at zero.
pub(super) fn forget(write: &WriteTransaction, key: Key<'_>) -> Result<(), StoreError> {
    write.open_table(INVOCATIONS)?.remove((key.namespace, key.name))?;
    Ok(())
}

impl Store {
    /// A function's calls as last written.
    pub fn invocations(&self, key: Key<'_>) -> Result<u64, StoreError> {
        let table = self.0.begin_read()?.open_table(INVOCATIONS)?;
        let found = redb::ReadableTable::get(&table, (key.namespace, key.name))?;
        Ok(found.map_or(0, |count| count.value()))
    }

    /// Writes several functions' calls.
    pub fn set_invocations<'a>(&self, counts: impl Iterator<Item = (Key<'a>, u64)>) -> Result<(), StoreError> {
        let write = self.0.begin_write()?;
        {
            let mut table = write.open_table(INVOCATIONS)?;
            for (key, count) in counts {
                table.insert((key.namespace, key.name), count)?;
            }
        }
        Ok(write.commit()?)
    }
}
