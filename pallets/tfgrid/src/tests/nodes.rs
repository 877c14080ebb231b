use frame_support::{assert_noop, assert_ok, dispatch::Pays};
use grid_types::units::{Capacity, MAX_CAPACITY};

use super::UNKNOWN;
use crate::{mock::*, *};

/// What is wrong with a node's spec, and the error for it.
fn bad_specs() -> Vec<(NodeSpec, Error<Test>)> {
    let capacity = |capacity| (NodeSpec { capacity, ..spec() }, Error::InvalidCapacity);
    let place = |location| (NodeSpec { location, ..spec() }, Error::InvalidLocation);
    let plugs =
        |list: Vec<Interface>| (NodeSpec { interfaces: list.try_into().unwrap(), ..spec() }, Error::InvalidInterface);
    let serial = |serial: &str| (NodeSpec { serial: Some(text(serial)), ..spec() }, Error::InvalidSerial);
    let bus = |url: &str| (NodeSpec { bus: Some(text(url)), ..spec() }, Error::InvalidBusUrl);
    let here = spec().location;
    let long = "x".repeat(65);
    vec![
        capacity(Capacity::default()),
        capacity(Capacity { cru: 0, ..CAPACITY }),
        capacity(Capacity { mru: 0, ..CAPACITY }),
        capacity(Capacity { sru: 0, ..CAPACITY }),
        capacity(Capacity { cru: MAX_CAPACITY.cru + 1, ..CAPACITY }),
        capacity(Capacity { hru: u64::MAX, ..CAPACITY }),
        place(Location { country: text(""), ..here.clone() }),
        place(Location { city: text(&long), ..here.clone() }),
        place(Location { city: text("a\nb"), ..here.clone() }),
        place(Location { city: vec![0xff, 0xfe].try_into().unwrap(), ..here.clone() }),
        place(Location { latitude: Some(90_000_001), ..here.clone() }),
        place(Location { latitude: Some(i32::MIN), ..here.clone() }),
        place(Location { longitude: Some(-180_000_001), ..here.clone() }),
        place(Location { longitude: Some(i32::MAX), ..here }),
        plugs(vec![interface("")]),
        plugs(vec![interface(&long)]),
        plugs(vec![interface("eth0"), interface("eth1"), interface("eth0")]),
        serial(""),
        serial(&long),
        serial("a\0"),
        bus(""),
        bus("ws://"),
        bus("wss:///path"),
        bus("http://host"),
        bus("ws://ho st"),
        bus("ws://hôte"),
    ]
}

mod authorize_node {
    use super::*;

    #[test]
    fn stores_the_farmers_consent() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            let before = held(FARMER);
            assert_ok!(TfgridModule::authorize_node(signed(FARMER), farm_id, MACHINE));
            assert!(NodeAuthorizations::<Test>::contains_key(farm_id, MACHINE));
            assert_eq!(held(FARMER), before + AUTHORIZATION_DEPOSIT);
            assert_eq!(last_event(), Event::NodeAuthorized { farm_id, account: MACHINE });
        });
    }

    #[test]
    fn fails_the_second_time() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            assert_ok!(TfgridModule::authorize_node(signed(FARMER), farm_id, MACHINE));
            assert_noop!(
                TfgridModule::authorize_node(signed(FARMER), farm_id, MACHINE),
                Error::<Test>::AlreadyAuthorized
            );
        });
    }

    #[test]
    fn fails_for_an_account_of_the_runtime() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            assert_noop!(TfgridModule::authorize_node(signed(FARMER), farm_id, POT), Error::<Test>::AccountReserved);
        });
    }

    #[test]
    fn fails_for_unknown_and_foreign_farms() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            let authorize = |who, id| TfgridModule::authorize_node(signed(who), id, MACHINE);
            assert_noop!(authorize(STRANGER, farm_id), Error::<Test>::NoTwin);
            twin(STRANGER);
            assert_noop!(authorize(STRANGER, farm_id), Error::<Test>::NotFarmOwner);
            assert_noop!(authorize(FARMER, UNKNOWN), Error::<Test>::FarmNotFound);
        });
    }

    #[test]
    fn fails_without_money_for_the_deposit() {
        ExtBuilder::default().build_and_execute(|| {
            let enough = TWIN_DEPOSIT + POLICY_DEPOSIT + FARM_DEPOSIT + 1;
            Balances::force_set_balance(RuntimeOrigin::root(), PAUPER, enough).unwrap();
            let farm_id = farm(PAUPER, "farm");
            assert_noop!(
                TfgridModule::authorize_node(signed(PAUPER), farm_id, MACHINE),
                Error::<Test>::CannotPayDeposit
            );
        });
    }
}

