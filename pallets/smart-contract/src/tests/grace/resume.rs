use frame_support::{assert_noop, assert_ok};

use super::*;
use crate::{Agenda, Contracts, Error, Event};

fn resume(id: ContractId) -> frame_support::pallet_prelude::DispatchResult {
    Contracts_::resume_contract(origin(USER), id)
}

/// What resuming takes from the owner now.
fn lacking(id: ContractId) -> Balance {
    Contracts_::funding_of(id).unwrap().restore
}

#[test]
fn charges_the_pause_in_full_and_fills_up_to_high() {
    ExtBuilder::default().build_and_execute(|| {
        let id = paused(HOUR_HELD);
        endow(USER, INITIAL);
        let (before, had, escrow) = (earned(), balance(USER), record(id).escrow);
        pass(3_600);
        assert_ok!(resume(id));
        assert_eq!(earned() - before, HOUR_FULL);
        assert_eq!(record(id).escrow, high(id));
        assert_eq!(had - balance(USER), high(id) + HOUR_FULL - escrow);
        assert_eq!(record(id).state, ContractState::Deployed);
        assert_eq!(Contracts::<Test>::get(id).unwrap().state, ContractState::Deployed);
        assert_eq!(record(id).paid_until, now());
        assert_eq!(Agenda::<Test>::iter().count(), 0);
        assert_eq!(last_event(), Event::ContractResumed { contract_id: id });
    });
}

#[test]
fn costs_what_running_would_have_cost() {
    let cost = |pausing: bool| {
        let mut cost = 0;
        ExtBuilder::default().build_and_execute(|| {
            let id = if pausing { paused(HOUR_HELD) } else { deployed(1) };
            endow(USER, INITIAL);
            let before = earned();
            for window in [3_600, 721] {
                pass(window);
                if !pausing {
                    assert_ok!(report(id, window));
                }
            }
            if pausing {
                assert_ok!(resume(id));
            }
            cost = earned() - before;
        });
        cost
    };
    assert_eq!(cost(true), cost(false));
    assert_eq!(cost(true), HOUR_FULL * 4_321 / 3_600);
}

#[test]
fn the_contract_is_billed_as_before_afterwards() {
    ExtBuilder::default().build_and_execute(|| {
        let id = paused(HOUR_HELD);
        endow(USER, INITIAL);
        pass(3_600);
        assert_ok!(resume(id));
        let before = earned();
        pass(600);
        // The window reaches back into the pause: that time is paid.
        assert_ok!(report(id, 3_600));
        assert_eq!(earned() - before, HOUR_FULL / 6);
    });
}

#[test]
fn at_once_costs_nothing_but_the_filling() {
    ExtBuilder::default().build_and_execute(|| {
        let id = paused(HOUR_HELD);
        endow(USER, INITIAL);
        let before = earned();
        assert_ok!(resume(id));
        assert_eq!(earned(), before);
        assert_eq!(record(id).escrow, high(id));
    });
}

#[test]
fn one_unit_too_little_changes_nothing() {
    ExtBuilder::default().build_and_execute(|| {
        let id = paused(HOUR_HELD);
        pass(3_600);
        leave(USER, EXISTENTIAL_DEPOSIT + lacking(id) - 1);
        assert_noop!(resume(id), Error::<Test>::InsufficientFunds);
        leave(USER, EXISTENTIAL_DEPOSIT + lacking(id));
        assert_ok!(resume(id));
        assert_eq!(spendable(USER), 0);
    });
}

#[test]
fn the_refill_limit_holds() {
    ExtBuilder::default().build_and_execute(|| {
        let id = paused(HOUR_HELD);
        endow(USER, INITIAL);
        let limit = |limit| Contracts_::set_refill_limit(origin(USER), id, Some(limit)).unwrap();
        let drawn = record(id).refill.drawn;
        limit(drawn + lacking(id) - 1);
        assert_noop!(resume(id), Error::<Test>::InsufficientFunds);
        limit(drawn + lacking(id));
        assert_ok!(resume(id));
    });
}

