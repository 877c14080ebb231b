use frame_support::assert_ok;
use grid_types::units::{Capacity, MAX_PUBLIC_IPS};

use super::UNKNOWN;
use crate::{mock::*, *};

/// So many nodes of one farm, each with an account of its own.
fn nodes(farm_id: u32, count: u64) -> Vec<u32> {
    (0..count)
        .map(|number| {
            let account = 1_000 + number;
            Balances::force_set_balance(RuntimeOrigin::root(), account, FUNDS).unwrap();
            living(account, farm_id)
        })
        .collect()
}

/// A node of this account that has just been heard of.
fn living(account: u64, farm_id: u32) -> u32 {
    let node_id = node_of(account, farm_id, None);
    TfgridModule::report_uptime(signed(account), 1).unwrap();
    node_id
}

mod nodes_of_farm {
    use super::*;

    #[test]
    fn gives_every_node_once_in_pages() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            let all = nodes(farm_id, 7);
            nodes_elsewhere();
            let (mut found, mut after) = (Vec::new(), None);
            loop {
                let page = TfgridModule::nodes_of_farm(farm_id, after, 3);
                assert!(page.len() <= 3);
                let Some(last) = page.last() else { break };
                after = Some(*last);
                found.extend(page);
            }
            found.sort_unstable();
            assert_eq!(found, all);
        });
    }

    fn nodes_elsewhere() {
        let other = farm(STRANGER, "other");
        twin(VERIFIER);
        TfgridModule::authorize_node(signed(STRANGER), other, VERIFIER).unwrap();
        TfgridModule::create_node(signed(VERIFIER), other, spec(), None).unwrap();
    }

    #[test]
    fn gives_one_to_a_hundred() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            nodes(farm_id, 101);
            assert_eq!(TfgridModule::nodes_of_farm(farm_id, None, u32::MAX).len(), 100);
            assert_eq!(TfgridModule::nodes_of_farm(farm_id, None, 0).len(), 1);
            assert!(TfgridModule::nodes_of_farm(UNKNOWN, None, 100).is_empty());
        });
    }
}

mod node_of_twin {
    use super::*;

    #[test]
    fn follows_the_node() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node_in_a_farm();
            assert_eq!(TfgridModule::node_of_twin(twin(MACHINE)), Some(node_id));
            assert_eq!(TfgridModule::node_of_twin(twin(FARMER)), None);
            assert_ok!(TfgridModule::delete_node(signed(FARMER), node_id));
            assert_eq!(TfgridModule::node_of_twin(twin(MACHINE)), None);
        });
    }
}

mod free_nodes {
    use super::*;

    fn free(wish: Capacity, public_ips: u32) -> Vec<u32> {
        let (found, next) = TfgridModule::free_nodes(wish, public_ips, 0, 100);
        assert_eq!(next, None);
        found
    }

    #[test]
    fn have_room_for_the_wish() {
        ExtBuilder::default().build_and_execute(|| {
            let all = nodes(farm(FARMER, "farm"), 3);
            assert_eq!(free(CAPACITY, 0), all);
            assert_ok!(TfgridModule::reserve_capacity(all[1], &percent(50)));
            assert_eq!(free(percent(50), 0), all);
            assert_eq!(free(percent(51), 0), [all[0], all[2]]);
            assert!(free(Capacity { hru: 1, ..Default::default() }, 0).is_empty());
            assert!(free(Capacity { cru: u64::MAX, ..Default::default() }, 0).is_empty());
        });
    }

    #[test]
    fn take_ordinary_contracts() {
        ExtBuilder::default().build_and_execute(|| {
            let all = nodes(farm(FARMER, "farm"), 6);
            let nothing = Capacity::default();
            assert_ok!(TfgridModule::rent_node(all[0], 1));
            let terms = RentTerms { surcharge: 0, whole_only: true };
            assert_ok!(TfgridModule::set_node_rent_terms(signed(FARMER), all[1], terms));
            assert_ok!(TfgridModule::change_power_target(signed(FARMER), all[2], PowerState::Down));
            assert_ok!(TfgridModule::reserve_capacity(all[3], &nothing));
            assert_ok!(TfgridModule::delete_node(signed(FARMER), all[3]));
            assert_ok!(TfgridModule::delete_node(signed(FARMER), all[4]));
            assert_eq!(free(nothing, 0), [all[5]]);
        });
    }

