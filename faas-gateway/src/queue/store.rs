//! The queue on disk: items and their bodies, in a database of their own.
//!
//! Writing goes through one task that puts what has come meanwhile into one transaction: a hundred calls that are queued
//! together cost one sync of the disk. An answer comes when the change is durable.

use super::item::{Brief, Item};
use crate::store::{open_private, StoreError};
use bytes::Bytes;
use redb::{Database, ReadableDatabase as _, ReadableTable as _, TableDefinition};
use std::{path::Path, sync::Arc};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

const ITEMS: TableDefinition<u64, &[u8]> = TableDefinition::new("items");
const BODIES: TableDefinition<u64, &[u8]> = TableDefinition::new("bodies");
/// Changes in one transaction.
const BATCH: usize = 256;

/// A change that is to become durable.
pub(super) enum Change {
    /// A new item, or an item's new stage with its new body.
    Put {
        number: u64,
        item: Vec<u8>,
        body: Bytes,
    },
    /// An item's new stage; the body stays.
    Stage {
        number: u64,
        item: Vec<u8>,
    },
    Remove {
        number: u64,
    },
}

type Done = oneshot::Sender<Result<(), StoreError>>;

/// The database, for reading, and the way to its writer.
pub(super) struct QueueStore {
    database: Arc<Database>,
    changes: mpsc::Sender<(Change, Done)>,
}

/// The one that writes.
pub(super) struct Writer {
    database: Arc<Database>,
    changes: mpsc::Receiver<(Change, Done)>,
}

/// An item as it is found at the start.
pub(super) struct Found {
    pub number: u64,
    pub item: Brief,
    /// What is kept of it.
    pub bytes: u64,
}

impl QueueStore {
    /// Opens or makes it, and gives what it holds. Blocking.
    pub fn open(path: &Path) -> Result<(Self, Writer, Vec<Found>), StoreError> {
        let mut database = open_private(path).map_err(|error| StoreError(error.to_string()))?;
        let found = prepare(&database)?;
        if found.is_empty() {
            // What a full queue has left of its file is given back.
            database.compact().map_err(|error| StoreError(error.to_string()))?;
        }
        let database = Arc::new(database);
        let (sender, receiver) = mpsc::channel(BATCH);
        let writer = Writer { database: database.clone(), changes: receiver };
        Ok((Self { database, changes: sender }, writer, found))
    }

    /// Makes a change; when this returns it is on disk.
    pub async fn change(&self, change: Change) -> Result<(), StoreError> {
        let stopped = || StoreError("the queue has stopped".into());
        let (done, told) = oneshot::channel();
        self.changes.send((change, done)).await.map_err(|_| stopped())?;
        told.await.map_err(|_| stopped())?
    }

    /// An item and its body. Blocking.
    pub fn load(&self, number: u64) -> Result<Option<(Item, Bytes)>, StoreError> {
        let read = self.database.begin_read()?;
        let Some(item) = read.open_table(ITEMS)?.get(number)? else { return Ok(None) };
        let body = read.open_table(BODIES)?.get(number)?;
        let body = body.map_or_else(Bytes::new, |body| Bytes::copy_from_slice(body.value()));
        Ok(Some((serde_json::from_slice(item.value())?, body)))
    }
}

impl Writer {
    /// Writes until it is told to stop. What has come by then is written.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut batch = Vec::new();
        loop {
            tokio::select! {
                biased;
                received = self.changes.recv_many(&mut batch, BATCH) => if received == 0 { return },
                () = stop.cancelled() => return,
            }
            let (changes, told): (Vec<Change>, Vec<Done>) = batch.drain(..).unzip();
            let database = self.database.clone();
            let written = tokio::task::spawn_blocking(move || write(&database, &changes)).await;
            let written = written.unwrap_or_else(|error| Err(StoreError(error.to_string())));
            for done in told {
                // Who does not wait any more has gone away.
                let _ = done.send(written.clone());
            }
        }
    }
}

fn write(database: &Database, changes: &[Change]) -> Result<(), StoreError> {
    let write = database.begin_write()?;
    {
        let mut items = write.open_table(ITEMS)?;
        let mut bodies = write.open_table(BODIES)?;
        for change in changes {
            match change {
                Change::Put { number, item, body } => {
                    items.insert(number, item.as_slice())?;
                    bodies.insert(number, body.as_ref())?;
                },
                Change::Stage { number, item } => {
                    items.insert(number, item.as_slice())?;
                },
                Change::Remove { number } => {
                    items.remove(number)?;
                    bodies.remove(number)?;
                },
            }
        }
    }
    Ok(write.commit()?)
}

fn prepare(database: &Database) -> Result<Vec<Found>, StoreError> {
    let write = database.begin_write()?;
    let mut found = Vec::new();
    {
        let items = write.open_table(ITEMS)?;
        let bodies = write.open_table(BODIES)?;
        for entry in items.iter()? {
            let (number, item) = entry?;
            let number = number.value();
            let body_bytes = bodies.get(number)?.map_or(0, |body| body.value().len());
            let bytes = (item.value().len() + body_bytes) as u64;
            found.push(Found { number, item: serde_json::from_slice(item.value())?, bytes });
        }
    }
    write.commit()?;
    Ok(found)
}