#[test]
fn prepaid_is_resumed_by_a_payment_of_the_owner() {
    ExtBuilder::default().build_and_execute(|| {
        let id = paused(HOUR_HELD);
        endow(USER, INITIAL);
        assert_ok!(Contracts_::set_refill_limit(origin(USER), id, Some(0)));
        assert_noop!(resume(id), Error::<Test>::InsufficientFunds);
        assert_ok!(Contracts_::fund_contract(origin(USER), id, lacking(id)));
        assert_eq!(record(id).state, ContractState::Deployed);
    });
}

#[test]
fn only_the_owner_may() {
    ExtBuilder::default().build_and_execute(|| {
        let id = paused(HOUR_HELD);
        for who in [OTHER, FARMER, NODE, STRANGER] {
            assert_noop!(Contracts_::resume_contract(origin(who), id), Error::<Test>::NotTheOwner);
        }
        assert_noop!(resume(99), Error::<Test>::ContractNotFound);
    });
}

#[test]
fn only_what_is_paused_can_be_resumed() {
    ExtBuilder::default().build_and_execute(|| {
        let (created, running) = (create(), deployed(0));
        for id in [created, running] {
            assert_noop!(resume(id), Error::<Test>::NotInGrace);
        }
        leave(USER, EXISTENTIAL_DEPOSIT);
        run_dry(running);
        assert_noop!(resume(running), Error::<Test>::NotInGrace);
    });
}

#[test]
fn a_second_before_the_end_is_in_time_and_at_the_end_too_late() {
    for (early, in_time) in [(1, true), (0, false)] {
        ExtBuilder::default().build_and_execute(|| {
            let id = paused(HOUR_HELD);
            endow(USER, INITIAL);
            assert!(!until(id).is_multiple_of(RULES.agenda_tick), "the agenda would be faster");
            pass(until(id) - early - now());
            if in_time {
                assert_ok!(resume(id));
            } else {
                assert_noop!(resume(id), Error::<Test>::GraceOver);
            }
        });
    }
}

#[test]
fn time_in_which_the_node_was_dark_is_free() {
    ExtBuilder::default().build_and_execute(|| {
        let id = paused(HOUR_HELD);
        endow(USER, INITIAL);
        let before = earned();
        pass_dark(2 * 3_600);
        assert_ok!(resume(id));
        assert_eq!(earned() - before, HOUR_FULL * u128::from(RULES.unseen_after()) / 3_600);
    });
}

#[test]
fn a_stall_of_the_chain_is_not_charged_and_takes_no_time_away() {
    ExtBuilder::default().build_and_execute(|| {
        let id = paused(HOUR_HELD);
        endow(USER, INITIAL);
        let (before, end, start) = (earned(), until(id), now());
        pass(600);
        let stalled = end + 10_000 - now();
        stall(stalled);
        assert_eq!(Contracts_::funding_of(id).unwrap().grace_until, Some(end + stalled));
        assert_eq!(until(id), end);
        assert_eq!(now() - start, 600 + stalled);
        pass(600);
        assert_ok!(resume(id));
        assert_eq!(earned() - before, HOUR_FULL / 3);
    });
}

#[test]
fn not_on_a_node_that_leaves() {
    ExtBuilder::default().build_and_execute(|| {
        let id = paused(HOUR_HELD);
        endow(USER, INITIAL);
        assert_ok!(pallet_tfgrid::Pallet::<Test>::delete_node(origin(FARMER), NODE_ID));
        assert_noop!(resume(id), Error::<Test>::NodeClosing);
        assert_noop!(Contracts_::fund_contract(origin(OTHER), id, 1), Error::<Test>::NodeClosing);
    });
}

#[test]
fn the_pause_brings_no_traffic() {
    ExtBuilder::default().build_and_execute(|| {
        let id = paused(HOUR_HELD);
        endow(USER, INITIAL);
        crate::BillingOf::<Test>::mutate(id, |record| record.as_mut().unwrap().nru_unused = 0);
        pass(3_600);
        assert_ok!(resume(id));
        assert_eq!(record(id).nru_unused, 0);
    });
}

#[test]
fn the_split_holds_for_the_pause() {
    ExtBuilder::default().with_foundation(10).build_and_execute(|| {
        let id = paused(HOUR_HELD);
        endow(USER, INITIAL);
        let before = balance(FOUNDATION);
        pass(3_600);
        assert_ok!(resume(id));
        assert_eq!(balance(FOUNDATION) - before, HOUR_FULL / 10);
    });
}
