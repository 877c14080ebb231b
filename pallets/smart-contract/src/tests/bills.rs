//! Rule 2, the price: sums to the base unit, on the chain, by the golden table of the price list.

use frame_support::assert_ok;
use grid_types::units::{Resources, GIB, TRAFFIC_UNIT};

use crate::{mock::*, types::*, BillingOf, Event};

fn resources(vcpu: u64, memory: u64, ssd: u64, hdd: u64) -> Resources {
    Resources { cru: vcpu * 1_000, mru: memory * GIB, sru: ssd * GIB, hru: hdd * GIB, nru_per_hour: 10 * TRAFFIC_UNIT }
}

/// Deploys, reports `windows` of full use, and gives what they cost.
fn cost_of(resources: Resources, ips: u32, windows: &[u64], bytes: u64) -> u128 {
    let mut cost = 0;
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed_with(resources, ips);
        let before = balance(PAYOUT);
        for window in windows {
            pass(*window);
            let report = grid_types::units::Report { nru: bytes, ..full_report(id, *window) };
            assert_ok!(send(vec![report]));
        }
        cost = balance(PAYOUT) - before;
    });
    cost
}

#[test]
fn one_vcpu_two_gib_fifty_gib_for_an_hour() {
    assert_eq!(cost_of(resources(1, 2, 50, 0), 0, &[3_600], 0), 62_500);
}

#[test]
fn four_vcpu_eight_gib_with_an_address_for_an_hour() {
    assert_eq!(cost_of(resources(4, 8, 160, 0), 1, &[3_600], 0), 280_000);
}

#[test]
fn eight_vcpu_with_an_address_for_an_hour() {
    assert_eq!(cost_of(resources(8, 32, 352, 0), 1, &[3_600], 0), 928_000);
}

#[test]
fn slow_disk_only_for_an_hour() {
    assert_eq!(cost_of(resources(0, 0, 0, 1_200), 0, &[3_600], 0), 50_000);
}

#[test]
fn three_minutes_lose_no_unit() {
    assert_eq!(cost_of(resources(2, 2, 60, 0), 0, &[60, 60, 60], 0), 5_750);
}

#[test]
fn traffic_for_an_hour() {
    assert_eq!(cost_of(resources(2, 2, 60, 0), 0, &[3_600], 3 * TRAFFIC_UNIT), 160_000);
}

#[test]
fn a_split_costs_what_the_whole_costs() {
    let whole = cost_of(resources(3, 7, 61, 13), 1, &[3_600], 0);
    assert_eq!(cost_of(resources(3, 7, 61, 13), 1, &[7, 1_000, 593, 1_999, 1], 0), whole);
}

#[test]
fn a_bill_names_its_parts() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed_with(resources(2, 2, 60, 0), 1);
        pass(3_600);
        let report = grid_types::units::Report { nru: 3 * TRAFFIC_UNIT, ..full_report(id, 3_600) };
        assert_ok!(send(vec![report]));
        let bill = Bill {
            from: now() - 3_600,
            until: now(),
            seconds: 3_600,
            cu: 100_000,
            su: 15_000,
            ip: 40_000,
            traffic: 45_000,
            bytes: 3 * TRAFFIC_UNIT,
            clamped: false,
        };
        assert!(events().contains(&Event::ContractBilled { contract_id: id, bill }));
    });
}

#[test]
fn every_unit_charged_left_escrow_and_reached_someone() {
    ExtBuilder::default().with_foundation(7).build_and_execute(|| {
        let id = deployed(1);
        let (issuance, escrow) = (issuance(), BillingOf::<Test>::get(id).unwrap().escrow);
        let before = balance(PAYOUT) + balance(FOUNDATION);
        pass(777);
        assert_ok!(report(id, 777));
        let charged = escrow - BillingOf::<Test>::get(id).unwrap().escrow;
        assert_eq!(balance(PAYOUT) + balance(FOUNDATION) - before, charged);
        assert_eq!(self::issuance(), issuance);
    });
}

fn issuance() -> u128 {
    pallet_balances::TotalIssuance::<Test>::get()
}
