use frame_support::{assert_noop, assert_ok};
use grid_types::units::Capacity;

use super::UNKNOWN;
use crate::{mock::*, *};

/// A node in one farm, and another farm that lets it come.
fn node_and_new_farm() -> (u32, u32) {
    let node_id = node_in_a_farm();
    let farm_id = farm(STRANGER, "other");
    TfgridModule::authorize_node(signed(STRANGER), farm_id, MACHINE).unwrap();
    (node_id, farm_id)
}

fn move_node(who: AccountId, node_id: u32, farm_id: u32) -> sp_runtime::DispatchResult {
    TfgridModule::move_node(signed(who), node_id, farm_id)
}

#[test]
fn takes_the_node_to_the_new_farm_and_its_list() {
    ExtBuilder::default().build_and_execute(|| {
        let (node_id, to) = node_and_new_farm();
        let from = Nodes::<Test>::get(node_id).unwrap().farm_id;
        assert_ok!(move_node(MACHINE, node_id, to));
        assert_eq!(Nodes::<Test>::get(node_id).unwrap().farm_id, to);
        assert!(TfgridModule::nodes_of_farm(from, None, 100).is_empty());
        assert_eq!(TfgridModule::nodes_of_farm(to, None, 100), [node_id]);
        assert_eq!(TfgridModule::prices_of_node(node_id), TfgridModule::prices_of_farm(to));
        assert_eq!(last_event(), Event::NodeMoved { node_id, from, to });
    });
}

#[test]
fn uses_up_the_authorization_and_returns_its_deposit() {
    ExtBuilder::default().build_and_execute(|| {
        let (node_id, farm_id) = node_and_new_farm();
        let before = held(STRANGER);
        assert_ok!(move_node(MACHINE, node_id, farm_id));
        assert_eq!(held(STRANGER), before - AUTHORIZATION_DEPOSIT);
        assert_eq!(held(MACHINE), TWIN_DEPOSIT + NODE_DEPOSIT);
        assert_noop!(move_node(MACHINE, node_id, farm_id), Error::<Test>::NodeNotAuthorized);
    });
}

#[test]
fn to_and_fro_leaves_no_trace_in_the_lists() {
    ExtBuilder::default().build_and_execute(|| {
        let (node_id, other) = node_and_new_farm();
        let home = Nodes::<Test>::get(node_id).unwrap().farm_id;
        let second = node_of(VERIFIER, home, None);
        for _ in 0..3 {
            assert_ok!(move_node(MACHINE, node_id, other));
            assert_ok!(TfgridModule::authorize_node(signed(FARMER), home, MACHINE));
            assert_ok!(move_node(MACHINE, node_id, home));
            assert_ok!(TfgridModule::authorize_node(signed(STRANGER), other, MACHINE));
        }
        let mut nodes = TfgridModule::nodes_of_farm(home, None, 100);
        nodes.sort_unstable();
        assert_eq!(nodes, [node_id, second]);
        assert!(TfgridModule::nodes_of_farm(other, None, 100).is_empty());
        assert_ok!(TfgridModule::delete_node(signed(MACHINE), node_id));
        assert_eq!(TfgridModule::nodes_of_farm(home, None, 100), [second]);
    });
}

#[test]
fn forgets_what_the_old_farmer_said() {
    ExtBuilder::default().build_and_execute(|| {
        let (node_id, farm_id) = node_and_new_farm();
        let terms = RentTerms { surcharge: 50, whole_only: true };
        assert_ok!(TfgridModule::set_node_rent_terms(signed(FARMER), node_id, terms));
        let config = PublicConfig { ip4: None, ip6: None, domain: Some(text("node.example.org")) };
        Nodes::<Test>::mutate(node_id, |node| node.as_mut().unwrap().public_config = Some(config));
        assert_ok!(move_node(MACHINE, node_id, farm_id));
        let node = Nodes::<Test>::get(node_id).unwrap();
        assert_eq!((node.rent, node.public_config), (RentTerms::default(), None));
        assert_noop!(TfgridModule::set_node_rent_terms(signed(FARMER), node_id, terms), Error::<Test>::NotFarmOwner);
        assert_ok!(TfgridModule::set_node_rent_terms(signed(STRANGER), node_id, terms));
    });
}

#[test]
fn switches_off_no_node_of_the_new_farmer() {
    ExtBuilder::default().build_and_execute(|| {
        let (node_id, farm_id) = node_and_new_farm();
        assert_ok!(TfgridModule::change_power_target(signed(FARMER), node_id, PowerState::Down));
        assert_ok!(TfgridModule::change_power_state(signed(AGENT), PowerState::Down));
        assert_ok!(move_node(MACHINE, node_id, farm_id));
        let power = Nodes::<Test>::get(node_id).unwrap().power;
        // It still sleeps; that it should is not what the new farmer said.
        assert_eq!((power.target, power.state), (PowerState::Up, PowerState::Down));
    });
}

