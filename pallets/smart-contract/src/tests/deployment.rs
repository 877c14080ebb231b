//! Rule 5: time in `Created`, and what the node says about a deployment.

use frame_support::{assert_noop, assert_ok, pallet_prelude::Pays};

use crate::{mock::*, types::*, BillingOf, Contracts, Error};

fn failed(reason: &str) -> DeploymentOutcome {
    DeploymentOutcome::Failed(FailureReason::truncate_from(reason.as_bytes().to_vec()))
}

#[test]
fn begins_billing() {
    ExtBuilder::default().build_and_execute(|| {
        let id = create();
        pass(100);
        assert_ok!(report_deployed(id, 0));
        let (contract, record) = (Contracts::<Test>::get(id).unwrap(), BillingOf::<Test>::get(id).unwrap());
        assert_eq!(contract.state, ContractState::Deployed);
        assert_eq!(contract.deployed_version, Some(0));
        assert_eq!(record.paid_until, now());
        assert_eq!(record.agenda_tick, None);
    });
}

#[test]
fn is_free_for_the_agent() {
    ExtBuilder::default().build_and_execute(|| {
        let id = create();
        assert_eq!(report_deployed(id, 0).unwrap().pays_fee, Pays::No);
    });
}

#[test]
fn time_before_costs_the_holding_rate_to_the_foundation() {
    ExtBuilder::default().with_foundation(10).build_and_execute(|| {
        let id = create_by(USER, 1);
        let (payout, foundation) = (balance(PAYOUT), balance(FOUNDATION));
        pass(900);
        assert_ok!(report_deployed(id, 0));
        // c2 m2 s60 + IP: CU 1 at half price, SU 0.3, one address: (50,000 + 15,000 + 40,000) / 4.
        assert_eq!(balance(FOUNDATION) - foundation, 26_250);
        assert_eq!(balance(PAYOUT), payout);
        assert_eq!(BillingOf::<Test>::get(id).unwrap().billed, 26_250);
    });
}

#[test]
fn a_farmer_never_earns_from_not_deploying() {
    ExtBuilder::default().build_and_execute(|| {
        create_by(USER, 1);
        pass(RULES.create_timeout + 3 * RULES.agenda_tick);
        assert_eq!(balance(PAYOUT), INITIAL);
        assert!(balance(Contracts_::foundation_account()) > 0);
    });
}

#[test]
fn only_the_nodes_agent_may() {
    ExtBuilder::default().build_and_execute(|| {
        let id = create();
        for who in [USER, OTHER, FARMER, STRANGER, OTHER_NODE] {
            let call = Contracts_::report_deployment(origin(who), id, 0, DeploymentOutcome::Deployed);
            assert_noop!(call, Error::<Test>::NotTheNodesAgent);
        }
    });
}

#[test]
fn an_agent_who_has_not_accepted_may_not() {
    ExtBuilder::default().build_and_execute(|| {
        let id = create();
        assert_ok!(Registry::set_node_agent(origin(NODE), NODE_ID, STRANGER));
        let deployed = |who| Contracts_::report_deployment(origin(who), id, 0, DeploymentOutcome::Deployed);
        for who in [STRANGER, NODE] {
            assert_noop!(deployed(who), Error::<Test>::NotTheNodesAgent);
        }
        assert_ok!(Registry::accept_agent(origin(STRANGER), NODE_ID));
        assert_ok!(deployed(STRANGER));
    });
}

#[test]
fn an_unknown_contract_is_refused() {
    ExtBuilder::default().build_and_execute(|| {
        assert_noop!(report_deployed(7, 0), Error::<Test>::ContractNotFound);
    });
}

#[test]
fn another_version_is_refused() {
    ExtBuilder::default().build_and_execute(|| {
        let id = create();
        assert_noop!(report_deployed(id, 1), Error::<Test>::VersionMismatch);
    });
}

#[test]
fn the_same_version_is_reported_once() {
    ExtBuilder::default().build_and_execute(|| {
        let id = create();
        assert_ok!(report_deployed(id, 0));
        assert_noop!(report_deployed(id, 0), Error::<Test>::AlreadyReported);
    });
}

#[test]
fn a_failure_is_visible_and_makes_the_time_before_free() {
    ExtBuilder::default().build_and_execute(|| {
        let id = create();
        pass(100);
        let call = Contracts_::report_deployment(origin(NODE), id, 0, failed("no such module"));
        assert_ok!(call);
        assert_eq!(Contracts::<Test>::get(id).unwrap().state, ContractState::Created);
        assert_noop!(
            Contracts_::report_deployment(origin(NODE), id, 0, failed("again")),
            Error::<Test>::AlreadyReported
        );
        let before = balance(USER);
        let escrow = BillingOf::<Test>::get(id).unwrap().escrow;
        assert_ok!(Contracts_::cancel_contract(origin(USER), id));
        assert_eq!(balance(USER) - before, escrow);
    });
}

#[test]
fn a_failure_can_be_mended() {
    ExtBuilder::default().build_and_execute(|| {
        let id = create();
        assert_ok!(Contracts_::report_deployment(origin(NODE), id, 0, failed("registry away")));
        assert_ok!(report_deployed(id, 0));
        assert_eq!(Contracts::<Test>::get(id).unwrap().state, ContractState::Deployed);
    });
}

#[test]
fn time_in_which_the_node_was_unseen_is_free() {
    ExtBuilder::default().with_foundation(10).build_and_execute(|| {
        let id = create_by(USER, 0);
        pass_dark(1_790);
        assert_ok!(report_deployed(id, 0));
        // Last seen at creation or a heartbeat before, plus two periods: at most 1,200 of 1,790 seconds.
        let most = 65_000 * u128::from(RULES.unseen_after()) / 3_600;
        assert!(BillingOf::<Test>::get(id).unwrap().billed <= most);
    });
}

#[test]
fn time_in_which_the_node_was_dark_is_free_also_when_it_came_back() {
    ExtBuilder::default().with_foundation(10).build_and_execute(|| {
        let id = create_by(USER, 0);
        pass_dark(1_500);
        pass(60);
        pass(1);
        assert_ok!(report_deployed(id, 0));
        let held = u128::from(RULES.unseen_after() + 1);
        assert_eq!(BillingOf::<Test>::get(id).unwrap().billed, 65_000 * held / 3_600);
    });
}

#[test]
fn comes_too_late_when_its_time_is_over_even_if_the_agenda_is_late() {
    ExtBuilder::default().build_and_execute(|| {
        let (id, last) = (create_by(USER, 0), create_by(USER, 0));
        stall(5_000);
        pass_full_blocks(RULES.create_timeout - 1);
        assert_ok!(report_deployed(last, 0));
        // The agenda's tick is not over yet, so nothing has ended it.
        pass_full_blocks(1);
        for outcome in [DeploymentOutcome::Deployed, failed("no such module")] {
            let call = Contracts_::report_deployment(origin(NODE), id, 0, outcome);
            assert_noop!(call, Error::<Test>::TooLateToDeploy);
        }
        pass(2 * RULES.agenda_tick);
        assert_eq!(ends(), [(id, EndCause::CreateTimeout)]);
        // What runs can be updated for as long as it runs.
        assert_ok!(try_update(last, None));
        assert_ok!(report_deployed(last, 1));
    });
}
