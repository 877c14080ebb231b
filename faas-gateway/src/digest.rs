//! The name of a module: the SHA-256 of its bytes.

use sha2::{Digest as _, Sha256};
use std::{
    fmt,
    io::{self, Read},
    str::FromStr,
};

/// SHA-256 of a module's WebAssembly bytes; written as 64 lowercase hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Digest([u8; 32]);

impl Digest {
    /// The prefix of a function's `image` that names a module of this gateway's store.
    pub const IMAGE_PREFIX: &'static str = "module:sha256:";

    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Of all that can be read.
    pub fn of_reader(mut reader: impl Read) -> io::Result<Self> {
        let mut hasher = Sha256::new();
        io::copy(&mut reader, &mut hasher)?;
        Ok(Self(hasher.finalize().into()))
    }

    /// Reads `module:sha256:<hex>`.
    pub fn from_image(image: &str) -> Option<Self> {
        image.strip_prefix(Self::IMAGE_PREFIX)?.parse().ok()
    }

    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The text is not 64 lowercase hex digits.
#[derive(Debug, thiserror::Error)]
#[error("a SHA-256 is written as 64 lowercase hex digits")]
pub(crate) struct NotADigest;

impl FromStr for Digest {
    type Err = NotADigest;

    // One spelling only: the digest is also a file name and a database key.
    fn from_str(text: &str) -> Result<Self, NotADigest> {
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(NotADigest);
        }
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| NotADigest)?;
        Ok(Self(bytes))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn reads_what_it_writes() {
        assert_eq!(Digest::of(b"").to_string(), EMPTY);
        assert_eq!(EMPTY.parse::<Digest>().expect("64 digits"), Digest::of(b""));
    }

    #[test]
    fn image_needs_the_prefix() {
        assert_eq!(Digest::from_image(&format!("module:sha256:{EMPTY}")), Some(Digest::of(b"")));
        assert_eq!(Digest::from_image(&format!("sha256:{EMPTY}")), None);
        assert_eq!(Digest::from_image("docker.io/functions/alpine:latest"), None);
    }

    #[test]
    fn other_spellings_are_refused() {
        for text in ["", "e3", &EMPTY.to_uppercase(), &format!("{EMPTY}00"), &EMPTY.replace('e', "g")] {
            assert!(text.parse::<Digest>().is_err(), "{text}");
        }
    }
}
