//! Rule 4, settle first: what was not reported is charged before anything changes, as far as the node was there.

use frame_support::assert_ok;
use grid_types::units::{Prices, Report, Resources, TRAFFIC_UNIT};

use crate::{mock::*, types::*, Payable};

/// What the node earned by `act`.
fn earned_by(act: impl FnOnce()) -> Balance {
    let before = balance(PAYOUT);
    act();
    balance(PAYOUT) - before
}

fn update(id: ContractId, resources: Option<Resources>, public_ips: Option<PublicIpChange>) {
    assert_ok!(Contracts_::update_contract(origin(USER), id, [2; 32], Default::default(), resources, public_ips, None));
}

fn cancel(id: ContractId) {
    assert_ok!(Contracts_::cancel_contract(origin(USER), id));
}

#[test]
fn before_an_update() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        pass(600);
        let more = Resources { cru: 4_000, ..wish() };
        // At what was reserved until now, not at what comes.
        assert_eq!(earned_by(|| update(id, Some(more), None)), 115_000 / 6);
        assert_eq!(record(id).paid_until, now());
    });
}

#[test]
fn before_addresses_change() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        pass(600);
        let more = PublicIpChange { add: 3, ..Default::default() };
        assert_eq!(earned_by(|| update(id, None, Some(more))), 155_000 / 6);
        pass(600);
        let held = crate::Contracts::<Test>::get(id).unwrap().public_ips_list;
        let none = PublicIpChange { give_back: held, add: 0 };
        assert_eq!(earned_by(|| update(id, None, Some(none))), (115_000 + 4 * 40_000) / 6);
    });
}

#[test]
fn before_an_end_by_anyone() {
    for who in [origin(USER), origin(NODE), RuntimeOrigin::root()] {
        ExtBuilder::default().build_and_execute(|| {
            let id = deployed(1);
            pass(600);
            assert_eq!(earned_by(|| assert!(Contracts_::cancel_contract(who, id).is_ok())), 155_000 / 6);
        });
    }
}

#[test]
fn before_grace() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        assert_ok!(Contracts_::set_cushion(origin(USER), id, 1));
        leave(USER, EXISTENTIAL_DEPOSIT);
        // One report more, and it is out of funds.
        let low = Contracts_::funding_of(id).unwrap().low;
        set_escrow(id, low);
        pass(1_000);
        let reported = Report { timestamp: now() - 400, ..full_report(id, 600) };
        assert_eq!(earned_by(|| assert!(send(vec![reported]).is_ok())), 155_000 * 1_000 / 3_600);
        assert!(matches!(record(id).state, ContractState::Grace { .. }));
        assert_eq!(record(id).paid_until, now());
    });
}

#[test]
fn reaches_two_periods_beyond_the_last_report() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        pass(3_000);
        assert_eq!(earned_by(|| cancel(id)), 115_000 / 3);
    });
}

#[test]
fn reaches_one_period_beyond_the_last_sign_of_life() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        pass(100);
        pass_dark(2_000);
        assert_eq!(earned_by(|| cancel(id)), 115_000 * 700 / 3_600);
    });
}

#[test]
fn a_sign_of_life_in_the_same_block_does_not_count() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        pass(100);
        pass_dark(2_000);
        // The node sees the cancel coming and quickly says that it lives.
        assert_ok!(pallet_tfgrid::Pallet::<Test>::report_uptime(origin(NODE), 1));
        assert_eq!(earned_by(|| cancel(id)), 115_000 * 700 / 3_600);
    });
}

#[test]
fn what_is_too_old_to_be_reported_is_not_settled() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        pass(RULES.max_report_delay + 1_000);
        // Two periods after the deployment, of which all but 200 seconds are too old.
        assert_eq!(earned_by(|| cancel(id)), 115_000 * 200 / 3_600);
    });
}

#[test]
fn a_stall_of_the_chain_is_not_settled() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        pass(100);
        stall(400);
        pass(100);
        assert_eq!(earned_by(|| cancel(id)), 115_000 * 200 / 3_600);
    });
}

#[test]
fn charges_the_reservation_if_nothing_was_reported() {
    ExtBuilder::default().build_and_execute(|| {
        set_prices(Prices { min_use: 0, ..PRICES });
        let id = deployed(0);
        pass(600);
        assert_eq!(earned_by(|| cancel(id)), 115_000 / 6);
    });
}

