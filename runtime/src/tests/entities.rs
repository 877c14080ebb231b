//! Entities sign with the keys that this chain's accounts have, and nothing that is no signature stops the chain.

use super::{account, chain};
use crate::{AccountId, Runtime, RuntimeOrigin, Signature, System, TfgridModule, Timestamp};
use codec::{Decode, Encode};
use frame_support::{assert_noop, assert_ok};
use grid_types::entities::{entity_message, twin_entity_message, EntityDetails};
use pallet_tfgrid::{EntityIdByAccount, EntitySignature, Error, Twins};
use sp_core::{ecdsa, ed25519, sr25519, Pair};
use sp_genesis_builder::DEV_RUNTIME_PRESET;
use sp_keyring::Sr25519Keyring;
use sp_runtime::{traits::IdentifyAccount, DispatchResult, MultiSigner};

/// Seconds.
const NOW: u64 = 1_800_000_000;
const UNTIL: u64 = NOW + 600;
const ACME: EntityDetails<'static> = EntityDetails { name: b"acme", country: b"Belgium", city: b"Ghent" };

/// An account, and what signs for it.
type Key = (AccountId, Box<dyn Fn(&[u8]) -> Signature>);

/// One key of each kind.
fn keys() -> [Key; 4] {
    let seed = [7; 32];
    let (sr, ed) = (sr25519::Pair::from_seed(&seed), ed25519::Pair::from_seed(&seed));
    let (ec, eth) = (ecdsa::Pair::from_seed(&seed), ecdsa::KeccakPair::from_seed(&seed));
    let of = |signer: MultiSigner| signer.into_account();
    [
        (of(sr.public().into()), Box::new(move |message| Signature::Sr25519(sr.sign(message)))),
        (of(ed.public().into()), Box::new(move |message| Signature::Ed25519(ed.sign(message)))),
        (of(ec.public().into()), Box::new(move |message| Signature::Ecdsa(ec.sign(message)))),
        (of(MultiSigner::Eth(eth.public())), Box::new(move |message| Signature::Eth(eth.sign(message)))),
    ]
}

/// A development chain at [`NOW`], on which Alice has a twin.
fn with_alices_twin(test: impl FnOnce()) {
    chain(DEV_RUNTIME_PRESET).execute_with(|| {
        System::set_block_number(1);
        pallet_timestamp::Now::<Runtime>::put(NOW * 1_000);
        assert_eq!(Timestamp::get(), NOW * 1_000);
        assert_ok!(TfgridModule::create_twin(alice(), None, None));
        test();
        TfgridModule::do_try_state().unwrap();
    });
}

fn alice() -> RuntimeOrigin {
    RuntimeOrigin::signed(account(Sr25519Keyring::Alice))
}

fn genesis() -> crate::Hash {
    System::block_hash(0)
}

fn create(account: &AccountId, signature: Signature) -> DispatchResult {
    let text = |bytes: &[u8]| bytes.to_vec().try_into().unwrap();
    let name = ACME.name.to_vec().try_into().unwrap();
    TfgridModule::create_entity(alice(), account.clone(), name, text(ACME.country), text(ACME.city), signature, UNTIL)
}

#[test]
fn every_kind_of_key_makes_entities_and_vouches() {
    for (account, sign) in keys() {
        with_alices_twin(|| {
            assert_ok!(create(&account, sign(&entity_message(genesis().as_ref(), &account, ACME, UNTIL))));
            let entity_id = EntityIdByAccount::<Runtime>::get(&account).unwrap();
            let signature = sign(&twin_entity_message(genesis().as_ref(), entity_id, 1, UNTIL));
            assert_ok!(TfgridModule::add_twin_entity(alice(), entity_id, signature.clone(), UNTIL));
            let stored = &Twins::<Runtime>::get(1).unwrap().entities.0[0];
            assert_eq!(stored.signature, EntitySignature(signature.encode().try_into().unwrap()));
        });
    }
}

#[test]
fn no_key_signs_for_another_account_or_message() {
    with_alices_twin(|| {
        let keys = keys();
        for (account, _) in &keys {
            let message = entity_message(genesis().as_ref(), account, ACME, UNTIL);
            for (signer, sign) in &keys {
                let (right, tampered) = (sign(&message), sign(&message[1..]));
                if signer != account {
                    assert_noop!(create(account, right), Error::<Runtime>::InvalidSignature);
                }
                assert_noop!(create(account, tampered), Error::<Runtime>::InvalidSignature);
            }
        }
    });
}

/// Whatever bytes decode as a signature are refused with an error: for each kind, patterns at the edges of what points,
/// scalars and recovery ids can be, and a real signature with each of its bytes changed.
#[test]
fn bytes_that_are_no_signature_are_refused() {
    with_alices_twin(|| {
        for (kind, (account, sign)) in keys().iter().enumerate() {
            let real = sign(&entity_message(genesis().as_ref(), account, ACME, UNTIL)).encode();
            let patterns =
                [0x00, 0x01, 0x7f, 0x80, 0xff].map(|byte| [&real[..1], &vec![byte; real.len() - 1]].concat());
            let changed = (1..real.len()).map(|at| {
                let mut bytes = real.clone();
                bytes[at] ^= 0x55;
                bytes
            });
            for bytes in patterns.into_iter().chain(changed) {
                let signature = Signature::decode(&mut &bytes[..]).unwrap();
                assert_eq!(create(account, signature), Err(Error::<Runtime>::InvalidSignature.into()), "kind {kind}");
            }
        }
    });
}

#[test]
fn what_is_too_short_or_of_no_known_kind_does_not_decode() {
    for kind in 0..=u8::MAX {
        let long = [vec![kind], vec![0; 65]].concat();
        assert_eq!(Signature::decode(&mut &long[..]).is_ok(), kind < 4, "kind {kind}");
        assert!(Signature::decode(&mut &long[..64]).is_err(), "kind {kind}");
    }
    assert!(Signature::decode(&mut &[][..]).is_err());
}
