use frame_support::{assert_noop, assert_ok};
use grid_types::units::{Prices, MAX_PRICE};
use sp_runtime::DispatchError;

use super::UNKNOWN;
use crate::{mock::*, *};

/// Every price just out of reach.
fn too_high() -> [Prices; 7] {
    let above = MAX_PRICE + 1;
    [
        Prices { su: above, ..PRICES },
        Prices { cu: above, ..PRICES },
        Prices { nu: above, ..PRICES },
        Prices { ipu: above, ..PRICES },
        Prices { gb_second: u64::MAX, ..PRICES },
        Prices { min_use: 101, ..PRICES },
        Prices { min_use: u8::MAX, ..PRICES },
    ]
}

/// Every price just under [`FLOOR`], and nothing at all.
fn too_low() -> [Prices; 7] {
    [
        Prices { su: 0, ..PRICES },
        Prices { cu: 1, ..PRICES },
        Prices { nu: 2, ..PRICES },
        Prices { ipu: 3, ..PRICES },
        Prices { gb_second: 4, ..PRICES },
        Prices { min_use: 9, ..PRICES },
        Prices::default(),
    ]
}

/// Every floor that lets something be had for nothing.
pub(super) fn for_nothing() -> [Prices; 6] {
    [
        Prices { su: 0, ..FLOOR },
        Prices { cu: 0, ..FLOOR },
        Prices { nu: 0, ..FLOOR },
        Prices { ipu: 0, ..FLOOR },
        Prices { gb_second: 0, ..FLOOR },
        Prices::default(),
    ]
}

const DEAREST: Prices =
    Prices { su: MAX_PRICE, cu: MAX_PRICE, nu: MAX_PRICE, ipu: MAX_PRICE, gb_second: MAX_PRICE, min_use: 100 };

mod create_pricing_policy {
    use super::*;

    #[test]
    fn stores_the_prices() {
        ExtBuilder::default().build_and_execute(|| {
            let twin_id = twin(FARMER);
            assert_ok!(TfgridModule::create_pricing_policy(signed(FARMER), text("Cheap_1"), PRICES));

            let stored = PricingPolicy { id: 1, name: text("Cheap_1"), twin_id, prices: PRICES };
            assert_eq!(PricingPolicies::<Test>::get(1), Some(stored));
            assert_eq!(PricingPolicyIdByName::<Test>::get(twin_id, name("cheap_1")), Some(1));
            assert_eq!(held(FARMER), TWIN_DEPOSIT + POLICY_DEPOSIT);
            assert_eq!(last_event(), Event::PricingPolicyCreated { policy_id: 1, twin_id, prices: PRICES });
        });
    }

    #[test]
    fn accepts_the_floor_and_the_ceiling() {
        ExtBuilder::default().build_and_execute(|| {
            twin(FARMER);
            assert_ok!(TfgridModule::create_pricing_policy(signed(FARMER), text("low"), FLOOR));
            assert_ok!(TfgridModule::create_pricing_policy(signed(FARMER), text("high"), DEAREST));
        });
    }

    #[test]
    fn fails_beyond_floor_and_ceiling() {
        ExtBuilder::default().build_and_execute(|| {
            twin(FARMER);
            let create = |prices| TfgridModule::create_pricing_policy(signed(FARMER), text("prices"), prices);
            for prices in too_high() {
                assert_noop!(create(prices), Error::<Test>::PricesTooHigh);
            }
            for prices in too_low() {
                assert_noop!(create(prices), Error::<Test>::PricesBelowFloor);
            }
        });
    }

    #[test]
    fn names_are_unique_per_twin_whatever_their_case() {
        ExtBuilder::default().build_and_execute(|| {
            policy(FARMER, "prices");
            assert_noop!(
                TfgridModule::create_pricing_policy(signed(FARMER), text("PRICES"), PRICES),
                Error::<Test>::PolicyNameTaken
            );
            policy(STRANGER, "prices");
        });
    }

    #[test]
    fn refuses_bad_names() {
        ExtBuilder::default().build_and_execute(|| {
            twin(FARMER);
            let create = |name: &str| TfgridModule::create_pricing_policy(signed(FARMER), text(name), PRICES);
            assert_noop!(create("ab"), Error::<Test>::NameTooShort);
            assert_noop!(create(&"a".repeat(41)), Error::<Test>::NameTooLong);
            assert_noop!(create("a b"), Error::<Test>::NameInvalid);
        });
    }

    #[test]
    fn fails_without_twin_or_money() {
        ExtBuilder::default().build_and_execute(|| {
            let create = || TfgridModule::create_pricing_policy(signed(PAUPER), text("prices"), PRICES);
            assert_noop!(create(), Error::<Test>::NoTwin);
            Balances::force_set_balance(RuntimeOrigin::root(), PAUPER, TWIN_DEPOSIT + 1).unwrap();
            twin(PAUPER);
            assert_noop!(create(), Error::<Test>::CannotPayDeposit);
        });
    }

    #[test]
    fn fails_when_ids_are_used_up() {
        ExtBuilder::default().build_and_execute(|| {
            twin(FARMER);
            NextPricingPolicyId::<Test>::put(u32::MAX);
            assert_noop!(
                TfgridModule::create_pricing_policy(signed(FARMER), text("prices"), PRICES),
                Error::<Test>::IdsExhausted
            );
        });
    }
}