/// The old farmer may have chosen the agent: he would report what the new farmer's users pay.
#[test]
fn to_another_farmer_dismisses_the_agent() {
    ExtBuilder::default().build_and_execute(|| {
        let (node_id, farm_id) = node_and_new_farm();
        assert_ok!(move_node(MACHINE, node_id, farm_id));
        let beat = |who| TfgridModule::report_uptime(signed(who), 1).map(|_| ()).map_err(|refused| refused.error);
        assert_eq!(beat(AGENT), Err(Error::<Test>::NotAnAgent.into()));
        assert_eq!(Nodes::<Test>::get(node_id).unwrap().agent, MACHINE);
        assert_ok!(beat(MACHINE));
        assert!(events().contains(&Event::NodeAgentSet { node_id, agent: MACHINE }));
    });
}

#[test]
fn to_another_farmer_takes_no_machine_from_the_node_that_it_is_the_agent_of() {
    ExtBuilder::default().build_and_execute(|| {
        let (node_id, farm_id) = node_and_new_farm();
        let home = Nodes::<Test>::get(node_id).unwrap().farm_id;
        let second = node_of(VERIFIER, home, Some(MACHINE));
        assert_ok!(TfgridModule::accept_agent(signed(MACHINE), second));
        assert_ok!(move_node(MACHINE, node_id, farm_id));
        assert_eq!(NodeIdByAgent::<Test>::iter().collect::<Vec<_>>(), [(MACHINE, second)]);
    });
}

#[test]
fn to_another_farm_of_the_same_farmer_keeps_the_agent() {
    ExtBuilder::default().build_and_execute(|| {
        let node_id = node_in_a_farm();
        let second = farm(FARMER, "second");
        assert_ok!(TfgridModule::authorize_node(signed(FARMER), second, MACHINE));
        assert_ok!(move_node(MACHINE, node_id, second));
        assert_eq!(NodeIdByAgent::<Test>::get(AGENT), Some(node_id));
        assert_eq!(Nodes::<Test>::get(node_id).unwrap().agent, AGENT);
    });
}

#[test]
fn within_the_farm_changes_nothing_but_the_authorization() {
    ExtBuilder::default().build_and_execute(|| {
        let node_id = node_in_a_farm();
        let farm_id = Nodes::<Test>::get(node_id).unwrap().farm_id;
        assert_ok!(TfgridModule::authorize_node(signed(FARMER), farm_id, MACHINE));
        assert_ok!(move_node(MACHINE, node_id, farm_id));
        assert_eq!(TfgridModule::nodes_of_farm(farm_id, None, 100), [node_id]);
    });
}

#[test]
fn fails_with_live_contracts_whatever_they_reserve() {
    ExtBuilder::default().build_and_execute(|| {
        let (node_id, farm_id) = node_and_new_farm();
        assert_ok!(TfgridModule::reserve_capacity(node_id, &Capacity::default()));
        assert_noop!(move_node(MACHINE, node_id, farm_id), Error::<Test>::NodeHasContracts);
        assert_ok!(TfgridModule::release_capacity(node_id, &Capacity::default()));
        assert_ok!(TfgridModule::rent_node(node_id, 1));
        assert_noop!(move_node(MACHINE, node_id, farm_id), Error::<Test>::NodeHasContracts);
    });
}

#[test]
fn fails_for_a_node_that_closes() {
    ExtBuilder::default().build_and_execute(|| {
        let (node_id, farm_id) = node_and_new_farm();
        assert_ok!(TfgridModule::reserve_capacity(node_id, &CAPACITY));
        assert_ok!(TfgridModule::delete_node(signed(FARMER), node_id));
        assert_noop!(move_node(MACHINE, node_id, farm_id), Error::<Test>::NodeClosing);
    });
}

#[test]
fn needs_the_new_farmers_consent() {
    ExtBuilder::default().build_and_execute(|| {
        let node_id = node_in_a_farm();
        let other = farm(STRANGER, "other");
        assert_noop!(move_node(MACHINE, node_id, other), Error::<Test>::NodeNotAuthorized);
        assert_noop!(move_node(MACHINE, node_id, UNKNOWN), Error::<Test>::FarmNotFound);
    });
}

#[test]
fn is_for_the_nodes_twin_alone() {
    ExtBuilder::default().build_and_execute(|| {
        let (node_id, farm_id) = node_and_new_farm();
        assert_noop!(move_node(AGENT, node_id, farm_id), Error::<Test>::NoTwin);
        for who in [FARMER, STRANGER] {
            assert_noop!(move_node(who, node_id, farm_id), Error::<Test>::NotNodeOwner);
        }
        assert_noop!(move_node(MACHINE, UNKNOWN, farm_id), Error::<Test>::NodeNotFound);
    });
}
