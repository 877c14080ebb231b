//! The description of the runtime that typed clients are built from.

use crate::Runtime;
use codec::Encode;
use std::{fs, path::PathBuf};

/// The newest version of metadata that both the runtime writes and the client library reads; it has view functions.
const VERSION: u32 = 16;

fn committed() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../grid-client/metadata.scale")
}

/// The metadata as a node serves it, without the wrapping of the call. Some constants are read from storage, so it is made
/// on an empty chain; clients compare types, not the values of constants.
fn current() -> Vec<u8> {
    sp_io::TestExternalities::default()
        .execute_with(|| Runtime::metadata_at_version(VERSION).expect("the SDK writes this version").to_vec())
}

/// Fails when the runtime changed and the client was not told. After a change that is meant, write the file anew:
///
/// ```sh
/// UPDATE_METADATA=1 cargo test -p gridchain-runtime metadata_is_current
/// ```
#[test]
fn metadata_is_current() {
    let (path, current) = (committed(), current());
    if std::env::var_os("UPDATE_METADATA").is_some() {
        fs::write(&path, &current).unwrap();
    }
    assert!(
        fs::read(&path).unwrap_or_default() == current,
        "grid-client/metadata.scale is not the runtime's: \
         run `UPDATE_METADATA=1 cargo test -p gridchain-runtime metadata_is_current` and commit the file",
    );
}

#[test]
fn version_14_is_served_for_old_clients() {
    let encoded = sp_io::TestExternalities::default().execute_with(|| Runtime::metadata().encode());
    // The magic number "meta", then the version.
    assert_eq!(encoded[..5], *b"meta\x0e");
    assert!(Runtime::metadata_versions().contains(&14));
}