mod revoke_node_authorization {
    use super::*;

    fn revoke(who: AccountId, farm_id: u32) -> sp_runtime::DispatchResult {
        TfgridModule::revoke_node_authorization(signed(who), farm_id, MACHINE)
    }

    #[test]
    fn takes_the_consent_back() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            let before = held(FARMER);
            assert_ok!(TfgridModule::authorize_node(signed(FARMER), farm_id, MACHINE));
            assert_ok!(revoke(FARMER, farm_id));
            assert_eq!(held(FARMER), before);
            assert_eq!(last_event(), Event::NodeAuthorizationRevoked { farm_id, account: MACHINE });

            twin(MACHINE);
            assert_noop!(
                TfgridModule::create_node(signed(MACHINE), farm_id, spec(), None),
                Error::<Test>::NodeNotAuthorized
            );
        });
    }

    #[test]
    fn fails_without_an_authorization() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            assert_noop!(revoke(FARMER, farm_id), Error::<Test>::AuthorizationNotFound);
            node(farm_id);
            assert_noop!(revoke(FARMER, farm_id), Error::<Test>::AuthorizationNotFound);
        });
    }

    #[test]
    fn fails_for_unknown_and_foreign_farms() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            assert_ok!(TfgridModule::authorize_node(signed(FARMER), farm_id, MACHINE));
            assert_noop!(revoke(STRANGER, farm_id), Error::<Test>::NoTwin);
            twin(STRANGER);
            assert_noop!(revoke(STRANGER, farm_id), Error::<Test>::NotFarmOwner);
            assert_noop!(revoke(FARMER, UNKNOWN), Error::<Test>::FarmNotFound);
        });
    }
}

mod create_node {
    use super::*;

    /// A farm that has authorized [`MACHINE`], which has a twin.
    fn welcoming_farm() -> u32 {
        let farm_id = farm(FARMER, "farm");
        twin(MACHINE);
        TfgridModule::authorize_node(signed(FARMER), farm_id, MACHINE).unwrap();
        farm_id
    }

    fn create(farm_id: u32, spec: NodeSpec, agent: Option<AccountId>) -> sp_runtime::DispatchResult {
        TfgridModule::create_node(signed(MACHINE), farm_id, spec, agent)
    }

    #[test]
    fn stores_the_node_and_its_indexes() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = welcoming_farm();
            assert_ok!(create(farm_id, spec(), Some(AGENT)));

