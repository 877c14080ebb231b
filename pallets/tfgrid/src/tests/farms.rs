use frame_support::{assert_noop, assert_ok};

use super::UNKNOWN;
use crate::{mock::*, *};

mod create_farm {
    use super::*;

    #[test]
    fn stores_a_farm_that_pays_the_signer() {
        ExtBuilder::default().build_and_execute(|| {
            let policy_id = policy(FARMER, "prices");
            assert_ok!(TfgridModule::create_farm(signed(FARMER), text("North-Sea_1"), policy_id));

            let stored = Farm {
                id: 1,
                name: text("North-Sea_1"),
                twin_id: 1,
                pricing_policy_id: policy_id,
                payout: FARMER,
                public_ips: 0,
            };
            assert_eq!(Farms::<Test>::get(1), Some(stored));
            assert_eq!(FarmIdByName::<Test>::get(name("north-sea_1")), Some(1));
            assert_eq!(held(FARMER), TWIN_DEPOSIT + POLICY_DEPOSIT + FARM_DEPOSIT);
            assert_eq!(last_event(), Event::FarmCreated { farm_id: 1, twin_id: 1, pricing_policy_id: policy_id });
        });
    }

    #[test]
    fn accepts_names_of_3_and_40_letters() {
        ExtBuilder::default().build_and_execute(|| {
            let policy_id = policy(FARMER, "prices");
            assert_ok!(TfgridModule::create_farm(signed(FARMER), text("abc"), policy_id));
            assert_ok!(TfgridModule::create_farm(signed(FARMER), text(&"Z".repeat(40)), policy_id));
        });
    }

    #[test]
    fn refuses_bad_names() {
        ExtBuilder::default().build_and_execute(|| {
            let policy_id = policy(FARMER, "prices");
            let create = |name: &str| TfgridModule::create_farm(signed(FARMER), text(name), policy_id);
            assert_noop!(create(""), Error::<Test>::NameTooShort);
            assert_noop!(create("ab"), Error::<Test>::NameTooShort);
            assert_noop!(create(&"a".repeat(41)), Error::<Test>::NameTooLong);
            assert_noop!(create(&"a".repeat(256)), Error::<Test>::NameTooLong);
            for name in ["a b", "a.b", "naïve", "a\0b", "a/b", "abc\n"] {
                assert_noop!(create(name), Error::<Test>::NameInvalid);
            }
        });
    }

    #[test]
    fn names_are_unique_on_the_chain_whatever_their_case() {
        ExtBuilder::default().build_and_execute(|| {
            farm(FARMER, "North");
            let policy_id = policy(STRANGER, "prices");
            assert_noop!(
                TfgridModule::create_farm(signed(STRANGER), text("nORTH"), policy_id),
                Error::<Test>::FarmNameTaken
            );
        });
    }

    #[test]
    fn needs_a_policy_of_the_same_twin() {
        ExtBuilder::default().build_and_execute(|| {
            let foreign = policy(STRANGER, "prices");
            twin(FARMER);
            let create = |policy_id| TfgridModule::create_farm(signed(FARMER), text("farm"), policy_id);
            assert_noop!(create(foreign), Error::<Test>::NotPolicyOwner);
            assert_noop!(create(UNKNOWN), Error::<Test>::PolicyNotFound);
            assert_noop!(create(0), Error::<Test>::PolicyNotFound);
        });
    }

    #[test]
    fn fails_without_twin_or_money() {
        ExtBuilder::default().build_and_execute(|| {
            assert_noop!(TfgridModule::create_farm(signed(PAUPER), text("farm"), 1), Error::<Test>::NoTwin);
            Balances::force_set_balance(RuntimeOrigin::root(), PAUPER, TWIN_DEPOSIT + POLICY_DEPOSIT + 1).unwrap();
            let policy_id = policy(PAUPER, "prices");
            assert_noop!(
                TfgridModule::create_farm(signed(PAUPER), text("farm"), policy_id),
                Error::<Test>::CannotPayDeposit
            );
        });
    }

    #[test]
    fn fails_when_ids_are_used_up() {
        ExtBuilder::default().build_and_execute(|| {
            let policy_id = policy(FARMER, "prices");
            NextFarmId::<Test>::put(u32::MAX);
            assert_noop!(
                TfgridModule::create_farm(signed(FARMER), text("farm"), policy_id),
                Error::<Test>::IdsExhausted
            );
        });
    }
}

mod update_farm {
    use super::*;

