//! Accounts with nothing in them.

use super::*;

#[test]
fn a_drained_account_does_not_make_a_second_of_accepted_work_free() {
    ExtBuilder::default().with_foundation(0).build_and_execute(|| {
        let id = deployed(1);
        let mut worked = 0;
        while runs(id) {
            pass(PERIOD);
            // He pays in just before each report, and out right after.
            leave(USER, EXISTENTIAL_DEPOSIT + 1);
            assert_ok!(report(id, PERIOD));
            worked += PERIOD;
            drain(USER);
        }
        assert_eq!(earned(), HOURLY * Balance::from(worked) / 3_600);
    });
}

#[test]
fn with_exactly_what_is_needed_he_keeps_the_existential_deposit() {
    ExtBuilder::default().with_foundation(0).build_and_execute(|| {
        let needed = quote().needed + deposit(0) + EXISTENTIAL_DEPOSIT;
        leave(USER, needed - 1);
        assert_noop!(try_create(USER, wish(), 1), Error::<Test>::InsufficientFunds);
        leave(USER, needed);
        let id = create();
        assert_eq!(free_balance(USER), EXISTENTIAL_DEPOSIT);
        cancel(USER, id);
        assert_eq!(free_balance(USER), needed);
    });
}

#[test]
fn an_account_with_a_contract_cannot_be_reaped() {
    ExtBuilder::default().with_foundation(0).build_and_execute(|| {
        let id = deployed(1);
        assert_ok!(Balances::transfer_all(origin(USER), STRANGER, false));
        assert_eq!(free_balance(USER), EXISTENTIAL_DEPOSIT);
        report_to_the_end(id);
        assert!(!lives(id));
        assert_eq!(held_for_contracts(USER), 0);
    });
}

#[test]
fn limiting_refills_right_before_one_is_due_ends_the_contract_and_owes_nothing() {
    ExtBuilder::default().with_foundation(0).build_and_execute(|| {
        let id = deployed(1);
        pass(PERIOD);
        assert_ok!(report(id, PERIOD));
        assert_ok!(Contracts_::set_refill_limit(origin(USER), id, Some(0)));
        let before = balance(USER);
        report_to_the_end(id);
        assert!(!lives(id) && balance(USER) > before);
        assert!(events().iter().any(|event| matches!(event, Event::ContractOutOfFunds { .. })));
    });
}

#[test]
fn one_balance_pays_for_two_contracts_and_is_spent_once() {
    ExtBuilder::default().with_foundation(0).build_and_execute(|| {
        let before = balance(USER) + balance(STRANGER);
        let (one, two) = (deployed(1), deployed(1));
        let poor = EXISTENTIAL_DEPOSIT + HOURLY * 10;
        drain(USER);
        leave(USER, poor);
        leave(STRANGER, before - poor - held_for_contracts(USER) - record(one).escrow - record(two).escrow);
        while runs(one) && runs(two) {
            pass(3_600);
            assert_ok!(send(vec![full_report(one, 3_600), full_report(two, 3_600)]));
        }
        // The first of the batch drew all that there was.
        assert!(runs(one) && !runs(two));
        assert_eq!(free_balance(USER), EXISTENTIAL_DEPOSIT);
        report_to_the_end(one);
        assert!(!lives(two));
    });
}

#[test]
fn a_payout_account_below_the_existential_deposit_stops_no_bill() {
    ExtBuilder::default().with_foundation(0).build_and_execute(|| {
        set_payout(NOBODY);
        let id = deployed_small();
        for _ in 0..3 {
            pass(60);
            assert_ok!(report(id, 60));
        }
        let waits = Payable::<Test>::get(NOBODY);
        assert_eq!((waits, balance(NOBODY)), (record(id).billed, 0));
        assert!(0 < waits && waits < EXISTENTIAL_DEPOSIT, "{waits}");
        assert_noop!(Contracts_::claim(origin(USER), NOBODY), Error::<Test>::CannotReceive);
        endow(NOBODY, EXISTENTIAL_DEPOSIT);
        assert_ok!(Contracts_::claim(origin(USER), NOBODY));
        assert_eq!(balance(NOBODY), EXISTENTIAL_DEPOSIT + waits);
    });
}

#[test]
fn an_owner_whose_account_was_reaped_stops_no_end() {
    ExtBuilder::default().with_foundation(0).build_and_execute(|| {
        let id = deployed(1);
        let escrow = record(id).escrow;
        // As if all he had were slashed.
        leave(USER, 0);
        let held = balance(USER);
        pass(PERIOD);
        assert_ok!(report(id, PERIOD));
        cancel(NODE, id);
        assert!(!lives(id));
        assert_eq!(balance(USER) + Payable::<Test>::get(USER) - held, escrow - HOURLY / 6);
    });
}
