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
fn a_foundation_without_an_account_takes_no_money_from_anyone() {
    ExtBuilder::default().with_name_price(1).build_and_execute(|| {
        // Below the existential deposit: the price waits to be claimed.
        lease("shop", 1);
        assert_eq!(crate::Payable::<Test>::get(Contracts_::foundation_account()), 1);
    });
}

#[test]
fn a_name_and_its_owner_at_the_end_of_both_their_means() {
    ExtBuilder::default().build_and_execute(|| {
        let id = lease("shop", 1);
        leave(USER, EXISTENTIAL_DEPOSIT);
        pass(DAY + 2 * RULES.agenda_tick);
        assert!(is_gone(id, "shop"));
        assert_eq!(balance(USER), EXISTENTIAL_DEPOSIT + deposit(4));
    });
}
