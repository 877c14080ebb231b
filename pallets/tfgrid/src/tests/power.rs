use frame_support::{assert_noop, assert_ok, dispatch::Pays};
use grid_types::units::Capacity;

use super::UNKNOWN;
use crate::{mock::*, PowerState::*, *};

fn set_target(who: AccountId, node_id: u32, target: PowerState) -> sp_runtime::DispatchResult {
    TfgridModule::change_power_target(signed(who), node_id, target)
}

/// Whether the agent's message costs a fee.
fn say(state: PowerState) -> Pays {
    TfgridModule::change_power_state(signed(AGENT), state).unwrap().pays_fee
}

fn power(node_id: u32) -> Power {
    Nodes::<Test>::get(node_id).unwrap().power
}

mod change_power_target {
    use super::*;

    #[test]
    fn is_the_farmers_wish() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node_in_a_farm();
            advance(60);
            assert_ok!(set_target(FARMER, node_id, Down));
            assert_eq!(power(node_id), Power { target: Down, state: Up, since: START });
            assert_eq!(last_event(), Event::NodePowerTargetChanged { node_id, target: Down });
            assert_ok!(set_target(FARMER, node_id, Up));
            assert_eq!(power(node_id), Power { target: Up, state: Up, since: START });
        });
    }

    #[test]
    fn down_keeps_contracts_away_at_once() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node_in_a_farm();
            assert_ok!(set_target(FARMER, node_id, Down));
            assert!(!Nodes::<Test>::get(node_id).unwrap().accepts_contracts());
            let nothing = Capacity::default();
            assert_noop!(TfgridModule::reserve_capacity(node_id, &nothing), Error::<Test>::NodePoweredDown);
            assert_noop!(TfgridModule::rent_node(node_id, 1), Error::<Test>::NodePoweredDown);
        });
    }

    #[test]
    fn down_fails_while_a_contract_lives() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node_in_a_farm();
            assert_ok!(TfgridModule::reserve_capacity(node_id, &Capacity::default()));
            assert_noop!(set_target(FARMER, node_id, Down), Error::<Test>::NodeHasContracts);
            assert_ok!(set_target(FARMER, node_id, Up));
            assert_ok!(TfgridModule::release_capacity(node_id, &Capacity::default()));
            assert_ok!(set_target(FARMER, node_id, Down));
        });
    }

    #[test]
    fn down_fails_while_the_node_is_rented() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node_in_a_farm();
            assert_ok!(TfgridModule::rent_node(node_id, 1));
            assert_noop!(set_target(FARMER, node_id, Down), Error::<Test>::NodeHasContracts);
        });
    }

    #[test]
    fn is_for_the_farmer_alone() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node_in_a_farm();
            assert_noop!(set_target(AGENT, node_id, Down), Error::<Test>::NoTwin);
            assert_noop!(set_target(MACHINE, node_id, Down), Error::<Test>::NotFarmOwner);
            farm(STRANGER, "other");
            assert_noop!(set_target(STRANGER, node_id, Down), Error::<Test>::NotFarmOwner);
            assert_noop!(set_target(FARMER, UNKNOWN, Down), Error::<Test>::NodeNotFound);
        });
    }
}

mod change_power_state {
    use super::*;

    #[test]
    fn is_what_the_machine_says() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node_in_a_farm();
            assert_ok!(set_target(FARMER, node_id, Down));
            advance(60);
            say(Down);
            assert_eq!(power(node_id), Power { target: Down, state: Down, since: START + 60 });
            assert_eq!(last_event(), Event::NodePowerStateChanged { node_id, state: Down });
        });
    }

    #[test]
    fn a_waking_node_takes_contracts_when_it_says_that_it_is_up() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node_in_a_farm();
            assert_ok!(set_target(FARMER, node_id, Down));
            say(Down);
            assert_ok!(set_target(FARMER, node_id, Up));
            assert_noop!(TfgridModule::reserve_capacity(node_id, &CAPACITY), Error::<Test>::NodePoweredDown);
            say(Up);
            assert_ok!(TfgridModule::reserve_capacity(node_id, &CAPACITY));
        });
    }

    #[test]
    fn is_free_when_it_does_what_the_farmer_wants() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node_in_a_farm();
            assert_ok!(set_target(FARMER, node_id, Down));
            assert_eq!(say(Down), Pays::No);
            assert_ok!(set_target(FARMER, node_id, Up));
            assert_eq!(say(Up), Pays::No);
        });
    }

    #[test]
    fn is_paid_for_when_nothing_changes_and_changes_nothing() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node_in_a_farm();
            advance(60);
            let (before, events_before) = (power(node_id), events());
            assert_eq!(say(Up), Pays::Yes);
            assert_eq!(power(node_id), before);
            assert_eq!(events(), events_before);
        });
    }

    #[test]
    fn switching_to_and_fro_is_paid_for() {
        ExtBuilder::default().build_and_execute(|| {
            node_in_a_farm();
            let free = [Down, Up, Down, Up].into_iter().filter(|state| say(*state) == Pays::No).count();
            assert_eq!(free, 2, "each that the farmer did not ask for costs its fee");
        });
    }

    #[test]
    fn down_fails_while_a_contract_lives() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node_in_a_farm();
            assert_ok!(TfgridModule::reserve_capacity(node_id, &Capacity::default()));
            assert_noop!(TfgridModule::change_power_state(signed(AGENT), Down), Error::<Test>::NodeHasContracts);
        });
    }

    #[test]
    fn is_for_agents_alone() {
        ExtBuilder::default().build_and_execute(|| {
            node_in_a_farm();
            for who in [MACHINE, FARMER, STRANGER] {
                assert_noop!(TfgridModule::change_power_state(signed(who), Down), Error::<Test>::NotAnAgent);
            }
        });
    }

    #[test]
    fn a_sleeping_node_can_be_deleted() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node_in_a_farm();
            say(Down);
            assert_ok!(TfgridModule::delete_node(signed(FARMER), node_id));
            assert_eq!(Nodes::<Test>::get(node_id), None);
        });
    }
}
