use frame_support::{assert_noop, assert_ok};

use super::*;
use crate::{Error, Event};

#[test]
fn extends_from_the_end_and_not_from_now() {
    ExtBuilder::default().build_and_execute(|| {
        let id = lease("shop", 2);
        let first = lease_until(id);
        pass(DAY);
        assert_ok!(renew(id, 3));
        assert_eq!(lease_until(id), first + 3 * DAY);
        let event = Event::NameContractRenewed { contract_id: id, lease_until: first + 3 * DAY, paid: 3 * PER_DAY };
        assert_eq!(last_event(), event);
    });
}

#[test]
fn costs_the_price_of_the_days() {
    ExtBuilder::default().with_foundation(10).build_and_execute(|| {
        let id = lease("shop", 2);
        let (before, held) = (spendable(USER), held_for_contracts(USER));
        assert_ok!(renew(id, 3));
        assert_eq!(before - spendable(USER), 3 * PER_DAY);
        assert_eq!(held_for_contracts(USER), held);
        assert_eq!(balance(FOUNDATION), INITIAL + 5 * PER_DAY);
    });
}

#[test]
fn keeps_the_name_past_the_first_end() {
    ExtBuilder::default().build_and_execute(|| {
        let id = lease("shop", 1);
        assert_ok!(renew(id, 1));
        pass(DAY + 3 * RULES.agenda_tick);
        assert_eq!(owner_of("shop"), Some(USER_TWIN));
        pass(DAY);
        assert!(is_gone(id, "shop"));
    });
}

#[test]
fn needs_a_name_contract() {
    ExtBuilder::default().build_and_execute(|| {
        assert_noop!(renew(99, 1), Error::<Test>::ContractNotFound);
        // The lease of a name is no contract with a node, nor the other way round.
        let (contract, name) = (create(), lease("shop", 1));
        assert_noop!(renew(contract, 1), Error::<Test>::ContractNotFound);
        assert_noop!(Contracts_::fund_contract(origin(USER), name, 1), Error::<Test>::ContractNotFound);
        assert_noop!(Contracts_::cancel_contract(origin(USER), name), Error::<Test>::ContractNotFound);
    });
}

#[test]
fn only_the_owner_may() {
    ExtBuilder::default().build_and_execute(|| {
        let id = lease("shop", 1);
        for who in [OTHER, STRANGER, FARMER] {
            let renewed = Contracts_::renew_name_contract(origin(who), id, 1, None);
            assert_eq!(renewed, Err(Error::<Test>::NotTheOwner.into()));
        }
    });
}

#[test]
fn in_the_last_second_but_not_after() {
    ExtBuilder::default().build_and_execute(|| {
        let id = lease("shop", 1);
        pass_until(id, 1);
        assert_ok!(renew(id, 1));
        pass_until(id, 0);
        assert!(NameContracts::<Test>::contains_key(id), "the agenda comes a tick later");
        assert_noop!(renew(id, 1), Error::<Test>::LeaseOver);
        pass(2 * RULES.agenda_tick);
        assert_noop!(renew(id, 1), Error::<Test>::ContractNotFound);
    });
}

#[test]
fn at_most_so_far_ahead_of_now() {
    ExtBuilder::default().build_and_execute(|| {
        let id = lease("shop", LONGEST - 1);
        assert_noop!(renew(id, 2), Error::<Test>::LeaseTooLong);
        assert_noop!(renew(id, u32::MAX), Error::<Test>::LeaseTooLong);
        assert_noop!(renew(id, 0), Error::<Test>::NoDays);
        assert_ok!(renew(id, 1));
        assert_noop!(renew(id, 1), Error::<Test>::LeaseTooLong);
        // Day by day it can be had for ever.
        pass(DAY);
        assert_ok!(renew(id, 1));
    });
}

#[test]
fn needs_the_money() {
    ExtBuilder::default().build_and_execute(|| {
        let id = lease("shop", 1);
        leave(USER, EXISTENTIAL_DEPOSIT + 2 * PER_DAY - 1);
        assert_noop!(renew(id, 2), Error::<Test>::InsufficientFunds);
        leave(USER, EXISTENTIAL_DEPOSIT + 2 * PER_DAY);
        assert_ok!(renew(id, 2));
    });
}

#[test]
fn costs_at_most_what_the_user_accepts() {
    ExtBuilder::default().build_and_execute(|| {
        let id = lease("shop", 1);
        let renew = |most| Contracts_::renew_name_contract(origin(USER), id, 2, Some(most));
        assert_noop!(renew(2 * PER_DAY - 1), Error::<Test>::PriceAboveLimit);
        assert_ok!(renew(2 * PER_DAY));
    });
}
