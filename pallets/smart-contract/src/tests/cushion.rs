//! Rule 8, the cushion: the part of `low` that is kept for a pause.

use frame_support::{assert_noop, assert_ok};

use crate::{mock::*, types::*, Error, Event};

const CUSHION: Balance = 1_000_000;

fn set(id: ContractId, amount: Balance) -> frame_support::pallet_prelude::DispatchResult {
    Contracts_::set_cushion(origin(USER), id, amount)
}

#[test]
fn raising_draws_the_difference_at_once() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        let (had, escrow) = (balance(USER), record(id).escrow);
        assert_ok!(set(id, CUSHION));
        assert_eq!(record(id).cushion, CUSHION);
        assert_eq!(record(id).escrow, escrow + CUSHION);
        assert_eq!(had - balance(USER), CUSHION);
        assert_eq!(last_event(), Event::CushionSet { contract_id: id, amount: CUSHION });
        assert_ok!(set(id, CUSHION + 5));
        assert_eq!(record(id).escrow, escrow + CUSHION + 5);
    });
}

#[test]
fn belongs_to_both_levels() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        let before = Contracts_::funding_of(id).unwrap();
        assert_ok!(set(id, CUSHION));
        let after = Contracts_::funding_of(id).unwrap();
        assert_eq!((after.low - before.low, after.high - before.high), (CUSHION, CUSHION));
        assert_eq!(after.cushion, CUSHION);
        assert_eq!(after.seconds_left, before.seconds_left);
    });
}

#[test]
fn lowering_leaves_the_money_in_escrow() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        assert_ok!(set(id, CUSHION));
        let (had, escrow) = (balance(USER), record(id).escrow);
        assert_ok!(set(id, 0));
        assert_eq!(record(id).escrow, escrow);
        assert_eq!(balance(USER), had);
        // Raising it again takes the difference again: nobody has to know what else is in escrow.
        assert_ok!(set(id, 1));
        assert_eq!(record(id).escrow, escrow + 1);
    });
}

#[test]
fn one_unit_too_little_is_refused() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        leave(USER, EXISTENTIAL_DEPOSIT + CUSHION - 1);
        assert_noop!(set(id, CUSHION), Error::<Test>::InsufficientFunds);
        leave(USER, EXISTENTIAL_DEPOSIT + CUSHION);
        assert_ok!(set(id, CUSHION));
    });
}

#[test]
fn the_refill_limit_holds() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        assert_ok!(Contracts_::set_refill_limit(origin(USER), id, Some(CUSHION - 1)));
        assert_noop!(set(id, CUSHION), Error::<Test>::InsufficientFunds);
        assert_ok!(set(id, CUSHION - 1));
        assert_noop!(set(id, CUSHION), Error::<Test>::InsufficientFunds);
        pass(86_400);
        assert_ok!(set(id, CUSHION));
    });
}

#[test]
fn can_be_set_before_deployment() {
    ExtBuilder::default().build_and_execute(|| {
        let id = create();
        assert_ok!(set(id, CUSHION));
        pass(900);
        assert_ok!(report_deployed(id, 0));
        assert!(record(id).escrow >= Contracts_::funding_of(id).unwrap().low);
    });
}

#[test]
fn the_largest_number_is_refused() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        assert_noop!(set(id, Balance::MAX), Error::<Test>::InsufficientFunds);
    });
}

#[test]
fn only_the_owner_may() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        for who in [OTHER, FARMER, NODE, STRANGER] {
            assert_noop!(Contracts_::set_cushion(origin(who), id, 1), Error::<Test>::NotTheOwner);
        }
        assert_noop!(set(99, 1), Error::<Test>::ContractNotFound);
    });
}

#[test]
fn not_for_what_is_ending() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        leave(USER, EXISTENTIAL_DEPOSIT);
        run_dry(id);
        assert_noop!(set(id, 0), Error::<Test>::WrongState);
    });
}

#[test]
fn an_update_keeps_it_funded() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        assert_ok!(set(id, CUSHION));
        let low = Contracts_::funding_of(id).unwrap().low;
        set_escrow(id, low);
        let update = || Contracts_::update_contract(origin(USER), id, [2; 32], Default::default(), None, None, None);
        pass(600);
        // Ten minutes are settled first; the cushion is not there to pay for them.
        leave(USER, EXISTENTIAL_DEPOSIT + 155_000 / 6 - 1);
        assert_noop!(update(), Error::<Test>::InsufficientFunds);
        leave(USER, EXISTENTIAL_DEPOSIT + 155_000 / 6);
        assert_ok!(update());
        assert_eq!(record(id).escrow, low);
    });
}
