//! Accounts and the keys that sign for them: sr25519 in Substrate's signing context.

use crate::Hash;
use grid_types::seal::SealKey;
use serde::{Deserialize, Serialize};
use std::{fmt, path::Path, str::FromStr};
use subxt::utils::AccountId32;
use subxt_signer::{bip39::Mnemonic, sr25519, DeriveJunction, SecretUri};

/// Entropy of a new phrase, bytes: 12 words.
const ENTROPY: usize = 16;

/// Why there is no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not a secret that makes a key.
    #[error("not a secret: expected a 12 to 24 word phrase, 0x and 64 hexadecimal digits, or a development name such as //Alice")]
    NotASecret,
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

/// A secret key. Debug output and errors never show it.
#[derive(Clone)]
pub struct Key(pub(crate) sr25519::Keypair);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.account())
    }
}

impl Key {
    /// From a secret URI: a phrase or a `0x` seed, with derivations (`//hard`, `/soft`) and `///password`; or a development
    /// name such as `//Alice`.
    ///
    /// Refuses an empty text: elsewhere it stands for the development phrase, and an empty key file is never meant so.
    pub fn from_uri(uri: &str) -> Result<Self, KeyError> {
        let uri = uri.trim();
        if uri.is_empty() {
            return Err(KeyError::NotASecret);
        }
        let uri = SecretUri::from_str(uri).map_err(|_| KeyError::NotASecret)?;
        sr25519::Keypair::from_uri(&uri).map(Self).map_err(|_| KeyError::NotASecret)
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

    /// A new key and the phrase that brings it back.
    pub fn generate() -> Result<(Self, String), KeyError> {
        let mut entropy = [0; ENTROPY];
        getrandom::fill(&mut entropy).map_err(|_| KeyError::NoRandomness)?;
        let phrase = Mnemonic::from_entropy(&entropy).map_err(|_| KeyError::NoRandomness)?.to_string();
        Ok((Self::from_uri(&phrase)?, phrase))
    }

    /// The account that it signs for.
    pub fn account(&self) -> Account {
        Account(self.0.public_key().0)
    }

    /// Signs a message.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).0
    }

    /// The key that opens what is sealed to this account on the chain with that genesis.
    ///
    /// Its seed is the public key of the hard derivation `//gridchain//seal`: nobody can compute it without the secret, it is
    /// used nowhere else, and every Substrate wallet that holds the secret can derive it.
    pub fn seal_key(&self, genesis: &Hash) -> SealKey {
        let hidden = self.0.derive(["gridchain", "seal"].map(DeriveJunction::hard)).public_key().0;
        SealKey::from_seed(&hidden, genesis).expect("a public key is longer than the shortest seed; qed")
    }
}

/// Whether the account's key made this signature of this message.
pub fn verify(account: &Account, message: &[u8], signature: &[u8; 64]) -> bool {
    sr25519::verify(&sr25519::Signature(*signature), message, &sr25519::PublicKey(account.0))
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
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use std::io::Write;

    const ALICE: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
    const GENESIS: Hash = [7; 32];

    #[test]
    fn development_names_give_the_well_known_accounts() {
        assert_eq!(Key::from_uri("//Alice").unwrap().account().to_string(), ALICE);
    }

    #[test]
    fn an_address_reads_back_and_hexadecimal_is_read_too() {
        let account: Account = ALICE.parse().unwrap();
        assert_eq!(account.to_string(), ALICE);
        assert_eq!(format!("0x{}", hex::encode(account.0)).parse::<Account>().unwrap(), account);
        assert_eq!("5Grw".parse::<Account>().unwrap_err().code(), "not_an_address");
        assert_eq!("0x12".parse::<Account>().unwrap_err().code(), "not_an_address");
    }

    #[test]
    fn a_signature_verifies_for_its_account_and_message_alone() {
        let (key, other) = (Key::from_uri("//Alice").unwrap(), Key::from_uri("//Bob").unwrap());
        let signature = key.sign(b"message");
        assert!(verify(&key.account(), b"message", &signature));
        assert!(!verify(&key.account(), b"Message", &signature));
        assert!(!verify(&other.account(), b"message", &signature));
        assert!(!verify(&key.account(), b"message", &[0; 64]));
    }

    #[test]
    fn a_generated_phrase_brings_its_key_back() {
        let (key, phrase) = Key::generate().unwrap();
        assert_eq!(phrase.split(' ').count(), 12);
        assert_eq!(Key::from_uri(&phrase).unwrap().account(), key.account());
        assert_ne!(Key::generate().unwrap().1, phrase);
    }

    #[test]
    fn what_is_no_secret_is_refused_without_repeating_it() {
        for text in ["", " \n", "not a phrase", "0x1234", "bottom drive obey"] {
            assert_eq!(Key::from_uri(text).unwrap_err(), KeyError::NotASecret, "{text}");
        }
    }

    #[test]
    fn debug_output_shows_the_account_only() {
        assert_eq!(format!("{:?}", Key::from_uri("//Alice").unwrap()), format!("Key({ALICE})"));
    }

    #[test]
    fn the_seal_key_is_that_of_the_hidden_derivation() {
        let key = Key::from_uri("//Alice").unwrap();
        let hidden = Key::from_uri("//Alice//gridchain//seal").unwrap().account();
        let expected = SealKey::from_seed(&hidden.0, &GENESIS).unwrap();
        assert_eq!(key.seal_key(&GENESIS).public(), expected.public());
        assert_ne!(key.seal_key(&GENESIS).public(), key.seal_key(&[8; 32]).public());
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_must_be_readable_by_its_owner_alone() {
        use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
        let path = std::env::temp_dir().join(format!("grid-client-key-{}", std::process::id()));
        let mut file =
            std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path).unwrap();
        file.write_all(b"//Alice\nsecond line\n").unwrap();
        let read = Key::from_uri_or_file(path.to_str().unwrap()).unwrap().account();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        let exposed = Key::from_file(&path).unwrap_err();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(read.to_string(), ALICE);
        assert_eq!(exposed.code(), "key_file_exposed");
        assert_eq!(Key::from_file(&path).unwrap_err().code(), "key_file_unreadable");
    }
}
