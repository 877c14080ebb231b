//! ed25519 keys as Substrate derives them: RFC 8032 from a seed of 32 bytes, hard derivations only.

use super::KeyError;
use codec::Encode;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use pbkdf2::pbkdf2_hmac;
use sha2::Sha512;
use sp_crypto_hashing::blake2_256;
use std::str::FromStr;
use subxt_signer::{bip39::Mnemonic, ExposeSecret, SecretUri};

/// Of a phrase's key derivation; Substrate's own is BIP 39's with the entropy in place of the words.
const ROUNDS: u32 = 2_048;

/// A secret key with its public key.
#[derive(Clone)]
pub(super) struct Keypair(SigningKey);

impl Keypair {
    pub fn from_uri(uri: &SecretUri) -> Result<Self, KeyError> {
        let phrase = uri.phrase.expose_secret();
        let seed = match phrase.strip_prefix("0x") {
            Some(digits) => {
                let mut seed = [0; 32];
                hex::decode_to_slice(digits, &mut seed).map_err(|_| KeyError::NotASecret)?;
                seed
            },
            None => {
                let password = uri.password.as_ref().map_or("", |password| password.expose_secret());
                seed_of_phrase(phrase, password)?
            },
        };
        if uri.junctions.iter().any(|junction| junction.is_soft()) {
            return Err(KeyError::SoftDerivation);
        }
        Ok(Self(SigningKey::from_bytes(&seed)).derive_hard(uri.junctions.iter().map(|junction| junction.inner())))
    }

    /// The key that a path of hard derivations leads to.
    pub fn derive_hard<'a>(&self, path: impl IntoIterator<Item = &'a [u8; 32]>) -> Self {
        let seed = path
            .into_iter()
            .fold(self.0.to_bytes(), |seed, junction| blake2_256(&("Ed25519HDKD", seed, *junction).encode()));
        Self(SigningKey::from_bytes(&seed))
    }

    pub fn public_key(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

/// Strict: no keys of low order and no second form of a signature.
pub(super) fn verify(account: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    VerifyingKey::from_bytes(account)
        .is_ok_and(|key| key.verify_strict(message, &Signature::from_bytes(signature)).is_ok())
}

fn seed_of_phrase(phrase: &str, password: &str) -> Result<[u8; 32], KeyError> {
    let (entropy, length) = Mnemonic::from_str(phrase).map_err(|_| KeyError::NotASecret)?.to_entropy_array();
    let entropy = entropy.get(..length).ok_or(KeyError::NotASecret)?;
    let mut long = [0; 64];
    pbkdf2_hmac::<Sha512>(entropy, format!("mnemonic{password}").as_bytes(), ROUNDS, &mut long);
    let mut seed = [0; 32];
    seed.copy_from_slice(&long[..32]);
    Ok(seed)
}
