//! Data on chain that only its owner can read.
//!
//! ```text
//! sealed = 0x01 ++ ephemeral X25519 public key (32) ++ nonce (24) ++ XChaCha20-Poly1305 ciphertext (plaintext + 16)
//! key    = HKDF-SHA256(X25519(ephemeral, recipient), salt = ephemeral ++ recipient, info = "gridchain/seal/v1" ++ genesis)
//! AAD    = 0x01 ++ genesis
//! secret of a recipient = HKDF-SHA256(seed, no salt, info = "gridchain/seal-key/v1" ++ genesis)
//! ```
//!
//! The genesis hash is in every derivation: a key or a sealed text of one chain means nothing on another. The sender keeps
//! nothing: what is sealed to somebody else cannot be opened again by the one who sealed it.

pub(crate) mod sealed_box;

use sealed_box::{derive, Dice, Purpose};
use x25519_dalek::{PublicKey, StaticSecret};

/// The first byte of sealed data.
pub const VERSION: u8 = 1;
/// The most bytes of sealed data: what a contract's data field holds.
pub const MAX_SEALED: usize = 8 * 1024;
/// How much longer sealed data is than what it holds.
pub const OVERHEAD: usize = 1 + PUBLIC + NONCE + TAG;
/// The most bytes that can be sealed.
pub const MAX_PLAINTEXT: usize = MAX_SEALED - OVERHEAD;
/// The shortest seed a key is derived from, bytes.
pub const MIN_SEED: usize = 16;

const PUBLIC: usize = 32;
const NONCE: usize = 24;
const TAG: usize = 16;
const SEAL_INFO: &[u8] = b"gridchain/seal/v1";
const KEY_INFO: &[u8] = b"gridchain/seal-key/v1";

/// Why sealing or opening failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// More than [`MAX_PLAINTEXT`].
    #[error("{size} bytes are too many to seal, at most {MAX_PLAINTEXT}; store a URL and a hash of the data instead")]
    TooLarge {
        /// Bytes given.
        size: usize,
    },
    /// A recipient whose key everybody could compute.
    #[error("the recipient's public key is not usable")]
    BadRecipient,
    /// A seed that could be guessed.
    #[error("the seed has fewer than {MIN_SEED} bytes")]
    SeedTooShort,
    /// Neither sealed data nor a version that this program knows.
    #[error("not sealed data of version {VERSION}")]
    NotSealed,
    /// Another key, another chain, or changed data.
    #[error("cannot be opened: sealed to another key, on another chain, or changed since")]
    Unreadable,
    /// The operating system gave no randomness.
    #[error("the operating system gave no randomness")]
    NoRandomness,
}

/// The key that opens what is sealed to it.
#[derive(Clone)]
pub struct SealKey {
    secret: StaticSecret,
    genesis: [u8; 32],
}

impl std::fmt::Debug for SealKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SealKey({})", hex::encode(self.public()))
    }
}

impl SealKey {
    /// Derives the key of one chain from a user's secret seed (at least [`MIN_SEED`] bytes).
    pub fn from_seed(seed: &[u8], genesis: &[u8; 32]) -> Result<Self, SealError> {
        if seed.len() < MIN_SEED {
            return Err(SealError::SeedTooShort);
        }
        let secret = derive(None, seed, &info(KEY_INFO, genesis));
        Ok(Self { secret: StaticSecret::from(secret), genesis: *genesis })
    }

    /// What others seal to.
    pub fn public(&self) -> [u8; 32] {
        PublicKey::from(&self.secret).to_bytes()
    }

    /// The secret, to keep elsewhere. Whoever has it reads everything that was sealed to this key.
    pub fn export(&self) -> [u8; 32] {
        self.secret.to_bytes()
    }

    /// The key that was exported.
    pub fn import(secret: [u8; 32], genesis: &[u8; 32]) -> Self {
        Self { secret: StaticSecret::from(secret), genesis: *genesis }
    }

    /// Opens what was sealed to this key on this chain.
    pub fn open(&self, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let (info, aad) = (info(SEAL_INFO, &self.genesis), aad(&self.genesis));
        self.open_for(sealed, Purpose { info: &info, aad: &aad })
    }

    pub(crate) fn open_for(&self, sealed: &[u8], purpose: Purpose<'_>) -> Result<Vec<u8>, SealError> {
        sealed_box::open(&self.secret, sealed, purpose)
    }

    /// A new random key.
    pub fn random(genesis: &[u8; 32]) -> Result<Self, SealError> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(|_| SealError::NoRandomness)?;
        Ok(Self::import(secret, genesis))
    }

    /// The chain that it is for.
    pub const fn genesis(&self) -> &[u8; 32] {
        &self.genesis
    }
}

/// Seals to a recipient's X25519 public key; nobody else can open it, the sender neither.
pub fn seal(plaintext: &[u8], recipient: &[u8; 32], genesis: &[u8; 32]) -> Result<Vec<u8>, SealError> {
    seal_with(plaintext, recipient, genesis, Dice::throw()?)
}

