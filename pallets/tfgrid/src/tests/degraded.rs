//! Nodes that broke. The contract pallet's part is played by `end_one`.

use frame_support::{assert_noop, assert_ok};
use grid_types::units::Capacity;

use crate::{mock::*, LeavingReason::*, *};

fn delete(who: AccountId, node_id: u32) -> sp_runtime::DispatchResult {
    TfgridModule::delete_node(signed(who), node_id)
}

fn degrade(capacity: Capacity) -> sp_runtime::DispatchResult {
    TfgridModule::report_degraded(signed(AGENT), capacity)
}

fn reserve(node_id: u32, share: u64) {
    TfgridModule::reserve_capacity(node_id, &percent(share)).unwrap();
}

/// A contract that reserves so much ends.
fn end_one(node_id: u32, share: u64) {
    TfgridModule::release_capacity(node_id, &percent(share)).unwrap();
}

fn capacity_of(node_id: u32) -> Capacity {
    Nodes::<Test>::get(node_id).unwrap().capacity
}

#[test]
fn tells_what_is_left() {
    ExtBuilder::default().build_and_execute(|| {
        let node_id = node_in_a_farm();
        reserve(node_id, 40);
        assert_ok!(degrade(percent(50)));
        assert_eq!(capacity_of(node_id), percent(50));
        assert!(TfgridModule::has_room(node_id));
        assert_eq!(TfgridModule::next_leaving(), None);
        let event = Event::NodeDegraded { node_id, capacity: percent(50), ends_contracts: false };
        assert_eq!(last_event(), event);
        assert_ok!(TfgridModule::reserve_capacity(node_id, &percent(10)));
    });
}

#[test]
fn queues_the_node_when_its_contracts_do_not_fit() {
    ExtBuilder::default().build_and_execute(|| {
        let node_id = node_in_a_farm();
        reserve(node_id, 40);
        reserve(node_id, 20);
        assert_ok!(degrade(percent(50)));
        assert!(!TfgridModule::has_room(node_id));
        assert_eq!(TfgridModule::next_leaving(), Some((node_id, Degraded)));
        let event = Event::NodeDegraded { node_id, capacity: percent(50), ends_contracts: true };
        assert_eq!(last_event(), event);

        assert_noop!(TfgridModule::finish_leaving(node_id), Error::<Test>::CapacityReserved);
        end_one(node_id, 20);
        assert!(TfgridModule::has_room(node_id));
        assert_ok!(TfgridModule::finish_leaving(node_id));
        assert_eq!(TfgridModule::next_leaving(), None);
        assert_eq!(last_event(), Event::NodeFitsAgain { node_id });
        assert_ok!(TfgridModule::reserve_capacity(node_id, &percent(10)));
    });
}

#[test]
fn leaves_nothing_free_while_contracts_must_end() {
    ExtBuilder::default().build_and_execute(|| {
        let node_id = node_in_a_farm();
        reserve(node_id, 50);
        // The disk is gone, processors are plenty: still nothing is given.
        assert_ok!(degrade(Capacity { sru: 0, ..CAPACITY }));
        for wish in [Capacity::default(), Capacity { cru: 1, ..Default::default() }] {
            assert_noop!(TfgridModule::reserve_capacity(node_id, &wish), Error::<Test>::CapacityExceeded);
        }
        assert_noop!(
            TfgridModule::change_capacity(node_id, &percent(50), &percent(60)),
            Error::<Test>::CapacityExceeded
        );
    });
}

#[test]
fn may_tell_that_nothing_is_left() {
    ExtBuilder::default().build_and_execute(|| {
        let node_id = node_in_a_farm();
        assert_ok!(degrade(Capacity::default()));
        assert_eq!(capacity_of(node_id), Capacity::default());
    });
}

#[test]
fn leaves_the_rest_of_the_record_changeable() {
    ExtBuilder::default().build_and_execute(|| {
        let node_id = node_in_a_farm();
        reserve(node_id, 50);
        let left = Capacity { sru: 0, ..CAPACITY };
        assert_ok!(degrade(left));
        let elsewhere = NodeSpec { capacity: left, bus: None, ..spec() };
        assert_ok!(TfgridModule::update_node(signed(MACHINE), node_id, elsewhere));
        assert_eq!(Nodes::<Test>::get(node_id).unwrap().bus, None);
        assert_eq!(TfgridModule::next_leaving(), Some((node_id, Degraded)), "it still lacks a disk");
        let still_less = NodeSpec { capacity: Capacity { cru: 1, ..left }, ..spec() };
        assert_noop!(TfgridModule::update_node(signed(MACHINE), node_id, still_less), Error::<Test>::InvalidCapacity);
    });
}

