//! A user who wants something for nothing: a node's addresses, free work, or others' money. Whatever he does, what he holds
//! is paid for, what the node was told to run is paid for, and what he leaves behind the chain clears away.

use frame_support::{assert_noop, assert_ok};
use grid_types::units::{most_due, Prices, Report, Resources, TRAFFIC_UNIT};

use crate::{mock::*, types::*, BillingOf, Contracts, Error, Event};

const PERIOD: Seconds = RULES.report_period;
/// An hour of [`wish`] with one address, and of the address alone.
const HOURLY: Balance = 155_000;
const ADDRESS: Balance = 40_000;

fn record(id: ContractId) -> BillingRecord<u64> {
    BillingOf::<Test>::get(id).unwrap()
}

fn lives(id: ContractId) -> bool {
    BillingOf::<Test>::contains_key(id)
}

fn runs(id: ContractId) -> bool {
    BillingOf::<Test>::get(id).is_some_and(|record| record.state == ContractState::Deployed)
}

fn cancel(who: u64, id: ContractId) {
    assert_ok!(Contracts_::cancel_contract(origin(who), id));
}

fn update(id: ContractId, resources: Option<Resources>) {
    assert_ok!(Contracts_::update_contract(origin(USER), id, [2; 32], Default::default(), resources, None, None));
}

/// Moves all that can be moved to a friend.
fn drain(who: u64) {
    assert_ok!(Balances::transfer_all(origin(who), STRANGER, true));
}

/// What the farmer and the foundation earned so far.
fn earned() -> Balance {
    balance(PAYOUT) + balance(FOUNDATION) - 2 * INITIAL
}

/// The node reports every period until the contract is gone, two weeks at most; gives how long that took.
fn report_to_the_end(id: ContractId) -> Seconds {
    let start = now();
    while lives(id) && now() - start < 14 * 86_400 {
        pass(PERIOD);
        if runs(id) {
            assert_ok!(report(id, PERIOD));
        }
    }
    now() - start
}

#[test]
fn all_addresses_of_a_farm_for_two_weeks_at_the_price_of_a_second() {
    ExtBuilder::default().with_foundation(0).build_and_execute(|| {
        let before = balance(USER) + balance(STRANGER);
        let id = create_by(USER, 4);
        pass(1);
        assert_ok!(report_deployed(id, 0));
        drain(USER);
        let held = report_to_the_end(id);
        assert!(!lives(id) && held < 2 * 86_400, "{held}");
        // The last period may be unreported, and none of it was run: the node stops at once.
        assert!(earned() >= 4 * ADDRESS * Balance::from(held - 2 * PERIOD) / 3_600);
        assert_eq!(before - balance(USER) - balance(STRANGER), earned());
        assert_ok!(try_create(OTHER, wish(), 4));
    });
}

#[test]
fn addresses_without_a_deployment_are_held_for_the_create_timeout_and_paid() {
    ExtBuilder::default().with_foundation(0).build_and_execute(|| {
        let id = create_by(USER, 4);
        drain(USER);
        let held = report_to_the_end(id);
        assert!(held <= RULES.create_timeout + PERIOD, "{held}");
        assert!(earned() >= 4 * ADDRESS * Balance::from(RULES.create_timeout) / 3_600);
        assert_ok!(try_create(OTHER, wish(), 4));
    });
}

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
fn cancelling_at_any_second_before_the_report_saves_nothing() {
    for second in [1, 59, 299, 599] {
        ExtBuilder::default().with_foundation(0).build_and_execute(|| {
            let id = deployed(1);
            pass(PERIOD);
            assert_ok!(report(id, PERIOD));
            pass(second);
            cancel(USER, id);
            assert_eq!(earned(), HOURLY * Balance::from(PERIOD + second) / 3_600);
        });
    }
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
fn of_two_who_race_for_the_last_address_one_gets_it_and_the_other_pays_nothing() {
    ExtBuilder::default().with_foundation(0).build_and_execute(|| {
        let three = create_by(USER, 3);
        let last = create_by(USER, 1);
        let before = balance(OTHER);
        assert_noop!(try_create(OTHER, wish(), 1), pallet_tfgrid::Error::<Test>::NotEnoughAddresses);
        assert_eq!((balance(OTHER), held_for_contracts(OTHER)), (before, 0));
        let address = Contracts::<Test>::get(last).unwrap().public_ips_list;
        cancel(USER, last);
        let others = create_by(OTHER, 1);
        assert_eq!(Contracts::<Test>::get(others).unwrap().public_ips_list, address);
        cancel(USER, three);
    });
}

#[test]
fn what_is_created_and_abandoned_clears_itself_away() {
    ExtBuilder::default().with_foundation(0).build_and_execute(|| {
        let ids: Vec<_> = (0..4).map(|_| create_by(USER, 1)).collect();
        drain(USER);
        assert_noop!(try_create(OTHER, wish(), 0), pallet_tfgrid::Error::<Test>::CapacityExceeded);
        pass(RULES.create_timeout + 2 * RULES.agenda_tick);
        assert!(!ids.into_iter().any(lives));
        assert_eq!(held_for_contracts(USER), 0);
        assert_ok!(try_create(OTHER, wish(), 4));
    });
}

#[test]
fn making_and_cancelling_over_and_over_escapes_less_than_a_unit_each_time() {
    ExtBuilder::default().with_foundation(0).build_and_execute(|| {
        for _ in 0..50 {
            let id = deployed(1);
            pass(7);
            cancel(USER, id);
        }
        assert!(earned() >= HOURLY * 50 * 7 / 3_600 - 50);
    });
}

#[test]
fn shrinking_right_before_the_report_is_paid_as_what_it_was() {
    ExtBuilder::default().with_foundation(0).build_and_execute(|| {
        let id = deployed(1);
        pass(PERIOD);
        update(id, Some(Resources { cru: 1, mru: 1, sru: 0, hru: 0, nru_per_hour: 0 }));
        assert_eq!(earned(), HOURLY / 6);
        assert_ok!(report(id, PERIOD));
        assert_eq!(earned(), HOURLY / 6);
    });
}

#[test]
fn an_update_in_every_block_costs_what_none_costs() {
    ExtBuilder::default().with_foundation(0).build_and_execute(|| {
        let id = deployed(1);
        for second in 1..=PERIOD {
            pass(1);
            update(id, None);
            if second % 60 == 0 {
                assert_ok!(send(vec![Report { nru: second * TRAFFIC_UNIT / PERIOD, ..full_report(id, 60) }]));
            }
        }
        // Traffic is allowed by the second: a fraction of a byte of each is nobody's.
        let due = HOURLY / 6 + 15_000;
        assert!((due - 1..=due).contains(&earned()), "{}", earned());
    });
}

#[test]
fn traffic_saved_at_a_high_ceiling_is_not_left_over_for_a_low_one() {
    ExtBuilder::default().with_foundation(0).build_and_execute(|| {
        let id = deployed_with(Resources { nru_per_hour: 1 << 40, ..wish() }, 0);
        pass(PERIOD);
        assert_ok!(report(id, PERIOD));
        set_prices(Prices { nu: PRICES.nu * 1_000, ..PRICES });
        update(id, Some(Resources { nru_per_hour: 0, ..wish() }));
        let before = record(id).billed;
        pass(PERIOD);
        assert_ok!(send(vec![Report { nru: u64::MAX, ..full_report(id, PERIOD) }]));
        assert!(record(id).billed - before <= most_due(&PRICES, &record(id).resources, 0, PERIOD) + 1);
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
