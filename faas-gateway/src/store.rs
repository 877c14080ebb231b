//! The database: what is deployed and stored. Blocking; call it from threads that may.
//!
//! | table | key | value |
//! | --- | --- | --- |
//! | `meta` | `schema` | the form of all this, see `migrate` |
//! | `deployments` | namespace, name | [`FunctionRecord`] |
//! | `invocations` | namespace, name | calls that were let in, since the function was deployed |
//! | `modules` | SHA-256 | [`ModuleRecord`] |
//! | `namespaces` | name | [`NamespaceRecord`] |
//! | `secrets` | namespace, name | the value |
//!
//! Calls that wait are in a database of their own (`queue::store`), so that their traffic never delays a deployment.

mod invocations;
mod migrate;
mod namespaces;
mod secrets;

use crate::{digest::Digest, model::FunctionDeployment, names::Key};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction};
use serde::{Deserialize, Serialize};
use std::{fs::Permissions, os::unix::fs::PermissionsExt as _, path::Path};

pub(crate) use namespaces::NamespaceRecord;

const FUNCTIONS: TableDefinition<(&str, &str), &[u8]> = TableDefinition::new("deployments");
const MODULES: TableDefinition<&str, &[u8]> = TableDefinition::new("modules");
/// Memory for pages of the database, in bytes. What is hot is held in memory anyway.
const CACHE_BYTES: usize = 8 << 20;

/// A deployed function: what the client sent, which module that was, when it came to be, how it was scaled.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct FunctionRecord {
    pub deployment: FunctionDeployment,
    /// SHA-256 of the module that the image was found to be, in hex. Records of before there were other images than
    /// modules do not have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub module: Option<String>,
    /// Milliseconds since the Unix epoch.
    pub created_at: u64,
    /// The last wish for a number of replicas since it was deployed or updated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<ScaleRecord>,
}

/// A wish for a number of replicas.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct ScaleRecord {
    pub replicas: u32,
    /// The function's calls at that moment: one more wakes it.
    pub invocations: u64,
}

impl FunctionRecord {
    /// Where the function lives.
    pub fn key(&self) -> Key<'_> {
        let namespace = crate::names::or_default(self.deployment.namespace.as_deref());
        Key { namespace, name: &self.deployment.service }
    }

    /// The function's module.
    pub fn module(&self) -> Option<Digest> {
        match &self.module {
            Some(digest) => digest.parse().ok(),
            None => Digest::from_image(&self.deployment.image),
        }
    }
}

/// A stored module and its compiled form.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ModuleRecord {
    /// Size of the WebAssembly bytes.
    pub module_bytes: u64,
    /// Size of the compiled form.
    pub compiled_bytes: u64,
    /// SHA-256 of the compiled form, as it was when it was compiled.
    pub compiled_sha256: String,
    /// The engine it was compiled for; see `Runtime::compatibility`.
    pub engine: String,
    /// Since when no function uses it, in seconds since the Unix epoch; `None` while one does.
    pub unused_since: Option<u64>,
}

/// The database said no, or holds what it should not.
#[derive(Clone, Debug, thiserror::Error)]
#[error("database: {0}")]
pub(crate) struct StoreError(pub(crate) String);

macro_rules! from_database {
    ($($error:ty),*) => { $(impl From<$error> for StoreError {
        fn from(error: $error) -> Self { Self(error.to_string()) }
    })* };
}
from_database!(redb::TransactionError, redb::TableError, redb::StorageError, redb::CommitError, serde_json::Error);

/// The open database.
pub(crate) struct Store(Database);

/// Opens or makes a database that only this user can read; fails with `DatabaseAlreadyOpen` if another process has it.
pub(crate) fn open_private(path: &Path) -> Result<Database, redb::DatabaseError> {
    let database = Database::builder().set_cache_size(CACHE_BYTES).create(path)?;
    std::fs::set_permissions(path, Permissions::from_mode(0o600)).map_err(redb::StorageError::Io)?;
    Ok(database)
}

impl Store {
    /// Opens or makes it; fails with `DatabaseAlreadyOpen` if another process has it.
    pub fn open(path: &Path) -> Result<Self, redb::DatabaseError> {
        Ok(Self(open_private(path)?))
    }

    /// Brings the tables into today's form, all or nothing, so that readers find them.
    pub fn prepare(&self, now: u64) -> Result<(), StoreError> {
        let write = self.0.begin_write()?;
        migrate::run(&write)?;
        write.open_table(FUNCTIONS)?;
        write.open_table(MODULES)?;
        invocations::prepare(&write)?;
        namespaces::prepare(&write, now)?;
        secrets::prepare(&write)?;
        Ok(write.commit()?)
    }

    /// All functions.
    pub fn functions(&self) -> Result<Vec<FunctionRecord>, StoreError> {
        let table = self.0.begin_read()?.open_table(FUNCTIONS)?;
        table.iter()?.map(|entry| Ok(serde_json::from_slice(entry?.1.value())?)).collect()
    }

    /// All modules by digest.
    pub fn modules(&self) -> Result<Vec<(String, ModuleRecord)>, StoreError> {
        let table = self.0.begin_read()?.open_table(MODULES)?;
        table
            .iter()?
            .map(|entry| {
                let (key, value) = entry?;
                Ok((key.value().to_owned(), serde_json::from_slice(value.value())?))
            })
            .collect()
    }

    /// One module.
    pub fn module(&self, digest: &Digest) -> Result<Option<ModuleRecord>, StoreError> {
        let table = self.0.begin_read()?.open_table(MODULES)?;
        let found = table.get(digest.to_string().as_str())?;
        found.map(|bytes| Ok(serde_json::from_slice(bytes.value())?)).transpose()
    }

