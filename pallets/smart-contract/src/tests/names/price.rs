use frame_support::{assert_noop, assert_ok};

use super::*;
use crate::{Error, Event, PriceOfNames};

fn set(per_day: Balance) -> DispatchResult {
    Contracts_::set_name_price(RuntimeOrigin::root(), per_day)
}

#[test]
fn a_new_price_holds_after_its_notice() {
    ExtBuilder::default().with_foundation(10).build_and_execute(|| {
        assert_ok!(set(5 * PER_DAY));
        let from = now() + RULES.governance_notice;
        assert_eq!(last_event(), Event::NamePriceAnnounced { per_day: 5 * PER_DAY, from });
        pass(RULES.governance_notice - 1);
        assert_eq!(Contracts_::name_price(), PER_DAY);
        pass(1);
        assert_eq!(Contracts_::name_price(), 5 * PER_DAY);
        lease("shop", 2);
        assert_eq!(balance(FOUNDATION), INITIAL + 10 * PER_DAY);
    });
}

#[test]
fn a_price_raised_in_the_same_block_changes_nothing() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(set(u128::MAX));
        assert_ok!(Contracts_::create_name_contract(origin(USER), input("shop"), 1, Some(PER_DAY)));
    });
}

#[test]
fn no_price_overflows() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(set(u128::MAX));
        pass(RULES.governance_notice);
        assert_noop!(try_lease(USER, "shop", LONGEST), Error::<Test>::InsufficientFunds);
    });
}

#[test]
fn a_second_announcement_replaces_one_that_does_not_hold_yet() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(set(5 * PER_DAY));
        pass(RULES.governance_notice / 2);
        assert_ok!(set(2 * PER_DAY));
        pass(RULES.governance_notice / 2);
        assert_eq!(Contracts_::name_price(), PER_DAY);
        pass(RULES.governance_notice / 2);
        assert_eq!(Contracts_::name_price(), 2 * PER_DAY);
    });
}

#[test]
fn a_second_announcement_keeps_one_that_holds() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(set(5 * PER_DAY));
        pass(RULES.governance_notice);
        assert_ok!(set(2 * PER_DAY));
        assert_eq!(PriceOfNames::<Test>::get().per_day, 5 * PER_DAY);
    });
}

#[test]
fn only_governance_sets_it() {
    ExtBuilder::default().build_and_execute(|| {
        for who in [USER, FARMER] {
            assert_noop!(Contracts_::set_name_price(origin(who), 1), sp_runtime::DispatchError::BadOrigin);
        }
    });
}

#[test]
fn names_are_never_free() {
    ExtBuilder::default().build_and_execute(|| {
        assert_noop!(set(0), Error::<Test>::ZeroAmount);
    });
}

#[test]
fn genesis_may_name_it() {
    ExtBuilder::default().with_name_price(7).build_and_execute(|| assert_eq!(Contracts_::name_price(), 7));
}