#[test]
fn charges_the_last_reported_use() {
    ExtBuilder::default().build_and_execute(|| {
        set_prices(Prices { min_use: 0, ..PRICES });
        let id = deployed(1);
        pass(600);
        let half = full_report(id, 600);
        assert_ok!(send(vec![Report { cru: half.cru / 2, mru: half.mru / 2, sru: 0, ..half }]));
        pass(600);
        // Half a compute unit, no storage; the address in full.
        assert_eq!(earned_by(|| cancel(id)), (50_000 + 40_000) / 6);
    });
}

#[test]
fn closes_the_past_even_where_it_was_free() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        pass(3_000);
        update(id, None, None);
        assert_eq!(record(id).paid_until, now());
        // What the node forgot to report cannot be reported any more.
        assert_eq!(earned_by(|| assert!(report(id, 3_000).is_ok())), 0);
    });
}

#[test]
fn traffic_after_the_last_report_is_forfeit_at_the_end() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        pass(600);
        assert_ok!(send(vec![Report { nru: TRAFFIC_UNIT / 2, ..full_report(id, 600) }]));
        pass(600);
        cancel(id);
        let settled = bills_of(id).pop().unwrap();
        assert_eq!((settled.seconds, settled.bytes, settled.traffic), (600, 0, 0));
    });
}

#[test]
fn an_end_never_fails_over_money() {
    ExtBuilder::default().build_and_execute(|| {
        set_payout(NOBODY);
        let id = deployed(0);
        leave(USER, EXISTENTIAL_DEPOSIT);
        pass(60);
        cancel(id);
        assert_eq!(Payable::<Test>::get(NOBODY), 115_000 / 60);
    });
}

#[test]
fn more_than_escrow_is_never_taken() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        set_escrow(id, 1_000);
        pass(600);
        assert_eq!(earned_by(|| cancel(id)), 1_000);
    });
}

/// A farmer who takes nothing for idle capacity; the user has let it idle for a period.
fn idle_so_far() -> ContractId {
    set_prices(Prices { min_use: 0, ..PRICES });
    let id = deployed(0);
    pass(600);
    assert_ok!(send(vec![idle(id)]));
    id
}

fn idle(id: ContractId) -> Report {
    Report { cru: 0, mru: 0, sru: 0, ..full_report(id, 600) }
}

#[test]
fn an_update_before_each_report_does_not_keep_the_use_of_long_ago() {
    ExtBuilder::default().build_and_execute(|| {
        let id = idle_so_far();
        // Full use from now on. The first settlement knows of none; the report after it has nothing left to charge.
        pass(600);
        assert_eq!(earned_by(|| update(id, None, None)), 0);
        assert_eq!(earned_by(|| assert!(report(id, 600).is_ok())), 0);
        for _ in 0..3 {
            pass(600);
            assert_eq!(earned_by(|| update(id, None, None)) / 10, 115_000 / 60);
            assert_ok!(report(id, 600));
        }
    });
}

#[test]
fn an_old_report_that_comes_late_does_not_change_it() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        set_prices(Prices { min_use: 0, ..PRICES });
        update(id, Some(Resources { cru: 2_001, ..wish() }), None);
        update(id, Some(wish()), None);
        pass(600);
        assert_ok!(report(id, 600));
        let late = Report { timestamp: now() - 60, ..idle(id) };
        let again = idle(id);
        assert_ok!(send(vec![late, again]));
        pass(600);
        // With what was carried over.
        assert_eq!(earned_by(|| cancel(id)), 115_000 / 6 + 1);
    });
}

#[test]
fn a_report_about_other_resources_says_nothing() {
    ExtBuilder::default().build_and_execute(|| {
        let id = idle_so_far();
        pass(600);
        update(id, Some(Resources { cru: 4_000, mru: 4 << 30, ..wish() }), None);
        // The period before the change.
        assert_ok!(send(vec![idle(id)]));
        pass(600);
        // As reserved: CU 2, SU 0.3.
        assert_eq!(earned_by(|| cancel(id)), 215_000 / 6);
    });
}
