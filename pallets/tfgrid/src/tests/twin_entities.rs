use codec::Encode;
use frame_support::{assert_noop, assert_ok};
use grid_types::entities::{twin_entity_message, MAX_SIGNATURE_LIFE};
use sp_runtime::DispatchResult;

use super::UNKNOWN;
use crate::{mock::*, *};

fn add(who: AccountId, entity_id: u32, signature: Signature, valid_until: u64) -> DispatchResult {
    TfgridModule::add_twin_entity(signed(who), entity_id, signature, valid_until)
}

fn delete(who: AccountId, twin_id: u32, entity_id: u32) -> DispatchResult {
    TfgridModule::delete_twin_entity(signed(who), twin_id, entity_id)
}

mod add_twin_entity {
    use super::*;

    #[test]
    fn keeps_the_signature_in_the_twin() {
        ExtBuilder::default().build_and_execute(|| {
            let (entity_id, twin_id) = (entity(NOTARY, "acme"), twin(FARMER));
            let (until, signature) = (START + LIFE, twin_entity_signature(NOTARY, entity_id, twin_id, START + LIFE));
            assert_ok!(add(FARMER, entity_id, signature.clone(), until));

            let twin = Twins::<Test>::get(twin_id).unwrap();
            let proof = EntityProof { entity_id, signature: EntitySignature(signature.encode().try_into().unwrap()) };
            assert_eq!(twin.entities.0, vec![proof]);
            assert_eq!(TwinsOfEntity::<Test>::get(entity_id, twin_id), Some(until));
            assert_eq!(held(FARMER), TWIN_DEPOSIT + TWIN_ENTITY_DEPOSIT);
            let told = events().split_off(events().len() - 2);
            assert_eq!(told, [Event::TwinEntityAdded { twin_id, entity_id }, Event::TwinUpdated(twin)]);
        });
    }

    #[test]
    fn leaves_relay_and_key_as_they_are() {
        ExtBuilder::default().build_and_execute(|| {
            let (entity_id, twin_id) = (entity(NOTARY, "acme"), twin(FARMER));
            assert_ok!(TfgridModule::update_twin(signed(FARMER), Some(text("localhost")), None));
            vouch(FARMER, entity_id);
            assert_eq!(Twins::<Test>::get(twin_id).unwrap().relay, Some(text("localhost")));
            assert_ok!(TfgridModule::update_twin(signed(FARMER), None, None));
            assert_eq!(Twins::<Test>::get(twin_id).unwrap().entities.0.len(), 1);
        });
    }

    #[test]
    fn fails_for_one_that_is_there() {
        ExtBuilder::default().build_and_execute(|| {
            let (entity_id, twin_id) = (entity(NOTARY, "acme"), twin(FARMER));
            vouch(FARMER, entity_id);
            let until = START + LIFE + 1;
            let again = twin_entity_signature(NOTARY, entity_id, twin_id, until);
            assert_noop!(add(FARMER, entity_id, again, until), Error::<Test>::TwinEntityExists);
        });
    }

    /// A twin stays small, however many would vouch for it.
    #[test]
    fn fails_for_the_seventeenth() {
        ExtBuilder::default().build_and_execute(|| {
            let (twin_id, until) = (twin(FARMER), START + LIFE);
            for account in 100..117 {
                let entity_id = entity(account, &format!("entity-{account}"));
                let signature = twin_entity_signature(account, entity_id, twin_id, until);
                let added = add(FARMER, entity_id, signature, until);
                assert_eq!(added, if account < 116 { Ok(()) } else { Err(Error::<Test>::TooManyEntities.into()) });
            }
            assert_eq!(held(FARMER), TWIN_DEPOSIT + 16 * TWIN_ENTITY_DEPOSIT);
        });
    }

    #[test]
    fn fails_without_twin_or_entity() {
        ExtBuilder::default().build_and_execute(|| {
            let (entity_id, until) = (entity(NOTARY, "acme"), START + LIFE);
            let signature = || twin_entity_signature(NOTARY, entity_id, 1, until);
            assert_noop!(add(FARMER, entity_id, signature(), until), Error::<Test>::NoTwin);
            twin(FARMER);
            assert_noop!(add(FARMER, UNKNOWN, signature(), until), Error::<Test>::EntityNotFound);
        });
    }

    #[test]
    fn fails_without_money_for_the_deposit() {
        ExtBuilder::default().build_and_execute(|| {
            assert_ok!(TfgridModule::sponsor_twin(signed(STRANGER), PAUPER));
            let (entity_id, twin_id, until) = (entity(NOTARY, "acme"), twin(PAUPER), START + LIFE);
            let signature = twin_entity_signature(NOTARY, entity_id, twin_id, until);
            assert_noop!(add(PAUPER, entity_id, signature, until), Error::<Test>::CannotPayDeposit);
        });
    }
}

