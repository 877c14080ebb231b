//! Accounts and the keys that sign for them: sr25519 in Substrate's signing context, or ed25519.

mod ed25519;

use crate::Hash;
use grid_types::{
    seal::SealKey,
    signature::{wrapped, Scheme},
};
use serde::{Deserialize, Serialize};
use std::{fmt, path::Path, str::FromStr};
use subxt::{
    transactions::Signer,
    utils::{AccountId32, MultiSignature},
    SubstrateConfig,
};
use subxt_signer::{bip39::Mnemonic, sr25519, DeriveJunction, SecretUri};

/// Entropy of a new phrase, bytes: 12 words.
const ENTROPY: usize = 16;

/// Why there is no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not a secret that makes a key.
    #[error("not a secret: expected a 12 to 24 word phrase, 0x and 64 hexadecimal digits, or a development name such as //Alice")]
    NotASecret,
    /// A derivation that this kind of key does not have.
    #[error("an ed25519 key has no soft derivations: write //PATH with two slashes")]
    SoftDerivation,
    /// Not an address.
    #[error("{text:?} is not an address: {reason}")]
    NotAnAddress {
        /// What was given.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The file cannot be read.
    #[error("cannot read the key file {path}: {reason}")]
    Unreadable {
        /// Which.
        path: String,
        /// Why.
        reason: String,
    },
    /// Others on the machine can read the secret.
    #[error("others can read the key file {path} (mode {mode:03o}); run: chmod 600 {path}")]
    Exposed {
        /// Which.
        path: String,
        /// Its permission bits.
        mode: u32,
    },
    /// The operating system gave no randomness.
    #[error("the operating system gave no randomness")]
    NoRandomness,
}

impl KeyError {
    /// The stable machine code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotASecret => "not_a_secret",
            Self::SoftDerivation => "soft_derivation",
            Self::NotAnAddress { .. } => "not_an_address",
            Self::Unreadable { .. } => "key_file_unreadable",
            Self::Exposed { .. } => "key_file_exposed",
            Self::NoRandomness => "no_randomness",
        }
    }
}

/// An account on chain: a public key. SS58 text with prefix 42; also read from any other prefix and from `0x` hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Account(pub [u8; 32]);

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        AccountId32(self.0).fmt(f)
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for Account {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let bad = |reason: String| KeyError::NotAnAddress { text: text.into(), reason };
        if let Some(digits) = text.strip_prefix("0x") {
            let mut account = [0; 32];
            hex::decode_to_slice(digits, &mut account).map_err(|error| bad(error.to_string()))?;
            return Ok(Self(account));
        }
        AccountId32::from_str(text).map(|account| Self(account.0)).map_err(|error| bad(error.to_string()))
    }
}

impl TryFrom<String> for Account {
    type Error = KeyError;

    fn try_from(text: String) -> Result<Self, KeyError> {
        text.parse()
    }
}

impl From<Account> for String {
    fn from(account: Account) -> Self {
        account.to_string()
    }
}

impl From<Account> for AccountId32 {
    fn from(account: Account) -> Self {
        Self(account.0)
    }
}

impl From<AccountId32> for Account {
    fn from(account: AccountId32) -> Self {
        Self(account.0)
    }
}

/// What a secret begins with that is for another kind of key than sr25519.
const ED25519: &str = "ed25519:";
const SR25519: &str = "sr25519:";

/// A secret key. Debug output and errors never show it.
#[derive(Clone)]
pub struct Key(Secret);

#[derive(Clone)]
enum Secret {
    Sr25519(sr25519::Keypair),
    Ed25519(ed25519::Keypair),
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.account())
    }
}

impl Key {
    /// From a secret URI: a phrase or a `0x` seed, with derivations (`//hard`, `/soft`) and `///password`; or a development
    /// name such as `//Alice`. With `ed25519:` before it, it is a key of that kind; else, or with `sr25519:`, an sr25519 one.
    ///
    /// Refuses an empty text: elsewhere it stands for the development phrase, and an empty key file is never meant so.
    pub fn from_uri(uri: &str) -> Result<Self, KeyError> {
        let uri = uri.trim();
        let (scheme, uri) = match (uri.strip_prefix(ED25519), uri.strip_prefix(SR25519)) {
            (Some(uri), _) => (Scheme::Ed25519, uri),
            (None, uri_of_default) => (Scheme::Sr25519, uri_of_default.unwrap_or(uri)),
        };
        if uri.trim().is_empty() {
            return Err(KeyError::NotASecret);
        }
        let uri = SecretUri::from_str(uri.trim()).map_err(|_| KeyError::NotASecret)?;
        match scheme {
            Scheme::Sr25519 => {
                sr25519::Keypair::from_uri(&uri).map(Secret::Sr25519).map_err(|_| KeyError::NotASecret).map(Self)
            },
            Scheme::Ed25519 => ed25519::Keypair::from_uri(&uri).map(Secret::Ed25519).map(Self),
        }
    }

