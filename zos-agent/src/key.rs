//! The agent's key: signs replies, reports and heartbeats. Its account holds a small float for fees and nothing else.

use crate::{error::AgentError, secret};
use grid_client::{Account, Key};
use grid_types::signature::Scheme;
use std::path::Path;

/// The agent's key.
#[derive(Clone, Debug)]
pub struct AgentKey(Key);

impl AgentKey {
    /// Reads the key file: one line with a secret URI or a `0x` seed, `ed25519:` before it if it is one, readable by its owner alone.
    pub fn load(path: &Path) -> Result<Self, AgentError> {
        let failed = |reason: String| AgentError::Key { path: path.to_owned(), reason };
        let uri = secret::read(path).map_err(failed)?;
        Self::from_uri(&uri).map_err(|error| failed(error.to_string()))
    }

    /// A key from its secret URI, such as `//Alice`.
    pub fn from_uri(uri: &str) -> Result<Self, grid_client::KeyError> {
        Key::from_uri(uri).map(Self)
    }

    /// The public key.
    pub fn account(&self) -> [u8; 32] {
        self.0.account().0
    }

    /// The account as people write it.
    pub fn address(&self) -> String {
        self.0.account().to_string()
    }

    /// The kind of its signatures.
    pub const fn scheme(&self) -> Scheme {
        self.0.scheme()
    }

    /// Signs a message.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message)
    }

    /// For the chain's client, which signs transactions with it.
    pub(crate) const fn client_key(&self) -> &Key {
        &self.0
    }
}

/// Whether an account signed exactly these bytes.
pub fn verify(scheme: Scheme, account: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    grid_client::verify(scheme, &Account(*account), message, signature)
}

/// Whether an account signed a message, as it is or wrapped as wallets do.
pub fn verify_message(scheme: Scheme, account: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    grid_client::verify_message(scheme, &Account(*account), message, signature)
}
