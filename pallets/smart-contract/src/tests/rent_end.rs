//! Rule 13: the end of a rent takes the contracts inside along, a few in each block.

use frame_support::{assert_noop, assert_ok};
use grid_types::units::{Resources, GIB};
use pallet_tfgrid::{NodeStatus, PublicIps};

use crate::{
    mock::*, types::*, Agenda, BillingOf, Contracts, EndingRents, Error, Event, PassedOver, RentUsage, TotalEscrow,
};

/// A small contract with an address, deployed.
fn inside() -> ContractId {
    deployed_with(Resources { cru: 100, mru: GIB / 8, ..Default::default() }, 1)
}

#[test]
fn what_is_inside_ends_first_and_newest_first() {
    ExtBuilder::default().build_and_execute(|| {
        let rent = rent_by(USER);
        let ids: Vec<_> = (0..3).map(|_| inside()).collect();
        assert_ok!(Contracts_::cancel_contract(origin(USER), rent));
        assert_eq!(last_event(), Event::RentEnding { contract_id: rent, cause: EndCause::CanceledByUser });
        let state = ContractState::Ending { cause: EndCause::CanceledByUser };
        assert_eq!(Contracts::<Test>::get(rent).unwrap().state, state);
        pass(1);
        let inside = |id: &ContractId| (*id, EndCause::RentEnded);
        let mut expected: Vec<_> = ids.iter().rev().map(inside).collect();
        expected.push((rent, EndCause::CanceledByUser));
        assert_eq!(ends(), expected);
        assert_eq!(EndingRents::<Test>::iter().count(), 0);
        assert_eq!(NodeStatus::<Test>::get(NODE_ID).contracts, 0);
    });
}

#[test]
fn fifty_inside_end_over_blocks_that_have_no_room() {
    ExtBuilder::default().build_and_execute(|| {
        add_addresses(20..70);
        let (user, farmer) = (balance(USER), balance(PAYOUT));
        let rent = rent_by(USER);
        let ids: Vec<_> = (0..50).map(|_| inside()).collect();
        pass(600);
        let all: Vec<_> = ids.iter().chain([&rent]).map(|id| full_report(*id, 600)).collect();
        assert_ok!(send(all));
        pass(300);
        assert_ok!(Contracts_::cancel_contract(origin(USER), rent));
        // Two ends in each block, and the rent after the last.
        for left in (0..25).rev() {
            pass_full_blocks(10);
            assert_eq!(RentUsage::<Test>::get(rent).unwrap().contracts, 2 * left);
        }
        assert!(Contracts::<Test>::contains_key(rent));
        pass_full_blocks(10);
        assert_eq!(Contracts::<Test>::iter_keys().count(), 0);

        // No second is on two bills of a contract, and what was billed is what the user lost and the farmer got.
        let mut paid = 0;
        for id in ids.iter().chain([&rent]) {
            let bills = bills_of(*id);
            assert!(bills.is_sorted_by(|one, next| one.until <= next.from), "contract {id} is billed twice");
            paid += bills.iter().map(Bill::total).sum::<Balance>();
        }
        assert_eq!(user - balance(USER), paid);
        assert_eq!(balance(PAYOUT) - farmer, paid);
        assert_eq!((held_for_contracts(USER), TotalEscrow::<Test>::get()), (0, 0));
        // The rent is paid until it was cancelled: a quarter of an hour.
        assert_eq!(bills_of(rent).iter().map(Bill::total).sum::<Balance>(), (800_000 + 333_333) / 4);
        assert!(PublicIps::<Test>::iter_values().all(|ip| ip.contract_id.is_none()));
        assert_ok!(try_create(OTHER, wish(), 50));
    });
}

#[test]
fn an_ending_rent_costs_nothing() {
    ExtBuilder::default().build_and_execute(|| {
        let rent = rent_by(USER);
        inside();
        pass(600);
        assert_ok!(Contracts_::cancel_contract(origin(USER), rent));
        let bills = bills_of(rent).len();
        assert_ok!(send(vec![full_report(rent, 600)]));
        let refused = Event::ReportRefused { contract_id: rent, timestamp: now(), reason: Refusal::Ended };
        assert!(events().contains(&refused));
        pass(600);
        assert_eq!(bills_of(rent).len(), bills);
        assert!(!Contracts::<Test>::contains_key(rent));
    });
}

#[test]
fn nothing_new_begins_under_an_ending_rent() {
    ExtBuilder::default().build_and_execute(|| {
        let rent = rent_by(USER);
        let id = inside();
        assert_ok!(Contracts_::cancel_contract(origin(USER), rent));
        assert_noop!(try_create(USER, wish(), 0), Error::<Test>::RentEnding);
        assert_noop!(try_update(id, Some(wish())), Error::<Test>::RentEnding);
        assert_noop!(try_rent(OTHER), pallet_tfgrid::Error::<Test>::NodeRented);
        assert_noop!(Contracts_::fund_contract(origin(USER), rent, 1), Error::<Test>::WrongState);
        assert_noop!(Contracts_::cancel_contract(origin(USER), rent), Error::<Test>::WrongState);
        // The user may go ahead of the chain.
        assert_ok!(Contracts_::cancel_contract(origin(USER), id));
        assert_ok!(Contracts_::cancel_contract(origin(USER), rent));
        assert_eq!(EndingRents::<Test>::iter().count(), 0);
    });
}

