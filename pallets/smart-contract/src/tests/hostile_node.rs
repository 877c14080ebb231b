//! A node that lies. Whatever it says, the user never pays more than was agreed for the time that passed, good reports are
//! taken, each refusal has its reason in an event, and nonsense is not free.

use frame_support::{assert_noop, assert_ok, pallet_prelude::Pays};
use grid_types::units::{most_due, Prices, Report, Resources, GIB, MAX_PRICE, TRAFFIC_UNIT};

use crate::{mock::*, types::*, BillingOf, Error, Event};

const PERIOD: Seconds = RULES.report_period;

fn billed(id: ContractId) -> Balance {
    BillingOf::<Test>::get(id).unwrap().billed
}

fn paid_until(id: ContractId) -> Seconds {
    BillingOf::<Test>::get(id).unwrap().paid_until
}

/// The most that was agreed for so much time: everything used, all traffic.
fn agreed(id: ContractId, seconds: Seconds) -> Balance {
    let record = BillingOf::<Test>::get(id).unwrap();
    most_due(&record.prices, &record.resources, record.public_ips, seconds)
}

/// Reasons of refusals since the last batch, in order.
fn refusals() -> Vec<(ContractId, Refusal)> {
    let reason = |event| match event {
        Event::ReportRefused { contract_id, reason, .. } => Some((contract_id, reason)),
        _ => None,
    };
    events().into_iter().filter_map(reason).collect()
}

fn fee(reports: Vec<Report>) -> Pays {
    System::reset_events();
    send(reports).unwrap().pays_fee
}

/// The largest number in every field but those that would have the report refused.
fn boast(id: ContractId) -> Report {
    let all = u64::MAX;
    Report { cru: all, sru: all, hru: all, mru: all, nru: all, ..full_report(id, RULES.max_window) }
}

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
fn contracts_of_others_are_out_of_reach() {
    ExtBuilder::default().build_and_execute(|| {
        let (mine, theirs) = (deployed(0), deployed_by(OTHER));
        pass(PERIOD);
        let before = (BillingOf::<Test>::get(mine), BillingOf::<Test>::get(theirs), balance(PAYOUT));
        let reports = vec![boast(mine), boast(theirs)];
        let sent = Contracts_::add_reports(origin(OTHER_NODE), reports.try_into().unwrap());
        assert_eq!(sent.unwrap().pays_fee, Pays::Yes);
        assert_eq!(before, (BillingOf::<Test>::get(mine), BillingOf::<Test>::get(theirs), balance(PAYOUT)));
        for id in [mine, theirs] {
            let call = Contracts_::report_deployment(origin(OTHER_NODE), id, 0, DeploymentOutcome::Deployed);
            assert_noop!(call, Error::<Test>::NotTheNodesAgent);
            assert_noop!(Contracts_::cancel_contract(origin(OTHER_NODE), id), Error::<Test>::NotAParty);
        }
    });
}

#[test]
fn refused_reports_are_no_sign_of_life() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        pass_dark(RULES.unseen_after() + 1);
        assert_ok!(send(vec![Report { timestamp: now() + 1, ..boast(id) }, Report::default()]));
        pass_dark(1);
        assert_noop!(try_create(OTHER, wish(), 0), Error::<Test>::NodeUnseen);
    });
}

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

