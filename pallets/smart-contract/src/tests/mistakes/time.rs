//! Time that is nobody's, and what waits for its time.

use super::*;

/// Bills hung on off-chain workers of block authors: contracts went 161 hours without one, some got none for ever.
#[test]
fn deadlines_need_no_transaction_no_worker_and_no_author() {
    ExtBuilder::default().build_and_execute(|| {
        let ids = [create_by(USER, 0), create_by(OTHER, 0)];
        pass_full_blocks(RULES.create_timeout + 2 * RULES.agenda_tick);
        assert!(!ids.into_iter().any(exists));
    });
}

/// Contracts stood twice in the billing loop, or in none.
#[test]
fn a_contract_is_on_the_agenda_once_or_not_at_all() {
    ExtBuilder::default().build_and_execute(|| {
        let entries = |id| Agenda::<Test>::iter().filter(|(_, contract, _)| *contract == id).count();
        let id = create();
        assert_eq!(entries(id), 1);
        assert_ok!(report_deployed(id, 0));
        assert_eq!(entries(id), 0);
        run_out_of_funds(id);
        assert_ok!(send(vec![full_report(id, PERIOD); 3]));
        assert_eq!(entries(id), 1);
    });
}

/// With another billing frequency, contracts stood in wrong slots and could not be cancelled any more.
#[test]
fn another_length_of_a_tick_loses_no_entry() {
    ExtBuilder::default().build_and_execute(|| {
        let (one, two) = (create_by(USER, 1), create_by(OTHER, 1));
        Rules::<Test>::mutate(|rules| rules.agenda_tick = 7);
        cancel(one);
        assert_eq!(Agenda::<Test>::iter().count(), 1);
        assert_ok!(report_deployed(two, 0));
        assert_eq!(Agenda::<Test>::iter().count(), 0);
    });
}

/// A node that came back billed all the time in which it was dark.
#[test]
fn a_node_that_returns_bills_from_its_return_on() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        pass(PERIOD);
        assert_ok!(report(id, PERIOD));
        let before = record(id).billed;
        pass_dark(100 * 3_600);
        assert_ok!(report(id, PERIOD));
        assert!(record(id).billed - before <= 115_000 / 6 + 1);
    });
}

/// Money moved twice in one block divided by no time, and panicked.
#[test]
fn no_time_between_two_bills_is_no_trouble() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        pass(PERIOD);
        for _ in 0..3 {
            assert_ok!(report(id, PERIOD));
        }
        let update = Contracts_::update_contract(origin(USER), id, [2; 32], Default::default(), None, None, None);
        assert_ok!(update);
        let once = record(id).billed;
        cancel(id);
        assert_eq!((once, balance(PAYOUT) - INITIAL), (155_000 / 6, 155_000 / 6));
    });
}

/// Time after the end was charged, and underflowed.
#[test]
fn time_after_the_end_is_nobodys() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        run_out_of_funds(id);
        let (billed, escrow, before) = (record(id).billed, record(id).escrow, balance(USER));
        // Blocks without room; then the chain stands still.
        pass_full_blocks(RULES.agenda_tick / 2);
        if exists(id) {
            assert_eq!(record(id).billed, billed);
            stall(86_400);
            pass(2 * RULES.agenda_tick);
        }
        assert!(!exists(id));
        assert_eq!(balance(USER) - before, escrow);
    });
}

/// A clock that jumps back, or a block in the same second, must not make time negative.
#[test]
fn a_clock_that_stands_or_jumps_back_charges_nothing() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        pass(PERIOD);
        assert_ok!(report(id, PERIOD));
        let once = record(id).billed;
        let time = now() - 100;
        pallet_timestamp::Now::<Test>::put(time * 1_000);
        SmartContractModule::on_timestamp_set(time * 1_000);
        assert_ok!(report(id, PERIOD));
        assert_eq!((record(id).billed, record(id).paid_until), (once, time + 100));
        cancel(id);
        assert_eq!(balance(PAYOUT) - INITIAL, once);
    });
}

/// The same: everything that can happen to a contract, in a block of no length.
#[test]
fn all_in_one_block_costs_nothing() {
    ExtBuilder::default().build_and_execute(|| {
        let before = balance(USER);
        let id = create();
        assert_ok!(try_update(id, Some(Resources { cru: 1_000, ..wish() })));
        assert_ok!(report_deployed(id, 1));
        assert_ok!(report(id, PERIOD));
        assert_ok!(try_update(id, Some(wish())));
        assert_ok!(Contracts_::fund_contract(origin(USER), id, 1));
        assert_ok!(Contracts_::set_cushion(origin(USER), id, 1));
        assert_ok!(report(id, PERIOD));
        cancel(id);
        assert_eq!((balance(USER), balance(PAYOUT)), (before, INITIAL));
    });
}