            let (spec, twin_id) = (spec(), twin(MACHINE));
            let stored = Node {
                id: 1,
                farm_id,
                twin_id,
                agent: AGENT,
                capacity: spec.capacity,
                location: spec.location,
                interfaces: spec.interfaces,
                serial: spec.serial,
                bus: spec.bus,
                certification: NodeCertification::Diy,
                created: START,
                state: NodeState::Up,
                power: Power { target: PowerState::Up, state: PowerState::Up, since: START },
                rent: RentTerms { surcharge: 0, whole_only: false },
                public_config: None,
            };
            assert_eq!(Nodes::<Test>::get(1), Some(stored));
            assert_eq!(NodeIdByTwinID::<Test>::get(twin_id), Some(1));
            assert_eq!(NodeIdByAgent::<Test>::get(AGENT), None);
            assert!(NodesByFarm::<Test>::contains_key(farm_id, 1));
            assert_eq!(last_event(), Event::NodeCreated { node_id: 1, farm_id, twin_id, agent: AGENT });
        });
    }

    #[test]
    fn uses_up_the_authorization_and_returns_its_deposit() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = welcoming_farm();
            let before = held(FARMER);
            assert_ok!(create(farm_id, spec(), None));
            assert_eq!(held(FARMER), before - AUTHORIZATION_DEPOSIT);
            assert_eq!(held(MACHINE), TWIN_DEPOSIT + NODE_DEPOSIT);
            assert!(!NodeAuthorizations::<Test>::contains_key(farm_id, MACHINE));
        });
    }

    #[test]
    fn the_signer_is_the_agent_unless_another_is_named() {
        ExtBuilder::default().build_and_execute(|| {
            assert_ok!(create(welcoming_farm(), spec(), None));
            assert_eq!(Nodes::<Test>::get(1).unwrap().agent, MACHINE);
            assert_eq!(NodeIdByAgent::<Test>::get(MACHINE), Some(1));
        });
    }

    #[test]
    fn accepts_the_least_and_the_most() {
        let least = NodeSpec {
            capacity: Capacity { cru: 1, mru: 1, sru: 1, hru: 0 },
            location: Location { country: text("B"), city: text("L"), latitude: None, longitude: None },
            interfaces: Default::default(),
            serial: None,
            bus: None,
        };
        let long = "x".repeat(64);
        let most = NodeSpec {
            capacity: MAX_CAPACITY,
            location: Location {
                country: text(&long),
                city: text(&long),
                latitude: Some(MAX_LATITUDE),
                longitude: Some(-MAX_LONGITUDE),
            },
            interfaces: (10..26).map(|n| interface(&format!("eth{n}"))).collect::<Vec<_>>().try_into().unwrap(),
            serial: Some(text(&long)),
            bus: Some(text(&format!("wss://{}", "x".repeat(250)))),
        };
        for spec in [least, most] {
            ExtBuilder::default().build_and_execute(|| {
                assert_ok!(create(welcoming_farm(), spec, None));
            });
        }
    }

    #[test]
    fn refuses_bad_specs() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = welcoming_farm();
            for (spec, error) in bad_specs() {
                assert_noop!(create(farm_id, spec, None), error);
            }
        });
    }

    #[test]
    fn needs_both_sides_consent() {
        ExtBuilder::default().build_and_execute(|| {
            let (welcoming, other) = (welcoming_farm(), farm(STRANGER, "other"));
            assert_noop!(create(other, spec(), None), Error::<Test>::NodeNotAuthorized);
            assert_noop!(
                TfgridModule::create_node(signed(STRANGER), welcoming, spec(), None),
                Error::<Test>::NodeNotAuthorized
            );
        });
    }

    #[test]
    fn fails_for_an_unknown_farm() {
        ExtBuilder::default().build_and_execute(|| {
            welcoming_farm();
            assert_noop!(create(UNKNOWN, spec(), None), Error::<Test>::FarmNotFound);
        });
    }

    #[test]
    fn fails_without_a_twin() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            assert_ok!(TfgridModule::authorize_node(signed(FARMER), farm_id, MACHINE));
            assert_noop!(create(farm_id, spec(), None), Error::<Test>::NoTwin);
        });
    }

    #[test]
    fn fails_for_a_twin_with_a_node() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            node(farm_id);
            assert_ok!(TfgridModule::authorize_node(signed(FARMER), farm_id, MACHINE));
            assert_noop!(create(farm_id, spec(), None), Error::<Test>::TwinHasNode);
        });
    }

    #[test]
    fn fails_for_an_agent_of_another_node() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            node(farm_id);
            twin(STRANGER);
            assert_ok!(TfgridModule::authorize_node(signed(FARMER), farm_id, STRANGER));
            assert_noop!(
                TfgridModule::create_node(signed(STRANGER), farm_id, spec(), Some(AGENT)),
                Error::<Test>::AgentTaken
            );
        });
    }

    #[test]
    fn fails_for_an_agent_of_the_runtime() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = welcoming_farm();
            assert_noop!(create(farm_id, spec(), Some(POT)), Error::<Test>::AccountReserved);
        });
    }

    #[test]
    fn fails_without_money_for_the_deposit() {
        ExtBuilder::default().build_and_execute(|| {
            Balances::force_set_balance(RuntimeOrigin::root(), PAUPER, TWIN_DEPOSIT + 1).unwrap();
            twin(PAUPER);
            let farm_id = farm(FARMER, "farm");
            assert_ok!(TfgridModule::authorize_node(signed(FARMER), farm_id, PAUPER));
            assert_noop!(
                TfgridModule::create_node(signed(PAUPER), farm_id, spec(), None),
                Error::<Test>::CannotPayDeposit
            );
        });
    }

    #[test]
    fn fails_when_ids_are_used_up() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = welcoming_farm();
            NextNodeId::<Test>::put(u32::MAX);
            assert_noop!(create(farm_id, spec(), None), Error::<Test>::IdsExhausted);
        });
    }

    #[test]
    fn is_unseen_until_it_is_heard_of() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node(farm(FARMER, "farm"));
            assert!(TfgridModule::is_unseen(node_id, START, 600));
        });
    }
}

