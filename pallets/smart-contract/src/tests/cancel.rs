//! Ending by hand: who may, with which cause, and what each gets.

use frame_support::{assert_noop, assert_ok};
use grid_types::units::Report;

use crate::{mock::*, types::*, BillingOf, Contracts, Error, Event};

#[test]
fn the_owner_gets_everything_back_but_what_is_owed() {
    ExtBuilder::default().build_and_execute(|| {
        let before = balance(USER);
        let id = deployed(1);
        pass(600);
        assert_ok!(report(id, 600));
        pass(300);
        assert_ok!(Contracts_::cancel_contract(origin(USER), id));
        // CU 1, SU 0.3, one address: 155,000 an hour, 900 seconds.
        let charged = before - balance(USER);
        assert_eq!(charged, 155_000 / 4 + holding_of_creation());
        assert_eq!(held_for_contracts(USER), 0);
        assert!(Contracts::<Test>::get(id).is_none());
        assert!(BillingOf::<Test>::get(id).is_none());
    });
}

#[test]
fn addresses_and_capacity_are_free_again() {
    ExtBuilder::default().build_and_execute(|| {
        let id = create_by(USER, 4);
        assert_ok!(Contracts_::cancel_contract(origin(USER), id));
        let other = create_by(OTHER, 4);
        assert_eq!(Contracts::<Test>::get(other).unwrap().public_ips_list.len(), 4);
        assert_eq!(pallet_tfgrid::NodeStatus::<Test>::get(NODE_ID).contracts, 1);
    });
}

#[test]
fn user_node_and_governance_may_each_with_its_cause() {
    for (who, cause) in [
        (origin(USER), EndCause::CanceledByUser),
        (origin(NODE), EndCause::CanceledByNode),
        (RuntimeOrigin::root(), EndCause::Governance),
    ] {
        ExtBuilder::default().build_and_execute(|| {
            let id = deployed(0);
            assert_ok!(Contracts_::cancel_contract(who, id));
            let ended = |event: &Event<Test>| matches!(event, Event::ContractEnded { cause: c, .. } if *c == cause);
            assert!(events().iter().any(ended));
        });
    }
}

#[test]
fn a_third_party_may_not() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        for who in [OTHER, OTHER_NODE, STRANGER] {
            assert_noop!(Contracts_::cancel_contract(origin(who), id), Error::<Test>::NotAParty);
        }
        // He is a party, and has to wait.
        assert_noop!(Contracts_::cancel_contract(origin(FARMER), id), Error::<Test>::NodeSeenLately);
        assert_noop!(Contracts_::cancel_contract(origin(USER), 99), Error::<Test>::ContractNotFound);
    });
}

#[test]
fn cancelling_right_before_a_report_saves_nothing() {
    let paid = |cancel_first: bool| {
        let mut paid = 0;
        ExtBuilder::default().build_and_execute(|| {
            let id = deployed(0);
            let before = balance(PAYOUT);
            pass(600);
            if !cancel_first {
                assert_ok!(report(id, 600));
            }
            assert_ok!(Contracts_::cancel_contract(origin(USER), id));
            paid = balance(PAYOUT) - before;
        });
        paid
    };
    assert_eq!(paid(true), paid(false));
}

#[test]
fn time_in_which_the_node_was_dark_is_not_settled() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        pass(600);
        assert_ok!(report(id, 600));
        let before = balance(PAYOUT);
        pass_dark(3_000);
        assert_ok!(Contracts_::cancel_contract(origin(USER), id));
        // Seen last with its report: one period more, 600 seconds.
        assert_eq!(balance(PAYOUT) - before, 115_000 / 3 - 115_000 / 6);
    });
}

#[test]
fn settling_charges_the_last_reported_use() {
    ExtBuilder::default().build_and_execute(|| {
        set_prices(grid_types::units::Prices { min_use: 0, ..PRICES });
        let id = deployed(0);
        pass(600);
        assert_ok!(send(vec![Report { cru: 0, mru: 0, sru: 0, ..full_report(id, 600) }]));
        let before = balance(PAYOUT);
        pass(600);
        assert_ok!(Contracts_::cancel_contract(origin(USER), id));
        assert_eq!(balance(PAYOUT), before);
    });
}

#[test]
fn a_contract_that_was_never_deployed_costs_the_holding_rate() {
    ExtBuilder::default().with_foundation(0).build_and_execute(|| {
        let before = balance(USER);
        let id = create_by(USER, 1);
        pass(600);
        assert_ok!(Contracts_::cancel_contract(origin(USER), id));
        assert_eq!(before - balance(USER), 105_000 / 6);
        assert_eq!(balance(PAYOUT), INITIAL);
    });
}

#[test]
fn a_dead_owner_does_not_stop_the_end() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        leave(USER, EXISTENTIAL_DEPOSIT);
        pass(600);
        assert_ok!(Contracts_::cancel_contract(origin(NODE), id));
        assert!(Contracts::<Test>::get(id).is_none());
    });
}

#[test]
fn the_farmer_may_when_the_node_was_unseen_for_long() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        pass_dark(RULES.farmer_cancel_after - 1);
        assert_noop!(Contracts_::cancel_contract(origin(FARMER), id), Error::<Test>::NodeSeenLately);
        pass_dark(1);
        for who in [OTHER, OTHER_NODE, STRANGER] {
            assert_noop!(Contracts_::cancel_contract(origin(who), id), Error::<Test>::NotAParty);
        }
        assert_ok!(Contracts_::cancel_contract(origin(FARMER), id));
        assert!(matches!(last_event(), Event::ContractEnded { cause: EndCause::CanceledByFarmer, .. }));
    });
}

#[test]
fn a_stall_of_the_chain_makes_no_node_unseen_for_the_farmer() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        // Nobody could show a sign of life.
        stall(2 * RULES.farmer_cancel_after);
        assert_noop!(Contracts_::cancel_contract(origin(FARMER), id), Error::<Test>::NodeSeenLately);
        pass_dark(RULES.farmer_cancel_after);
        assert_ok!(Contracts_::cancel_contract(origin(FARMER), id));
    });
}

#[test]
fn a_sign_of_life_takes_the_farmers_right_away() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        pass_dark(RULES.farmer_cancel_after);
        pass(1);
        pass(1);
        assert_noop!(Contracts_::cancel_contract(origin(FARMER), id), Error::<Test>::NodeSeenLately);
    });
}

#[test]
fn weighs_as_much_as_there_are_addresses_to_give_back() {
    use crate::WeightInfo;
    ExtBuilder::default().build_and_execute(|| {
        for public_ips in [0, 3] {
            let id = deployed(public_ips);
            let took = Contracts_::cancel_contract(origin(USER), id).unwrap().actual_weight;
            assert_eq!(took, Some(<Test as crate::Config>::WeightInfo::end_contract(public_ips)));
        }
    });
}
