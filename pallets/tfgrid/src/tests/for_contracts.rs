use frame_support::{assert_noop, assert_ok};
use grid_types::units::{Capacity, MAX_CAPACITY, MAX_PUBLIC_IPS};

use super::UNKNOWN;
use crate::{mock::*, *};

mod look_ups {
    use super::*;

    #[test]
    fn find_what_is_there() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            let node_id = node(farm_id);
            TfgridModule::set_farm_payout(signed(FARMER), farm_id, STRANGER).unwrap();

            assert_eq!(TfgridModule::twin_of(&FARMER), Ok(1));
            assert_eq!(TfgridModule::twin_account(1), Ok(FARMER));
            assert_eq!(TfgridModule::node(node_id).unwrap().agent, AGENT);
            assert_eq!(TfgridModule::node_of_agent(&AGENT), Some(node_id));
            assert_eq!(TfgridModule::farm(farm_id).unwrap().id, farm_id);
            assert_eq!(TfgridModule::payout_of_farm(farm_id), Ok(STRANGER));
            assert_eq!(TfgridModule::farm_twin_account(farm_id), Ok(FARMER));
            assert_eq!(TfgridModule::prices_of_farm(farm_id), Ok(PRICES));
            assert_eq!(TfgridModule::prices_of_node(node_id), Ok(PRICES));
        });
    }

    #[test]
    fn name_what_is_missing() {
        ExtBuilder::default().build_and_execute(|| {
            assert_eq!(TfgridModule::twin_of(&FARMER), Err(Error::NoTwin));
            assert_eq!(TfgridModule::twin_account(UNKNOWN), Err(Error::TwinNotFound));
            assert_eq!(TfgridModule::node(UNKNOWN), Err(Error::NodeNotFound));
            assert_eq!(TfgridModule::node_of_agent(&AGENT), None);
            assert_eq!(TfgridModule::payout_of_farm(UNKNOWN), Err(Error::FarmNotFound));
            assert_eq!(TfgridModule::farm_twin_account(UNKNOWN), Err(Error::FarmNotFound));
            assert_eq!(TfgridModule::prices_of_farm(UNKNOWN), Err(Error::FarmNotFound));
            assert_eq!(TfgridModule::prices_of_node(UNKNOWN), Err(Error::NodeNotFound));
        });
    }
}

mod signs_of_life {
    use super::*;

    #[test]
    fn count_from_the_next_block_on() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node(farm(FARMER, "farm"));
            TfgridModule::mark_seen(node_id, START);
            assert_eq!(TfgridModule::last_seen_before_this_block(node_id), 0);
            advance(6);
            assert_eq!(TfgridModule::last_seen_before_this_block(node_id), START);
        });
    }

    #[test]
    fn several_in_one_block_keep_the_one_before() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node(farm(FARMER, "farm"));
            TfgridModule::mark_seen(node_id, START);
            advance(6);
            TfgridModule::mark_seen(node_id, START + 6);
            TfgridModule::mark_seen(node_id, START + 6);
            TfgridModule::report_uptime(signed(AGENT), 1).unwrap();
            assert_eq!(TfgridModule::last_seen_before_this_block(node_id), START);
            advance(6);
            assert_eq!(TfgridModule::last_seen_before_this_block(node_id), START + 6);
        });
    }

    #[test]
    fn age() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node(farm(FARMER, "farm"));
            TfgridModule::mark_seen(node_id, START);
            advance(20);
            assert!(!TfgridModule::is_unseen(node_id, START + 20, 20));
            assert!(TfgridModule::is_unseen(node_id, START + 21, 20));
            assert!(!TfgridModule::is_unseen(node_id, 0, 0));
        });
    }

    #[test]
    fn never_come_from_unknown_nodes() {
        ExtBuilder::default().build_and_execute(|| {
            assert!(TfgridModule::is_unseen(UNKNOWN, START, 600));
            assert_eq!(TfgridModule::last_seen_before_this_block(UNKNOWN), 0);
        });
    }

    #[test]
    fn time_is_rounded_down_to_seconds() {
        ExtBuilder::default().build_and_execute(|| {
            Timestamp::set_timestamp(START * 1_000 + 999);
            assert_eq!(TfgridModule::now(), START);
        });
    }
}