mod update_node {
    use super::*;

    fn update(who: AccountId, node_id: u32, spec: NodeSpec) -> sp_runtime::DispatchResult {
        TfgridModule::update_node(signed(who), node_id, spec)
    }

    #[test]
    fn replaces_what_the_node_tells_and_nothing_else() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node(farm(FARMER, "farm"));
            let before = Nodes::<Test>::get(node_id).unwrap();
            let new = NodeSpec {
                capacity: MAX_CAPACITY,
                location: Location { city: text("Ghent"), ..spec().location },
                interfaces: vec![interface("eth9")].try_into().unwrap(),
                serial: None,
                bus: Some(text("wss://other.example.org")),
            };
            advance(60);
            assert_ok!(update(MACHINE, node_id, new.clone()));

            let NodeSpec { capacity, location, interfaces, serial, bus } = new;
            let after = Node { capacity, location, interfaces, serial, bus, ..before };
            assert_eq!(Nodes::<Test>::get(node_id), Some(after));
            assert_eq!(last_event(), Event::NodeUpdated { node_id });
        });
    }

    #[test]
    fn may_shrink_to_what_is_reserved_but_not_below() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node(farm(FARMER, "farm"));
            let half = Capacity { cru: CAPACITY.cru / 2, mru: CAPACITY.mru / 2, sru: CAPACITY.sru / 2, hru: 0 };
            assert_ok!(TfgridModule::reserve_capacity(node_id, &half));
            let less = Capacity { mru: half.mru - 1, ..half };
            assert_noop!(
                update(MACHINE, node_id, NodeSpec { capacity: less, ..spec() }),
                Error::<Test>::CapacityReserved
            );
            assert_ok!(update(MACHINE, node_id, NodeSpec { capacity: half, ..spec() }));
        });
    }

    #[test]
    fn refuses_bad_specs() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node(farm(FARMER, "farm"));
            for (spec, error) in bad_specs() {
                assert_noop!(update(MACHINE, node_id, spec), error);
            }
        });
    }

    #[test]
    fn fails_for_unknown_and_foreign_nodes() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node(farm(FARMER, "farm"));
            assert_noop!(update(AGENT, node_id, spec()), Error::<Test>::NoTwin);
            assert_noop!(update(FARMER, node_id, spec()), Error::<Test>::NotNodeOwner);
            assert_noop!(update(MACHINE, UNKNOWN, spec()), Error::<Test>::NodeNotFound);
            assert_noop!(update(MACHINE, 0, spec()), Error::<Test>::NodeNotFound);
        });
    }
}

mod delete_node {
    use super::*;

    fn delete(who: AccountId, node_id: u32) -> sp_runtime::DispatchResult {
        TfgridModule::delete_node(signed(who), node_id)
    }

    #[test]
    fn removes_every_trace_and_returns_the_deposit() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            let node_id = node(farm_id);
            assert_ok!(TfgridModule::report_uptime(signed(AGENT), 1));
            assert_ok!(TfgridModule::reserve_capacity(node_id, &CAPACITY));
            assert_ok!(TfgridModule::release_capacity(node_id, &CAPACITY));
            assert_ok!(delete(MACHINE, node_id));

