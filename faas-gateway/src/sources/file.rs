//! `file:` images: files below one folder, and nothing else.

use std::{
    fs::{self, File},
    io::Read as _,
    path::{Component, Path},
};

/// Why a file is not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    #[error("this gateway takes no file: images; its operator has not named a folder for them")]
    NotAllowed,
    #[error(
        "file: images are named relative to the gateway's folder for them, without .. and links that lead outside"
    )]
    Outside,
    #[error("the file {0:?} cannot be read below the gateway's folder for file: images")]
    NotFound(String),
    #[error("the file has more than the {0} bytes a module may have")]
    TooLarge(u64),
}

/// Reads a file below a canonical folder, of at most `limit` bytes.
pub(super) fn read(folder: Option<&Path>, name: &str, limit: u64) -> Result<Vec<u8>, FileError> {
    let folder = folder.ok_or(FileError::NotAllowed)?;
    let name = Path::new(name);
    if !name.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return Err(FileError::Outside);
    }
    let missing = |_| FileError::NotFound(name.display().to_string());
    let path = folder.join(name).canonicalize().map_err(missing)?;
    // What is opened is the path without links, so that a link cannot lead elsewhere.
    if !path.starts_with(folder) {
        return Err(FileError::Outside);
    }
    // A pipe would be opened for ever, a device read for ever.
    if !fs::metadata(&path).map_err(missing)?.is_file() {
        return Err(FileError::NotFound(name.display().to_string()));
    }
    let file = File::open(&path).map_err(missing)?;
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes).map_err(missing)?;
    if bytes.len() as u64 > limit {
        return Err(FileError::TooLarge(limit));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_below_the_folder_are_read_and_no_others() {
        let place = tempfile::tempdir().expect("a temporary folder");
        let root = place.path().canonicalize().expect("it exists");
        let folder = root.join("modules");
        fs::create_dir_all(folder.join("deep")).expect("writable");
        fs::write(folder.join("deep/a.wasm"), b"12345").expect("writable");
        fs::write(root.join("secret"), b"secret").expect("writable");
        std::os::unix::fs::symlink(root.join("secret"), folder.join("link")).expect("writable");
        let read = |name: &str| read(Some(&folder), name, 5);
        assert_eq!(read("deep/a.wasm").expect("it is there"), b"12345");
        assert_eq!(read("./deep/a.wasm").expect("it is there"), b"12345");
        let absolute = root.join("secret").display().to_string();
        for name in ["../secret", "deep/../../secret", "link", &absolute, "/etc/passwd", ".."] {
            assert!(matches!(read(name), Err(FileError::Outside)), "{name}");
        }
        for name in ["deep", "missing", "deep/a.wasm/b", ""] {
            assert!(matches!(read(name), Err(FileError::NotFound(_))), "{name}");
        }
    }

    #[test]
    fn a_pipe_is_not_waited_for() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path().canonicalize().expect("it exists");
        let made = std::process::Command::new("mkfifo").arg(root.join("pipe")).status().expect("mkfifo");
        assert!(made.success());
        assert!(matches!(read(Some(&root), "pipe", 5), Err(FileError::NotFound(_))));
    }

    #[test]
    fn a_file_has_a_largest_size() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path().canonicalize().expect("it exists");
        fs::write(root.join("a"), b"123456").expect("writable");
        assert!(matches!(read(Some(&root), "a", 5), Err(FileError::TooLarge(5))));
    }

    #[test]
    fn without_a_folder_there_are_no_files() {
        assert!(matches!(read(None, "a", 5), Err(FileError::NotAllowed)));
    }
}
