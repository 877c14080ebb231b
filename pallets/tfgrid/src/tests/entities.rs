use frame_support::{assert_noop, assert_ok};
use grid_types::entities::{entity_message, EntityDetails};
use sp_runtime::DispatchResult;

use crate::{mock::*, *};

/// Brings what `signature` says about `account`.
pub(super) fn bring(account: AccountId, name: &str, signature: Signature, valid_until: u64) -> DispatchResult {
    let (country, city) = (text("Belgium"), text("Ghent"));
    TfgridModule::create_entity(signed(STRANGER), account, text(name), country, city, signature, valid_until)
}

/// An entity, signed for as it should be.
fn create(account: AccountId, name: &str) -> DispatchResult {
    let until = TfgridModule::now() + LIFE;
    bring(account, name, entity_signature(account, name, until), until)
}

fn update(who: AccountId, name: &str, country: &str, city: &str) -> DispatchResult {
    TfgridModule::update_entity(signed(who), text(name), text(country), text(city))
}

mod create_entity {
    use super::*;

    #[test]
    fn makes_an_entity_of_the_account_that_signed() {
        ExtBuilder::default().build_and_execute(|| {
            assert_ok!(create(NOTARY, "Acme"));
            let entity = Entity {
                id: 1,
                name: name("Acme"),
                account_id: NOTARY,
                country: text("Belgium"),
                city: text("Ghent"),
                signed_until: START + LIFE,
            };
            assert_eq!(Entities::<Test>::get(1), Some(entity));
            assert_eq!(EntityIdByName::<Test>::get(name("acme")), Some(1));
            assert_eq!(EntityIdByAccount::<Test>::get(NOTARY), Some(1));
            assert_eq!(last_event(), Event::EntityCreated { entity_id: 1, account: NOTARY });
        });
    }

    #[test]
    fn is_paid_for_by_who_brings_it() {
        ExtBuilder::default().build_and_execute(|| {
            assert_ok!(create(NOTARY, "acme"));
            assert_eq!((held(STRANGER), held(NOTARY)), (ENTITY_DEPOSIT, 0));
        });
    }

    #[test]
    fn needs_no_account_that_exists() {
        ExtBuilder::default().build_and_execute(|| {
            assert_ok!(create(1_000, "acme"));
            assert!(!System::account_exists(&1_000));
        });
    }

    #[test]
    fn gives_ids_in_turn_and_never_twice() {
        ExtBuilder::default().build_and_execute(|| {
            assert_eq!(entity(NOTARY, "one"), 1);
            advance(LIFE);
            assert_ok!(TfgridModule::delete_entity(signed(NOTARY)));
            assert_eq!(entity(NOTARY, "one"), 2);
        });
    }

    #[test]
    fn fails_for_an_account_that_is_one() {
        ExtBuilder::default().build_and_execute(|| {
            entity(NOTARY, "acme");
            assert_noop!(create(NOTARY, "other"), Error::<Test>::EntityExists);
        });
    }

    #[test]
    fn names_are_unique_whatever_their_case() {
        ExtBuilder::default().build_and_execute(|| {
            entity(NOTARY, "acme");
            assert_noop!(create(FARMER, "ACME"), Error::<Test>::EntityNameTaken);
        });
    }

    #[test]
    fn refuses_bad_names_and_places() {
        ExtBuilder::default().build_and_execute(|| {
            assert_noop!(create(NOTARY, "ab"), Error::<Test>::NameTooShort);
            assert_noop!(create(NOTARY, &"a".repeat(41)), Error::<Test>::NameTooLong);
            assert_noop!(create(NOTARY, "a b"), Error::<Test>::NameInvalid);
            let until = START + LIFE;
            for (country, city) in
                [("", "Ghent"), ("Belgium", ""), ("Bel\ngium", "Ghent"), ("Belgium", &"g".repeat(65))]
            {
                let details = EntityDetails { name: b"acme", country: country.as_bytes(), city: city.as_bytes() };
                let signature = signature(NOTARY, &entity_message(genesis().as_ref(), &NOTARY, details, until));
                let (acme, country, city) = (text("acme"), text(country), text(city));
                assert_noop!(
                    TfgridModule::create_entity(signed(STRANGER), NOTARY, acme, country, city, signature, until),
                    Error::<Test>::InvalidLocation
                );
            }
        });
    }

    #[test]
    fn fails_without_money_for_the_deposit() {
        ExtBuilder::default().build_and_execute(|| {
            let until = START + LIFE;
            let signature = entity_signature(NOTARY, "acme", until);
            let (acme, country, city) = (text("acme"), text("Belgium"), text("Ghent"));
            assert_noop!(
                TfgridModule::create_entity(signed(PAUPER), NOTARY, acme, country, city, signature, until),
                Error::<Test>::CannotPayDeposit
            );
        });
    }

    #[test]
    fn fails_when_ids_are_used_up() {
        ExtBuilder::default().build_and_execute(|| {
            NextEntityId::<Test>::put(u32::MAX);
            assert_noop!(create(NOTARY, "acme"), Error::<Test>::IdsExhausted);
        });
    }