            assert_eq!(Nodes::<Test>::get(node_id), None);
            assert_eq!(NodeIdByTwinID::<Test>::get(twin(MACHINE)), None);
            assert_eq!(NodeIdByAgent::<Test>::get(AGENT), None);
            assert!(!NodesByFarm::<Test>::contains_key(farm_id, node_id));
            assert!(!NodeStatus::<Test>::contains_key(node_id));
            assert_eq!(held(MACHINE), TWIN_DEPOSIT);
            assert_eq!(last_event(), Event::NodeDeleted { node_id, farm_id });
        });
    }

    #[test]
    fn the_farmer_may_too() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node(farm(FARMER, "farm"));
            assert_ok!(delete(FARMER, node_id));
            assert_eq!(held(MACHINE), TWIN_DEPOSIT);
        });
    }

    #[test]
    fn its_twin_can_register_again() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            let node_id = node(farm_id);
            assert_ok!(delete(MACHINE, node_id));
            assert_eq!(node(farm_id), node_id + 1);
        });
    }

    #[test]
    fn fails_for_unknown_and_foreign_nodes() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node(farm(FARMER, "farm"));
            assert_noop!(delete(AGENT, node_id), Error::<Test>::NoTwin);
            farm(STRANGER, "other");
            assert_noop!(delete(STRANGER, node_id), Error::<Test>::NotNodeOwner);
            assert_noop!(delete(FARMER, UNKNOWN), Error::<Test>::NodeNotFound);
        });
    }
}

mod report_uptime {
    use super::*;

    /// Whether the heartbeat costs a fee.
    fn beat() -> Pays {
        TfgridModule::report_uptime(signed(AGENT), 60).unwrap().pays_fee
    }

    #[test]
    fn notes_when_the_node_was_seen() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node(farm(FARMER, "farm"));
            assert_ok!(TfgridModule::report_uptime(signed(AGENT), 77));

            let seen = Seen { last: START, block: System::block_number(), before: 0, heartbeat: START };
            assert_eq!(NodeStatus::<Test>::get(node_id).seen, seen);
            assert_eq!(last_event(), Event::NodeUptimeReported { node_id, now: START, uptime: 77 });
        });
    }

    #[test]
    fn sums_up_how_long_the_node_was_dark() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node(farm(FARMER, "farm"));
            let dark = || NodeStatus::<Test>::get(node_id).dark_seconds;
            beat();
            assert_eq!(dark(), 0, "it was never heard of before");
            for (silence, sum) in [(4 * HEARTBEAT, 0), (4 * HEARTBEAT + 7, 7), (1, 7), (5 * HEARTBEAT, 7 + HEARTBEAT)] {
                advance(silence);
                assert_eq!(TfgridModule::dark_seconds(node_id, TfgridModule::now()), sum, "before the sign of life");
                beat();
                beat();
                assert_eq!(dark(), sum);
                assert_eq!(TfgridModule::dark_seconds(node_id, TfgridModule::now()), sum, "and after it");
            }
        });
    }

    #[test]
    fn is_free_when_half_a_period_has_passed() {
        ExtBuilder::default().build_and_execute(|| {
            node(farm(FARMER, "farm"));
            assert_eq!(beat(), Pays::No);
            advance(HEARTBEAT / 2);
            assert_eq!(beat(), Pays::No);
        });
    }

    #[test]
    fn is_paid_for_when_it_comes_sooner() {
        ExtBuilder::default().build_and_execute(|| {
            node(farm(FARMER, "farm"));
            beat();
            assert_eq!(beat(), Pays::Yes);
            advance(HEARTBEAT / 2 - 1);
            assert_eq!(beat(), Pays::Yes);
        });
    }

    #[test]
    fn is_free_also_right_after_a_report() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node(farm(FARMER, "farm"));
            beat();
            advance(HEARTBEAT);
            TfgridModule::mark_seen(node_id, START + HEARTBEAT);
            assert_eq!(beat(), Pays::No);
        });
    }

    #[test]
    fn accepts_zero_and_refuses_more_than_there_is_time() {
        ExtBuilder::default().build_and_execute(|| {
            node(farm(FARMER, "farm"));
            assert_ok!(TfgridModule::report_uptime(signed(AGENT), 0));
            assert_ok!(TfgridModule::report_uptime(signed(AGENT), START));
            for uptime in [START + 1, u64::MAX] {
                assert_noop!(TfgridModule::report_uptime(signed(AGENT), uptime), Error::<Test>::ImpossibleUptime);
            }
        });
    }

    #[test]
    fn is_for_agents_alone() {
        ExtBuilder::default().build_and_execute(|| {
            node(farm(FARMER, "farm"));
            for who in [MACHINE, FARMER, STRANGER] {
                assert_noop!(TfgridModule::report_uptime(signed(who), 1), Error::<Test>::NotAnAgent);
            }
        });
    }
}
