//! What somebody might try.

use frame_support::{assert_noop, assert_ok};

use super::*;
use crate::Error;

#[test]
fn a_name_that_looks_like_a_contracts_function() {
    ExtBuilder::default().build_and_execute(|| {
        let id = create();
        for name in [format!("resize-{id}"), "resize-0".into(), "a-b-18446744073709551616".into(), "x-007".into()] {
            assert_noop!(try_lease(OTHER, &name, 1), Error::<Test>::InvalidName);
        }
    });
}

#[test]
fn a_name_that_differs_only_in_case() {
    ExtBuilder::default().build_and_execute(|| {
        lease("bank", 1);
        for name in ["Bank", "BANK", "banK"] {
            assert_noop!(try_lease(OTHER, name, 1), Error::<Test>::InvalidName);
            assert_eq!(owner_of(name), None);
        }
    });
}

#[test]
fn a_name_that_another_alphabet_makes_look_the_same() {
    ExtBuilder::default().build_and_execute(|| {
        // A Cyrillic letter, and how browsers would write it.
        for name in ["b\u{430}nk", "xn--bnk-6cd"] {
            assert_noop!(try_lease(OTHER, name, 1), Error::<Test>::InvalidName);
        }
    });
}

#[test]
fn deleting_the_twin_to_keep_the_name() {
    ExtBuilder::default().build_and_execute(|| {
        let id = lease("shop", 1);
        let delete = || pallet_tfgrid::Pallet::<Test>::delete_twin(origin(USER));
        assert_noop!(delete(), pallet_tfgrid::Error::<Test>::TwinInUse);
        assert_ok!(cancel(id));
        assert_ok!(delete());
    });
}

#[test]
fn leasing_in_steps_to_go_beyond_the_limit() {
    ExtBuilder::default().build_and_execute(|| {
        let id = lease("shop", 1);
        let steps = (0..2 * LONGEST).filter(|_| renew(id, 1).is_ok()).count();
        assert_eq!(steps, LONGEST as usize - 1);
        assert_eq!(lease_until(id), now() + RULES.max_lease_ahead);
    });
}

#[test]
fn a_foundation_without_an_account_stops_nobody() {
    let none = sp_runtime::Permill::zero();
    let split = RevenueSplit {
        foundation_account: NOBODY,
        foundation: none,
        sales_account: SALES,
        sales: none,
        author: none,
        burn: none,
    };
    ExtBuilder::default().with_split(split).with_name_price(1).build_and_execute(|| {
        let before = balance(USER);
        lease("shop", 1);
        assert_eq!(before - balance(USER), 1);
        // Below the existential deposit: the price waits to be claimed.
        assert_eq!(crate::Payable::<Test>::get(NOBODY), 1);
    });
}

#[test]
fn an_owner_without_money_gets_the_deposit_back() {
    ExtBuilder::default().build_and_execute(|| {
        let id = lease("shop", 1);
        let held = balance(USER) - spendable(USER) - EXISTENTIAL_DEPOSIT;
        leave(USER, EXISTENTIAL_DEPOSIT);
        pass(DAY + 2 * RULES.agenda_tick);
        assert!(is_gone(id, "shop"));
        assert_eq!(balance(USER), EXISTENTIAL_DEPOSIT + held);
    });
}
