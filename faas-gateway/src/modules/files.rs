//! Files and folders that only this user can read.

use std::{
    collections::HashSet,
    fs::{self, File},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::Path,
};

/// Makes a folder that only this user may look into.
pub(crate) fn private_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
}

/// A reader sees the old file or the whole new one, also after a power cut. Temporary files have mode 0600.
pub(super) fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    File::open(folder)?.sync_all()
}

/// Removes files that no record names.
pub(super) fn remove_remnants(folder: &Path, known: &HashSet<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let named = path.file_stem().and_then(|stem| stem.to_str());
        if path.is_file() && !named.is_some_and(|stem| known.contains(stem)) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}