/// What one signature is good for.
mod signatures {
    use super::*;

    #[test]
    fn are_bound_to_chain_twin_entity_and_time() {
        ExtBuilder::default().build_and_execute(|| {
            let (entity_id, twin_id, until) = (entity(NOTARY, "acme"), twin(FARMER), START + LIFE);
            let here = genesis();
            let wrong = [
                twin_entity_message(&[1; 32], entity_id, twin_id, until),
                twin_entity_message(here.as_ref(), entity_id + 1, twin_id, until),
                twin_entity_message(here.as_ref(), entity_id, twin_id + 1, until),
                twin_entity_message(here.as_ref(), entity_id, twin_id, until + 1),
                Vec::new(),
            ];
            for message in wrong {
                let signature = signature(NOTARY, &message);
                assert_noop!(add(FARMER, entity_id, signature, until), Error::<Test>::InvalidSignature);
            }
            let of_another = twin_entity_signature(STRANGER, entity_id, twin_id, until);
            assert_noop!(add(FARMER, entity_id, of_another, until), Error::<Test>::InvalidSignature);
        });
    }

    #[test]
    fn for_one_twin_do_not_count_for_another() {
        ExtBuilder::default().build_and_execute(|| {
            let (entity_id, until) = (entity(NOTARY, "acme"), START + LIFE);
            let signature = twin_entity_signature(NOTARY, entity_id, twin(FARMER), until);
            twin(STRANGER);
            assert_noop!(add(STRANGER, entity_id, signature, until), Error::<Test>::InvalidSignature);
        });
    }

    #[test]
    fn of_an_entity_do_not_count_for_another() {
        ExtBuilder::default().build_and_execute(|| {
            let (mine, other) = (entity(NOTARY, "mine"), entity(STRANGER, "other"));
            let (twin_id, until) = (twin(FARMER), START + LIFE);
            let signature = twin_entity_signature(NOTARY, mine, twin_id, until);
            assert_noop!(add(FARMER, other, signature, until), Error::<Test>::InvalidSignature);
        });
    }

    #[test]
    fn that_made_an_entity_do_not_vouch() {
        ExtBuilder::default().build_and_execute(|| {
            let (entity_id, until) = (entity(NOTARY, "acme"), START + LIFE);
            twin(FARMER);
            let signature = entity_signature(NOTARY, "acme", until);
            assert_noop!(add(FARMER, entity_id, signature, until), Error::<Test>::InvalidSignature);
        });
    }

    #[test]
    fn end_and_last_a_day_at_most() {
        ExtBuilder::default().build_and_execute(|| {
            let (entity_id, twin_id) = (entity(NOTARY, "acme"), twin(FARMER));
            let until = |until| (twin_entity_signature(NOTARY, entity_id, twin_id, until), until);
            let (signature, too_late) = until(START);
            assert_noop!(add(FARMER, entity_id, signature, too_late), Error::<Test>::SignatureExpired);
            let (signature, too_long) = until(START + MAX_SIGNATURE_LIFE + 1);
            assert_noop!(add(FARMER, entity_id, signature, too_long), Error::<Test>::SignatureTooLongValid);
            let (signature, a_day) = until(START + MAX_SIGNATURE_LIFE);
            assert_ok!(add(FARMER, entity_id, signature, a_day));
        });
    }

    #[test]
    fn longer_than_relays_know_are_refused() {
        ExtBuilder::default().build_and_execute(|| {
            let (entity_id, twin_id, until) = (entity(NOTARY, "acme"), twin(FARMER), START + LIFE);
            let mut signature = twin_entity_signature(NOTARY, entity_id, twin_id, until);
            signature.padding = vec![0; 66];
            assert_noop!(add(FARMER, entity_id, signature, until), Error::<Test>::InvalidSignature);
        });
    }

    /// Whoever took it away: the same signature does not bring it back.
    #[test]
    fn never_count_twice() {
        for who in [FARMER, NOTARY] {
            ExtBuilder::default().build_and_execute(|| {
                let (entity_id, twin_id, until) = (entity(NOTARY, "acme"), twin(FARMER), START + LIFE);
                let signature = twin_entity_signature(NOTARY, entity_id, twin_id, until);
                assert_ok!(add(FARMER, entity_id, signature.clone(), until));
                assert_noop!(delete(who, twin_id, entity_id), Error::<Test>::SignatureStillValid);
                advance(LIFE);
                assert_ok!(delete(who, twin_id, entity_id));
                assert_noop!(add(FARMER, entity_id, signature, until), Error::<Test>::SignatureExpired);
            });
        }
    }

