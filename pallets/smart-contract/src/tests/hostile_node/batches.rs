//! Good reports among bad ones.

use super::*;

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
