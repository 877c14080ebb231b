//! The secrets' values. This is where they are kept; what functions see are copies of the files in `secret_folder`.

use super::{Store, StoreError};
use crate::{names::Key, secret::SecretValue};
use redb::{ReadableDatabase as _, TableDefinition, WriteTransaction};

const SECRETS: TableDefinition<(&str, &str), &[u8]> = TableDefinition::new("secrets");

pub(super) fn prepare(write: &WriteTransaction) -> Result<(), StoreError> {
    write.open_table(SECRETS)?;
    Ok(())
}

impl Store {
    /// The names of a namespace's secrets.
    pub fn secret_names(&self, namespace: &str) -> Result<Vec<String>, StoreError> {
        let table = self.0.begin_read()?.open_table(SECRETS)?;
        let mut names = Vec::new();
        for entry in table.range((namespace, "")..)? {
            let (key, _) = entry?;
            let (found, name) = key.value();
            if found != namespace {
                break;
            }
            names.push(name.to_owned());
        }
        Ok(names)
    }

    /// A secret's value.
    pub fn secret(&self, key: Key<'_>) -> Result<Option<SecretValue>, StoreError> {
        let table = self.0.begin_read()?.open_table(SECRETS)?;
        let found = table.get((key.namespace, key.name))?;
        Ok(found.map(|value| SecretValue::new(value.value().to_vec())))
    }

    /// Writes (`Some`) or removes (`None`) a secret.
    pub fn set_secret(&self, key: Key<'_>, value: Option<&SecretValue>) -> Result<(), StoreError> {
        let write = self.0.begin_write()?;
        {
            let mut table = write.open_table(SECRETS)?;
            let place = (key.namespace, key.name);
            match value {
                Some(value) => table.insert(place, value.bytes())?,
                None => table.remove(place)?,
            };
        }
        Ok(write.commit()?)
    }
}
