//! What one signature of an entity's account is good for.

use frame_support::{assert_noop, assert_ok, traits::fungible::Mutate};
use grid_types::entities::{entity_message, EntityDetails, MAX_SIGNATURE_LIFE};

use super::entities::bring;
use crate::{mock::*, *};

fn message(genesis: &[u8], account: AccountId, details: EntityDetails<'_>) -> Vec<u8> {
    entity_message(genesis, &account, details, START + LIFE)
}

const ACME: EntityDetails<'static> = EntityDetails { name: b"acme", country: b"Belgium", city: b"Ghent" };

#[test]
fn are_bound_to_chain_account_and_details() {
    ExtBuilder::default().build_and_execute(|| {
        let here = genesis();
        let wrong = [
            message(&[1; 32], NOTARY, ACME),
            message(here.as_ref(), FARMER, ACME),
            message(here.as_ref(), NOTARY, EntityDetails { name: b"acmf", ..ACME }),
            message(here.as_ref(), NOTARY, EntityDetails { name: b"Acme", ..ACME }),
            message(here.as_ref(), NOTARY, EntityDetails { country: b"France", ..ACME }),
            message(here.as_ref(), NOTARY, EntityDetails { city: b"Gent", ..ACME }),
            entity_message(here.as_ref(), &NOTARY, ACME, START + LIFE + 1),
            b"acme".to_vec(),
            Vec::new(),
        ];
        for message in wrong {
            let signature = signature(NOTARY, &message);
            assert_noop!(bring(NOTARY, "acme", signature, START + LIFE), Error::<Test>::InvalidSignature);
        }
    });
}

#[test]
fn of_others_do_not_count() {
    ExtBuilder::default().build_and_execute(|| {
        let signature = signature(STRANGER, &message(genesis().as_ref(), NOTARY, ACME));
        assert_noop!(bring(NOTARY, "acme", signature, START + LIFE), Error::<Test>::InvalidSignature);
    });
}

#[test]
fn for_a_twin_make_no_entity() {
    ExtBuilder::default().build_and_execute(|| {
        let signature = twin_entity_signature(NOTARY, 1, 1, START + LIFE);
        assert_noop!(bring(NOTARY, "acme", signature, START + LIFE), Error::<Test>::InvalidSignature);
    });
}

#[test]
fn end() {
    ExtBuilder::default().build_and_execute(|| {
        let signature = entity_signature(NOTARY, "acme", START + LIFE);
        advance(LIFE);
        assert_noop!(bring(NOTARY, "acme", signature, START + LIFE), Error::<Test>::SignatureExpired);
        assert_noop!(bring(NOTARY, "acme", entity_signature(NOTARY, "acme", 0), 0), Error::<Test>::SignatureExpired);
    });
}

#[test]
fn count_in_their_last_second() {
    ExtBuilder::default().build_and_execute(|| {
        let signature = entity_signature(NOTARY, "acme", START + LIFE);
        advance(LIFE - 1);
        assert_ok!(bring(NOTARY, "acme", signature, START + LIFE));
    });
}

#[test]
fn are_valid_for_a_day_at_most() {
    ExtBuilder::default().build_and_execute(|| {
        for until in [START + MAX_SIGNATURE_LIFE + 1, u64::MAX] {
            let signature = entity_signature(NOTARY, "acme", until);
            assert_noop!(bring(NOTARY, "acme", signature, until), Error::<Test>::SignatureTooLongValid);
        }
        let until = START + MAX_SIGNATURE_LIFE;
        assert_ok!(bring(NOTARY, "acme", entity_signature(NOTARY, "acme", until), until));
    });
}

/// The entity goes, the account is emptied until the chain forgets its nonce, and the old signature comes back.
#[test]
fn never_count_twice() {
    ExtBuilder::default().build_and_execute(|| {
        let (until, signature) = (START + LIFE, entity_signature(NOTARY, "acme", START + LIFE));
        assert_ok!(bring(NOTARY, "acme", signature.clone(), until));
        assert_noop!(bring(NOTARY, "acme", signature.clone(), until), Error::<Test>::EntityExists);

        advance(LIFE - 1);
        assert_noop!(TfgridModule::delete_entity(signed(NOTARY)), Error::<Test>::SignatureStillValid);
        advance(1);
        assert_ok!(TfgridModule::delete_entity(signed(NOTARY)));
        Balances::set_balance(&NOTARY, 0);
        assert!(!System::account_exists(&NOTARY));
        assert_noop!(bring(NOTARY, "acme", signature, until), Error::<Test>::SignatureExpired);
    });
}

/// A new name does not free the signature for the old one.
#[test]
fn do_not_come_back_after_an_update() {
    ExtBuilder::default().build_and_execute(|| {
        let (until, signature) = (START + LIFE, entity_signature(NOTARY, "acme", START + LIFE));
        assert_ok!(bring(NOTARY, "acme", signature.clone(), until));
        assert_ok!(TfgridModule::update_entity(signed(NOTARY), text("other"), text("Belgium"), text("Ghent")));
        assert_noop!(bring(NOTARY, "acme", signature, until), Error::<Test>::EntityExists);
    });
}
