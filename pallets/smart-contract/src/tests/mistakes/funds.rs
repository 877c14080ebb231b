//! Money that is short, stuck or owed.

use super::*;

/// One transfer that failed aborted a block's bills, and those after it were never tried again; another was tried 1,987 times.
#[test]
fn a_payment_that_fails_stops_no_other_and_is_not_repeated() {
    ExtBuilder::default().with_foundation(10).build_and_execute(|| {
        set_payout(NOBODY);
        let (small, large) = (deployed_small(), deployed(0));
        pass(60);
        assert_ok!(send(vec![full_report(small, 60)]));
        let waits = Payable::<Test>::get(NOBODY);
        assert!(waits > 0 && waits < EXISTENTIAL_DEPOSIT);
        pass(PERIOD);
        assert_ok!(send(vec![full_report(small, PERIOD), full_report(large, PERIOD)]));
        assert_eq!((record(small).paid_until, record(large).paid_until), (now(), now()));
        assert_eq!(Payable::<Test>::get(NOBODY), waits);
        assert!(balance(NOBODY) > EXISTENTIAL_DEPOSIT);
    });
}

/// A bill above the balance made the call fail, so the debtor ran on; an end for lack of funds was undone by the error that
/// told of it.
#[test]
fn running_out_of_funds_is_not_an_error() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        run_out_of_funds(id);
        assert_eq!(record(id).state, ContractState::Ending { cause: EndCause::OutOfFunds });
        pass(2 * RULES.agenda_tick + 1);
        assert!(!exists(id) && ended_as(EndCause::OutOfFunds));
    });
}

/// What was locked was counted as gone *and* as due, so contracts ran out of funds while the money was there.
#[test]
fn out_of_funds_is_only_what_neither_escrow_nor_account_covers() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        let low = Contracts_::funding_of(id).unwrap().low;
        leave(USER, EXISTENTIAL_DEPOSIT);
        while record(id).escrow >= low + 155_000 / 6 {
            pass(PERIOD);
            assert_ok!(report(id, PERIOD));
        }
        // Exactly what the next report takes below `low`.
        leave(USER, EXISTENTIAL_DEPOSIT + low + 155_000 / 6 + 1 - record(id).escrow);
        pass(PERIOD);
        assert_ok!(report(id, PERIOD));
        assert_eq!((record(id).state, record(id).escrow >= low), (ContractState::Deployed, true));
        pass(PERIOD);
        assert_ok!(report(id, PERIOD));
        assert_eq!(record(id).state, ContractState::Ending { cause: EndCause::OutOfFunds });
    });
}

/// Locks and holds stayed on accounts whose contracts were all gone.
#[test]
fn nothing_stays_behind_when_all_contracts_are_gone() {
    ExtBuilder::default().build_and_execute(|| {
        let before = balance(USER);
        let (one, two, three) = (create_by(USER, 1), deployed(1), deployed(0));
        cancel(one);
        pass(PERIOD);
        assert_ok!(Contracts_::cancel_contract(origin(NODE), two));
        run_out_of_funds(three);
        pass(2 * RULES.agenda_tick + 1);
        let paid = balance(PAYOUT) - INITIAL;
        assert_eq!((balance(USER), held_for_contracts(USER)), (before - paid, 0));
        assert_eq!(balance(Contracts_::account_id()), EXISTENTIAL_DEPOSIT);
    });
}

/// Nobody withdrew, so those who could not pay ran on for free, for months.
#[test]
fn whoever_is_not_billed_does_not_run_on_others_money() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        let escrow = record(id).escrow;
        leave(USER, EXISTENTIAL_DEPOSIT);
        // No report for a month: escrow still covers all that can be charged, and the node can end it.
        pass(30 * 86_400);
        assert_eq!(record(id).escrow, escrow);
        assert_ok!(Contracts_::cancel_contract(origin(NODE), id));
        assert_eq!(balance(PAYOUT) - INITIAL, 0, "unreported for longer than a report may be late");
    });
}