    #[test]
    fn fails_unsigned() {
        ExtBuilder::default().build_and_execute(|| {
            let until = START + LIFE;
            let signature = entity_signature(NOTARY, "acme", until);
            let (acme, country, city) = (text("acme"), text("Belgium"), text("Ghent"));
            assert_noop!(
                TfgridModule::create_entity(RuntimeOrigin::none(), NOTARY, acme, country, city, signature, until),
                sp_runtime::DispatchError::BadOrigin
            );
        });
    }
}

mod update_entity {
    use super::*;

    #[test]
    fn replaces_name_and_place() {
        ExtBuilder::default().build_and_execute(|| {
            let id = entity(NOTARY, "acme");
            assert_ok!(update(NOTARY, "Other", "France", "Lille"));

            let stored = Entities::<Test>::get(id).unwrap();
            assert_eq!((stored.name, stored.country, stored.city), (name("Other"), text("France"), text("Lille")));
            assert_eq!((stored.account_id, stored.signed_until), (NOTARY, START + LIFE));
            assert_eq!(last_event(), Event::EntityUpdated { entity_id: id });
        });
    }

    #[test]
    fn frees_the_old_name() {
        ExtBuilder::default().build_and_execute(|| {
            entity(NOTARY, "acme");
            assert_ok!(update(NOTARY, "other", "Belgium", "Ghent"));
            entity(FARMER, "acme");
        });
    }

    #[test]
    fn may_change_the_case_of_its_own_name() {
        ExtBuilder::default().build_and_execute(|| {
            entity(NOTARY, "acme");
            assert_ok!(update(NOTARY, "ACME", "Belgium", "Ghent"));
        });
    }

    #[test]
    fn refuses_taken_and_bad_names_and_places() {
        ExtBuilder::default().build_and_execute(|| {
            entity(NOTARY, "acme");
            entity(FARMER, "taken");
            assert_noop!(update(NOTARY, "TAKEN", "Belgium", "Ghent"), Error::<Test>::EntityNameTaken);
            assert_noop!(update(NOTARY, "ab", "Belgium", "Ghent"), Error::<Test>::NameTooShort);
            assert_noop!(update(NOTARY, &"a".repeat(41), "Belgium", "Ghent"), Error::<Test>::NameTooLong);
            assert_noop!(update(NOTARY, "a.b", "Belgium", "Ghent"), Error::<Test>::NameInvalid);
            assert_noop!(update(NOTARY, "acme", "", "Ghent"), Error::<Test>::InvalidLocation);
        });
    }

    #[test]
    fn is_for_entities_alone() {
        ExtBuilder::default().build_and_execute(|| {
            entity(NOTARY, "acme");
            assert_noop!(update(STRANGER, "acme", "Belgium", "Ghent"), Error::<Test>::NoEntity);
        });
    }
}

mod delete_entity {
    use super::*;

    #[test]
    fn removes_the_record_and_returns_the_deposit_to_who_paid() {
        ExtBuilder::default().build_and_execute(|| {
            let entity_id = entity(NOTARY, "acme");
            advance(LIFE);
            assert_ok!(TfgridModule::delete_entity(signed(NOTARY)));

            assert_eq!(Entities::<Test>::get(entity_id), None);
            assert_eq!((Balances::free_balance(STRANGER), Balances::free_balance(NOTARY)), (FUNDS, 1));
            assert_eq!(last_event(), Event::EntityDeleted { entity_id, account: NOTARY });
        });
    }

    #[test]
    fn frees_the_name() {
        ExtBuilder::default().build_and_execute(|| {
            entity(NOTARY, "acme");
            advance(LIFE);
            assert_ok!(TfgridModule::delete_entity(signed(NOTARY)));
            entity(FARMER, "acme");
        });
    }

    #[test]
    fn is_for_the_entity_and_not_for_who_paid() {
        ExtBuilder::default().build_and_execute(|| {
            entity(NOTARY, "acme");
            advance(LIFE);
            assert_noop!(TfgridModule::delete_entity(signed(STRANGER)), Error::<Test>::NoEntity);
        });
    }

    #[test]
    fn fails_while_it_vouches_for_a_twin() {
        ExtBuilder::default().build_and_execute(|| {
            let entity_id = entity(NOTARY, "acme");
            vouch(FARMER, entity_id);
            advance(LIFE);
            assert_noop!(TfgridModule::delete_entity(signed(NOTARY)), Error::<Test>::EntityInUse);
            assert_ok!(TfgridModule::delete_twin_entity(signed(NOTARY), 1, entity_id));
            assert_ok!(TfgridModule::delete_entity(signed(NOTARY)));
        });
    }
}

mod views {
    use super::*;

    #[test]
    fn entity_of_an_account() {
        ExtBuilder::default().build_and_execute(|| {
            let id = entity(NOTARY, "acme");
            assert_eq!(TfgridModule::entity_of(NOTARY), Entities::<Test>::get(id));
            assert_eq!(TfgridModule::entity_of(STRANGER), None);
        });
    }

    #[test]
    fn twin_of_an_account() {
        ExtBuilder::default().build_and_execute(|| {
            let id = twin(FARMER);
            assert_eq!(TfgridModule::twin_of_account(FARMER), Twins::<Test>::get(id));
            assert_eq!(TfgridModule::twin_of_account(STRANGER), None);
        });
    }
}
