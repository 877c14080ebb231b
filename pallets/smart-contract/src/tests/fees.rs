//! Rule 12, fees: when reporting is free, and what a batch weighs.

use frame_support::{assert_ok, pallet_prelude::Pays};
use grid_types::units::Report;

use crate::{mock::*, types::ContractState};

#[test]
fn a_batch_of_new_windows_is_free() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        pass(600);
        assert_eq!(report(id, 600).unwrap().pays_fee, Pays::No);
    });
}

#[test]
fn a_repeat_is_not_free() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        pass(600);
        let report = full_report(id, 600);
        assert_eq!(send(vec![report]).unwrap().pays_fee, Pays::No);
        assert_eq!(send(vec![report]).unwrap().pays_fee, Pays::Yes);
    });
}

#[test]
fn a_window_too_short_is_not_free() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        pass(RULES.min_free_window - 1);
        assert_eq!(report(id, 60).unwrap().pays_fee, Pays::Yes);
    });
}

#[test]
fn an_update_before_each_report_does_not_make_the_agent_pay() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        for _ in 0..3 {
            pass(600);
            assert_ok!(try_update(id, None));
            let report = full_report(id, 600);
            assert_eq!(send(vec![report]).unwrap().pays_fee, Pays::No);
            assert_ok!(try_update(id, None));
            assert_eq!(send(vec![report]).unwrap().pays_fee, Pays::Yes);
        }
    });
}

#[test]
fn windows_that_were_skipped_are_not_free_one_by_one_after_a_pause() {
    ExtBuilder::default().build_and_execute(|| {
        let id = paused(UNIT);
        let begin = now();
        pass(3_600);
        leave(USER, INITIAL);
        assert_ok!(Contracts_::resume_contract(origin(USER), id));
        for n in 1..=6 {
            let report = Report { timestamp: begin + n * 600, ..full_report(id, 600) };
            assert_eq!(send(vec![report]).unwrap().pays_fee, Pays::Yes);
        }
    });
}

#[test]
fn an_empty_batch_is_not_free() {
    ExtBuilder::default().build_and_execute(|| {
        deployed(0);
        assert_eq!(send(vec![]).unwrap().pays_fee, Pays::Yes);
    });
}

#[test]
fn a_fault_makes_the_whole_batch_pay() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        pass(600);
        let good = full_report(id, 600);
        let bad = Report { contract_id: 999, ..good };
        assert_eq!(send(vec![good, bad]).unwrap().pays_fee, Pays::Yes);
    });
}

#[test]
fn a_contract_that_just_ended_is_nobodys_fault() {
    ExtBuilder::default().build_and_execute(|| {
        let (id, other) = (deployed(0), deployed_by(OTHER));
        pass(600);
        assert!(Contracts_::cancel_contract(origin(OTHER), other).is_ok());
        let reports = vec![full_report(id, 600), full_report(other, 600)];
        assert_eq!(send(reports).unwrap().pays_fee, Pays::No);
    });
}

#[test]
fn free_batches_use_at_most_their_share_of_a_block() {
    ExtBuilder::default().build_and_execute(|| {
        let ids: Vec<_> = (0..4).map(|_| deployed_small()).collect();
        pass(600);
        let free = |id| report(id, 600).unwrap().pays_fee == Pays::No;
        set_free_report_weight(2);
        let given = ids.into_iter().filter(|id| free(*id)).count();
        assert_eq!(given, 2);
    });
}

#[test]
fn a_batch_never_takes_more_than_it_declares() {
    use crate::WeightInfo;
    use frame_support::weights::Weight;

    let declared = <Test as crate::Config>::WeightInfo::add_reports_unfunded;
    let took = |weight: Option<Weight>| weight.expect("a batch says what it took");
    // Prepaid only, until the escrow is below `low`: the dearest way through a report.
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        assert_ok!(Contracts_::set_refill_limit(origin(USER), id, Some(0)));
        let mut last = Weight::zero();
        while crate::BillingOf::<Test>::get(id).unwrap().state == ContractState::Deployed {
            pass(3_600);
            last = took(report(id, 3_600).unwrap().actual_weight);
            assert!(last.all_lte(declared(1)));
        }
        assert_eq!(last, declared(1));
    });
    // Refilled: less.
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        let hours = (0..48).map(|_| {
            pass(3_600);
            took(report(id, 3_600).unwrap().actual_weight)
        });
        let most = hours.max_by_key(Weight::ref_time).unwrap();
        assert_eq!(most, <Test as crate::Config>::WeightInfo::add_reports_refilling(1));
    });
}

#[test]
fn rules_under_which_repeats_are_free_are_refused() {
    use crate::types::Parameters;
    assert!(RULES.valid() && Parameters::development().valid());
    assert!(!Parameters { min_free_window: 0, ..RULES }.valid());
}
