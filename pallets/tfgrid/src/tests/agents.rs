use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchResult;

use super::UNKNOWN;
use crate::{mock::*, *};

fn set(who: AccountId, node_id: u32, agent: AccountId) -> DispatchResult {
    TfgridModule::set_node_agent(signed(who), node_id, agent)
}

fn accept(who: AccountId, node_id: u32) -> DispatchResult {
    TfgridModule::accept_agent(signed(who), node_id)
}

/// A node of `who` that names `agent`, in a farm of [`FARMER`].
fn node_naming(who: AccountId, farm_id: u32, agent: AccountId) -> u32 {
    twin(who);
    TfgridModule::authorize_node(signed(FARMER), farm_id, who).unwrap();
    TfgridModule::create_node(signed(who), farm_id, spec(), Some(agent)).unwrap();
    NextNodeId::<Test>::get() - 1
}

fn heartbeat(agent: AccountId) -> Result<(), sp_runtime::DispatchError> {
    TfgridModule::report_uptime(signed(agent), 1).map(|_| ()).map_err(|refused| refused.error)
}

mod set_node_agent {
    use super::*;

    #[test]
    fn either_side_may() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node(farm(FARMER, "farm"));
            assert_ok!(set(MACHINE, node_id, STRANGER));
            assert_eq!(Nodes::<Test>::get(node_id).unwrap().agent, STRANGER);
            assert_eq!(last_event(), Event::NodeAgentSet { node_id, agent: STRANGER });
            assert_ok!(set(FARMER, node_id, AGENT));
            assert_eq!(Nodes::<Test>::get(node_id).unwrap().agent, AGENT);
        });
    }

    #[test]
    fn the_new_agent_signs_when_it_has_accepted_and_the_old_one_no_longer() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node(farm(FARMER, "farm"));
            assert_ok!(set(MACHINE, node_id, STRANGER));
            for agent in [AGENT, STRANGER] {
                assert_eq!(heartbeat(agent), Err(Error::<Test>::NotAnAgent.into()));
            }
            assert_ok!(accept(STRANGER, node_id));
            assert_ok!(heartbeat(STRANGER));
            assert_eq!(NodeIdByAgent::<Test>::iter().collect::<Vec<_>>(), [(STRANGER, node_id)]);
        });
    }

    #[test]
    fn who_names_himself_has_accepted() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node(farm(FARMER, "farm"));
            assert_ok!(set(FARMER, node_id, FARMER));
            assert_ok!(heartbeat(FARMER));
            assert_noop!(accept(FARMER, node_id), Error::<Test>::AgentTaken);
        });
    }

    #[test]
    fn the_machine_does_not_accept_for_the_farmer() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node(farm(FARMER, "farm"));
            assert_ok!(set(MACHINE, node_id, FARMER));
            assert_eq!(NodeIdByAgent::<Test>::get(FARMER), None);
        });
    }

    #[test]
    fn fails_for_an_agent_already_and_for_the_runtime() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node(farm(FARMER, "farm"));
            assert_noop!(set(MACHINE, node_id, AGENT), Error::<Test>::AgentTaken);
            assert_noop!(set(MACHINE, node_id, POT), Error::<Test>::AccountReserved);
        });
    }

    #[test]
    fn fails_for_unknown_and_foreign_nodes() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node(farm(FARMER, "farm"));
            assert_noop!(set(AGENT, node_id, STRANGER), Error::<Test>::NoTwin);
            twin(STRANGER);
            assert_noop!(set(STRANGER, node_id, STRANGER), Error::<Test>::NotNodeOwner);
            assert_noop!(set(MACHINE, UNKNOWN, STRANGER), Error::<Test>::NodeNotFound);
        });
    }
}

mod accept_agent {
    use super::*;

