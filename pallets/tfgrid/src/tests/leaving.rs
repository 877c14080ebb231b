//! Nodes that go, and the queue they wait in. The contract pallet's part is played by `end_one`.

use frame_support::{assert_noop, assert_ok};
use grid_types::units::Capacity;

use super::UNKNOWN;
use crate::{mock::*, LeavingReason::*, *};

fn delete(who: AccountId, node_id: u32) -> sp_runtime::DispatchResult {
    TfgridModule::delete_node(signed(who), node_id)
}

fn reserve(node_id: u32, share: u64) {
    TfgridModule::reserve_capacity(node_id, &percent(share)).unwrap();
}

/// A contract that reserves so much ends.
fn end_one(node_id: u32, share: u64) {
    TfgridModule::release_capacity(node_id, &percent(share)).unwrap();
}

mod delete_node_with_contracts {
    use super::*;

    #[test]
    fn closes_the_node_and_queues_it() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node_in_a_farm();
            // It counts even if it reserves nothing.
            reserve(node_id, 0);
            assert_ok!(delete(MACHINE, node_id));
            assert_eq!(Nodes::<Test>::get(node_id).unwrap().state, NodeState::Closing);
            assert_eq!(TfgridModule::next_leaving(), Some((node_id, Closing)));
            assert_eq!(held(MACHINE), TWIN_DEPOSIT + NODE_DEPOSIT);
            assert_eq!(last_event(), Event::NodeClosing { node_id });
        });
    }

    #[test]
    fn keeps_new_contracts_away() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node_in_a_farm();
            reserve(node_id, 10);
            assert_ok!(delete(FARMER, node_id));
            assert!(!Nodes::<Test>::get(node_id).unwrap().accepts_contracts());
            let nothing = Capacity::default();
            assert_noop!(TfgridModule::reserve_capacity(node_id, &nothing), Error::<Test>::NodeClosing);
        });
    }

    #[test]
    fn deletes_it_when_the_last_contract_is_gone() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            let node_id = node(farm_id);
            reserve(node_id, 10);
            reserve(node_id, 20);
            assert_ok!(delete(FARMER, node_id));
            end_one(node_id, 20);
            assert_noop!(TfgridModule::finish_leaving(node_id), Error::<Test>::NodeHasContracts);
            end_one(node_id, 10);
            assert_ok!(TfgridModule::finish_leaving(node_id));

            assert_eq!(Nodes::<Test>::get(node_id), None);
            assert!(!NodesByFarm::<Test>::contains_key(farm_id, node_id));
            assert!(!NodeStatus::<Test>::contains_key(node_id));
            assert_eq!(TfgridModule::next_leaving(), None);
            assert_eq!(held(MACHINE), TWIN_DEPOSIT);
            assert_eq!(last_event(), Event::NodeDeleted { node_id, farm_id });
        });
    }

    #[test]
    fn lets_its_twin_register_again_afterwards() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            let node_id = node(farm_id);
            reserve(node_id, 10);
            assert_ok!(delete(MACHINE, node_id));
            assert_ok!(TfgridModule::authorize_node(signed(FARMER), farm_id, MACHINE));
            assert_noop!(TfgridModule::create_node(signed(MACHINE), farm_id, spec(), None), Error::<Test>::TwinHasNode);
            end_one(node_id, 10);
            assert_ok!(TfgridModule::finish_leaving(node_id));
            assert_ok!(TfgridModule::create_node(signed(MACHINE), farm_id, spec(), Some(AGENT)));
            assert_eq!(NodeIdByTwinID::<Test>::get(twin(MACHINE)), Some(node_id + 1));
        });
    }

    #[test]
    fn fails_the_second_time() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node_in_a_farm();
            reserve(node_id, 10);
            assert_ok!(delete(MACHINE, node_id));
            assert_noop!(delete(FARMER, node_id), Error::<Test>::NodeClosing);
        });
    }

    #[test]
    fn needs_nobody_to_finish_once_it_is_empty() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node_in_a_farm();
            reserve(node_id, 10);
            assert_ok!(delete(MACHINE, node_id));
            end_one(node_id, 10);
            assert_ok!(delete(MACHINE, node_id));
            assert_eq!(TfgridModule::next_leaving(), None);
        });
    }

    #[test]
    fn holds_farm_and_twin_until_it_is_done() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            let node_id = node(farm_id);
            reserve(node_id, 10);
            assert_ok!(delete(FARMER, node_id));
            assert_noop!(TfgridModule::delete_farm(signed(FARMER), farm_id), Error::<Test>::FarmInUse);
            assert_noop!(TfgridModule::delete_twin(signed(MACHINE)), Error::<Test>::TwinInUse);
            end_one(node_id, 10);
            assert_ok!(TfgridModule::finish_leaving(node_id));
            assert_ok!(TfgridModule::delete_farm(signed(FARMER), farm_id));
            assert_ok!(TfgridModule::delete_twin(signed(MACHINE)));
        });
    }

    #[test]
    fn still_takes_signs_of_life() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node_in_a_farm();
            reserve(node_id, 10);
            assert_ok!(delete(FARMER, node_id));
            assert_ok!(TfgridModule::report_uptime(signed(AGENT), 1));
        });
    }

    #[test]
    fn removes_a_node_that_was_rented() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node_in_a_farm();
            assert_ok!(TfgridModule::rent_node(node_id, 7));
            assert_ok!(TfgridModule::count_contract(node_id));
            assert_ok!(delete(FARMER, node_id));
            assert_ok!(TfgridModule::uncount_contract(node_id));
            assert_noop!(TfgridModule::finish_leaving(node_id), Error::<Test>::NodeHasContracts);
            assert_ok!(TfgridModule::unrent_node(node_id, 7));
            assert_ok!(TfgridModule::finish_leaving(node_id));
            assert_eq!(Nodes::<Test>::get(node_id), None);
        });
    }
}

