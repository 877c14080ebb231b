//! Rule 2, traffic: the counter, the allowance, and what is saved of it.

use frame_support::assert_ok;
use grid_types::units::{Report, Resources, TRAFFIC_UNIT};

use crate::{mock::*, types::*, BillingOf};

fn billed(id: ContractId) -> Balance {
    record(id).billed
}

#[test]
fn traffic_over_the_allowance_is_not_charged() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        pass(600);
        assert_ok!(send(vec![Report { nru: u64::MAX, ..full_report(id, 600) }]));
        let record = BillingOf::<Test>::get(id).unwrap();
        // 6·10^9 bytes an hour: 10^9 in ten minutes, 15,000.
        assert_eq!(record.billed - holding_of_creation(), 115_000 / 6 + 15_000);
        assert_eq!(record.nru, u64::MAX);
    });
}

#[test]
fn unused_allowance_is_saved_for_one_window() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        for _ in 0..20 {
            pass(600);
            assert_ok!(report(id, 600));
        }
        let before = billed(id);
        pass(600);
        assert_ok!(send(vec![Report { nru: 100 * TRAFFIC_UNIT, ..full_report(id, 600) }]));
        // Ten minutes and a saved hour: 7·10^9 bytes. The carry of the minutes before may add one unit.
        let charged = billed(id) - before;
        assert!((115_000 / 6 + 105_000..=115_000 / 6 + 105_001).contains(&charged), "{charged}");
    });
}

#[test]
fn a_counter_that_goes_back_charges_nothing() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        pass(600);
        assert_ok!(send(vec![Report { nru: 5_000, ..full_report(id, 600) }]));
        pass(600);
        assert_ok!(send(vec![Report { nru: 10, ..full_report(id, 600) }]));
        assert_eq!(BillingOf::<Test>::get(id).unwrap().nru, 5_000);
        assert_eq!(billed(id) - holding_of_creation(), 115_000 / 3);
    });
}

#[test]
fn of_settled_time_is_charged_by_the_next_report() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        pass(600);
        assert_ok!(try_update(id, None));
        let before = billed(id);
        // Nothing is left of the window: no time is charged, and the gigabyte that it allowed is.
        assert_ok!(send(vec![Report { nru: 2 * TRAFFIC_UNIT, ..full_report(id, 600) }]));
        let bill = *bills_of(id).last().unwrap();
        assert_eq!((bill.seconds, bill.bytes, bill.clamped), (0, TRAFFIC_UNIT, true));
        assert_eq!(billed(id) - before, 15_000);
    });
}

#[test]
fn of_a_window_that_is_too_old_is_charged_within_what_was_saved() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        pass(600);
        assert_ok!(report(id, 600));
        let before = billed(id);
        pass(2 * RULES.max_report_delay);
        let old = Report { timestamp: now() - RULES.max_report_delay - 1, ..full_report(id, 3_600) };
        assert_ok!(send(vec![Report { nru: 1_000 * TRAFFIC_UNIT, ..old }]));
        assert_eq!(billed(id) - before, 15_000);
    });
}

#[test]
fn that_was_saved_is_cut_to_what_a_lower_ceiling_allows() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        pass(3_600);
        assert_ok!(report(id, 3_600));
        assert_eq!(record(id).nru_unused, 6 * TRAFFIC_UNIT);
        assert_ok!(try_update(id, Some(Resources { nru_per_hour: TRAFFIC_UNIT, ..wish() })));
        assert_eq!(record(id).nru_unused, TRAFFIC_UNIT);
    });
}