    #[test]
    fn makes_the_named_account_the_agent() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node_naming(MACHINE, farm(FARMER, "farm"), AGENT);
            assert_eq!(heartbeat(AGENT), Err(Error::<Test>::NotAnAgent.into()));
            assert_ok!(accept(AGENT, node_id));
            assert_eq!(last_event(), Event::NodeAgentAccepted { node_id, agent: AGENT });
            assert_ok!(heartbeat(AGENT));
        });
    }

    #[test]
    fn is_for_the_named_account_alone() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node_naming(MACHINE, farm(FARMER, "farm"), AGENT);
            for who in [FARMER, MACHINE, STRANGER] {
                assert_noop!(accept(who, node_id), Error::<Test>::NotNamedAsAgent);
            }
            assert_noop!(accept(AGENT, UNKNOWN), Error::<Test>::NodeNotFound);
        });
    }

    #[test]
    fn fails_when_the_node_names_another_by_now() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node_naming(MACHINE, farm(FARMER, "farm"), AGENT);
            assert_ok!(set(MACHINE, node_id, STRANGER));
            assert_noop!(accept(AGENT, node_id), Error::<Test>::NotNamedAsAgent);
        });
    }

    #[test]
    fn works_once_and_for_one_node() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            let mine = node_naming(MACHINE, farm_id, AGENT);
            let other = node_naming(STRANGER, farm_id, AGENT);
            assert_ok!(accept(AGENT, mine));
            assert_noop!(accept(AGENT, mine), Error::<Test>::AgentTaken);
            assert_noop!(accept(AGENT, other), Error::<Test>::AgentTaken);
        });
    }
}

mod resign_agent {
    use super::*;

    fn resign(who: AccountId) -> DispatchResult {
        TfgridModule::resign_agent(signed(who))
    }

    #[test]
    fn frees_the_key_and_leaves_the_node_to_its_twin() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            let node_id = node(farm_id);
            assert_ok!(resign(AGENT));

            assert_eq!(Nodes::<Test>::get(node_id).unwrap().agent, MACHINE);
            let told =
                [Event::NodeAgentResigned { node_id, agent: AGENT }, Event::NodeAgentSet { node_id, agent: MACHINE }];
            assert!(events().ends_with(&told));
            assert_eq!(heartbeat(AGENT), Err(Error::<Test>::NotAnAgent.into()));
            let other = node_naming(STRANGER, farm_id, AGENT);
            assert_ok!(accept(AGENT, other));
        });
    }

    /// Nobody becomes an agent by another one's word.
    #[test]
    fn makes_nobody_else_an_agent() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node(farm(FARMER, "farm"));
            assert_ok!(resign(AGENT));
            assert_eq!(NodeIdByAgent::<Test>::iter().count(), 0);
            assert_ok!(accept(MACHINE, node_id));
            assert_ok!(heartbeat(MACHINE));
        });
    }

    #[test]
    fn works_for_a_machine_that_signs_for_itself() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node_of(MACHINE, farm(FARMER, "farm"), None);
            assert_ok!(resign(MACHINE));
            assert_noop!(resign(MACHINE), Error::<Test>::NotAnAgent);
            assert_ok!(accept(MACHINE, node_id));
        });
    }

    #[test]
    fn is_for_those_that_have_accepted() {
        ExtBuilder::default().build_and_execute(|| {
            node_naming(MACHINE, farm(FARMER, "farm"), AGENT);
            for who in [AGENT, FARMER, MACHINE] {
                assert_noop!(resign(who), Error::<Test>::NotAnAgent);
            }
        });
    }
}

/// Somebody names the key of another machine's agent before its own node does.
mod squatting {
    use super::*;

    #[test]
    fn does_not_take_a_key_from_its_owner() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            node_naming(STRANGER, farm_id, AGENT);
            let node_id = node(farm_id);
            assert_eq!(NodeIdByAgent::<Test>::get(AGENT), Some(node_id));
        });
    }

    #[test]
    fn leads_no_machine_to_a_node_that_is_not_its_own() {
        ExtBuilder::default().build_and_execute(|| {
            node_naming(STRANGER, farm(FARMER, "farm"), AGENT);
            assert_eq!(TfgridModule::node_of_agent(&AGENT), None);
        });
    }

    /// A node that only names an agent takes nothing with it when it goes or names another.
    #[test]
    fn dismisses_nobody_else() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            let squatters = [STRANGER, VERIFIER].map(|who| node_naming(who, farm_id, AGENT));
            let node_id = node(farm_id);
            assert_ok!(TfgridModule::delete_node(signed(STRANGER), squatters[0]));
            assert_ok!(set(VERIFIER, squatters[1], 1_000));
            assert_eq!(NodeIdByAgent::<Test>::get(AGENT), Some(node_id));
            assert_ok!(heartbeat(AGENT));
        });
    }
}