#[test]
fn a_contract_that_was_cancelled_is_over() {
    ExtBuilder::default().build_and_execute(|| {
        let (id, other) = (deployed(1), deployed_by(OTHER));
        pass(PERIOD);
        assert_ok!(Contracts_::cancel_contract(origin(USER), id));
        let (user, report) = (balance(USER), boast(id));
        assert_eq!(fee(vec![report, full_report(other, PERIOD)]), Pays::No);
        assert_eq!(refusals(), [(id, Refusal::Ended)]);
        assert_eq!(balance(USER), user);
        assert_noop!(report_deployed(id, 0), Error::<Test>::ContractNotFound);
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
fn saying_deployed_and_failed_in_turns_starts_nothing_again() {
    ExtBuilder::default().build_and_execute(|| {
        let (id, start) = (create(), now());
        let failed = || {
            let reason = b"no disk".to_vec().try_into().unwrap();
            Contracts_::report_deployment(origin(NODE), id, 0, DeploymentOutcome::Failed(reason))
        };
        pass(100);
        assert_ok!(failed());
        assert_noop!(failed(), Error::<Test>::AlreadyReported);
        pass(100);
        assert_ok!(report_deployed(id, 0));
        assert_noop!(failed(), Error::<Test>::AlreadyReported);
        assert_noop!(report_deployed(id, 0), Error::<Test>::AlreadyReported);
        assert_eq!((billed(id), paid_until(id)), (0, start + 200));
    });
}

#[test]
fn a_node_that_runs_nothing_is_paid_until_the_user_leaves_and_no_second_more() {
    ExtBuilder::default().build_and_execute(|| {
        let (id, before) = (deployed(1), balance(USER));
        pass(PERIOD);
        assert_ok!(send(vec![boast(id)]));
        pass(1);
        let most = agreed(id, PERIOD + 1);
        assert_ok!(Contracts_::cancel_contract(origin(USER), id));
        assert_ok!(send(vec![boast(id)]));
        let escrow_back = balance(USER) - before;
        let paid = balance(PAYOUT) - INITIAL;
        assert!(paid <= most && escrow_back > 0, "{paid}");
    });
}

#[test]
fn the_largest_batch_with_every_second_report_bad() {
    ExtBuilder::default().build_and_execute(|| {
        let small = Resources { cru: 20, mru: GIB / 16, ..Default::default() };
        let ids: Vec<_> = (0..250).map(|_| deployed_with(small, 0)).collect();
        let gone = deployed_with(small, 0);
        assert_ok!(Contracts_::cancel_contract(origin(USER), gone));
        let waiting = create_by(OTHER, 0);
        pass(PERIOD);

        let bad = |n: usize, good: Report| match n % 6 {
            0 => (Report { contract_id: u64::MAX, ..good }, Refusal::UnknownContract),
            1 => (Report { contract_id: gone, ..good }, Refusal::Ended),
            2 => (Report { contract_id: waiting, ..good }, Refusal::NotDeployed),
            3 => (Report { timestamp: now() + 1, ..good }, Refusal::InTheFuture),
            4 => (Report { window: 0, ..good }, Refusal::InvalidWindow),
            _ => (Report { window: u64::MAX, ..good }, Refusal::InvalidWindow),
        };
        let (mut batch, mut reasons) = (Vec::new(), Vec::new());
        for (n, id) in ids.iter().enumerate() {
            let good = full_report(*id, PERIOD);
            let (report, reason) = bad(n, good);
            batch.extend([report, good]);
            reasons.push((report.contract_id, reason));
        }
        assert_eq!(fee(batch), Pays::Yes);
        assert_eq!(refusals(), reasons);
        assert!(ids.iter().all(|id| paid_until(*id) == now() && billed(*id) > 0));
        assert_eq!(balance(PAYOUT) - INITIAL, ids.iter().map(|id| billed(*id)).sum::<Balance>());
    });
}

#[test]
fn half_good_is_free_if_the_rest_is_nobodys_fault_and_less_is_not() {
    ExtBuilder::default().build_and_execute(|| {
        let (one, two, gone) = (deployed_small(), deployed_small(), deployed_small());
        assert_ok!(Contracts_::cancel_contract(origin(USER), gone));
        pass(PERIOD);
        let ended = full_report(gone, PERIOD);
        assert_eq!(fee(vec![ended, full_report(one, PERIOD)]), Pays::No);
        assert_eq!(fee(vec![ended, ended, full_report(two, PERIOD)]), Pays::Yes);
    });
}
