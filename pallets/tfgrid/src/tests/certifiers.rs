use frame_support::{assert_noop, assert_ok};
use grid_types::units::Capacity;
use sp_runtime::{DispatchError, DispatchResult};

use super::UNKNOWN;
use crate::{mock::*, *};

fn root() -> RuntimeOrigin {
    RuntimeOrigin::root()
}

fn certify(origin: RuntimeOrigin, node_id: u32) -> DispatchResult {
    TfgridModule::set_node_certification(origin, node_id, Some(machine()))
}

/// What [`spec`] tells.
fn machine() -> Machine {
    Machine { capacity: CAPACITY, serial: Some(text("SN-1")) }
}

fn certification(node_id: u32) -> NodeCertification {
    Nodes::<Test>::get(node_id).unwrap().certification
}

mod add_certifier {
    use super::*;

    #[test]
    fn lets_an_account_certify() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node(farm(FARMER, "farm"));
            assert_noop!(certify(signed(STRANGER), node_id), Error::<Test>::NotCertifier);
            assert_ok!(TfgridModule::add_certifier(root(), STRANGER));
            assert_eq!(last_event(), Event::CertifierAdded { account: STRANGER });
            assert_ok!(certify(signed(STRANGER), node_id));
        });
    }

    #[test]
    fn is_for_governance_alone() {
        ExtBuilder::default().build_and_execute(|| {
            for who in [STRANGER, VERIFIER] {
                assert_noop!(TfgridModule::add_certifier(signed(who), STRANGER), DispatchError::BadOrigin);
            }
        });
    }

    #[test]
    fn fails_for_a_certifier() {
        ExtBuilder::default().build_and_execute(|| {
            assert_noop!(TfgridModule::add_certifier(root(), VERIFIER), Error::<Test>::AlreadyCertifier);
        });
    }

    #[test]
    fn fails_for_the_hundred_and_first() {
        ExtBuilder::default().build_and_execute(|| {
            for account in 100..199 {
                assert_ok!(TfgridModule::add_certifier(root(), account));
            }
            assert_noop!(TfgridModule::add_certifier(root(), 199), Error::<Test>::TooManyCertifiers);
            assert_ok!(TfgridModule::remove_certifier(root(), 100));
            assert_ok!(TfgridModule::add_certifier(root(), 199));
        });
    }
}

mod remove_certifier {
    use super::*;

    #[test]
    fn ends_the_right_and_leaves_what_was_certified() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node(farm(FARMER, "farm"));
            assert_ok!(certify(signed(VERIFIER), node_id));
            assert_ok!(TfgridModule::remove_certifier(root(), VERIFIER));

            assert_eq!(last_event(), Event::CertifierRemoved { account: VERIFIER });
            assert_noop!(certify(signed(VERIFIER), node_id), Error::<Test>::NotCertifier);
            assert_eq!(certification(node_id), NodeCertification::Certified);
        });
    }

    #[test]
    fn is_for_governance_alone() {
        ExtBuilder::default().build_and_execute(|| {
            let bad = DispatchError::BadOrigin;
            assert_noop!(TfgridModule::remove_certifier(signed(VERIFIER), VERIFIER), bad);
        });
    }

    #[test]
    fn fails_for_others() {
        ExtBuilder::default().build_and_execute(|| {
            assert_noop!(TfgridModule::remove_certifier(root(), STRANGER), Error::<Test>::NotCertifier);
        });
    }
}

mod set_node_certification {
    use super::*;

    #[test]
    fn is_for_certifiers_and_governance() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node(farm(FARMER, "farm"));
            for origin in [signed(VERIFIER), root()] {
                assert_ok!(certify(origin.clone(), node_id));
                assert_eq!(certification(node_id), NodeCertification::Certified);
                let diy = NodeCertification::Diy;
                assert_ok!(TfgridModule::set_node_certification(origin, node_id, None));
                assert_eq!(last_event(), Event::NodeCertificationSet { node_id, certification: diy });
                assert_eq!(certification(node_id), diy);
            }
        });
    }

    #[test]
    fn is_not_for_farmer_machine_or_agent() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node(farm(FARMER, "farm"));
            for who in [FARMER, MACHINE, AGENT] {
                assert_noop!(certify(signed(who), node_id), Error::<Test>::NotCertifier);
            }
            assert_noop!(certify(RuntimeOrigin::none(), node_id), DispatchError::BadOrigin);
        });
    }

    /// The machine changes its record between the certifier's look and his word.
    #[test]
    fn fails_when_the_node_is_not_what_was_looked_at() {
        let more = Capacity { mru: CAPACITY.mru + 1, ..CAPACITY };
        let others = [
            NodeSpec { capacity: more, ..spec() },
            NodeSpec { serial: Some(text("SN-2")), ..spec() },
            NodeSpec { serial: None, ..spec() },
        ];
        for other in others {
            ExtBuilder::default().build_and_execute(|| {
                let node_id = node(farm(FARMER, "farm"));
                assert_ok!(TfgridModule::update_node(signed(MACHINE), node_id, other));
                assert_noop!(certify(signed(VERIFIER), node_id), Error::<Test>::NodeChanged);
                let now = Nodes::<Test>::get(node_id).unwrap().machine();
                assert_ok!(TfgridModule::set_node_certification(signed(VERIFIER), node_id, Some(now)));
            });
        }
    }

    #[test]
    fn is_taken_back_whatever_the_node_says() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node(farm(FARMER, "farm"));
            assert_ok!(certify(root(), node_id));
            assert_ok!(TfgridModule::report_degraded(signed(AGENT), percent(50)));
            assert_ok!(TfgridModule::set_node_certification(signed(VERIFIER), node_id, None));
            assert_eq!(certification(node_id), NodeCertification::Diy);
        });
    }

    #[test]
    fn fails_for_unknown_nodes() {
        ExtBuilder::default().build_and_execute(|| {
            assert_noop!(certify(root(), UNKNOWN), Error::<Test>::NodeNotFound);
        });
    }
}

