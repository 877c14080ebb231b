//! What survives a restart: one redb database and a folder of modules, below the state folder.
//!
//! Every commit is on disk when it returns (redb's immediate durability), and what belongs together is written in one
//! transaction: an accepted deployment with its work queue, a window with the counters it was measured from. So a kill at
//! any instruction leaves a state that the agent could also have reached without it.
//!
//! | room | what is kept | bound |
//! | --- | --- | --- |
//! | [`deployments`] | what was accepted, where each workload stands, the work queue, the history | [`deployments::MAX_CHANGES`] steps a contract; gone with the contract |
//! | [`modules`] | module bytes by digest, and which contract put them | each contract's reserved disk |
//! | [`reports`] | measuring state and the outbox of reports | what [`reports::MAX_OUTBOX`] says |
//! | [`identity`] | who this node is, and the newest finalized block it has seen | one record each |

pub mod deployments;
pub mod identity;
pub mod modules;
pub mod reports;

use redb::{
    backends::InMemoryBackend, Database, DatabaseError, ReadTransaction, ReadableDatabase, StorageBackend,
    WriteTransaction,
};
use serde::{de::DeserializeOwned, Serialize};
use std::{path::Path, sync::Arc};
use tokio_util::task::{task_tracker::TaskTrackerToken, TaskTracker};

pub use modules::ModuleFolder;

/// Why the store failed. Never the caller's fault.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database failed.
    #[error("database: {0}")]
    Database(#[from] Box<redb::Error>),
    /// A record is not what this version writes.
    #[error("a record cannot be read: {0}")]
    Record(#[from] serde_json::Error),
    /// A file could not be read or written.
    #[error("file: {0}")]
    File(#[from] std::io::Error),
    /// The work was cut off by the end of the process.
    #[error("interrupted")]
    Interrupted,
}

/// All of redb's errors are one to us.
macro_rules! from_redb {
    ($($error:ident),*) => {
        $(impl From<redb::$error> for StoreError {
            fn from(error: redb::$error) -> Self {
                Self::Database(Box::new(error.into()))
            }
        })*
    };
}
from_redb!(CommitError, DatabaseError, StorageError, TableError, TransactionError);

/// The store. Clones share it.
#[derive(Clone)]
pub struct Store {
    database: Arc<Database>,
    modules: ModuleFolder,
    /// Goes after the database, so that who waits for the holders finds it closed.
    holder: TaskTrackerToken,
}

/// A transaction that can write. All or nothing of it is kept.
pub struct Write(WriteTransaction);

/// A view of the store as it was when the view was made.
pub struct Read(ReadTransaction);

/// The database's file in the state folder.
const DATABASE: &str = "agent.redb";
/// Pages that are kept in memory, bytes. Without a bound redb takes up to a gigabyte; all records of a thousand contracts fit
/// into this.
const CACHE: usize = 8 << 20;

impl Store {
    /// Whether an agent has been here.
    pub fn exists(state_dir: &Path) -> bool {
        state_dir.join(DATABASE).exists()
    }

    /// Opens the store below `state_dir`, making what is missing. One process at a time can have it.
    pub fn open(state_dir: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(state_dir)?;
        let database = Database::builder().set_cache_size(CACHE).create(state_dir.join(DATABASE))?;
        let modules = ModuleFolder::open(state_dir.join("modules"))?;
        let store = Self { database: Arc::new(database), modules, holder: TaskTracker::new().token() };
        let transaction = Write(store.database.begin_write()?);
        deployments::create_tables(&transaction)?;
        modules::create_tables(&transaction)?;
        reports::create_tables(&transaction)?;
        identity::create_tables(&transaction)?;
        transaction.0.commit()?;
        Ok(store)
    }

    /// Reads what an agent that does not run has left. Nothing of it changes: not even its owner, if somebody else looks.
    pub fn look<T>(state_dir: &Path, work: impl FnOnce(&Read) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let path = state_dir.join(DATABASE);
        match Database::builder().set_cache_size(CACHE).open_read_only(&path) {
            Ok(database) => work(&Read(database.begin_read()?)),
            // A kill has left it so that it must be mended before it can be read, which only who may write does.
            Err(DatabaseError::RepairAborted) => {
                let database = Database::builder().create_with_backend(copy(&path)?)?;
                work(&Read(database.begin_read()?))
            },
            Err(error) => Err(error.into()),
        }
    }

    /// Runs `work` in one transaction, which is on disk when this returns.
    ///
    /// Runs to its end even if the caller stops waiting.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Write) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = self.clone();
        blocking(move || {
            let transaction = Write(store.database.begin_write()?);
            let value = work(&transaction)?;
            transaction.0.commit()?;
            Ok(value)
        })
        .await
    }

    /// Runs `work` on a consistent view.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Read) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = self.clone();
        blocking(move || work(&Read(store.database.begin_read()?))).await
    }

    /// For whoever wants to know when the last clone is gone and the files are free.
    pub fn holders(&self) -> TaskTracker {
        self.holder.task_tracker().clone()
    }

    /// The folder of modules.
    pub fn modules(&self) -> &ModuleFolder {
        &self.modules
    }
}

/// A file's content, in memory.
fn copy(path: &Path) -> Result<InMemoryBackend, StoreError> {
    let (bytes, memory) = (std::fs::read(path)?, InMemoryBackend::new());
    memory.set_len(bytes.len() as u64)?;
    memory.write(0, &bytes)?;
    Ok(memory)
}

/// Runs disk work where it stops nobody else.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| StoreError::Interrupted)?
}

fn encode(record: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    Ok(serde_json::to_vec(record)?)
}

fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    Ok(serde_json::from_slice(bytes)?)
}
