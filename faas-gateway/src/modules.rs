//! Modules on disk: the WebAssembly bytes as they came, and their compiled form as a cache of it.
//!
//! `modules/<sha256>.wasm` and `compiled/<sha256>.cwasm`, mode 0600, each written aside, synced and renamed. The
//! database record comes last: a file without a record is a remnant of an interrupted write and is removed at the next
//! start; a record whose compiled file is missing, changed or of another engine is compiled again. Blocking.

mod files;

pub(crate) use files::private_folder;

use crate::{
    digest::Digest,
    runtime::{Compiled, Kind, ModuleError, Runtime},
    store::{ModuleRecord, Store, StoreError},
};
use files::{remove_remnants, write_file};
use std::{
    collections::{HashMap, HashSet},
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

/// The stored modules.
pub(crate) struct ModuleStore {
    modules: PathBuf,
    compiled: PathBuf,
    store: Arc<Store>,
    runtime: Arc<Runtime>,
    store_bytes: u64,
    /// Modules that some function holds: functions of one module share its code.
    loaded: Mutex<HashMap<Digest, Weak<Compiled>>>,
    /// One compilation at a time; each already uses all processors.
    compiling: Mutex<()>,
    /// Files and records change together. Held for as long as that takes, and never while something is compiled: a large
    /// module must hold up nobody's administration. Taken after `compiling`.
    files: Mutex<()>,
}

/// Why a module cannot be stored or taken up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ModuleStoreError {
    #[error("the bytes have the SHA-256 {0}, not the one in the address")]
    DigestMismatch(Digest),
    #[error(transparent)]
    Module(#[from] ModuleError),
    #[error("no module with this digest is stored")]
    Missing,
    #[error("the module store is full: it may hold {0} bytes. Remove functions or modules that are not needed")]
    Full(u64),
    #[error("a function uses this module; delete or update it first")]
    InUse,
    #[error("module store: {0}")]
    Io(#[from] io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ModuleStore {
    /// Makes the folders and removes remnants of interrupted writes.
    pub fn open(
        state_dir: &Path,
        store: Arc<Store>,
        runtime: Arc<Runtime>,
        store_bytes: u64,
    ) -> Result<Self, ModuleStoreError> {
        let modules = Self {
            modules: state_dir.join("modules"),
            compiled: state_dir.join("compiled"),
            store,
            runtime,
            store_bytes,
            loaded: Mutex::default(),
            compiling: Mutex::default(),
            files: Mutex::default(),
        };
        let known: HashSet<String> = modules.store.modules()?.into_iter().map(|(digest, _)| digest).collect();
        for folder in [&modules.modules, &modules.compiled] {
            private_folder(folder)?;
            remove_remnants(folder, &known)?;
        }
        Ok(modules)
    }

    /// The record of a module whose bytes are there.
    pub fn find(&self, digest: &Digest) -> Result<Option<ModuleRecord>, ModuleStoreError> {
        let record = self.store.module(digest)?;
        Ok(record.filter(|_| self.wasm_path(digest).is_file()))
    }

    /// Stores and compiles a module. Gives its record and whether it is new. `now` in seconds since the Unix epoch.
    pub fn put(&self, digest: &Digest, wasm: &[u8], now: u64) -> Result<(ModuleRecord, bool), ModuleStoreError> {
        let actual = Digest::of(wasm);
        if actual != *digest {
            return Err(ModuleStoreError::DigestMismatch(actual));
        }
        if let Some(record) = self.put_again(digest, now)? {
            return Ok((record, false));
        }
        let _one_at_a_time = lock(&self.compiling);
        if let Some(record) = self.put_again(digest, now)? {
            return Ok((record, false));
        }
        // What has no room is not compiled first.
        self.check_room(wasm.len() as u64)?;
        let compiled = self.runtime.compile(wasm)?;
        let _files = lock(&self.files);
        self.check_room((wasm.len() + compiled.len()) as u64)?;
        write_file(&self.wasm_path(digest), wasm)?;
        crate::step::reached("module.written");
        let record = self.write_compiled(digest, wasm.len() as u64, &compiled, Some(now))?;
        Ok((record, true))
    }

    /// The record of a module that is stored already: it counts as put now.
    fn put_again(&self, digest: &Digest, now: u64) -> Result<Option<ModuleRecord>, ModuleStoreError> {
        let _files = lock(&self.files);
        let Some(record) = self.find(digest)? else { return Ok(None) };
        self.store.put_module(digest, &ModuleRecord { unused_since: Some(now), ..record.clone() })?;
        Ok(Some(record))
    }

    /// Takes a module up for calls: from memory, from its compiled form, or by compiling it again.
    pub fn load(&self, digest: &Digest) -> Result<Arc<Compiled>, ModuleStoreError> {
        if let Some(compiled) = lock(&self.loaded).get(digest).and_then(Weak::upgrade) {
            return Ok(compiled);
        }
        let record = self.find(digest)?.ok_or(ModuleStoreError::Missing)?;
        let compiled = match self.load_compiled(digest, &record) {
            Some(compiled) => compiled,
            None => self.compile_again(digest)?,
        };
        let compiled = Arc::new(compiled);
        let mut loaded = lock(&self.loaded);
        loaded.retain(|_, held| held.strong_count() > 0);
        loaded.insert(*digest, Arc::downgrade(&compiled));
        Ok(compiled)
    }

    /// Records what makes use of a module: it is still there, and is not removed meanwhile.
    pub fn record_use(
        &self,
        digest: &Digest,
        record: impl FnOnce() -> Result<(), StoreError>,
    ) -> Result<(), ModuleStoreError> {
        let _files = lock(&self.files);
        self.find(digest)?.ok_or(ModuleStoreError::Missing)?;
        Ok(record()?)
    }

    /// Removes a module that no function uses.
    pub fn remove(&self, digest: &Digest) -> Result<(), ModuleStoreError> {
        self.remove_unused(digest, u64::MAX)
    }

    /// Removes a module if no function has used it since then (seconds since the Unix epoch).
    pub fn remove_unused(&self, digest: &Digest, then: u64) -> Result<(), ModuleStoreError> {
        let _files = lock(&self.files);
        let record = self.store.module(digest)?.ok_or(ModuleStoreError::Missing)?;
        if record.unused_since.is_none_or(|since| since > then) {
            return Err(ModuleStoreError::InUse);
        }
        self.store.remove_module(digest)?;
        crate::step::reached("module.unrecorded");
        for path in [self.wasm_path(digest), self.compiled_path(digest)] {
            if let Err(error) = fs::remove_file(&path) {
                tracing::warn!(path = %path.display(), %error, "cannot remove a module's file; the next start will");
            }
        }
        Ok(())
    }

    /// The modules that no function has used since then (seconds since the Unix epoch).
    pub fn unused_since(&self, then: u64) -> Result<Vec<Digest>, ModuleStoreError> {
        let modules = self.store.modules()?;
        let unused = modules.into_iter().filter(|(_, record)| record.unused_since.is_some_and(|since| since <= then));
        Ok(unused.filter_map(|(digest, _)| digest.parse().ok()).collect())
    }

    /// The compiled form from disk, if it is exactly what was written for this engine.
    fn load_compiled(&self, digest: &Digest, record: &ModuleRecord) -> Option<Compiled> {
        if record.engine != self.runtime.compatibility() {
            return None;
        }
        let file = File::open(self.compiled_path(digest)).ok()?;
        if Digest::of_reader(&file).ok()?.to_string() != record.compiled_sha256 {
            tracing::warn!(%digest, "a compiled module has changed on disk");
            return None;
        }
        match self.take_up(digest, &file, record.module_bytes) {
            Ok(compiled) => Some(compiled),
            Err(error) => {
                tracing::warn!(%digest, %error, "cannot use a compiled module");
                None
            },
        }
    }

    /// Maps a compiled form that was found to be what was written.
    fn take_up(&self, digest: &Digest, compiled: &File, module_bytes: u64) -> Result<Compiled, ModuleStoreError> {
        let mut header = [0; 8];
        File::open(self.wasm_path(digest))?.read_exact(&mut header)?;
        let kind = Kind::of(&header).ok_or_else(|| ModuleError::Stale("the module's own file has changed".into()))?;
        Ok(self.runtime.load_trusted(kind, compiled, module_bytes)?)
    }

    fn compile_again(&self, digest: &Digest) -> Result<Compiled, ModuleStoreError> {
        let _one_at_a_time = lock(&self.compiling);
        let record = self.find(digest)?.ok_or(ModuleStoreError::Missing)?;
        // Somebody else who waited for it may have done it.
        if let Some(compiled) = self.load_compiled(digest, &record) {
            return Ok(compiled);
        }
        tracing::info!(%digest, "compiling a stored module again");
        let wasm = fs::read(self.wasm_path(digest))?;
        let actual = Digest::of(&wasm);
        if actual != *digest {
            return Err(ModuleStoreError::DigestMismatch(actual));
        }
        let compiled = self.runtime.compile(&wasm)?;
        let _files = lock(&self.files);
        let record = self.find(digest)?.ok_or(ModuleStoreError::Missing)?;
        let record = self.write_compiled(digest, wasm.len() as u64, &compiled, record.unused_since)?;
        self.take_up(digest, &File::open(self.compiled_path(digest))?, record.module_bytes)
    }

    fn write_compiled(
        &self,
        digest: &Digest,
        module_bytes: u64,
        compiled: &[u8],
        unused_since: Option<u64>,
    ) -> Result<ModuleRecord, ModuleStoreError> {
        write_file(&self.compiled_path(digest), compiled)?;
        crate::step::reached("module.compiled_written");
        let record = ModuleRecord {
            module_bytes,
            compiled_bytes: compiled.len() as u64,
            compiled_sha256: Digest::of(compiled).to_string(),
            engine: self.runtime.compatibility().to_owned(),
            unused_since,
        };
        self.store.put_module(digest, &record)?;
        crate::step::reached("module.recorded");
        Ok(record)
    }

    fn check_room(&self, more: u64) -> Result<(), ModuleStoreError> {
        let used: u64 =
            self.store.modules()?.iter().map(|(_, record)| record.module_bytes + record.compiled_bytes).sum();
        if used.saturating_add(more) > self.store_bytes {
            return Err(ModuleStoreError::Full(self.store_bytes));
        }
        Ok(())
    }

    fn wasm_path(&self, digest: &Digest) -> PathBuf {
        self.modules.join(format!("{digest}.wasm"))
    }

    fn compiled_path(&self, digest: &Digest) -> PathBuf {
        self.compiled.join(format!("{digest}.cwasm"))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Limits, runtime::EgressRules};

    fn opened(folder: &Path) -> ModuleStore {
        let store = Store::open(&folder.join("db")).expect("a new database");
        store.prepare(0).expect("tables");
        let runtime = Runtime::new(&Limits::default(), EgressRules::new(Vec::new())).expect("an engine");
        ModuleStore::open(folder, Arc::new(store), Arc::new(runtime), 1 << 20).expect("folders")
    }

    fn put(modules: &ModuleStore, text: &str) -> Digest {
        let wasm = wat::parse_str(text).expect("text");
        let digest = Digest::of(&wasm);
        modules.put(&digest, &wasm, 5).expect("stored");
        digest
    }

    const COMMAND: &str = r#"(module (func (export "_start")))"#;

    #[test]
    fn while_something_is_compiled_modules_can_be_put_again_and_removed() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let modules = opened(folder.path());
        let digest = put(&modules, COMMAND);
        let _compiles = lock(&modules.compiling);
        assert_eq!(put(&modules, COMMAND), digest, "it is there already");
        modules.remove(&digest).expect("unused");
        assert!(modules.find(&digest).expect("readable").is_none());
    }

    #[test]
    fn only_what_is_still_unused_is_swept() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let modules = opened(folder.path());
        let digest = put(&modules, COMMAND);
        assert!(matches!(modules.remove_unused(&digest, 4), Err(ModuleStoreError::InUse)));
        modules.remove_unused(&digest, 5).expect("unused");
    }

    #[test]
    fn what_was_removed_meanwhile_is_not_put_to_use() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let modules = opened(folder.path());
        let digest = put(&modules, COMMAND);
        modules.record_use(&digest, || Ok(())).expect("it is there");
        modules.remove(&digest).expect("unused");
        let used = modules.record_use(&digest, || panic!("it is gone"));
        assert!(matches!(used, Err(ModuleStoreError::Missing)));
    }
}