/// What was certified is the machine as it stood there.
mod a_changed_machine {
    use super::*;

    fn after_update(change: impl FnOnce(&mut NodeSpec)) -> NodeCertification {
        let mut found = NodeCertification::Diy;
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node(farm(FARMER, "farm"));
            assert_ok!(certify(root(), node_id));
            let mut spec = spec();
            change(&mut spec);
            assert_ok!(TfgridModule::update_node(signed(MACHINE), node_id, spec));
            found = certification(node_id);
            let told = Event::NodeCertificationSet { node_id, certification: NodeCertification::Diy };
            assert_eq!(events().contains(&told), found == NodeCertification::Diy);
        });
        found
    }

    #[test]
    fn is_not_certified_any_more() {
        assert_eq!(after_update(|spec| spec.capacity.mru += 1), NodeCertification::Diy);
        assert_eq!(after_update(|spec| spec.capacity.sru -= 1), NodeCertification::Diy);
        assert_eq!(after_update(|spec| spec.serial = Some(text("SN-2"))), NodeCertification::Diy);
        assert_eq!(after_update(|spec| spec.serial = None), NodeCertification::Diy);
    }

    #[test]
    fn stays_certified_when_it_only_moves_or_is_wired_anew() {
        let moved = after_update(|spec| {
            spec.location.city = text("Ghent");
            spec.interfaces = vec![interface("eth1")].try_into().unwrap();
            spec.bus = None;
        });
        assert_eq!(moved, NodeCertification::Certified);
    }
}

mod force_remove_farm_ip {
    use super::*;

    fn remove(origin: RuntimeOrigin, farm_id: u32, address: u32) -> DispatchResult {
        TfgridModule::force_remove_farm_ip(origin, farm_id, address)
    }

    #[test]
    fn removes_a_verified_address_and_returns_the_farmers_deposit() {
        for origin in [signed(VERIFIER), root()] {
            ExtBuilder::default().build_and_execute(|| {
                let farm_id = farm(FARMER, "farm");
                let before = held(FARMER);
                let address = farm_ip(farm_id, 10);
                assert_ok!(remove(origin, farm_id, address));

                assert_eq!(PublicIps::<Test>::get(address), None);
                assert!(!FreeIps::<Test>::contains_key(farm_id, address));
                assert_eq!(held(FARMER), before);
                assert_eq!(last_event(), Event::FarmIpRemoved { farm_id, address });
            });
        }
    }

    #[test]
    fn removes_a_claim_of_this_farm_alone() {
        ExtBuilder::default().with_verifier().build_and_execute(|| {
            let (mine, other) = (farm(FARMER, "mine"), farm(STRANGER, "other"));
            let address = farm_ip(mine, 10);
            assert_ok!(TfgridModule::add_farm_ip(signed(STRANGER), other, cidr(10), GATEWAY));
            assert_ok!(remove(signed(VERIFIER), mine, address));
            assert_eq!(IpClaims::<Test>::get(mine, address), None);
            assert!(IpClaims::<Test>::contains_key(other, address));
        });
    }

    /// A user who pays for an address keeps it, whatever certifiers and farmers quarrel about.
    #[test]
    fn fails_while_a_contract_holds_it() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            let address = farm_ip(farm_id, 10);
            assert_ok!(TfgridModule::reserve_ips(farm_id, 7, 1));
            for origin in [signed(VERIFIER), root()] {
                assert_noop!(remove(origin, farm_id, address), Error::<Test>::AddressReserved);
            }
        });
    }

    #[test]
    fn is_for_certifiers_and_governance_alone() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            let address = farm_ip(farm_id, 10);
            for who in [FARMER, STRANGER] {
                assert_noop!(remove(signed(who), farm_id, address), Error::<Test>::NotCertifier);
            }
        });
    }

    #[test]
    fn fails_for_unknown_farms_and_addresses() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            assert_noop!(remove(root(), UNKNOWN, cidr(10).address), Error::<Test>::FarmNotFound);
            assert_noop!(remove(root(), farm_id, cidr(10).address), Error::<Test>::AddressNotFound);
        });
    }
}

/// What a certifier can't do.
mod limits {
    use super::*;

    #[test]
    fn no_certifier_gives_what_nobody_asked_for() {
        ExtBuilder::default().with_verifier().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            let claim = IpClaim { prefix_len: 24, gateway: GATEWAY };
            let verify = TfgridModule::verify_farm_ip(signed(VERIFIER), farm_id, cidr(10).address, claim);
            assert_noop!(verify, Error::<Test>::ClaimNotFound);
        });
    }

    #[test]
    fn no_certifier_touches_prices_farms_or_nodes() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            let node_id = node(farm_id);
            twin(VERIFIER);
            let by = || signed(VERIFIER);
            assert_noop!(TfgridModule::set_price_floor(by(), FLOOR), DispatchError::BadOrigin);
            assert_noop!(TfgridModule::set_farm_payout(by(), farm_id, VERIFIER), Error::<Test>::NotFarmOwner);
            assert_noop!(TfgridModule::update_node(by(), node_id, spec()), Error::<Test>::NotNodeOwner);
            assert_noop!(TfgridModule::set_node_agent(by(), node_id, VERIFIER), Error::<Test>::NotNodeOwner);
            assert_noop!(TfgridModule::delete_node(by(), node_id), Error::<Test>::NotNodeOwner);
        });
    }
}
