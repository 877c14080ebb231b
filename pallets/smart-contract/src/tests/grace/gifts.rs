use frame_support::{assert_noop, assert_ok};

use super::*;
use crate::{Contracts, Error, Event};

fn give(id: ContractId, amount: Balance) {
    assert_ok!(Contracts_::fund_contract(origin(OTHER), id, amount));
}

fn lacking(id: ContractId) -> Balance {
    Contracts_::funding_of(id).unwrap().restore
}

#[test]
fn a_small_one_never_moves_the_end() {
    ExtBuilder::default().build_and_execute(|| {
        let id = paused(HOUR_HELD);
        let (end, tick) = (until(id), record(id).agenda_tick);
        while now() + 3_600 < end {
            pass(3_600);
            give(id, 1);
            assert_eq!(until(id), end);
            assert_eq!(record(id).agenda_tick, tick);
        }
        pass(3_600 + 2 * RULES.agenda_tick);
        assert!(Contracts::<Test>::get(id).is_none());
    });
}

#[test]
fn one_that_covers_the_whole_restores_at_once() {
    ExtBuilder::default().build_and_execute(|| {
        let id = paused(HOUR_HELD);
        pass(3_600);
        let before = earned();
        give(id, lacking(id) - 1);
        assert!(until(id) > now());
        assert_eq!(lacking(id), 1);
        give(id, 1);
        assert_eq!(record(id).state, ContractState::Deployed);
        assert_eq!(record(id).escrow, high(id));
        assert_eq!(earned() - before, HOUR_FULL);
        assert_eq!(last_event(), Event::ContractResumed { contract_id: id });
        // What ran out is whole again: the next report is an ordinary one.
        pass(600);
        assert_ok!(report(id, 600));
        assert_eq!(record(id).state, ContractState::Deployed);
    });
}

#[test]
fn what_is_above_the_whole_stays_in_escrow() {
    ExtBuilder::default().build_and_execute(|| {
        let id = paused(HOUR_HELD);
        give(id, lacking(id) + 12_345);
        assert_eq!(record(id).escrow, high(id) + 12_345);
    });
}

#[test]
fn what_is_not_needed_goes_to_the_owner() {
    ExtBuilder::default().build_and_execute(|| {
        let id = paused(HOUR_HELD);
        give(id, 5_000);
        let (before, escrow) = (balance(USER), record(id).escrow);
        pass(3_600);
        assert_ok!(Contracts_::cancel_contract(origin(USER), id));
        assert_eq!(balance(USER) - before, escrow - HOUR_HELD);
    });
}

#[test]
fn one_at_the_end_is_too_late() {
    ExtBuilder::default().build_and_execute(|| {
        let id = paused(HOUR_HELD);
        assert!(!until(id).is_multiple_of(RULES.agenda_tick), "the agenda would be faster");
        pass(until(id) - now());
        assert_noop!(Contracts_::fund_contract(origin(OTHER), id, 10 * INITIAL / 100), Error::<Test>::GraceOver);
    });
}