/// Whether something can be sealed to a key: everybody could open what is sealed to one of low order.
pub fn usable(public: &[u8; 32]) -> bool {
    // Whether a shared secret is zero does not depend on the other side's key.
    StaticSecret::from([1; 32]).diffie_hellman(&PublicKey::from(*public)).was_contributory()
}

/// Seals with given randomness; apart so that the format can be checked against golden vectors.
fn seal_with(plaintext: &[u8], recipient: &[u8; 32], genesis: &[u8; 32], dice: Dice) -> Result<Vec<u8>, SealError> {
    if plaintext.len() > MAX_PLAINTEXT {
        return Err(SealError::TooLarge { size: plaintext.len() });
    }
    let (info, aad) = (info(SEAL_INFO, genesis), aad(genesis));
    sealed_box::close(plaintext, recipient, Purpose { info: &info, aad: &aad }, dice)
}

fn info(tag: &[u8], genesis: &[u8; 32]) -> Vec<u8> {
    [tag, genesis].concat()
}

fn aad(genesis: &[u8; 32]) -> Vec<u8> {
    [[VERSION].as_slice(), genesis].concat()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use proptest::prelude::*;

    const GENESIS: [u8; 32] = [7; 32];

    fn key() -> SealKey {
        SealKey::from_seed(&[1; 32], &GENESIS).unwrap()
    }

    #[test]
    fn the_format_is_fixed() {
        let sealed =
            seal_with(b"statistics", &key().public(), &GENESIS, Dice { ephemeral: [2; 32], nonce: [3; 24] }).unwrap();
        assert_eq!(hex::encode(key().public()), include_str!("../vectors/seal-public.hex").trim());
        assert_eq!(hex::encode(sealed), include_str!("../vectors/seal.hex").trim());
    }

    #[test]
    fn the_longest_text_fits_a_contract_and_one_more_does_not() {
        let sealed = seal(&[0; MAX_PLAINTEXT], &key().public(), &GENESIS).unwrap();
        assert_eq!(sealed.len(), MAX_SEALED);
        let refused = seal(&[0; MAX_PLAINTEXT + 1], &key().public(), &GENESIS);
        assert_eq!(refused, Err(SealError::TooLarge { size: MAX_PLAINTEXT + 1 }));
    }

    #[test]
    fn another_key_or_another_chain_cannot_open_it() {
        let sealed = seal(b"secret", &key().public(), &GENESIS).unwrap();
        assert_eq!(key().open(&sealed).unwrap(), b"secret");
        let stranger = SealKey::from_seed(&[2; 32], &GENESIS).unwrap();
        assert_eq!(stranger.open(&sealed), Err(SealError::Unreadable));
        let elsewhere = SealKey::import(key().export(), &[8; 32]);
        assert_eq!(elsewhere.open(&sealed), Err(SealError::Unreadable));
    }

    #[test]
    fn a_key_on_one_chain_is_not_the_key_on_another() {
        assert_ne!(key().public(), SealKey::from_seed(&[1; 32], &[8; 32]).unwrap().public());
    }

    #[test]
    fn an_exported_key_opens_the_same() {
        let sealed = seal(b"secret", &key().public(), &GENESIS).unwrap();
        assert_eq!(SealKey::import(key().export(), &GENESIS).open(&sealed).unwrap(), b"secret");
    }

    #[test]
    fn keys_of_low_order_are_refused() {
        assert_eq!(seal(b"x", &[0; 32], &GENESIS), Err(SealError::BadRecipient));
        assert!(!usable(&[0; 32]) && usable(&key().public()));
    }

    #[test]
    fn a_short_seed_is_refused() {
        assert_eq!(SealKey::from_seed(&[1; 15], &GENESIS).unwrap_err(), SealError::SeedTooShort);
    }

    #[test]
    fn what_is_not_sealed_is_named_so() {
        for bytes in [&b""[..], b"\x02", b"\x01short", &[2; 200]] {
            assert_eq!(key().open(bytes), Err(SealError::NotSealed));
        }
    }

    proptest! {
        #[test]
        fn opens_to_what_was_sealed(text in proptest::collection::vec(any::<u8>(), 0..600)) {
            let sealed = seal(&text, &key().public(), &GENESIS).unwrap();
            prop_assert_eq!(sealed.len(), text.len() + OVERHEAD);
            prop_assert_eq!(key().open(&sealed).unwrap(), text);
        }

        #[test]
        fn one_changed_bit_anywhere_is_noticed(at in 0..(OVERHEAD + 6), bit in 0..8_u8) {
            let mut sealed = seal(b"secret", &key().public(), &GENESIS).unwrap();
            sealed[at] ^= 1 << bit;
            // The top bit of an X25519 public key is ignored by the curve, not by the key derivation.
            prop_assert!(key().open(&sealed).is_err());
        }
    }
}
