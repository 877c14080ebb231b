//! Money where it does not belong, and in parts.

use super::*;

#[test]
fn a_unit_at_a_time_does_not_keep_a_contract_that_is_out_of_funds() {
    ExtBuilder::default().with_foundation(0).build_and_execute(|| {
        let id = deployed(1);
        drain(USER);
        while runs(id) {
            pass(PERIOD);
            assert_ok!(Contracts_::fund_contract(origin(OTHER), id, 1));
            assert_ok!(report(id, PERIOD));
        }
        assert_noop!(Contracts_::fund_contract(origin(OTHER), id, 1), Error::<Test>::WrongState);
        pass(2 * RULES.agenda_tick + 1);
        assert!(!lives(id));
    });
}

#[test]
fn a_gift_to_the_pallets_account_buys_nothing() {
    ExtBuilder::default().with_foundation(0).build_and_execute(|| {
        let id = deployed(1);
        let (escrow, account) = (record(id).escrow, Contracts_::account_id());
        assert_ok!(Balances::transfer_allow_death(origin(OTHER), account, 5 * UNIT));
        assert_eq!(record(id).escrow, escrow);
        drain(USER);
        report_to_the_end(id);
        assert_eq!(balance(account), 5 * UNIT + EXISTENTIAL_DEPOSIT, "and nobody can take it");
    });
}

#[test]
fn one_unit_top_ups_do_not_stretch_a_pause() {
    ExtBuilder::default().with_foundation(0).build_and_execute(|| {
        let id = paused(1);
        let ContractState::Grace { until } = record(id).state else { panic!("not paused") };
        while lives(id) {
            assert!(now() <= until + RULES.agenda_tick + PERIOD, "longer than was said when it began");
            if now() < until {
                assert_ok!(Contracts_::fund_contract(origin(OTHER), id, 1));
            }
            pass(PERIOD);
        }
    });
}

#[test]
fn pausing_and_resuming_over_and_over_is_never_cheaper_than_running() {
    ExtBuilder::default().with_foundation(0).build_and_execute(|| {
        let (id, start, before) = (paused(1), now(), earned());
        for _ in 0..5 {
            pass(PERIOD);
            leave(USER, INITIAL);
            assert_ok!(Contracts_::resume_contract(origin(USER), id));
            leave(USER, EXISTENTIAL_DEPOSIT);
            let low = Contracts_::funding_of(id).unwrap().low;
            set_escrow(id, low);
            pass(PERIOD);
            assert_ok!(report(id, PERIOD));
            assert!(!runs(id));
        }
        assert_eq!(earned() - before, HOURLY * Balance::from(now() - start) / 3_600);
    });
}

#[test]
fn what_he_sends_to_the_pallets_account_is_nobodys_escrow() {
    ExtBuilder::default().with_foundation(0).build_and_execute(|| {
        assert_ok!(Balances::transfer_allow_death(origin(USER), Contracts_::account_id(), UNIT));
        let (id, total) = (deployed(1), crate::TotalEscrow::<Test>::get());
        assert_eq!(record(id).escrow, total);
        let before = balance(USER);
        cancel(USER, id);
        assert_eq!(balance(USER) - before, total);
    });
}
