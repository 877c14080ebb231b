//! Upgrades of records as a live chain has them: bytes written by hand, so that a later change of a type cannot change
//! what is tested.

use codec::Encode;
use frame_support::{
    storage::{storage_prefix, unhashed},
    traits::{GetStorageVersion, OnRuntimeUpgrade, StorageVersion},
    StorageHasher, Twox64Concat,
};
use grid_types::units::Prices;

use crate::{migrations::V0ToV1, mock::*, *};

/// The key of a record in a map of this pallet, hashed as the chain does.
fn key(map: &str, id: u32) -> Vec<u8> {
    let hashed = Twox64Concat::hash(&id.to_le_bytes());
    [&storage_prefix(b"TfgridModule", map.as_bytes())[..], &hashed].concat()
}

fn put(map: &str, id: u32, bytes: &[&[u8]]) {
    unhashed::put_raw(&key(map, id), &bytes.concat());
}

fn text(text: &str) -> Vec<u8> {
    [&[(text.len() * 4) as u8], text.as_bytes()].concat()
}

/// Four amounts of a capacity.
fn capacity(amounts: [u64; 4]) -> Vec<u8> {
    amounts.map(u64::to_le_bytes).concat()
}

const HAS: [u64; 4] = [8_000, 32 << 30, 500 << 30, 0];
const RESERVED: [u64; 4] = [2_000, 2 << 30, 60 << 30, 0];

/// Takes the records of a world of today back to version 0: twin 1 has the farm, twin 2 the node, twin 4 nothing but two
/// contracts.
fn write_version_0(created: u64) {
    StorageVersion::new(0).put::<TfgridModule>();
    put(
        "Nodes",
        1,
        &[
            &1_u32.to_le_bytes(),
            &1_u32.to_le_bytes(),
            &2_u32.to_le_bytes(),
            &AGENT.to_le_bytes(),
            &capacity(HAS),
            &text("Belgium"),
            &text("Liège"),
            &[1],
            &50_632_600_i32.to_le_bytes(),
            &[1],
            &5_579_700_i32.to_le_bytes(),
            // One interface: its name, its hardware address, an IPv4 and an IPv6 address.
            &[4],
            &text("eth0"),
            &[2; 6],
            &[8, 0, 2, 0, 0, 10, 1],
            &[1; 16],
            &[1],
            &text("SN-1"),
            &[1],
            &text("ws://node.example.org:7070"),
            // Diy, registered when, up.
            &[0],
            &created.to_le_bytes(),
            &[0],
        ],
    );
    put("NodeUsage", 1, &[&capacity(RESERVED), &1_u32.to_le_bytes()]);
    let seen = [created + 300, 7, created + 200, created + 300].map(u64::to_le_bytes).concat();
    put("NodeSeen", 1, &[&seen]);
    // Farm 1: two addresses, of which one is free.
    put(
        "Farms",
        1,
        &[
            &1_u32.to_le_bytes(),
            &text("farm"),
            &1_u32.to_le_bytes(),
            &1_u32.to_le_bytes(),
            &FARMER.to_le_bytes(),
            &2_u32.to_le_bytes(),
            &1_u32.to_le_bytes(),
        ],
    );
    let links = |counts: [u32; 4]| counts.map(u32::to_le_bytes).concat();
    put("TwinUsage", 1, &[&links([1, 1, 0, 0])]);
    put("TwinUsage", 2, &[&links([0, 0, 1, 0])]);
    put("TwinUsage", 3, &[&links([0, 0, 0, 2])]);
}

/// A farm with a node and two addresses, one of them held, as today's calls make it; then its records of version 0.
fn old_world() {
    let farm_id = farm(FARMER, "farm");
    node(farm_id);
    farm_ip(farm_id, 10);
    farm_ip(farm_id, 11);
    TfgridModule::reserve_ips(farm_id, 7, 1).unwrap();
    twin(STRANGER);
    Nodes::<Test>::remove(1);
    Farms::<Test>::remove(farm_id);
    let _ = TwinUsage::<Test>::clear(u32::MAX, None);
    write_version_0(START);
}

mod from_0_to_1 {
    use super::*;

