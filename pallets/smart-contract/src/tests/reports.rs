//! Rule 1, the window, and what rule 2 makes of a report: clipped, clamped, refused.

use frame_support::{assert_noop, assert_ok};
use grid_types::units::{Report, TRAFFIC_UNIT};

use crate::{mock::*, types::*, BillingOf, Error, Event};

fn refused(id: ContractId, timestamp: Seconds, reason: Refusal) -> bool {
    events().contains(&Event::ReportRefused { contract_id: id, timestamp, reason })
}

fn billed(id: ContractId) -> Balance {
    BillingOf::<Test>::get(id).unwrap().billed
}

#[test]
fn only_an_agent_may_report() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        pass(600);
        for who in [USER, FARMER, STRANGER] {
            let call = Contracts_::add_reports(origin(who), vec![full_report(id, 600)].try_into().unwrap());
            assert_noop!(call, Error::<Test>::NotAnAgent);
        }
    });
}

#[test]
fn another_nodes_contract_is_refused() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        pass(600);
        let (before, report) = (billed(id), full_report(id, 600));
        assert_ok!(Contracts_::add_reports(origin(OTHER_NODE), vec![report].try_into().unwrap()));
        assert!(refused(id, report.timestamp, Refusal::ForeignContract));
        assert_eq!(billed(id), before);
    });
}

#[test]
fn an_unknown_contract_is_refused() {
    ExtBuilder::default().build_and_execute(|| {
        for id in [0, 99, u64::MAX] {
            assert_ok!(report(id, 600));
            assert!(refused(id, now(), Refusal::UnknownContract));
        }
    });
}

#[test]
fn a_contract_that_ended_is_refused_by_that_name() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        assert_ok!(Contracts_::cancel_contract(origin(USER), id));
        assert_ok!(report(id, 600));
        assert!(refused(id, now(), Refusal::Ended));
    });
}

#[test]
fn before_deployment_nothing_is_accepted() {
    ExtBuilder::default().build_and_execute(|| {
        let id = create();
        pass(600);
        assert_ok!(report(id, 600));
        assert!(refused(id, now(), Refusal::NotDeployed));
        assert_eq!(billed(id), 0);
    });
}

#[test]
fn the_future_is_refused() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        pass(600);
        let report = Report { timestamp: now() + 1, ..full_report(id, 600) };
        assert_ok!(send(vec![report]));
        assert!(refused(id, report.timestamp, Refusal::InTheFuture));
        let report = Report { timestamp: u64::MAX, window: u64::MAX, ..full_report(id, 600) };
        assert_ok!(send(vec![report]));
        assert!(refused(id, u64::MAX, Refusal::InTheFuture));
    });
}

#[test]
fn an_empty_or_endless_window_is_refused() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        pass(600);
        assert_ok!(report(id, 0));
        assert!(refused(id, now(), Refusal::InvalidWindow));
        assert_ok!(report(id, RULES.max_window + 1));
        assert_eq!(billed(id), holding_of_creation());
    });
}

#[test]
fn a_repeated_report_charges_nothing() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        pass(600);
        let report = Report { nru: TRAFFIC_UNIT, ..full_report(id, 600) };
        assert_ok!(send(vec![report]));
        let once = billed(id);
        assert_ok!(send(vec![report, report]));
        assert_eq!(billed(id), once);
    });
}

#[test]
fn overlapping_windows_charge_each_second_once() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        let before = billed(id);
        pass(3_600);
        assert_ok!(send(vec![full_report(id, 3_600), full_report(id, 3_000), full_report(id, 600)]));
        assert_eq!(billed(id) - before, 115_000);
    });
}

#[test]
fn a_report_out_of_order_charges_nothing_and_moves_nothing_back() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        pass(1_200);
        assert_ok!(report(id, 1_200));
        let (once, paid_until) = (billed(id), BillingOf::<Test>::get(id).unwrap().paid_until);
        assert_ok!(send(vec![Report { timestamp: now() - 600, ..full_report(id, 600) }]));
        assert_eq!(billed(id), once);
        assert_eq!(BillingOf::<Test>::get(id).unwrap().paid_until, paid_until);
    });
}

#[test]
fn dark_time_is_not_billed() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        let before = billed(id);
        pass(3_000);
        assert_ok!(report(id, 600));
        assert_eq!(billed(id) - before, 115_000 / 6);
    });
}

#[test]
fn an_outbox_can_drain_after_an_outage() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        let before = billed(id);
        let start = now();
        pass(3_600);
        let windows = (1..=6).map(|n| Report { timestamp: start + n * 600, ..full_report(id, 600) }).collect();
        assert_ok!(send(windows));
        assert_eq!(billed(id) - before, 115_000);
    });
}

#[test]
fn what_is_too_old_is_accepted_at_nothing() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        let (before, start) = (billed(id), now());
        pass(RULES.max_report_delay + 600);
        assert_ok!(send(vec![Report { timestamp: start + 600, nru: TRAFFIC_UNIT, ..full_report(id, 600) }]));
        assert_eq!(billed(id), before);
        assert_eq!(BillingOf::<Test>::get(id).unwrap().paid_until, start + 600);
    });
}

#[test]
fn a_stall_of_the_chain_is_not_billed() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        let before = billed(id);
        pass(600);
        stall(1_800);
        pass(600);
        assert_ok!(report(id, 3_000));
        assert_eq!(billed(id) - before, 115_000 / 3);
    });
}

#[test]
fn use_over_the_reservation_is_charged_as_the_reservation() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        let before = billed(id);
        pass(3_600);
        let report = Report { cru: u64::MAX, mru: u64::MAX, sru: u64::MAX, hru: u64::MAX, ..full_report(id, 3_600) };
        assert_ok!(send(vec![report]));
        assert_eq!(billed(id) - before, 115_000);
        let clamped = events().iter().any(|event| matches!(event, Event::ContractBilled { bill, .. } if bill.clamped));
        assert!(clamped);
    });
}

#[test]
fn idle_capacity_is_not_free() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        let before = billed(id);
        pass(3_600);
        assert_ok!(send(vec![Report { cru: 0, mru: 0, sru: 0, ..full_report(id, 3_600) }]));
        assert_eq!(billed(id) - before, 115_000);
    });
}

#[test]
fn a_farmer_may_charge_less_for_idle_capacity() {
    ExtBuilder::default().build_and_execute(|| {
        set_prices(grid_types::units::Prices { min_use: 20, ..PRICES });
        let id = deployed(0);
        let before = billed(id);
        pass(3_600);
        assert_ok!(send(vec![Report { cru: 0, mru: 0, sru: 0, ..full_report(id, 3_600) }]));
        assert_eq!(billed(id) - before, 23_000);
    });
}

#[test]
fn a_bad_report_does_not_void_the_others() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        let before = billed(id);
        let start = now();
        pass(2_000);
        let mut reports = Vec::new();
        for n in 0..250 {
            reports.push(Report { contract_id: 1_000 + n, ..full_report(id, 600) });
            reports.push(Report { timestamp: start + 8 * (n + 1), ..full_report(id, 8) });
        }
        assert_ok!(send(reports));
        assert_eq!(billed(id) - before, 115_000 * 2_000 / 3_600);
    });
}

#[test]
fn a_report_shows_that_the_node_lives() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        pass_dark(RULES.unseen_after() + 100);
        assert_ok!(report(id, 600));
        pass_dark(1);
        assert_ok!(try_create(OTHER, wish(), 0));
    });
}