mod update_pricing_policy {
    use super::*;

    #[test]
    fn replaces_the_prices() {
        ExtBuilder::default().build_and_execute(|| {
            let policy_id = policy(FARMER, "prices");
            assert_ok!(TfgridModule::update_pricing_policy(signed(FARMER), policy_id, DEAREST));
            assert_eq!(PricingPolicies::<Test>::get(policy_id).unwrap().prices, DEAREST);
            assert_eq!(last_event(), Event::PricingPolicyUpdated { policy_id, prices: DEAREST });
        });
    }

    #[test]
    fn fails_for_unknown_and_foreign_policies() {
        ExtBuilder::default().build_and_execute(|| {
            let policy_id = policy(FARMER, "prices");
            let update = |who, id| TfgridModule::update_pricing_policy(signed(who), id, PRICES);
            assert_noop!(update(STRANGER, policy_id), Error::<Test>::NoTwin);
            twin(STRANGER);
            assert_noop!(update(STRANGER, policy_id), Error::<Test>::NotPolicyOwner);
            assert_noop!(update(FARMER, UNKNOWN), Error::<Test>::PolicyNotFound);
            assert_noop!(update(FARMER, 0), Error::<Test>::PolicyNotFound);
        });
    }

    #[test]
    fn fails_beyond_floor_and_ceiling() {
        ExtBuilder::default().build_and_execute(|| {
            let policy_id = policy(FARMER, "prices");
            let update = |prices| TfgridModule::update_pricing_policy(signed(FARMER), policy_id, prices);
            for prices in too_high() {
                assert_noop!(update(prices), Error::<Test>::PricesTooHigh);
            }
            for prices in too_low() {
                assert_noop!(update(prices), Error::<Test>::PricesBelowFloor);
            }
        });
    }
}

mod delete_pricing_policy {
    use super::*;

    #[test]
    fn removes_the_record_and_returns_the_deposit() {
        ExtBuilder::default().build_and_execute(|| {
            let policy_id = policy(FARMER, "prices");
            assert_ok!(TfgridModule::delete_pricing_policy(signed(FARMER), policy_id));
            assert_eq!(PricingPolicies::<Test>::get(policy_id), None);
            assert_eq!(held(FARMER), TWIN_DEPOSIT);
            assert_eq!(last_event(), Event::PricingPolicyDeleted { policy_id });
        });
    }

    #[test]
    fn frees_the_name() {
        ExtBuilder::default().build_and_execute(|| {
            let policy_id = policy(FARMER, "prices");
            assert_ok!(TfgridModule::delete_pricing_policy(signed(FARMER), policy_id));
            assert_eq!(policy(FARMER, "prices"), policy_id + 1);
        });
    }

    #[test]
    fn fails_while_a_farm_uses_it() {
        ExtBuilder::default().build_and_execute(|| {
            farm(FARMER, "farm");
            assert_noop!(TfgridModule::delete_pricing_policy(signed(FARMER), 1), Error::<Test>::PolicyInUse);
        });
    }

    #[test]
    fn fails_for_unknown_and_foreign_policies() {
        ExtBuilder::default().build_and_execute(|| {
            let policy_id = policy(FARMER, "prices");
            let delete = |who, id| TfgridModule::delete_pricing_policy(signed(who), id);
            assert_noop!(delete(STRANGER, policy_id), Error::<Test>::NoTwin);
            twin(STRANGER);
            assert_noop!(delete(STRANGER, policy_id), Error::<Test>::NotPolicyOwner);
            assert_noop!(delete(FARMER, UNKNOWN), Error::<Test>::PolicyNotFound);
        });
    }
}

mod set_price_floor {
    use super::*;

    #[test]
    fn holds_for_policies_made_or_changed_from_then_on() {
        ExtBuilder::default().build_and_execute(|| {
            let policy_id = policy(FARMER, "prices");
            let floor = Prices { su: PRICES.su + 1, ..FLOOR };
            assert_ok!(TfgridModule::set_price_floor(RuntimeOrigin::root(), floor));
            assert_eq!(last_event(), Event::PriceFloorSet { prices: floor });

            assert_eq!(PricingPolicies::<Test>::get(policy_id).unwrap().prices, PRICES);
            assert_noop!(
                TfgridModule::update_pricing_policy(signed(FARMER), policy_id, PRICES),
                Error::<Test>::PricesBelowFloor
            );
        });
    }

    #[test]
    fn is_for_governance_alone() {
        ExtBuilder::default().build_and_execute(|| {
            assert_noop!(TfgridModule::set_price_floor(signed(FARMER), FLOOR), DispatchError::BadOrigin);
        });
    }

    #[test]
    fn fails_for_a_price_of_nothing() {
        ExtBuilder::default().build_and_execute(|| {
            let set = |floor| TfgridModule::set_price_floor(RuntimeOrigin::root(), floor);
            for floor in for_nothing() {
                assert_noop!(set(floor), Error::<Test>::FloorTooLow);
            }
            assert_ok!(set(LEAST_PRICES));
        });
    }

    #[test]
    fn fails_above_the_ceiling() {
        ExtBuilder::default().build_and_execute(|| {
            for floor in too_high() {
                let set = TfgridModule::set_price_floor(RuntimeOrigin::root(), floor);
                assert_noop!(set, Error::<Test>::PricesTooHigh);
            }
        });
    }
}
