//! What went wrong on other networks, and does not here. `docs/decisions/mistakes-of-others.md` lists all of them, with those
//! that other tests cover.

use frame_support::{assert_noop, assert_ok, pallet_prelude::Pays, traits::OnTimestampSet};
use grid_types::units::{Report, Resources, GIB, TRAFFIC_UNIT};

use crate::{
    mock::*, types::*, Agenda, BillingOf, Contracts, ContractsOfNode, Error, Event, Payable, Rules, WeightInfo,
};

const PERIOD: Seconds = RULES.report_period;

fn record(id: ContractId) -> BillingRecord<u64> {
    BillingOf::<Test>::get(id).unwrap()
}

fn exists(id: ContractId) -> bool {
    BillingOf::<Test>::contains_key(id)
}

fn cancel(id: ContractId) {
    cancel_by(origin(USER), id);
}

fn cancel_by(who: RuntimeOrigin, id: ContractId) {
    assert_ok!(Contracts_::cancel_contract(who, id));
}

fn ended_as(cause: EndCause) -> bool {
    events().iter().any(|event| matches!(event, Event::ContractEnded { cause: c, .. } if *c == cause))
}

fn run_out_of_funds(id: ContractId) {
    assert_ok!(Contracts_::set_refill_limit(origin(USER), id, Some(0)));
    while record(id).state == ContractState::Deployed {
        pass(PERIOD);
        assert_ok!(report(id, PERIOD));
    }
}

/// Traffic was priced per gigabyte *and* by the length of the window, so short windows made it nearly free.
#[test]
fn traffic_in_short_windows_costs_what_it_costs_in_long_ones() {
    let cost_of = |windows: u64| {
        let mut cost = 0;
        ExtBuilder::default().build_and_execute(|| {
            let id = deployed(0);
            for n in 1..=windows {
                pass(3_600 / windows);
                assert_ok!(send(vec![Report {
                    nru: 6 * TRAFFIC_UNIT * n / windows,
                    ..full_report(id, 3_600 / windows)
                }]));
            }
            cost = record(id).billed;
        });
        cost
    };
    assert_eq!(cost_of(1), 115_000 + 6 * 15_000);
    assert_eq!(cost_of(60), cost_of(1));
}

/// Sums below a unit were rounded half up in each bill, and an indexer that summed them up got below zero.
#[test]
fn bills_of_less_than_a_unit_add_up() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed_with(Resources { cru: 1, mru: GIB / 1_024, ..Default::default() }, 0);
        for _ in 0..3_600 {
            pass(1);
            assert_ok!(report(id, 1));
        }
        // With m = 1/1024 and c = 1/1000 the memory-heavy shape is the cheapest: CU = m/2.
        assert_eq!(record(id).billed, 100_000 / 2_048);
    });
}

/// A node's number was compared with a twin's, so the twin of the same number could report for the node.
#[test]
fn a_twin_with_a_nodes_number_is_not_that_node() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        assert_eq!(pallet_tfgrid::TwinIdByAccountID::<Test>::get(USER), Some(NODE_ID));
        pass(PERIOD);
        let reports = vec![full_report(id, PERIOD)];
        let call = Contracts_::add_reports(origin(USER), reports.try_into().unwrap());
        assert_noop!(call, Error::<Test>::NotAnAgent);
    });
}

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

/// Discounts went by the owner's balance, per contract: bills swung by the hour, and many small contracts were cheaper.
#[test]
fn a_bill_depends_neither_on_wealth_nor_on_how_a_wish_is_cut() {
    let cost_of = |parts: u64, wealth: Balance| {
        let mut cost = 0;
        ExtBuilder::default().build_and_execute(|| {
            let part =
                Resources { cru: 4_000 / parts, mru: 8 * GIB / parts, sru: 160 * GIB / parts, ..Default::default() };
            let ids: Vec<_> = (0..parts).map(|_| deployed_with(part, 0)).collect();
            leave(USER, wealth);
            pass(3_600);
            assert_ok!(send(ids.iter().map(|id| full_report(*id, 3_600)).collect()));
            cost = balance(PAYOUT) - INITIAL;
        });
        cost
    };
    assert_eq!(cost_of(1, INITIAL), 240_000);
    assert_eq!(cost_of(4, INITIAL), 240_000);
    assert_eq!(cost_of(1, EXISTENTIAL_DEPOSIT), 240_000);
}

/// What clients computed and what the chain charged differed; a user could not tell how long his money lasts.
#[test]
fn the_quote_and_the_time_left_are_what_happens() {
    ExtBuilder::default().build_and_execute(|| {
        let quote = quote();
        let id = deployed(1);
        pass(3_600);
        assert_ok!(report(id, 3_600));
        assert_eq!(record(id).billed, quote.hourly);
        assert_ok!(Contracts_::set_refill_limit(origin(USER), id, Some(0)));
        let left = Contracts_::funding_of(id).unwrap().seconds_left;
        let end = now() + left;
        while record(id).state == ContractState::Deployed {
            assert!(now() <= end + 1, "longer than was said");
            pass(60);
            assert_ok!(report(id, 60));
        }
        assert!(now() >= end, "shorter than was said");
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

/// Cancelling on a sleeping node only marked the contract; when the node was deleted meanwhile it could never be removed.
#[test]
fn a_contract_of_a_dark_node_is_gone_when_it_is_cancelled() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(4);
        pass_dark(10 * 86_400);
        cancel(id);
        assert!(!exists(id));
        assert_eq!(ContractsOfNode::<Test>::iter_keys().count(), 0);
    });
}

/// Addresses stayed reserved when a contract ended in some ways, until the council freed them one by one.
#[test]
fn addresses_come_back_however_a_contract_ends() {
    let all_come_back = |end: fn(ContractId)| {
        ExtBuilder::default().build_and_execute(|| {
            let id = deployed(4);
            end(id);
            assert!(!exists(id));
            assert_ok!(try_create(OTHER, wish(), 4));
        });
    };
    all_come_back(cancel);
    all_come_back(|id| cancel_by(origin(NODE), id));
    all_come_back(|id| cancel_by(RuntimeOrigin::root(), id));
    all_come_back(|id| {
        run_out_of_funds(id);
        pass(2 * RULES.agenda_tick + 1);
    });
}

/// The hash of one contract overwrote another's index entry.
#[test]
fn two_contracts_may_have_one_hash() {
    ExtBuilder::default().build_and_execute(|| {
        let (one, two) = (deployed(0), deployed(0));
        assert_eq!(
            Contracts::<Test>::get(one).unwrap().deployment_hash,
            Contracts::<Test>::get(two).unwrap().deployment_hash
        );
        cancel(one);
        pass(PERIOD);
        assert_ok!(report(two, PERIOD));
        assert_eq!(record(two).paid_until, now());
    });
}

/// Calls took lists of any length at one fixed weight, and were free.
#[test]
fn a_batch_weighs_by_its_length_and_nonsense_pays() {
    ExtBuilder::default().build_and_execute(|| {
        let weight = <Test as crate::Config>::WeightInfo::add_reports;
        let per_report = weight(2).saturating_sub(weight(1));
        assert!(per_report.ref_time() > 0);
        assert!(weight(500).all_gte(per_report.saturating_mul(500)));
        assert_eq!(send(vec![Report::default(); 500]).unwrap().pays_fee, Pays::Yes);
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
