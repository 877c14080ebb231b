//! Time that was never worked, or was paid for before.

use super::*;

#[test]
fn a_second_ahead_is_the_future() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        pass(PERIOD);
        let ahead = Report { timestamp: now() + 1, ..full_report(id, PERIOD) };
        assert_eq!(fee(vec![ahead, full_report(id, PERIOD)]), Pays::Yes);
        assert_eq!(refusals(), [(id, Refusal::InTheFuture)]);
        assert_eq!(paid_until(id), now());
    });
}

#[test]
fn a_batch_of_repeats_charges_once_and_pays_its_fee() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        pass(PERIOD);
        let report = Report { nru: TRAFFIC_UNIT, ..full_report(id, PERIOD) };
        assert_eq!(fee(vec![report; 500]), Pays::Yes);
        // The ten minutes, and the traffic that they allow.
        assert_eq!(billed(id), 115_000 / 6 + 15_000);
    });
}

#[test]
fn windows_in_any_order_charge_no_second_twice() {
    ExtBuilder::default().build_and_execute(|| {
        let (id, start) = (deployed(1), now());
        pass(7_200);
        // 7 and 12 have no common divisor: a shuffle of twelve windows of which each overlaps the next.
        let shuffled = (1..=12)
            .map(|n| n * 7 % 13)
            .map(|n| Report { timestamp: start + n * PERIOD, ..full_report(id, 2 * PERIOD.min(n * PERIOD)) });
        assert_ok!(send(shuffled.collect()));
        assert!(billed(id) <= agreed(id, 7_200));
        assert_eq!(paid_until(id), now());
        let once = billed(id);
        pass(1);
        assert_ok!(send(vec![full_report(id, 3_600)]));
        assert!(billed(id) - once <= agreed(id, 1));
    });
}

#[test]
fn time_before_deployment_is_never_in_a_window() {
    ExtBuilder::default().build_and_execute(|| {
        let id = create();
        pass(1_000);
        assert_ok!(report_deployed(id, 0));
        let held = billed(id);
        assert_ok!(send(vec![boast(id)]));
        assert_eq!(billed(id), held);
        pass(10);
        assert_ok!(send(vec![Report { nru: 0, ..boast(id) }]));
        assert!(billed(id) - held <= agreed(id, 10));
    });
}
