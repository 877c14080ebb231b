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
    let says = |account: &Account, message: &[u8], signature| verify(Scheme::Sr25519, account, message, signature);
    assert!(says(&key.account(), b"message", &signature));
    assert!(!says(&key.account(), b"Message", &signature));
    assert!(!says(&other.account(), b"message", &signature));
    assert!(!says(&key.account(), b"message", &[0; 64]));
    assert!(!verify(Scheme::Ed25519, &key.account(), b"message", &signature));
}

#[test]
fn an_ed25519_key_is_the_one_that_other_tools_make_of_the_same_secret() {
    let key = Key::from_uri("ed25519://Alice").unwrap();
    assert_eq!(key.scheme(), Scheme::Ed25519);
    assert_eq!(key.account().to_string(), "5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu");
    let seed = format!("ed25519:0x{}", "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
    // The first test vector of RFC 8032.
    let account = Key::from_uri(&seed).unwrap().account();
    assert_eq!(hex::encode(account.0), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
}

#[test]
fn an_ed25519_signature_verifies_for_its_account_and_message_alone() {
    let (key, other) = (Key::from_uri("ed25519://Alice").unwrap(), Key::from_uri("ed25519://Bob").unwrap());
    let signature = key.sign(b"message");
    let says = |account: &Account, message: &[u8], signature| verify(Scheme::Ed25519, account, message, signature);
    assert!(says(&key.account(), b"message", &signature));
    assert!(!says(&key.account(), b"Message", &signature));
    assert!(!says(&other.account(), b"message", &signature));
    assert!(!verify(Scheme::Sr25519, &key.account(), b"message", &signature));
    // A key of low order, for which one signature fits every message.
    let mut identity = [0; 32];
    identity[0] = 1;
    let mut anything = [0; 64];
    anything[0] = 1;
    assert!(!says(&Account(identity), b"message", &anything));
}

#[test]
fn what_a_wallet_signed_is_believed_as_well() {
    for uri in ["//Alice", "ed25519://Alice"] {
        let key = Key::from_uri(uri).unwrap();
        let says = |signature| verify_message(key.scheme(), &key.account(), b"message", &signature);
        assert!(says(key.sign(b"message")));
        assert!(says(key.sign(b"<Bytes>message</Bytes>")));
        assert!(!says(key.sign(b"<Bytes>message</Bytes> ")));
        assert!(!says(key.sign(b"other")));
    }
}

#[test]
fn an_ed25519_key_has_hard_derivations_only() {
    assert_eq!(Key::from_uri("ed25519://Alice/soft").unwrap_err(), KeyError::SoftDerivation);
    assert!(Key::from_uri("sr25519://Alice/soft").is_ok());
    assert_ne!(
        Key::from_uri("ed25519://Alice//1").unwrap().account(),
        Key::from_uri("ed25519://Alice//2").unwrap().account()
    );
}

#[test]
fn a_generated_phrase_brings_its_key_back() {
    let (key, phrase) = Key::generate(Scheme::Sr25519).unwrap();
    assert_eq!(phrase.split(' ').count(), 12);
    assert_eq!(Key::from_uri(&phrase).unwrap().account(), key.account());
    assert_ne!(Key::generate(Scheme::Sr25519).unwrap().1, phrase);
    let (key, secret) = Key::generate(Scheme::Ed25519).unwrap();
    assert!(secret.starts_with("ed25519:"));
    assert_eq!(Key::from_uri(&secret).unwrap().account(), key.account());
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
    let other = Key::from_uri("ed25519://Alice").unwrap();
    let hidden = Key::from_uri("ed25519://Alice//gridchain//seal").unwrap().account();
    assert_eq!(other.seal_key(&GENESIS).public(), SealKey::from_seed(&hidden.0, &GENESIS).unwrap().public());
    assert_ne!(key.seal_key(&GENESIS).public(), key.seal_key(&[8; 32]).public());
}

#[cfg(unix)]
#[test]
fn a_key_file_must_be_readable_by_its_owner_alone() {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    let path = std::env::temp_dir().join(format!("grid-client-key-{}", std::process::id()));
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path).unwrap();
    file.write_all(b"//Alice\nsecond line\n").unwrap();
    let read = Key::from_uri_or_file(path.to_str().unwrap()).unwrap().account();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let exposed = Key::from_file(&path).unwrap_err();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(read.to_string(), ALICE);
    assert_eq!(exposed.code(), "key_file_exposed");
    assert_eq!(Key::from_file(&path).unwrap_err().code(), "key_file_unreadable");
}
