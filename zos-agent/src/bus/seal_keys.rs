//! The X25519 keys that messages to this node are sealed to: made here, kept in the state folder, replaced every week.
//!
//! A key that was replaced opens messages for another day and is then deleted, so that whoever gets hold of the machine later
//! cannot read what was recorded before: forward secrecy by the week. At most two keys are there, ever.

use crate::{clock, secret};
use grid_types::seal::SealKey;
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// How long a key is given out, seconds.
const LIFE: u64 = 7 * 86_400;
/// How long a key that was replaced still opens messages, seconds.
const OVERLAP: u64 = 86_400;
/// How long whoever asked may use a key without asking again, seconds. Shorter than the overlap.
pub const VALID_FOR: u64 = 3_600;

/// The keys, newest last; never empty.
pub struct SealKeys {
    path: PathBuf,
    genesis: [u8; 32],
    keys: Mutex<Vec<Dated>>,
}

#[derive(Clone)]
struct Dated {
    /// Unix seconds.
    made: u64,
    key: SealKey,
}

impl SealKeys {
    /// Reads the keys of the state folder, or makes the first one.
    pub fn open(path: &Path, genesis: [u8; 32], now: u64) -> io::Result<Self> {
        let keys = match fs::exists(path)? {
            true => read(path, &genesis)?,
            false => Vec::new(),
        };
        let keys = Self { path: path.to_owned(), genesis, keys: Mutex::new(keys) };
        keys.current(now)?;
        Ok(keys)
    }

    /// The public key to give out at `now`, Unix seconds.
    pub fn current(&self, now: u64) -> io::Result<[u8; 32]> {
        let mut keys = self.locked();
        let after = renewed(&keys, &self.genesis, now)?;
        if let Some(after) = after {
            self.write(&after)?;
            *keys = after;
        }
        let newest = keys.last().ok_or_else(|| io::Error::other("there is no key"))?;
        Ok(newest.key.public())
    }

    /// The secret of a key that was given out not too long ago.
    pub fn find(&self, public: &[u8; 32]) -> Option<SealKey> {
        // A disk that is full does not keep messages from being read.
        if let Err(error) = self.current(clock::now()) {
            tracing::error!(%error, "the bus' keys cannot be renewed");
        }
        self.locked().iter().find(|dated| dated.key.public() == *public).map(|dated| dated.key.clone())
    }

    fn locked(&self) -> MutexGuard<'_, Vec<Dated>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, keys: &[Dated]) -> io::Result<()> {
        let lines = keys.iter().map(|dated| format!("{} {}\n", dated.made, hex::encode(dated.key.export())));
        secret::write_private(&self.path, &lines.collect::<String>())
    }
}

/// The keys as they should be at `now`, if that is not what they are.
fn renewed(keys: &[Dated], genesis: &[u8; 32], now: u64) -> io::Result<Option<Vec<Dated>>> {
    let due = keys.last().is_none_or(|newest| newest.made.saturating_add(LIFE) <= now);
    let replaced = match keys {
        [.., newest] if !due => newest.made,
        _ => now,
    };
    // The one before the newest goes a day after it was replaced, all before it at once.
    let mut after = keys.to_vec();
    if due {
        let key = SealKey::random(genesis).map_err(io::Error::other)?;
        after.push(Dated { made: now, key });
    }
    let kept = if replaced.saturating_add(OVERLAP) <= now { 1 } else { 2 };
    after.drain(..after.len().saturating_sub(kept));
    Ok((due || after.len() != keys.len()).then_some(after))
}

fn read(path: &Path, genesis: &[u8; 32]) -> io::Result<Vec<Dated>> {
    let text = secret::read_lines(path).map_err(io::Error::other)?;
    let line = |line: &str| {
        let (made, digits) = line.split_once(' ')?;
        let mut secret = [0; 32];
        hex::decode_to_slice(digits, &mut secret).ok()?;
        Some(Dated { made: made.parse().ok()?, key: SealKey::import(secret, genesis) })
    };
    let broken = || io::Error::other(format!("{} is damaged; delete it, and a new key is made", path.display()));
    text.lines().map(|text| line(text).ok_or_else(broken)).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use std::os::unix::fs::PermissionsExt;

    const GENESIS: [u8; 32] = [7; 32];

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bus.keys");
        (folder, path)
    }

    #[test]
    fn a_key_stays_over_a_restart_and_is_its_owners_alone() {
        let (_folder, path) = folder();
        let now = clock::now();
        let key = SealKeys::open(&path, GENESIS, now).unwrap().current(now).unwrap();
        let again = SealKeys::open(&path, GENESIS, now + 1).unwrap();
        assert_eq!(again.current(now + 1).unwrap(), key);
        assert_eq!(again.find(&key).unwrap().public(), key);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_key_is_replaced_after_a_week_and_opens_for_another_day() {
        let (_folder, path) = folder();
        let keys = SealKeys::open(&path, GENESIS, 1_000).unwrap();
        let old = keys.current(1_000 + LIFE - 1).unwrap();
        let new = keys.current(1_000 + LIFE).unwrap();
        assert_ne!(old, new);
        let has = |public| keys.locked().iter().any(|dated| dated.key.public() == public);
        assert!(has(old));
        assert_eq!(keys.current(1_000 + LIFE + OVERLAP).unwrap(), new);
        assert!(!has(old), "nobody can read what was sealed to it");
        assert_eq!(SealKeys::open(&path, GENESIS, 1_000 + LIFE + OVERLAP).unwrap().locked().len(), 1);
    }

    #[test]
    fn after_a_long_sleep_no_old_key_is_given_out() {
        let (_folder, path) = folder();
        let old = SealKeys::open(&path, GENESIS, 1_000).unwrap().current(1_000).unwrap();
        let keys = SealKeys::open(&path, GENESIS, 1_000 + 10 * LIFE).unwrap();
        assert_ne!(keys.current(1_000 + 10 * LIFE).unwrap(), old);
    }

    #[test]
    fn a_damaged_or_exposed_file_is_named() {
        let (_folder, path) = folder();
        secret::write_private(&path, "1 xyz\n").unwrap();
        assert!(SealKeys::open(&path, GENESIS, 1).err().unwrap().to_string().contains("damaged"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(SealKeys::open(&path, GENESIS, 1).err().unwrap().to_string().contains("chmod 600"));
    }
}