    #[test]
    fn keeps_everything_and_adds_what_is_new() {
        ExtBuilder::default().build_and_execute(|| {
            old_world();
            V0ToV1::<Test>::on_runtime_upgrade();
            assert_eq!(TfgridModule::on_chain_storage_version(), 1);

            let spec = spec();
            let node = Node {
                id: 1,
                farm_id: 1,
                twin_id: 2,
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
            assert_eq!(Nodes::<Test>::get(1), Some(node));
            let farm = Farms::<Test>::get(1).unwrap();
            assert_eq!((farm.name, farm.payout, farm.public_ips), (name("farm"), FARMER, 2));
            assert_eq!(TfgridModule::free_public_ips(1), 1);
        });
    }

    #[test]
    fn makes_one_record_of_use_and_signs_of_life() {
        ExtBuilder::default().build_and_execute(|| {
            old_world();
            V0ToV1::<Test>::on_runtime_upgrade();
            let [cru, mru, sru, hru] = RESERVED;
            let status = Status {
                reserved: grid_types::units::Capacity { cru, mru, sru, hru },
                contracts: 1,
                rented_by: None,
                seen: Seen { last: START + 300, block: 7, before: START + 200, heartbeat: START + 300 },
                dark_seconds: 0,
            };
            assert_eq!(NodeStatus::<Test>::get(1), status);
            assert!(!unhashed::exists(&key("NodeUsage", 1)) && !unhashed::exists(&key("NodeSeen", 1)));
        });
    }

    #[test]
    fn forgets_twins_that_had_nothing_but_contracts() {
        ExtBuilder::default().build_and_execute(|| {
            old_world();
            V0ToV1::<Test>::on_runtime_upgrade();
            assert_eq!(TwinUsage::<Test>::get(1), TwinLinks { policies: 1, farms: 1, nodes: 0 });
            assert_eq!(TwinUsage::<Test>::get(2), TwinLinks { policies: 0, farms: 0, nodes: 1 });
            assert!(!TwinUsage::<Test>::contains_key(3));
        });
    }

    #[test]
    fn raises_a_price_floor_of_nothing() {
        let free_traffic = Prices { nu: 0, ..FLOOR };
        for (before, after) in [(Prices::default(), LEAST_PRICES), (free_traffic, Prices { nu: 1, ..FLOOR })] {
            ExtBuilder::default().build_and_execute(|| {
                old_world();
                PriceFloor::<Test>::put(before);
                V0ToV1::<Test>::on_runtime_upgrade();
                assert_eq!(PriceFloor::<Test>::get(), after);
            });
        }
    }

    #[test]
    fn leaves_a_chain_that_goes_on() {
        ExtBuilder::default().build_and_execute(|| {
            old_world();
            V0ToV1::<Test>::on_runtime_upgrade();
            let [cru, mru, sru, hru] = RESERVED;
            let reserved = grid_types::units::Capacity { cru, mru, sru, hru };
            TfgridModule::release_capacity(1, &reserved).unwrap();
            TfgridModule::release_ips(1, 7, &[held_address()]).unwrap();
            TfgridModule::delete_node(signed(FARMER), 1).unwrap();
            assert_eq!(NodeStatus::<Test>::iter().count(), 0);
        });
    }

    fn held_address() -> u32 {
        PublicIps::<Test>::iter().find(|(_, record)| record.contract_id == Some(7)).unwrap().0
    }

    #[test]
    fn runs_once() {
        ExtBuilder::default().build_and_execute(|| {
            old_world();
            let first = V0ToV1::<Test>::on_runtime_upgrade();
            let after = Nodes::<Test>::get(1).encode();
            let second = V0ToV1::<Test>::on_runtime_upgrade();
            assert_eq!(Nodes::<Test>::get(1).encode(), after);
            assert!(second.ref_time() < first.ref_time(), "the second time it only looks at the version");
        });
    }

    #[test]
    fn a_new_chain_begins_at_version_1() {
        ExtBuilder::default().build_and_execute(|| {
            assert_eq!(TfgridModule::on_chain_storage_version(), 1);
            assert_eq!(TfgridModule::in_code_storage_version(), 1);
        });
    }
}