mod queue {
    use super::*;

    #[test]
    fn gives_every_node_until_it_is_finished() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            let mut nodes = [MACHINE, STRANGER, VERIFIER].map(|who| {
                let node_id = node_of(who, farm_id, None);
                reserve(node_id, 10);
                delete(FARMER, node_id).unwrap();
                node_id
            });
            let mut served = Vec::new();
            while let Some((node_id, reason)) = TfgridModule::next_leaving() {
                assert_eq!(reason, Closing);
                end_one(node_id, 10);
                assert_ok!(TfgridModule::finish_leaving(node_id));
                served.push(node_id);
            }
            served.sort_unstable();
            nodes.sort_unstable();
            assert_eq!(served, nodes);
        });
    }

    #[test]
    fn knows_who_is_not_in_it() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node_in_a_farm();
            assert_eq!(TfgridModule::next_leaving(), None);
            assert_noop!(TfgridModule::finish_leaving(node_id), Error::<Test>::Inconsistent);
            assert_noop!(TfgridModule::finish_leaving(UNKNOWN), Error::<Test>::NodeNotFound);
            assert!(!TfgridModule::has_room(UNKNOWN));
        });
    }

    #[test]
    fn lets_go_of_a_closing_node_that_can_still_be_deleted() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node_in_a_farm();
            reserve(node_id, 10);
            assert_ok!(delete(FARMER, node_id));
            TfgridModule::give_up_leaving(node_id);
            assert_eq!(TfgridModule::next_leaving(), None);
            assert!(TfgridModule::do_try_state().is_err(), "a contract that cannot end is a bug, and it is told");
            let nothing = Capacity::default();
            assert_noop!(TfgridModule::reserve_capacity(node_id, &nothing), Error::<Test>::NodeClosing);
            end_one(node_id, 10);
            assert_ok!(delete(MACHINE, node_id));
            assert_eq!(Nodes::<Test>::get(node_id), None);
        });
    }

    #[test]
    fn lets_go_of_a_broken_node_that_still_gives_nothing() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node_in_a_farm();
            reserve(node_id, 60);
            assert_ok!(TfgridModule::report_degraded(signed(AGENT), percent(50)));
            TfgridModule::give_up_leaving(node_id);
            let nothing = Capacity::default();
            assert_noop!(TfgridModule::reserve_capacity(node_id, &nothing), Error::<Test>::CapacityExceeded);
            end_one(node_id, 60);
            assert_ok!(TfgridModule::reserve_capacity(node_id, &percent(50)));
        });
    }
}
