//! Modules: the bytes as files named by their digest, and in the database which contract put which.
//!
//! A file is written before its first reference and deleted after its last, so that a reference never dangles; files that a
//! kill has left without one go at the next start.

use super::{blocking, Read, Store, StoreError, Write};
use grid_types::deployment::Digest;
use redb::{ReadableTable, TableDefinition};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::{ErrorKind, Write as _},
    path::PathBuf,
};

/// (contract, digest) -> size in bytes.
const REFERENCES: TableDefinition<(u64, [u8; 32]), u64> = TableDefinition::new("modules");

/// The folder with the bytes.
#[derive(Clone, Debug)]
pub struct ModuleFolder {
    path: PathBuf,
}

pub(super) fn create_tables(write: &Write) -> Result<(), StoreError> {
    write.0.open_table(REFERENCES)?;
    Ok(())
}

impl Store {
    /// Deletes the files that no contract refers to. Only when nothing else uses the store, at start.
    pub async fn sweep_modules(&self) -> Result<(), StoreError> {
        let used = self.read(Read::module_digests).await?;
        let folder = self.modules.clone();
        blocking(move || folder.keep_only(&used)).await
    }

    /// Deletes these modules' files unless a contract refers to them.
    pub async fn drop_unused_modules(&self, digests: Vec<Digest>) -> Result<(), StoreError> {
        let folder = self.modules.clone();
        // Within a write transaction nobody can add a reference meanwhile.
        self.write(move |write| {
            let used = write.module_digests()?;
            digests.iter().filter(|digest| !used.contains_key(*digest)).try_for_each(|digest| folder.delete(digest))
        })
        .await
    }

    /// Keeps a module for a contract; `false` if it was there already. The caller has checked the digest.
    pub async fn put_module(&self, contract_id: u64, digest: Digest, bytes: Vec<u8>) -> Result<bool, StoreError> {
        let folder = self.modules.clone();
        self.write(move |write| {
            folder.write(&digest, &bytes)?;
            crate::step::reached("module.written");
            write.refer(contract_id, &digest, bytes.len() as u64)
        })
        .await
    }

    /// A module's bytes, if they are here and whole.
    pub async fn module(&self, digest: Digest) -> Result<Option<Vec<u8>>, StoreError> {
        let folder = self.modules.clone();
        blocking(move || folder.read(&digest)).await
    }
}

impl Read {
    /// The modules that a contract has put, with their sizes in bytes.
    pub fn modules_of(&self, contract_id: u64) -> Result<BTreeMap<Digest, u64>, StoreError> {
        collect(&self.0.open_table(REFERENCES)?, contract_id)
    }

    /// The contracts that have put modules.
    pub fn holders(&self) -> Result<BTreeSet<u64>, StoreError> {
        let table = self.0.open_table(REFERENCES)?;
        let holders = table.iter()?.map(|entry| Ok(entry?.0.value().0)).collect();
        holders
    }

    fn module_digests(&self) -> Result<BTreeMap<Digest, u64>, StoreError> {
        digests(&self.0.open_table(REFERENCES)?)
    }
}

impl Write {
    fn refer(&self, contract_id: u64, digest: &Digest, size: u64) -> Result<bool, StoreError> {
        Ok(self.0.open_table(REFERENCES)?.insert((contract_id, digest.0), size)?.is_none())
    }

    /// Forgets what a contract has put; gives the digests, whose files may now be unused.
    pub(super) fn release_modules(&self, contract_id: u64) -> Result<Vec<Digest>, StoreError> {
        let mut table = self.0.open_table(REFERENCES)?;
        let digests: Vec<_> = collect(&table, contract_id)?.into_keys().collect();
        for digest in &digests {
            table.remove((contract_id, digest.0))?;
        }
        Ok(digests)
    }

    fn module_digests(&self) -> Result<BTreeMap<Digest, u64>, StoreError> {
        digests(&self.0.open_table(REFERENCES)?)
    }
}

fn collect(
    table: &impl ReadableTable<(u64, [u8; 32]), u64>,
    contract_id: u64,
) -> Result<BTreeMap<Digest, u64>, StoreError> {
    let all = table.range((contract_id, [0; 32])..=(contract_id, [0xff; 32]))?;
    all.map(|entry| entry.map(|(key, size)| (Digest(key.value().1), size.value())).map_err(StoreError::from)).collect()
}

fn digests(table: &impl ReadableTable<(u64, [u8; 32]), u64>) -> Result<BTreeMap<Digest, u64>, StoreError> {
    table
        .iter()?
        .map(|entry| entry.map(|(key, size)| (Digest(key.value().1), size.value())).map_err(StoreError::from))
        .collect()
}

impl ModuleFolder {
    pub(super) fn open(path: PathBuf) -> Result<Self, StoreError> {
        fs::create_dir_all(&path)?;
        Ok(Self { path })
    }

    fn file(&self, digest: &Digest) -> PathBuf {
        self.path.join(format!("{digest}.wasm"))
    }

    /// On disk, whole, when this returns.
    fn write(&self, digest: &Digest, bytes: &[u8]) -> Result<(), StoreError> {
        let target = self.file(digest);
        if target.exists() && self.read(digest)?.is_some() {
            return Ok(());
        }
        let draft = self.path.join(format!("{digest}.new"));
        let mut file = File::create(&draft)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&draft, &target)?;
        File::open(&self.path)?.sync_all()?;
        Ok(())
    }

    fn read(&self, digest: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
        match fs::read(self.file(digest)) {
            // A file that is not what its name says is as good as none: the user puts it again.
            Ok(bytes) => Ok((Digest::of(&bytes) == *digest).then_some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn delete(&self, digest: &Digest) -> Result<(), StoreError> {
        match fs::remove_file(self.file(digest)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    fn keep_only(&self, used: &BTreeMap<Digest, u64>) -> Result<(), StoreError> {
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            let name = entry.file_name();
            let digest = name.to_str().and_then(|name| name.strip_suffix(".wasm")).and_then(|hex| hex.parse().ok());
            if !digest.is_some_and(|digest: Digest| used.contains_key(&digest)) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}
