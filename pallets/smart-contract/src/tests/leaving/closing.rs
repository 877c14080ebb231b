//! A node that goes: all of its contracts end, then it is deleted.

use super::*;

#[test]
fn all_contracts_of_all_users_end_and_the_node_is_gone() {
    ExtBuilder::default().build_and_execute(|| {
        let ids = [create_by(USER, 1), deployed_by(OTHER), deployed(2)];
        pass(600);
        close(NODE_ID);
        pass(1);
        let expected: Vec<_> = ids.iter().rev().map(|id| (*id, EndCause::NodeDeleted)).collect();
        assert_eq!(ends(), expected);
        assert!(Nodes::<Test>::get(NODE_ID).is_none());
        assert_eq!(Leaving::<Test>::iter().count(), 0);
        assert_eq!(TotalEscrow::<Test>::get(), 0);
        assert_eq!((held_for_contracts(USER), held_for_contracts(OTHER)), (0, 0));
        assert!(PublicIps::<Test>::iter_values().all(|ip| ip.contract_id.is_none()));
    });
}

#[test]
fn its_twin_can_register_again() {
    ExtBuilder::default().build_and_execute(|| {
        deployed(1);
        close(NODE_ID);
        pass(1);
        let twin = Registry::twin_of(&NODE).unwrap();
        assert_eq!(NodeIdByTwinID::<Test>::get(twin), None);
        register_node(NODE);
        assert!(NodeIdByTwinID::<Test>::get(twin).is_some_and(|id| id != NODE_ID));
    });
}

#[test]
fn what_was_used_is_settled() {
    ExtBuilder::default().build_and_execute(|| {
        deployed(0);
        let before = balance(PAYOUT);
        pass(900);
        close(NODE_ID);
        pass_full_blocks(10);
        assert_eq!(balance(PAYOUT) - before, 115_000 / 4);
    });
}

#[test]
fn a_full_block_still_ends_two() {
    ExtBuilder::default().build_and_execute(|| {
        (0..4).map(|_| deployed_small()).for_each(drop);
        close(NODE_ID);
        for left in [2, 0] {
            pass_full_blocks(10);
            assert_eq!(NodeStatus::<Test>::get(NODE_ID).contracts, left);
        }
        pass_full_blocks(10);
        assert!(Nodes::<Test>::get(NODE_ID).is_none());
    });
}

#[test]
fn nothing_begins_or_changes_meanwhile() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        close(NODE_ID);
        assert_noop!(try_create(USER, wish(), 0), Error::<Test>::NodeClosing);
        assert_noop!(try_rent(USER), RegistryError::<Test>::NodeClosing);
        assert_noop!(try_update(id, Some(Resources { cru: 1_000, ..wish() })), Error::<Test>::NodeClosing);
        assert_noop!(try_update(id, None), Error::<Test>::NodeClosing);
        assert_noop!(Contracts_::fund_contract(origin(USER), id, 1), Error::<Test>::NodeClosing);
        assert_noop!(Contracts_::set_cushion(origin(USER), id, 1), Error::<Test>::NodeClosing);
        // Ending it oneself is not forbidden.
        assert_ok!(Contracts_::cancel_contract(origin(USER), id));
    });
}

#[test]
fn what_is_paused_is_not_resumed() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        assert_ok!(Contracts_::set_cushion(origin(USER), id, UNIT));
        assert_ok!(Contracts_::set_refill_limit(origin(USER), id, Some(0)));
        while BillingOf::<Test>::get(id).unwrap().state == ContractState::Deployed {
            pass(3_600);
            assert_ok!(report(id, 3_600));
        }
        close(NODE_ID);
        assert_noop!(Contracts_::resume_contract(origin(USER), id), Error::<Test>::NodeClosing);
        pass(1);
        assert_eq!(ends(), [(id, EndCause::NodeDeleted)]);
    });
}

#[test]
fn a_rented_node_goes_with_all_that_is_inside() {
    ExtBuilder::default().build_and_execute(|| {
        let rent = rent_by(USER);
        let ids = [deployed(1), deployed(1)];
        close(NODE_ID);
        assert_noop!(try_create(USER, wish(), 0), Error::<Test>::NodeClosing);
        pass(1);
        let expected: Vec<_> = [ids[1], ids[0], rent].map(|id| (id, EndCause::NodeDeleted)).into();
        assert_eq!(ends(), expected);
        assert!(Nodes::<Test>::get(NODE_ID).is_none());
    });
}

#[test]
fn a_node_that_goes_while_its_rent_ends_is_gone_once() {
    ExtBuilder::default().build_and_execute(|| {
        let rent = rent_by(USER);
        (0..4).map(|_| deployed_small()).for_each(drop);
        assert_ok!(Contracts_::cancel_contract(origin(USER), rent));
        close(NODE_ID);
        pass_full_blocks(60);
        assert_eq!(ends().len(), 5);
        assert!(Nodes::<Test>::get(NODE_ID).is_none());
        assert_eq!(crate::EndingRents::<Test>::iter().count(), 0);
    });
}

#[test]
fn one_that_cannot_be_ended_does_not_keep_the_others() {
    ExtBuilder::default().build_and_execute_unchecked(|| {
        let (older, stuck) = (deployed(0), deployed(1));
        Registry::mark_seen(OTHER_NODE_ID, now());
        pass(1);
        let other = create_on(OTHER_NODE_ID);
        // A broken record: it has more to give back than was taken.
        let contract = Contracts::<Test>::get(stuck).unwrap();
        let resources = Resources { cru: u64::MAX, ..contract.resources };
        Contracts::<Test>::insert(stuck, crate::ContractOf::<Test> { resources, ..contract.clone() });
        close(NODE_ID);
        close(OTHER_NODE_ID);
        pass(1);
        let mut gone: Vec<_> = ends().into_iter().map(|(id, _)| id).collect();
        gone.sort_unstable();
        assert_eq!(gone, [older, other]);
        assert!(Nodes::<Test>::get(OTHER_NODE_ID).is_none());
        assert_eq!(PassedOver::<Test>::iter().count(), 0);
        let given_up =
            |event: &Event<Test>| matches!(event, Event::NodeNotEmptied { node_id, .. } if *node_id == NODE_ID);
        assert!(events().iter().any(given_up));
        // Mended, the agenda ends the contract, and the farmer takes the node off.
        Contracts::<Test>::mutate(stuck, |record| record.as_mut().unwrap().resources = contract.resources);
        pass(3_700);
        assert!(!Contracts::<Test>::contains_key(stuck));
        assert_ok!(Registry::delete_node(origin(NODE), NODE_ID));
        assert!(Nodes::<Test>::get(NODE_ID).is_none());
    });
}
