//! The namespaces.

use super::{Store, StoreError};
use crate::{model::Map, names::DEFAULT_NAMESPACE};
use redb::{ReadableDatabase as _, ReadableTable as _, TableDefinition, WriteTransaction};
use serde::{Deserialize, Serialize};

const NAMESPACES: TableDefinition<&str, &[u8]> = TableDefinition::new("namespaces");

/// A namespace, as its maker described it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct NamespaceRecord {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<Map>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<Map>,
    /// Seconds since the Unix epoch.
    pub created_at: u64,
}

/// The default namespace is always there.
pub(super) fn prepare(write: &WriteTransaction, now: u64) -> Result<(), StoreError> {
    let mut table = write.open_table(NAMESPACES)?;
    let there = table.get(DEFAULT_NAMESPACE)?.is_some();
    if !there {
        let record = NamespaceRecord { created_at: now, ..NamespaceRecord::default() };
        table.insert(DEFAULT_NAMESPACE, serde_json::to_vec(&record)?.as_slice())?;
    }
    Ok(())
}

impl Store {
    /// All namespaces by name.
    pub fn namespaces(&self) -> Result<Vec<(String, NamespaceRecord)>, StoreError> {
        let table = self.0.begin_read()?.open_table(NAMESPACES)?;
        table
            .iter()?
            .map(|entry| {
                let (name, record) = entry?;
                Ok((name.value().to_owned(), serde_json::from_slice(record.value())?))
            })
            .collect()
    }

    /// One namespace.
    pub fn namespace(&self, name: &str) -> Result<Option<NamespaceRecord>, StoreError> {
        let table = self.0.begin_read()?.open_table(NAMESPACES)?;
        let found = table.get(name)?;
        found.map(|bytes| Ok(serde_json::from_slice(bytes.value())?)).transpose()
    }

    /// Writes (`Some`) or removes (`None`) a namespace.
    pub fn set_namespace(&self, name: &str, record: Option<&NamespaceRecord>) -> Result<(), StoreError> {
        let write = self.0.begin_write()?;
        {
            let mut table = write.open_table(NAMESPACES)?;
            match record {
                Some(record) => table.insert(name, serde_json::to_vec(record)?.as_slice())?,
                None => table.remove(name)?,
            };
        }
        Ok(write.commit()?)
    }
}
