//! Numbers that are not true.

use super::*;

#[test]
fn a_day_of_the_largest_numbers_costs_what_was_agreed() {
    ExtBuilder::default().build_and_execute(|| {
        let (id, start) = (deployed(1), now());
        for _ in 0..24 {
            pass(3_600);
            let late = Report { timestamp: now() - 1_800, ..boast(id) };
            let (repeated, past) = (boast(id), Report { timestamp: 1, ..boast(id) });
            let future = Report { timestamp: u64::MAX, window: u64::MAX, ..boast(id) };
            assert_ok!(send(vec![future, past, late, boast(id), repeated, late, past]));
            assert!(billed(id) <= agreed(id, now() - start));
        }
        // All hours in full. No traffic: it was stated when nothing was allowed yet, and a counter has no number above.
        assert_eq!(billed(id), 24 * 155_000);
    });
}

#[test]
fn the_largest_price_and_use_do_not_overflow() {
    let dear = Prices { su: MAX_PRICE, cu: MAX_PRICE, nu: MAX_PRICE, ipu: MAX_PRICE, gb_second: MAX_PRICE, min_use: 0 };
    ExtBuilder::default().build_and_execute(|| {
        set_prices(dear);
        leave(USER, UNIT.pow(4));
        let all = node_capacity();
        let resources = Resources { cru: all.cru, mru: all.mru, sru: all.sru, hru: all.hru, nru_per_hour: 1 << 48 };
        let id = deployed_with(resources, 4);
        pass(3_600);
        assert_ok!(send(vec![boast(id)]));
        assert_eq!(billed(id), agreed(id, 3_600) - 1, "rounded down, and not up");
    });
}

#[test]
fn zero_everywhere_is_refused_for_its_window() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        pass(PERIOD);
        let zero = Report::default();
        assert_eq!(fee(vec![zero, Report { contract_id: id, ..zero }]), Pays::Yes);
        assert_eq!(refusals(), [(0, Refusal::UnknownContract), (id, Refusal::InvalidWindow)]);
    });
}

#[test]
fn a_counter_that_starts_again_is_charged_only_above_where_it_was() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        let report_traffic = |gigabytes: u64| {
            pass(3_600);
            let before = billed(id);
            assert_ok!(send(vec![Report { nru: gigabytes * TRAFFIC_UNIT, ..full_report(id, 3_600) }]));
            billed(id) - before - 115_000
        };
        assert_eq!(report_traffic(5), 5 * 15_000);
        // Restarted, and counting from nothing.
        assert_eq!(report_traffic(0), 0);
        assert_eq!(report_traffic(3), 0);
        assert_eq!(report_traffic(6), 15_000);
    });
}

#[test]
fn use_above_the_reservation_costs_the_reservation_and_is_noted() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        pass(PERIOD);
        let honest = full_report(id, PERIOD);
        assert_ok!(send(vec![Report { cru: honest.cru + 1, mru: 64 * GIB, sru: honest.sru * 2, hru: 1, ..honest }]));
        assert_eq!(billed(id), 155_000 / 6);
        assert!(bills_of(id).last().unwrap().clamped);
    });
}

#[test]
fn traffic_without_time_is_what_was_saved_and_comes_once() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        pass(PERIOD);
        assert_ok!(report(id, PERIOD));
        let before = billed(id);
        let more = |gigabytes| Report { nru: gigabytes * TRAFFIC_UNIT, ..full_report(id, PERIOD) };
        // The ten minutes allow one gigabyte; nothing was used of it.
        assert_ok!(send(vec![more(4), more(8), more(1_000), boast(id)]));
        assert_eq!(billed(id) - before, 15_000);
    });
}
