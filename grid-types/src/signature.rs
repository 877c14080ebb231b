//! Kinds of signatures of accounts, and the wrapping that wallets put around what they sign.
//!
//! An account on chain is a public key of 32 bytes that does not say of which kind it is; who signs says it. Substrate's
//! sr25519 signs in its context `substrate`; ed25519 is RFC 8032's.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What a wallet puts before the bytes that it is asked to sign, so that they can never be a transaction.
pub const WRAP_BEGIN: &[u8] = b"<Bytes>";
/// What a wallet puts after them.
pub const WRAP_END: &[u8] = b"</Bytes>";

/// A kind of signature; its name in lower case in text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// Schnorrkel over Ristretto in the signing context `substrate`.
    #[default]
    Sr25519,
    /// RFC 8032.
    Ed25519,
}

/// A kind of signature that nothing here can check.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("signature type {0:?} is not supported; sign with sr25519 or ed25519")]
pub struct UnknownScheme(pub String);

impl Scheme {
    /// All kinds.
    pub const ALL: [Self; 2] = [Self::Sr25519, Self::Ed25519];

    /// The text on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sr25519 => "sr25519",
            Self::Ed25519 => "ed25519",
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scheme {
    type Err = UnknownScheme;

    fn from_str(text: &str) -> Result<Self, UnknownScheme> {
        Self::ALL.into_iter().find(|scheme| scheme.as_str() == text).ok_or_else(|| UnknownScheme(text.into()))
    }
}

/// A message as a wallet signs it: `<Bytes>`, the message, `</Bytes>`.
pub fn wrapped(message: &[u8]) -> Vec<u8> {
    [WRAP_BEGIN, message, WRAP_END].concat()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn kinds_read_back_and_others_are_named() {
        for scheme in Scheme::ALL {
            assert_eq!(scheme.as_str().parse(), Ok(scheme));
            assert_eq!(serde_json::to_value(scheme).unwrap(), scheme.as_str());
        }
        for other in ["ecdsa", "Sr25519", ""] {
            assert!(other.parse::<Scheme>().unwrap_err().to_string().contains("sr25519 or ed25519"));
        }
    }
}