    #[test]
    fn changes_name_and_policy() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "north");
            let policy_id = policy(FARMER, "other");
            assert_ok!(TfgridModule::update_farm(signed(FARMER), farm_id, text("South"), policy_id));

            let stored = Farms::<Test>::get(farm_id).unwrap();
            assert_eq!((stored.name, stored.pricing_policy_id), (text("South"), policy_id));
            assert_eq!(FarmIdByName::<Test>::get(name("north")), None);
            assert_eq!(FarmIdByName::<Test>::get(name("south")), Some(farm_id));
            assert_eq!(last_event(), Event::FarmUpdated { farm_id, pricing_policy_id: policy_id });
        });
    }

    #[test]
    fn may_keep_its_name_in_other_letters() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "north");
            assert_ok!(TfgridModule::update_farm(signed(FARMER), farm_id, text("NORTH"), 1));
            assert_eq!(Farms::<Test>::get(farm_id).unwrap().name, name("NORTH"));
        });
    }

    #[test]
    fn frees_the_old_policy() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "north");
            let other = policy(FARMER, "other");
            assert_ok!(TfgridModule::update_farm(signed(FARMER), farm_id, text("north"), other));
            assert_ok!(TfgridModule::delete_pricing_policy(signed(FARMER), 1));
        });
    }

    #[test]
    fn refuses_a_taken_name_and_bad_names() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "north");
            farm(STRANGER, "south");
            let rename = |name: &str| TfgridModule::update_farm(signed(FARMER), farm_id, text(name), 1);
            assert_noop!(rename("South"), Error::<Test>::FarmNameTaken);
            assert_noop!(rename("ab"), Error::<Test>::NameTooShort);
            assert_noop!(rename(&"a".repeat(41)), Error::<Test>::NameTooLong);
            assert_noop!(rename("a b"), Error::<Test>::NameInvalid);
        });
    }

    #[test]
    fn fails_for_unknown_and_foreign_ids() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "north");
            let update = |who, id, policy_id| TfgridModule::update_farm(signed(who), id, text("west"), policy_id);
            assert_noop!(update(STRANGER, farm_id, 1), Error::<Test>::NoTwin);
            let foreign = policy(STRANGER, "prices");
            assert_noop!(update(STRANGER, farm_id, foreign), Error::<Test>::NotFarmOwner);
            assert_noop!(update(FARMER, UNKNOWN, 1), Error::<Test>::FarmNotFound);
            assert_noop!(update(FARMER, farm_id, foreign), Error::<Test>::NotPolicyOwner);
            assert_noop!(update(FARMER, farm_id, UNKNOWN), Error::<Test>::PolicyNotFound);
        });
    }
}

mod set_farm_payout {
    use super::*;

    #[test]
    fn sends_earnings_elsewhere() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            assert_ok!(TfgridModule::set_farm_payout(signed(FARMER), farm_id, STRANGER));
            assert_eq!(Farms::<Test>::get(farm_id).unwrap().payout, STRANGER);
            assert_eq!(last_event(), Event::FarmPayoutSet { farm_id, account: STRANGER });
        });
    }

    #[test]
    fn fails_for_an_account_of_the_runtime() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            assert_noop!(TfgridModule::set_farm_payout(signed(FARMER), farm_id, POT), Error::<Test>::AccountReserved);
        });
    }

    #[test]
    fn fails_for_unknown_and_foreign_farms() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            let set = |who, id| TfgridModule::set_farm_payout(signed(who), id, STRANGER);
            assert_noop!(set(STRANGER, farm_id), Error::<Test>::NoTwin);
            twin(STRANGER);
            assert_noop!(set(STRANGER, farm_id), Error::<Test>::NotFarmOwner);
            assert_noop!(set(FARMER, UNKNOWN), Error::<Test>::FarmNotFound);
        });
    }
}

mod delete_farm {
    use super::*;

    #[test]
    fn removes_the_record_and_returns_the_deposit() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            assert_ok!(TfgridModule::delete_farm(signed(FARMER), farm_id));
            assert_eq!(Farms::<Test>::get(farm_id), None);
            assert_eq!(FarmIdByName::<Test>::get(name("farm")), None);
            assert_eq!(held(FARMER), TWIN_DEPOSIT + POLICY_DEPOSIT);
            assert_eq!(last_event(), Event::FarmDeleted { farm_id });
        });
    }

    #[test]
    fn fails_while_it_has_an_address() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            farm_ip(farm_id, 10);
            assert_noop!(TfgridModule::delete_farm(signed(FARMER), farm_id), Error::<Test>::FarmInUse);
        });
    }

    #[test]
    fn fails_while_it_has_a_claim() {
        ExtBuilder::default().with_verifier().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            farm_ip(farm_id, 10);
            assert_noop!(TfgridModule::delete_farm(signed(FARMER), farm_id), Error::<Test>::FarmInUse);
        });
    }

    #[test]
    fn fails_while_it_has_an_authorization() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            assert_ok!(TfgridModule::authorize_node(signed(FARMER), farm_id, MACHINE));
            assert_noop!(TfgridModule::delete_farm(signed(FARMER), farm_id), Error::<Test>::FarmInUse);
        });
    }

    #[test]
    fn fails_while_it_has_a_node() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            node(farm_id);
            assert_noop!(TfgridModule::delete_farm(signed(FARMER), farm_id), Error::<Test>::FarmInUse);
        });
    }

    #[test]
    fn fails_for_unknown_and_foreign_farms() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            let delete = |who, id| TfgridModule::delete_farm(signed(who), id);
            assert_noop!(delete(STRANGER, farm_id), Error::<Test>::NoTwin);
            twin(STRANGER);
            assert_noop!(delete(STRANGER, farm_id), Error::<Test>::NotFarmOwner);
            assert_noop!(delete(FARMER, UNKNOWN), Error::<Test>::FarmNotFound);
        });
    }
}