#[test]
fn node_and_governance_may_end_a_rent_too() {
    for (who, cause) in [(origin(NODE), EndCause::CanceledByNode), (RuntimeOrigin::root(), EndCause::Governance)] {
        ExtBuilder::default().build_and_execute(|| {
            let rent = rent_by(USER);
            let id = inside();
            assert_noop!(Contracts_::cancel_contract(origin(OTHER), rent), Error::<Test>::NotAParty);
            assert_ok!(Contracts_::cancel_contract(who, rent));
            pass(1);
            assert_eq!(ends(), [(id, EndCause::RentEnded), (rent, cause)]);
        });
    }
}

#[test]
fn a_rent_that_is_out_of_funds_takes_what_is_inside_along() {
    ExtBuilder::default().build_and_execute(|| {
        let rent = rent_by(USER);
        let ids = [inside(), inside()];
        assert_ok!(Contracts_::set_refill_limit(origin(USER), rent, Some(0)));
        run_until_gone(rent);
        let expected = [(ids[1], EndCause::RentEnded), (ids[0], EndCause::RentEnded), (rent, EndCause::OutOfFunds)];
        assert_eq!(ends(), expected);
        assert_eq!(NodeStatus::<Test>::get(NODE_ID).rented_by, None);
    });
}

#[test]
fn the_end_of_a_rent_out_of_funds_is_in_bounded_steps() {
    ExtBuilder::default().build_and_execute(|| {
        let rent = rent_by(USER);
        add_addresses(20..22);
        let ids: Vec<_> = (0..6).map(|_| inside()).collect();
        assert_ok!(Contracts_::set_refill_limit(origin(USER), rent, Some(0)));
        while BillingOf::<Test>::get(rent).unwrap().state == ContractState::Deployed {
            pass(3_600);
            assert_ok!(report(rent, 3_600));
        }
        assert_eq!(ends(), [], "a report ends nothing");
        let mut before = ids.len();
        while Contracts::<Test>::contains_key(rent) {
            pass_full_blocks(10);
            let left = Contracts::<Test>::iter_keys().count();
            assert!(before.saturating_sub(left) <= 2);
            before = left;
        }
        assert_eq!(ends().last(), Some(&(rent, EndCause::OutOfFunds)));
        assert_eq!(ends().len(), ids.len() + 1);
    });
}

#[test]
fn what_is_paused_inside_ends_too() {
    ExtBuilder::default().build_and_execute(|| {
        let rent = rent_by(USER);
        let id = inside();
        assert_ok!(Contracts_::set_cushion(origin(USER), id, UNIT));
        assert_ok!(Contracts_::set_refill_limit(origin(USER), id, Some(0)));
        while BillingOf::<Test>::get(id).unwrap().state == ContractState::Deployed {
            pass(3_600);
            assert_ok!(report(id, 3_600));
        }
        assert!(matches!(BillingOf::<Test>::get(id).unwrap().state, ContractState::Grace { .. }));
        assert_ok!(Contracts_::cancel_contract(origin(USER), rent));
        pass(1);
        assert_eq!(ends(), [(id, EndCause::RentEnded), (rent, EndCause::CanceledByUser)]);
        assert_eq!(Agenda::<Test>::iter().count(), 0);
    });
}

#[test]
fn one_that_cannot_be_ended_does_not_keep_the_others() {
    ExtBuilder::default().build_and_execute_unchecked(|| {
        let rent = rent_by(USER);
        let (older, stuck) = (inside(), inside());
        // A broken record: it has more to give back than was taken.
        let contract = Contracts::<Test>::get(stuck).unwrap();
        let resources = Resources { cru: u64::MAX, ..contract.resources };
        Contracts::<Test>::insert(stuck, crate::ContractOf::<Test> { resources, ..contract.clone() });
        assert_ok!(Contracts_::cancel_contract(origin(USER), rent));
        pass(1);
        assert_eq!(ends(), [(older, EndCause::RentEnded)]);
        let failed =
            |event: &Event<Test>| matches!(event, Event::EndPostponed { contract_id, .. } if *contract_id == stuck);
        assert!(events().iter().any(failed));
        assert_eq!(EndingRents::<Test>::iter().count(), 0);
        assert_eq!(PassedOver::<Test>::iter().count(), 0);
        // Nothing is charged for what is only still there because of a fault.
        let state = ContractState::Ending { cause: EndCause::RentEnded };
        assert_eq!(BillingOf::<Test>::get(stuck).unwrap().state, state);
        // Mended, the agenda ends both.
        Contracts::<Test>::mutate(stuck, |record| record.as_mut().unwrap().resources = contract.resources);
        pass(3 * 3_700);
        assert_eq!(Contracts::<Test>::iter_keys().count(), 0);
        assert_eq!(NodeStatus::<Test>::get(NODE_ID).rented_by, None);
    });
}