    /// Writes a module's record. One that functions use stays in use, whatever the new record says.
    pub fn put_module(&self, digest: &Digest, record: &ModuleRecord) -> Result<(), StoreError> {
        let write = self.0.begin_write()?;
        let mut record = record.clone();
        if is_used(&write, digest)? {
            record.unused_since = None;
        }
        write.open_table(MODULES)?.insert(digest.to_string().as_str(), serde_json::to_vec(&record)?.as_slice())?;
        Ok(write.commit()?)
    }

    /// Removes a module's record.
    pub fn remove_module(&self, digest: &Digest) -> Result<(), StoreError> {
        let write = self.0.begin_write()?;
        write.open_table(MODULES)?.remove(digest.to_string().as_str())?;
        Ok(write.commit()?)
    }

    /// Writes (`Some`) or removes (`None`) a function and, in the same transaction, notes which of the `touched`
    /// modules are in use afterwards. `now` in seconds since the Unix epoch.
    pub fn set_function(
        &self,
        key: Key<'_>,
        record: Option<&FunctionRecord>,
        touched: &[Digest],
        now: u64,
    ) -> Result<(), StoreError> {
        let write = self.0.begin_write()?;
        {
            let mut functions = write.open_table(FUNCTIONS)?;
            let place = (key.namespace, key.name);
            match record {
                Some(record) => functions.insert(place, serde_json::to_vec(record)?.as_slice())?,
                None => functions.remove(place)?,
            };
        }
        if record.is_none() {
            invocations::forget(&write, key)?;
        }
        for digest in touched {
            note_use(&write, digest, now)?;
        }
        Ok(write.commit()?)
    }
}

/// Brings a module's `unused_since` in line with the functions.
fn note_use(write: &WriteTransaction, digest: &Digest, now: u64) -> Result<(), StoreError> {
    let mut modules = write.open_table(MODULES)?;
    let key = digest.to_string();
    let Some(mut record) =
        modules.get(key.as_str())?.map(|bytes| serde_json::from_slice::<ModuleRecord>(bytes.value())).transpose()?
    else {
        return Ok(());
    };
    record.unused_since = (!is_used(write, digest)?).then_some(now);
    modules.insert(key.as_str(), serde_json::to_vec(&record)?.as_slice())?;
    Ok(())
}

fn is_used(write: &WriteTransaction, digest: &Digest) -> Result<bool, StoreError> {
    for entry in write.open_table(FUNCTIONS)?.iter()? {
        let record: FunctionRecord = serde_json::from_slice(entry?.1.value())?;
        if record.module() == Some(*digest) {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> Key<'_> {
        Key::of(name, None).expect("a name")
    }

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = Store::open(&folder.path().join("db")).expect("a new database");
        store.prepare(0).expect("tables");
        (folder, store)
    }

    fn function(digest: &Digest) -> FunctionRecord {
        let image = format!("module:sha256:{digest}");
        let deployment = FunctionDeployment { image, ..FunctionDeployment::default() };
        FunctionRecord { deployment, module: None, created_at: 0, scale: None }
    }

    fn module(unused_since: Option<u64>) -> ModuleRecord {
        ModuleRecord {
            module_bytes: 1,
            compiled_bytes: 1,
            compiled_sha256: String::new(),
            engine: String::new(),
            unused_since,
        }
    }

    fn unused_since(store: &Store, digest: &Digest) -> Option<u64> {
        store.module(digest).expect("readable").expect("stored").unused_since
    }

    #[test]
    fn a_module_is_in_use_until_its_last_function_goes() {
        let (_folder, store) = store();
        let digest = Digest::of(b"module");
        store.put_module(&digest, &module(Some(1))).expect("stored");
        for name in ["a", "b"] {
            store.set_function(key(name), Some(&function(&digest)), &[digest], 2).expect("stored");
        }
        assert_eq!(unused_since(&store, &digest), None);
        store.set_function(key("a"), None, &[digest], 3).expect("removed");
        assert_eq!(unused_since(&store, &digest), None);
        store.set_function(key("b"), None, &[digest], 4).expect("removed");
        assert_eq!(unused_since(&store, &digest), Some(4));
    }

    #[test]
    fn storing_a_used_module_again_leaves_it_in_use() {
        let (_folder, store) = store();
        let digest = Digest::of(b"module");
        store.set_function(key("a"), Some(&function(&digest)), &[digest], 1).expect("stored");
        store.put_module(&digest, &module(Some(2))).expect("stored");
        assert_eq!(unused_since(&store, &digest), None);
    }

    #[test]
    fn a_function_keeps_the_module_that_its_image_was_found_to_be() {
        let (_folder, store) = store();
        let (digest, scale) = (Digest::of(b"module"), ScaleRecord { replicas: 3, invocations: 7 });
        let deployment = FunctionDeployment { image: "ghcr.io/team/f:1".into(), ..FunctionDeployment::default() };
        let record = FunctionRecord { deployment, module: Some(digest.to_string()), created_at: 0, scale: Some(scale) };
        store.put_module(&digest, &module(Some(1))).expect("stored");
        store.set_function(key("a"), Some(&record), &[digest], 2).expect("stored");
        let read = store.functions().expect("readable");
        assert_eq!((read[0].module(), read[0].scale.map(|scale| scale.replicas)), (Some(digest), Some(3)));
        assert_eq!(unused_since(&store, &digest), None);
    }

    #[test]
    fn a_second_opener_is_told() {
        let (folder, _store) = store();
        let second = Store::open(&folder.path().join("db"));
        assert!(matches!(second.err(), Some(redb::DatabaseError::DatabaseAlreadyOpen)));
    }
}