mod capacity {
    use super::*;

    const HALF: Capacity = Capacity { cru: CAPACITY.cru / 2, mru: CAPACITY.mru / 2, sru: CAPACITY.sru / 2, hru: 0 };

    fn used(node_id: u32) -> (Capacity, u32) {
        let status = NodeStatus::<Test>::get(node_id);
        (status.reserved, status.contracts)
    }

    #[test]
    fn can_be_reserved_to_the_last_byte_and_no_further() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node(farm(FARMER, "farm"));
            assert_ok!(TfgridModule::reserve_capacity(node_id, &HALF));
            assert_ok!(TfgridModule::reserve_capacity(node_id, &HALF));
            assert_eq!(used(node_id), (CAPACITY, 2));
            let one_byte = Capacity { mru: 1, ..Default::default() };
            assert_noop!(TfgridModule::reserve_capacity(node_id, &one_byte), Error::<Test>::CapacityExceeded);
        });
    }

    #[test]
    fn never_overflows() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node(farm(FARMER, "farm"));
            assert_ok!(TfgridModule::reserve_capacity(node_id, &HALF));
            let all = Capacity { cru: u64::MAX, mru: u64::MAX, sru: u64::MAX, hru: u64::MAX };
            for wish in [MAX_CAPACITY, all] {
                assert_noop!(TfgridModule::reserve_capacity(node_id, &wish), Error::<Test>::CapacityExceeded);
                assert_noop!(TfgridModule::change_capacity(node_id, &HALF, &wish), Error::<Test>::CapacityExceeded);
            }
        });
    }

    #[test]
    fn comes_back() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node(farm(FARMER, "farm"));
            assert_ok!(TfgridModule::reserve_capacity(node_id, &CAPACITY));
            assert_ok!(TfgridModule::release_capacity(node_id, &CAPACITY));
            assert_eq!(used(node_id), (Capacity::default(), 0));
        });
    }

    #[test]
    fn comes_back_no_further_than_it_was_taken() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node(farm(FARMER, "farm"));
            let nothing = Capacity::default();
            assert_noop!(TfgridModule::release_capacity(node_id, &nothing), Error::<Test>::Inconsistent);
            assert_ok!(TfgridModule::reserve_capacity(node_id, &HALF));
            assert_noop!(TfgridModule::release_capacity(node_id, &CAPACITY), Error::<Test>::Inconsistent);
        });
    }

    #[test]
    fn can_be_swapped_within_one_contract() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node(farm(FARMER, "farm"));
            assert_ok!(TfgridModule::reserve_capacity(node_id, &HALF));
            assert_ok!(TfgridModule::change_capacity(node_id, &HALF, &CAPACITY));
            assert_eq!(used(node_id), (CAPACITY, 1));
            assert_noop!(TfgridModule::change_capacity(node_id, &MAX_CAPACITY, &HALF), Error::<Test>::Inconsistent);
        });
    }

    #[test]
    fn is_not_given_by_unknown_nodes() {
        ExtBuilder::default().build_and_execute(|| {
            assert_noop!(TfgridModule::reserve_capacity(UNKNOWN, &HALF), Error::<Test>::NodeNotFound);
            assert_noop!(TfgridModule::change_capacity(UNKNOWN, &HALF, &HALF), Error::<Test>::NodeNotFound);
            assert_noop!(TfgridModule::release_capacity(UNKNOWN, &HALF), Error::<Test>::Inconsistent);
        });
    }

    #[test]
    fn is_not_given_by_nodes_that_close_but_comes_back() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node(farm(FARMER, "farm"));
            assert_ok!(TfgridModule::reserve_capacity(node_id, &HALF));
            assert_ok!(TfgridModule::delete_node(signed(FARMER), node_id));
            assert_noop!(TfgridModule::reserve_capacity(node_id, &HALF), Error::<Test>::NodeClosing);
            assert_noop!(TfgridModule::change_capacity(node_id, &HALF, &HALF), Error::<Test>::NodeClosing);
            assert_ok!(TfgridModule::release_capacity(node_id, &HALF));
        });
    }
}

mod addresses {
    use super::*;

    fn farm_with(count: u8) -> u32 {
        let farm_id = farm(FARMER, "farm");
        (10..10 + count).for_each(|last| {
            farm_ip(farm_id, last);
        });
        farm_id
    }