    /// The next entity of the same account has another id.
    #[test]
    fn do_not_outlive_the_entity() {
        ExtBuilder::default().build_and_execute(|| {
            let (first, twin_id) = (entity(NOTARY, "acme"), twin(FARMER));
            let until = START + MAX_SIGNATURE_LIFE;
            let unused = twin_entity_signature(NOTARY, first, twin_id, until);
            advance(LIFE);
            assert_ok!(TfgridModule::delete_entity(signed(NOTARY)));
            assert_noop!(add(FARMER, first, unused.clone(), until), Error::<Test>::EntityNotFound);
            let second = entity(NOTARY, "acme");
            assert_noop!(add(FARMER, second, unused, until), Error::<Test>::InvalidSignature);
        });
    }

    /// The next twin of the same account has another id.
    #[test]
    fn do_not_outlive_the_twin() {
        ExtBuilder::default().build_and_execute(|| {
            let (entity_id, until) = (entity(NOTARY, "acme"), START + LIFE);
            let unused = twin_entity_signature(NOTARY, entity_id, twin(FARMER), until);
            assert_ok!(TfgridModule::delete_twin(signed(FARMER)));
            twin(FARMER);
            assert_noop!(add(FARMER, entity_id, unused, until), Error::<Test>::InvalidSignature);
        });
    }
}

mod delete_twin_entity {
    use super::*;

    #[test]
    fn is_for_either_side_and_returns_the_deposit() {
        for who in [FARMER, NOTARY] {
            ExtBuilder::default().build_and_execute(|| {
                let (entity_id, twin_id) = (entity(NOTARY, "acme"), twin(FARMER));
                vouch(FARMER, entity_id);
                advance(LIFE);
                assert_ok!(delete(who, twin_id, entity_id));

                let twin = Twins::<Test>::get(twin_id).unwrap();
                assert!(twin.entities.0.is_empty());
                assert_eq!(held(FARMER), TWIN_DEPOSIT);
                let told = events().split_off(events().len() - 2);
                assert_eq!(told, [Event::TwinEntityRemoved { twin_id, entity_id }, Event::TwinUpdated(twin)]);
            });
        }
    }

    #[test]
    fn leaves_other_entities() {
        ExtBuilder::default().build_and_execute(|| {
            let (mine, other, twin_id) = (entity(NOTARY, "mine"), entity(MACHINE, "other"), twin(FARMER));
            vouch(FARMER, mine);
            let until = START + LIFE;
            assert_ok!(add(FARMER, other, twin_entity_signature(MACHINE, other, twin_id, until), until));
            advance(LIFE);
            assert_ok!(delete(FARMER, twin_id, mine));
            assert_eq!(Twins::<Test>::get(twin_id).unwrap().entities.0[0].entity_id, other);
            assert_noop!(delete(NOTARY, twin_id, other), Error::<Test>::NotTwinOrEntity);
        });
    }

    #[test]
    fn fails_for_others_and_for_what_is_not_there() {
        ExtBuilder::default().build_and_execute(|| {
            let (entity_id, twin_id) = (entity(NOTARY, "acme"), twin(FARMER));
            assert_noop!(delete(FARMER, twin_id, entity_id), Error::<Test>::TwinEntityNotFound);
            vouch(FARMER, entity_id);
            advance(LIFE);
            assert_noop!(delete(STRANGER, twin_id, entity_id), Error::<Test>::NotTwinOrEntity);
            assert_noop!(delete(FARMER, UNKNOWN, entity_id), Error::<Test>::TwinEntityNotFound);
            assert_noop!(delete(FARMER, twin_id, UNKNOWN), Error::<Test>::TwinEntityNotFound);
            assert_ok!(delete(FARMER, twin_id, entity_id));
            assert_noop!(delete(FARMER, twin_id, entity_id), Error::<Test>::TwinEntityNotFound);
        });
    }
}

#[test]
fn a_twin_stays_while_entities_vouch_for_it() {
    ExtBuilder::default().build_and_execute(|| {
        let (entity_id, twin_id) = (entity(NOTARY, "acme"), twin(FARMER));
        vouch(FARMER, entity_id);
        advance(LIFE);
        assert_noop!(TfgridModule::delete_twin(signed(FARMER)), Error::<Test>::TwinInUse);
        assert_ok!(delete(FARMER, twin_id, entity_id));
        assert_ok!(TfgridModule::delete_twin(signed(FARMER)));
        assert_eq!(held(FARMER), 0);
    });
}