#[test]
fn a_repaired_node_keeps_the_contracts_that_have_not_ended() {
    ExtBuilder::default().build_and_execute(|| {
        let node_id = node_in_a_farm();
        reserve(node_id, 60);
        assert_ok!(degrade(percent(50)));
        let half_way = NodeSpec { capacity: percent(55), ..spec() };
        assert_noop!(TfgridModule::update_node(signed(MACHINE), node_id, half_way), Error::<Test>::CapacityReserved);
        let repaired = NodeSpec { capacity: percent(60), ..spec() };
        assert_ok!(TfgridModule::update_node(signed(MACHINE), node_id, repaired));
        assert_eq!(TfgridModule::next_leaving(), None);
        assert!(events().contains(&Event::NodeFitsAgain { node_id }));
    });
}

#[test]
fn telling_the_truth_costs_no_certificate() {
    ExtBuilder::default().build_and_execute(|| {
        let node_id = node_in_a_farm();
        let machine = Nodes::<Test>::get(node_id).unwrap().machine();
        assert_ok!(TfgridModule::set_node_certification(signed(VERIFIER), node_id, Some(machine)));
        assert_ok!(degrade(percent(50)));
        assert_eq!(Nodes::<Test>::get(node_id).unwrap().certification, NodeCertification::Certified);
    });
}

#[test]
fn can_come_twice() {
    ExtBuilder::default().build_and_execute(|| {
        let node_id = node_in_a_farm();
        reserve(node_id, 60);
        assert_ok!(degrade(percent(50)));
        assert_ok!(degrade(percent(40)));
        assert_eq!(TfgridModule::next_leaving(), Some((node_id, Degraded)));
        assert_eq!(capacity_of(node_id), percent(40));
    });
}

#[test]
fn a_closing_node_stays_closing() {
    ExtBuilder::default().build_and_execute(|| {
        let node_id = node_in_a_farm();
        reserve(node_id, 60);
        assert_ok!(delete(FARMER, node_id));
        assert_ok!(degrade(percent(50)));
        assert_eq!(TfgridModule::next_leaving(), Some((node_id, Closing)));
        let repaired = NodeSpec { capacity: percent(60), ..spec() };
        assert_ok!(TfgridModule::update_node(signed(MACHINE), node_id, repaired));
        assert_eq!(TfgridModule::next_leaving(), Some((node_id, Closing)));
    });
}

#[test]
fn a_degraded_node_can_close() {
    ExtBuilder::default().build_and_execute(|| {
        let node_id = node_in_a_farm();
        reserve(node_id, 60);
        assert_ok!(degrade(percent(50)));
        assert_ok!(delete(FARMER, node_id));
        assert_eq!(TfgridModule::next_leaving(), Some((node_id, Closing)));
    });
}

#[test]
fn an_empty_degraded_node_goes_with_its_place_in_the_queue() {
    ExtBuilder::default().build_and_execute(|| {
        let node_id = node_in_a_farm();
        reserve(node_id, 60);
        assert_ok!(degrade(percent(50)));
        end_one(node_id, 60);
        assert_ok!(delete(FARMER, node_id));
        assert_eq!(TfgridModule::next_leaving(), None);
    });
}

#[test]
fn refuses_what_is_not_less() {
    ExtBuilder::default().build_and_execute(|| {
        node_in_a_farm();
        let more_of_one = Capacity { cru: CAPACITY.cru + 1, ..percent(50) };
        let all = Capacity { cru: u64::MAX, mru: u64::MAX, sru: u64::MAX, hru: u64::MAX };
        for capacity in [CAPACITY, more_of_one, all] {
            assert_noop!(degrade(capacity), Error::<Test>::NotDegraded);
        }
    });
}

#[test]
fn is_for_agents_alone() {
    ExtBuilder::default().build_and_execute(|| {
        node_in_a_farm();
        for who in [MACHINE, FARMER, STRANGER] {
            let told = TfgridModule::report_degraded(signed(who), percent(50));
            assert_noop!(told, Error::<Test>::NotAnAgent);
        }
    });
}