    fn free(farm_id: u32) -> u32 {
        TfgridModule::free_public_ips(farm_id)
    }

    #[test]
    fn are_reserved_and_come_back() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm_with(3);
            let taken = TfgridModule::reserve_ips(farm_id, 7, 2).unwrap();
            assert_eq!((taken.len(), free(farm_id)), (2, 1));
            for address in &taken {
                assert_eq!(PublicIps::<Test>::get(address).unwrap().contract_id, Some(7));
            }
            TfgridModule::do_try_state().unwrap();

            assert_ok!(TfgridModule::release_ips(farm_id, 7, &taken));
            assert_eq!(free(farm_id), 3);
            for address in &taken {
                assert_eq!(PublicIps::<Test>::get(address).unwrap().contract_id, None);
            }
        });
    }

    #[test]
    fn are_never_given_to_two_contracts() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm_with(2);
            let first = TfgridModule::reserve_ips(farm_id, 7, 1).unwrap();
            let second = TfgridModule::reserve_ips(farm_id, 8, 1).unwrap();
            assert_ne!(first, second);
            assert_noop!(TfgridModule::reserve_ips(farm_id, 9, 1), Error::<Test>::NotEnoughAddresses);
        });
    }

    #[test]
    fn are_given_all_or_none() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm_with(2);
            assert_noop!(TfgridModule::reserve_ips(farm_id, 7, 3), Error::<Test>::NotEnoughAddresses);
        });
    }

    #[test]
    fn are_given_up_to_the_maximum() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm_with(65);
            for count in [MAX_PUBLIC_IPS + 1, u32::MAX] {
                assert_noop!(TfgridModule::reserve_ips(farm_id, 7, count), Error::<Test>::TooManyAddresses);
            }
            assert_eq!(TfgridModule::reserve_ips(farm_id, 7, MAX_PUBLIC_IPS).unwrap().len(), 64);
        });
    }

    #[test]
    fn none_is_a_wish_too() {
        ExtBuilder::default().build_and_execute(|| {
            assert!(TfgridModule::reserve_ips(UNKNOWN, 7, 0).unwrap().is_empty());
            assert_ok!(TfgridModule::release_ips(UNKNOWN, 7, &[]));
        });
    }

    #[test]
    fn are_given_from_the_farm_that_is_asked() {
        ExtBuilder::default().build_and_execute(|| {
            farm_with(2);
            let other = farm(STRANGER, "other");
            assert_noop!(TfgridModule::reserve_ips(other, 7, 1), Error::<Test>::NotEnoughAddresses);
            assert_noop!(TfgridModule::reserve_ips(UNKNOWN, 7, 1), Error::<Test>::NotEnoughAddresses);
        });
    }

    #[test]
    fn come_back_only_from_their_holder() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm_with(2);
            let other = farm(STRANGER, "other");
            let taken = TfgridModule::reserve_ips(farm_id, 7, 1).unwrap();
            let refused = Error::<Test>::AddressNotHeld;
            assert_noop!(TfgridModule::release_ips(farm_id, 8, &taken), refused);
            assert_noop!(TfgridModule::release_ips(other, 7, &taken), Error::<Test>::AddressNotHeld);
            assert_noop!(TfgridModule::release_ips(farm_id, 7, &[u32::MAX]), Error::<Test>::AddressNotHeld);
        });
    }

    #[test]
    fn come_back_once() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm_with(1);
            let taken = TfgridModule::reserve_ips(farm_id, 7, 1).unwrap();
            assert_ok!(TfgridModule::release_ips(farm_id, 7, &taken));
            assert_noop!(TfgridModule::release_ips(farm_id, 7, &taken), Error::<Test>::AddressNotHeld);
        });
    }

    #[test]
    fn named_twice_in_one_list_undo_everything() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm_with(1);
            let taken = TfgridModule::reserve_ips(farm_id, 7, 1).unwrap();
            let twice = [taken.first(), taken.first()].map(|address| *address.unwrap());
            let release =
                || frame_support::storage::with_storage_layer(|| TfgridModule::release_ips(farm_id, 7, &twice));
            assert_noop!(release(), Error::<Test>::AddressNotHeld);
        });
    }
}
