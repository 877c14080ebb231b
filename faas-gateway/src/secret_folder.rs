//! The secrets of one function as files: a folder of its own, which its calls get to read and nothing else.
//!
//! The folders are copies; the database has the truth. They are made anew at each start, and each deployment gets a new
//! one, so that calls of the one before keep what they began with.

use crate::{
    modules::private_folder,
    secret::{Mounts, SecretValue},
};
use std::{
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
};

/// Where all the folders are.
pub(crate) struct SecretFolders {
    root: PathBuf,
    /// Files are written here and moved into place, so that a function sees whole ones only.
    aside: PathBuf,
}

impl SecretFolders {
    /// Empties what a former run left. Only one gateway at a time may do this: open the database first.
    pub fn open(state_dir: &Path) -> io::Result<Self> {
        let root = state_dir.join("secrets");
        match fs::remove_dir_all(&root) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => (),
        }
        let aside = root.join("aside");
        private_folder(&root)?;
        private_folder(&aside)?;
        Ok(Self { root, aside })
    }

    /// A new folder with these files: each mount's secret is asked for.
    pub fn make<E: From<io::Error>>(
        &self,
        mounts: Mounts,
        value: impl Fn(&str) -> Result<SecretValue, E>,
    ) -> Result<SecretFolder, E> {
        let path = self.root.join(uuid::Uuid::new_v4().to_string());
        private_folder(&path)?;
        let folder = SecretFolder { path, mounts };
        for (mount, secret) in &folder.mounts {
            self.write(&folder.path.join(mount), &value(secret)?)?;
        }
        Ok(folder)
    }

    /// Replaces a secret in a folder that has it.
    pub fn change(&self, folder: &SecretFolder, secret: &str, value: &SecretValue) -> io::Result<()> {
        let mut files = folder.mounts.iter().filter(|(_, named)| *named == secret);
        files.try_for_each(|(mount, _)| self.write(&folder.path.join(mount), value))
    }

    /// A reader sees the old file or the whole new one. Temporary files have mode 0600. Not synced: see above.
    fn write(&self, path: &Path, value: &SecretValue) -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(&self.aside)?;
        file.write_all(value.bytes())?;
        file.persist(path)?;
        Ok(())
    }
}

/// One function's files. Dropping it removes them.
pub(crate) struct SecretFolder {
    path: PathBuf,
    mounts: Mounts,
}

impl SecretFolder {
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for SecretFolder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.path) {
            tracing::warn!(%error, "cannot remove a folder of secrets; the next start will");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn folder(state: &Path) -> (SecretFolders, SecretFolder) {
        let folders = SecretFolders::open(state).expect("a writable folder");
        let mounts = [("a".to_owned(), "one".to_owned()), ("b".to_owned(), "one".to_owned())].into();
        let value = |name: &str| Ok::<_, io::Error>(SecretValue::new(name.as_bytes().to_vec()));
        let folder = folders.make(mounts, value).expect("made");
        (folders, folder)
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("there").permissions().mode() & 0o777
    }

    #[test]
    fn files_are_for_this_user_only() {
        let state = tempfile::tempdir().expect("a temporary folder");
        let (_folders, folder) = folder(state.path());
        assert_eq!((mode(folder.path()), mode(&folder.path().join("a"))), (0o700, 0o600));
        assert_eq!(mode(&state.path().join("secrets")), 0o700);
    }

    #[test]
    fn a_changed_secret_changes_wherever_it_is_mounted() {
        let state = tempfile::tempdir().expect("a temporary folder");
        let (folders, folder) = folder(state.path());
        folders.change(&folder, "one", &SecretValue::new(b"two".to_vec())).expect("written");
        folders.change(&folder, "other", &SecretValue::new(b"three".to_vec())).expect("nothing to do");
        for mount in ["a", "b"] {
            assert_eq!(fs::read(folder.path().join(mount)).expect("there"), b"two");
        }
    }

    #[test]
    fn nothing_is_left_behind() {
        let state = tempfile::tempdir().expect("a temporary folder");
        let (folders, first) = folder(state.path());
        let path = first.path().to_owned();
        drop(first);
        assert!(!path.exists());
        // What a killed gateway leaves goes at the next start.
        fs::create_dir(&path).expect("made");
        drop(folders);
        SecretFolders::open(state.path()).expect("opened again");
        assert!(!path.exists());
    }
}
