//! Secrets on disk: one line in a file that its owner alone can read.

use crate::error::AgentError;
use std::{
    fs::{self, OpenOptions, Permissions},
    io::{self, ErrorKind, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
};

/// Reads a secret of one line. Refuses a file that others can read: it has leaked already.
pub fn read(path: &Path) -> Result<String, String> {
    let text = read_lines(path)?;
    let secret = text.trim();
    if secret.is_empty() || secret.lines().count() != 1 {
        return Err("must hold one line".to_owned());
    }
    Ok(secret.to_owned())
}

/// Reads a file of secrets. Refuses one that others can read.
pub fn read_lines(path: &Path) -> Result<String, String> {
    let metadata = fs::metadata(path).map_err(|error| error.to_string())?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(format!("others can read it (mode {mode:04o}); run: chmod 600 {}", path.display()));
    }
    fs::read_to_string(path).map_err(|error| error.to_string())
}

/// Reads a secret, or makes a random one at the first time.
pub fn load_or_create(path: &Path) -> Result<String, AgentError> {
    let failed = |reason: String| AgentError::Password { path: path.to_owned(), reason };
    if !path.exists() {
        let mut random = [0; 32];
        getrandom::fill(&mut random).map_err(|error| failed(error.to_string()))?;
        write_private(path, &hex::encode(random)).map_err(|error| failed(error.to_string()))?;
    }
    read(path).map_err(failed)
}

/// Writes beside the target and renames, so that a kill leaves either nothing or all of it.
pub fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let draft = path.with_extension("new");
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {},
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&draft, path)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_secret_is_made_once_and_only_for_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        let made = load_or_create(&path).unwrap();
        assert_eq!(made.len(), 64);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(load_or_create(&path).unwrap(), made);
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        fs::write(&path, "//Alice").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        assert!(read(&path).unwrap_err().contains("chmod 600"));
    }

    #[test]
    fn an_empty_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        fs::write(&path, "\n").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        assert!(read(&path).is_err());
    }
}