    #[test]
    fn were_heard_of_lately() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            let all = nodes(farm_id, 2);
            node_of(STRANGER, farm_id, None);
            assert_eq!(free(CAPACITY, 0), all);
            advance(UNSEEN);
            assert_eq!(free(CAPACITY, 0), all);
            assert_ok!(TfgridModule::report_uptime(signed(1_000), 1));
            advance(1);
            assert_eq!(free(CAPACITY, 0), [all[0]]);
        });
    }

    #[test]
    fn have_room_when_a_reservation_says_so() {
        ExtBuilder::default().build_and_execute(|| {
            let all = nodes(farm(FARMER, "farm"), 2);
            assert_ok!(TfgridModule::reserve_capacity(all[0], &percent(60)));
            // Agent and machine are the same account here.
            assert_ok!(TfgridModule::report_degraded(signed(1_000), percent(50)));
            assert_eq!(free(Capacity::default(), 0), [all[1]]);
        });
    }

    #[test]
    fn are_of_farms_with_enough_addresses() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            let all = nodes(farm_id, 2);
            farm_ip(farm_id, 10);
            farm_ip(farm_id, 11);
            assert_eq!(free(CAPACITY, 2), all);
            assert!(free(CAPACITY, 3).is_empty());
            assert_ok!(TfgridModule::reserve_ips(farm_id, 1, 1));
            assert!(free(CAPACITY, 2).is_empty());
            assert_eq!(free(CAPACITY, 1), all);
            assert!(free(CAPACITY, MAX_PUBLIC_IPS + 1).is_empty());
        });
    }

    #[test]
    fn come_in_pages_that_say_where_to_go_on() {
        ExtBuilder::default().build_and_execute(|| {
            let all = nodes(farm(FARMER, "farm"), 5);
            let page = |after| TfgridModule::free_nodes(CAPACITY, 0, after, 2);
            assert_eq!(page(0), (vec![all[0], all[1]], Some(all[1])));
            assert_eq!(page(all[1]), (vec![all[2], all[3]], Some(all[3])));
            assert_eq!(page(all[3]), (vec![all[4]], None));
            assert_eq!(page(u32::MAX), (vec![], None));
            assert_eq!(TfgridModule::free_nodes(CAPACITY, 0, 0, 0), (vec![all[0]], Some(all[0])));
        });
    }

    #[test]
    fn are_looked_for_among_a_thousand_ids_at_a_time() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            let first = nodes(farm_id, 1)[0];
            NextNodeId::<Test>::put(2_500);
            let last = living(STRANGER, farm_id);
            let (mut found, mut after, mut pages) = (Vec::new(), 0, 0);
            loop {
                let (page, next) = TfgridModule::free_nodes(CAPACITY, 0, after, 100);
                found.extend(page);
                pages += 1;
                let Some(next) = next else { break };
                assert_eq!(next - after, 1_000);
                after = next;
            }
            assert_eq!((found, pages), (vec![first, last], 3));
        });
    }
}

mod free_public_ips {
    use super::*;

    #[test]
    fn counts_what_can_be_reserved() {
        ExtBuilder::default().build_and_execute(|| {
            let farm_id = farm(FARMER, "farm");
            assert_eq!(TfgridModule::free_public_ips(farm_id), 0);
            farm_ip(farm_id, 10);
            farm_ip(farm_id, 11);
            assert_eq!(TfgridModule::free_public_ips(farm_id), 2);
            assert_ok!(TfgridModule::reserve_ips(farm_id, 1, 1));
            assert_eq!(TfgridModule::free_public_ips(farm_id), 1);
            assert_eq!(TfgridModule::free_public_ips(UNKNOWN), 0);
        });
    }

    #[test]
    fn stops_at_a_thousand() {
        ExtBuilder::default().build().execute_with(|| {
            (0..1_001).for_each(|address| FreeIps::<Test>::insert(1, address, ()));
            assert_eq!(TfgridModule::free_public_ips(1), 1_000);
        });
    }
}