    /// From the first line of a file that only its owner can read.
    pub fn from_file(path: &Path) -> Result<Self, KeyError> {
        let name = path.display().to_string();
        let unreadable = |error: std::io::Error| KeyError::Unreadable { path: name.clone(), reason: error.to_string() };
        let mode = permissions(path).map_err(unreadable)?;
        if mode & 0o077 != 0 {
            return Err(KeyError::Exposed { path: name, mode });
        }
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        Self::from_uri(text.lines().next().unwrap_or_default())
    }

    /// From a file if there is one of that name, else from a secret URI.
    pub fn from_uri_or_file(text: &str) -> Result<Self, KeyError> {
        let path = Path::new(text);
        if path.is_file() {
            return Self::from_file(path);
        }
        Self::from_uri(text)
    }

    /// A new key and the secret that brings it back: a phrase, with `ed25519:` before it if it is one.
    pub fn generate(scheme: Scheme) -> Result<(Self, String), KeyError> {
        let mut entropy = [0; ENTROPY];
        getrandom::fill(&mut entropy).map_err(|_| KeyError::NoRandomness)?;
        let phrase = Mnemonic::from_entropy(&entropy).map_err(|_| KeyError::NoRandomness)?;
        let secret = match scheme {
            Scheme::Sr25519 => phrase.to_string(),
            Scheme::Ed25519 => format!("{ED25519}{phrase}"),
        };
        Ok((Self::from_uri(&secret)?, secret))
    }

    /// The account that it signs for.
    pub fn account(&self) -> Account {
        match &self.0 {
            Secret::Sr25519(pair) => Account(pair.public_key().0),
            Secret::Ed25519(pair) => Account(pair.public_key()),
        }
    }

    /// The kind of its signatures.
    pub const fn scheme(&self) -> Scheme {
        match self.0 {
            Secret::Sr25519(_) => Scheme::Sr25519,
            Secret::Ed25519(_) => Scheme::Ed25519,
        }
    }

    /// Signs a message.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        match &self.0 {
            Secret::Sr25519(pair) => pair.sign(message).0,
            Secret::Ed25519(pair) => pair.sign(message),
        }
    }

    /// The key that opens what is sealed to this account on the chain with that genesis.
    ///
    /// Its seed is the public key of the hard derivation `//gridchain//seal`: nobody can compute it without the secret, it is
    /// used nowhere else, and every Substrate wallet that holds the secret can derive it.
    pub fn seal_key(&self, genesis: &Hash) -> SealKey {
        let path = ["gridchain", "seal"].map(DeriveJunction::hard);
        let hidden = match &self.0 {
            Secret::Sr25519(pair) => pair.derive(path).public_key().0,
            Secret::Ed25519(pair) => pair.derive_hard(path.iter().map(DeriveJunction::inner)).public_key(),
        };
        SealKey::from_seed(&hidden, genesis).expect("a public key is longer than the shortest seed; qed")
    }
}

impl Signer<SubstrateConfig> for Key {
    fn account_id(&self) -> AccountId32 {
        self.account().into()
    }

    fn sign(&self, payload: &[u8]) -> MultiSignature {
        let signature = Self::sign(self, payload);
        match self.scheme() {
            Scheme::Sr25519 => MultiSignature::Sr25519(signature),
            Scheme::Ed25519 => MultiSignature::Ed25519(signature),
        }
    }
}

/// Whether the account's key made this signature of exactly these bytes.
pub fn verify(scheme: Scheme, account: &Account, message: &[u8], signature: &[u8; 64]) -> bool {
    match scheme {
        Scheme::Sr25519 => sr25519::verify(&sr25519::Signature(*signature), message, &sr25519::PublicKey(account.0)),
        Scheme::Ed25519 => ed25519::verify(&account.0, message, signature),
    }
}

/// Whether the account's key made this signature of this message, as it is or wrapped as wallets do (`<Bytes>..</Bytes>`).
pub fn verify_message(scheme: Scheme, account: &Account, message: &[u8], signature: &[u8; 64]) -> bool {
    verify(scheme, account, message, signature) || verify(scheme, account, &wrapped(message), signature)
}

#[cfg(unix)]
fn permissions(path: &Path) -> std::io::Result<u32> {
    use std::os::unix::fs::PermissionsExt;
    Ok(std::fs::metadata(path)?.permissions().mode() & 0o777)
}

/// Elsewhere the file system's own rules hold.
#[cfg(not(unix))]
fn permissions(path: &Path) -> std::io::Result<u32> {
    std::fs::metadata(path).map(|_| 0o600)
}

#[cfg(test)]
mod tests;
