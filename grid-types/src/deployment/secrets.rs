//! What a function must know and nobody else: small texts that it reads as files.

use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// The most secrets of one function.
pub const MAX_SECRETS: usize = 16;
/// The longest value of a secret, bytes.
pub const MAX_SECRET: usize = 8 * 1024;
/// The longest name of a secret.
pub const MAX_MOUNT: usize = 64;

/// Secrets by the name of the file in which the function finds them. Its `Debug` shows names only, so that no log shows more.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secrets(BTreeMap<String, String>);

impl Secrets {
    /// Names and values, in the order of names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(mount, value)| (mount.as_str(), value.as_str()))
    }

    /// The names alone.
    pub fn mounts(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The same names, all values empty: what may be shown and kept.
    #[must_use]
    pub fn names_only(&self) -> Self {
        Self(self.0.keys().map(|mount| (mount.clone(), String::new())).collect())
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl FromIterator<(String, String)> for Secrets {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(secrets: I) -> Self {
        Self(secrets.into_iter().collect())
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Whether a secret may have this name: a plain file name, `[A-Za-z0-9_.-]`, 1 to [`MAX_MOUNT`] characters, not beginning
/// with a dot.
pub(super) fn valid_mount(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    (1..=MAX_MOUNT).contains(&name.len()) && !name.starts_with('.') && name.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_has_names_and_no_values() {
        let secrets = Secrets::from_iter([("API_KEY".to_owned(), "hunter2".to_owned())]);
        assert_eq!(format!("{secrets:?}"), r#"{"API_KEY"}"#);
        assert_eq!(secrets.names_only().iter().collect::<Vec<_>>(), [("API_KEY", "")]);
    }

    #[test]
    fn a_name_is_a_plain_file_name() {
        for name in ["A", "db.password", "api-key_2", &"x".repeat(MAX_MOUNT)] {
            assert!(valid_mount(name), "{name}");
        }
        for name in ["", ".", "..", ".hidden", "a/b", "a b", "ä", "a\0", &"x".repeat(MAX_MOUNT + 1)] {
            assert!(!valid_mount(name), "{name:?}");
        }
    }
}
