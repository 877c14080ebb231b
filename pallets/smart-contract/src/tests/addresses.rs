//! Rule 6, addresses that an update adds to a running contract or gives back.

use frame_support::{assert_noop, assert_ok, pallet_prelude::DispatchResult};
use grid_types::units::{Resources, MAX_PUBLIC_IPS};
use pallet_tfgrid::PublicIps;

use crate::{mock::*, types::*, Contracts, Error, Event};

fn change(id: ContractId, give_back: Vec<u32>, add: u32) -> DispatchResult {
    let give_back = PublicIpList::truncate_from(give_back);
    let change = Some(PublicIpChange { give_back, add });
    Contracts_::update_contract(origin(USER), id, [2; 32], Default::default(), None, change, None)
}

fn held(id: ContractId) -> Vec<u32> {
    Contracts::<Test>::get(id).unwrap().public_ips_list.into_inner()
}

fn holder(address: u32) -> Option<ContractId> {
    PublicIps::<Test>::get(address).unwrap().contract_id
}

#[test]
fn can_be_added() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        let before = held(id);
        assert_ok!(change(id, vec![], 2));
        let after = held(id);
        assert_eq!(after.len(), 3);
        assert_eq!(after[..1], before[..]);
        assert!(after.iter().all(|address| holder(*address) == Some(id)));
        assert_eq!((record(id).public_ips, Contracts::<Test>::get(id).unwrap().version), (3, 1));
        let added = PublicIpList::truncate_from(after[1..].to_vec());
        let given_back = PublicIpList::default();
        assert!(events().contains(&Event::PublicIpsChanged { contract_id: id, added, given_back }));
    });
}

#[test]
fn can_be_given_back() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(3);
        let before = held(id);
        assert_ok!(change(id, vec![before[1]], 0));
        assert_eq!(held(id), [before[0], before[2]]);
        assert_eq!(holder(before[1]), None);
        assert_eq!(record(id).public_ips, 2);
        assert_ok!(try_create(OTHER, wish(), 2));
    });
}

#[test]
fn a_swap_gives_another_one() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        let before = held(id);
        assert_ok!(change(id, before.clone(), 1));
        assert_ne!(held(id), before);
        assert_eq!(held(id).len(), 1);
    });
}

#[test]
fn a_swap_needs_another_one() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(4);
        let first = held(id)[0];
        assert_noop!(change(id, vec![first], 1), pallet_tfgrid::Error::<Test>::NotEnoughAddresses);
    });
}

#[test]
fn only_ones_own_can_be_given_back_and_once() {
    ExtBuilder::default().build_and_execute(|| {
        let (id, other) = (deployed(1), create_by(OTHER, 1));
        let (mine, others) = (held(id)[0], held(other)[0]);
        for wrong in [vec![others], vec![mine, mine], vec![0], vec![mine, others]] {
            assert_noop!(change(id, wrong, 0), pallet_tfgrid::Error::<Test>::AddressNotHeld);
        }
        assert_eq!(holder(others), Some(other));
    });
}

#[test]
fn too_few_free_ones_change_nothing() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        create_by(OTHER, 2);
        assert_noop!(change(id, vec![], 2), pallet_tfgrid::Error::<Test>::NotEnoughAddresses);
        assert_ok!(change(id, vec![], 1));
    });
}

#[test]
fn more_than_a_contract_may_hold_are_refused() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        for many in [MAX_PUBLIC_IPS + 1, u32::MAX] {
            assert_noop!(change(id, vec![], many), Error::<Test>::TooManyPublicIps);
        }
    });
}

#[test]
fn the_last_one_stays_if_nothing_else_is_reserved() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed_with(Resources::default(), 1);
        assert_noop!(change(id, held(id), 0), Error::<Test>::NothingReserved);
    });
}

#[test]
fn more_need_their_own_escrow() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed_with(Resources { cru: 1, ..Default::default() }, 0);
        let low = crate::billing::escrow::Levels::of(&RULES, &PRICES, &record(id).resources, 4).low;
        let lacking = low - record(id).escrow;
        leave(USER, EXISTENTIAL_DEPOSIT + lacking - 1);
        assert_noop!(change(id, vec![], 4), Error::<Test>::InsufficientFunds);
        leave(USER, EXISTENTIAL_DEPOSIT + lacking);
        assert_ok!(change(id, vec![], 4));
        assert_eq!(record(id).escrow, low);
    });
}

#[test]
fn are_billed_from_the_change_on() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        pass(600);
        assert_ok!(change(id, vec![], 1));
        pass(600);
        assert_ok!(report(id, 1_200));
        assert_eq!(record(id).billed, (115_000 + 155_000) / 6);
    });
}

#[test]
fn held_for_a_moment_before_each_report_cost_their_time() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        for _ in 0..6 {
            assert_ok!(change(id, vec![], 3));
            pass(590);
            let extra = held(id)[1..].to_vec();
            assert_ok!(change(id, extra, 0));
            pass(10);
            assert_ok!(report(id, 600));
        }
        let cost = 155_000 + 3 * 40_000 * 3_540 / 3_600;
        assert_eq!(record(id).billed, cost);
    });
}

#[test]
fn can_be_changed_before_deployment() {
    ExtBuilder::default().build_and_execute(|| {
        let id = create_by(USER, 0);
        pass(900);
        assert_ok!(change(id, vec![], 1));
        // A quarter of an hour without the address.
        assert_eq!(record(id).billed, 65_000 / 4);
        assert!(record(id).escrow >= quote().needed);
        pass(60);
        assert_ok!(report_deployed(id, 1));
        assert_eq!(record(id).billed, 65_000 / 4 + 105_000 / 60);
    });
}

#[test]
fn more_are_not_given_on_a_node_that_is_not_seen() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        pass_dark(RULES.unseen_after() + 1);
        // Nothing is billed on a dark node, so the farm's addresses would be free.
        assert_noop!(change(id, vec![], 1), Error::<Test>::NodeUnseen);
        let more = Some(Resources { cru: 2_001, ..wish() });
        let update = Contracts_::update_contract(origin(USER), id, [2; 32], Default::default(), more, None, None);
        assert_noop!(update, Error::<Test>::NodeUnseen);
        assert_ok!(change(id, held(id), 0));
    });
}

#[test]
fn two_contracts_cannot_get_the_same_one() {
    ExtBuilder::default().build_and_execute(|| {
        let (first, second) = (deployed(1), deployed(1));
        assert_ok!(change(first, vec![], 1));
        assert_ok!(change(second, vec![], 1));
        assert!(held(first).iter().all(|address| !held(second).contains(address)));
    });
}

#[test]
fn one_that_the_same_update_brings_cannot_be_given_back() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        let next = pallet_tfgrid::FreeIps::<Test>::iter_key_prefix(1).next().unwrap();
        // It would be free and on the contract's list, and the contract could never end.
        assert_noop!(change(id, vec![next], 1), pallet_tfgrid::Error::<Test>::AddressNotHeld);
        assert_ok!(Contracts_::cancel_contract(origin(USER), id));
    });
}

#[test]
fn one_given_back_twice_gives_none_back() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(2);
        let mine = held(id);
        for twice in [vec![mine[0], mine[0]], vec![mine[0], mine[1], mine[0]]] {
            assert_noop!(change(id, twice, 1), pallet_tfgrid::Error::<Test>::AddressNotHeld);
        }
        assert_ok!(change(id, mine, 1));
    });
}
