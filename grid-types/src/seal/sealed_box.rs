//! One text for one X25519 key: the construction that data on chain and messages of the bus share.
//!
//! ```text
//! sealed = 0x01 ++ ephemeral X25519 public key (32) ++ nonce (24) ++ XChaCha20-Poly1305 ciphertext (plaintext + 16)
//! key    = HKDF-SHA256(X25519(ephemeral, recipient), salt = ephemeral ++ recipient, info)
//! ```

use super::{SealError, NONCE, OVERHEAD, PUBLIC, VERSION};
use chacha20poly1305::{
    aead::{Aead, KeyInit, Payload},
    Key, XChaCha20Poly1305, XNonce,
};
use hkdf::Hkdf;
use sha2::Sha256;
use x25519_dalek::{PublicKey, SharedSecret, StaticSecret};

/// What a sealed text is for. It can be opened for nothing else.
#[derive(Clone, Copy)]
pub(crate) struct Purpose<'a> {
    /// Goes into the key: a tag, and the chain.
    pub info: &'a [u8],
    /// What is bound to the text without being in it.
    pub aad: &'a [u8],
}

/// The randomness of one sealed text.
#[derive(Clone, Copy)]
pub(crate) struct Dice {
    pub ephemeral: [u8; 32],
    pub nonce: [u8; NONCE],
}

impl Dice {
    /// New randomness of the operating system.
    pub fn throw() -> Result<Self, SealError> {
        let mut dice = Self { ephemeral: [0; 32], nonce: [0; NONCE] };
        getrandom::fill(&mut dice.ephemeral).map_err(|_| SealError::NoRandomness)?;
        getrandom::fill(&mut dice.nonce).map_err(|_| SealError::NoRandomness)?;
        Ok(dice)
    }
}

/// Seals; the randomness is given, so that the format can be checked against golden vectors.
pub(crate) fn close(
    plaintext: &[u8],
    recipient: &[u8; 32],
    purpose: Purpose<'_>,
    dice: Dice,
) -> Result<Vec<u8>, SealError> {
    let secret = StaticSecret::from(dice.ephemeral);
    let public = PublicKey::from(&secret).to_bytes();
    let shared = secret.diffie_hellman(&PublicKey::from(*recipient));
    let cipher = cipher(&shared, &public, recipient, purpose).ok_or(SealError::BadRecipient)?;
    let payload = Payload { msg: plaintext, aad: purpose.aad };
    let ciphertext = cipher
        .encrypt(XNonce::from_slice(&dice.nonce), payload)
        .map_err(|_| SealError::TooLarge { size: plaintext.len() })?;
    let mut sealed = Vec::with_capacity(OVERHEAD + plaintext.len());
    for part in [[VERSION].as_slice(), &public, &dice.nonce, &ciphertext] {
        sealed.extend_from_slice(part);
    }
    Ok(sealed)
}

/// Opens what was sealed to this secret's key for this purpose.
pub(crate) fn open(secret: &StaticSecret, sealed: &[u8], purpose: Purpose<'_>) -> Result<Vec<u8>, SealError> {
    let (version, rest) = sealed.split_first().ok_or(SealError::NotSealed)?;
    if *version != VERSION {
        return Err(SealError::NotSealed);
    }
    let (ephemeral, rest) = rest.split_first_chunk::<PUBLIC>().ok_or(SealError::NotSealed)?;
    let (nonce, ciphertext) = rest.split_first_chunk::<NONCE>().ok_or(SealError::NotSealed)?;
    let shared = secret.diffie_hellman(&PublicKey::from(*ephemeral));
    let recipient = PublicKey::from(secret).to_bytes();
    let cipher = cipher(&shared, ephemeral, &recipient, purpose).ok_or(SealError::Unreadable)?;
    let payload = Payload { msg: ciphertext, aad: purpose.aad };
    cipher.decrypt(XNonce::from_slice(nonce), payload).map_err(|_| SealError::Unreadable)
}

/// The cipher of one text; `None` if one side's key is of low order, so that everybody could compute it.
fn cipher(
    shared: &SharedSecret,
    ephemeral: &[u8; 32],
    recipient: &[u8; 32],
    purpose: Purpose<'_>,
) -> Option<XChaCha20Poly1305> {
    let salt = [ephemeral.as_slice(), recipient].concat();
    let key = derive(Some(&salt), shared.as_bytes(), purpose.info);
    shared.was_contributory().then(|| XChaCha20Poly1305::new(Key::from_slice(&key)))
}

pub(super) fn derive(salt: Option<&[u8]>, secret: &[u8], info: &[u8]) -> [u8; 32] {
    let mut key = [0; 32];
    Hkdf::<Sha256>::new(salt, secret).expand(info, &mut key).expect("32 bytes are within what HKDF can give; qed");
    key
}
