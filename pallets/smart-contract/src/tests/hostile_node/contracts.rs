//! Contracts that are another's, over, or not running.

use super::*;

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
fn a_contract_in_grace_is_not_charged_by_any_report() {
    ExtBuilder::default().build_and_execute(|| {
        let id = paused(1);
        pass(PERIOD);
        let before = record(id);
        let earlier = Report { timestamp: before.paid_until, ..boast(id) };
        assert_eq!(fee(vec![boast(id), earlier, full_report(id, PERIOD)]), Pays::Yes);
        assert_eq!(refusals(), vec![(id, Refusal::NotDeployed); 3]);
        assert_eq!(record(id), before);
    });
}

#[test]
fn time_in_grace_is_not_charged_again_after_it() {
    ExtBuilder::default().build_and_execute(|| {
        let id = paused(1);
        pass(PERIOD);
        leave(USER, INITIAL);
        assert_ok!(Contracts_::resume_contract(origin(USER), id));
        let before = billed(id);
        let again = Report { nru: 0, ..boast(id) };
        assert_ok!(send(vec![again, Report { timestamp: now() - 1, ..again }]));
        assert_eq!(billed(id), before);
    });
}
