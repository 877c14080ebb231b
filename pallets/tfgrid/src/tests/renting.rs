use frame_support::{assert_noop, assert_ok};
use grid_types::units::Capacity;

use super::UNKNOWN;
use crate::{mock::*, *};

const RENT: u64 = 9;

/// A node that [`RENT`] has as a whole.
fn rented_node() -> u32 {
    let node_id = node_in_a_farm();
    TfgridModule::rent_node(node_id, RENT).unwrap();
    node_id
}

/// What is reserved of a node, and how many contracts live on it.
fn used(node_id: u32) -> (Capacity, u32) {
    let status = NodeStatus::<Test>::get(node_id);
    (status.reserved, status.contracts)
}

mod set_node_rent_terms {
    use super::*;

    fn set(who: AccountId, node_id: u32, surcharge: u16, whole_only: bool) -> sp_runtime::DispatchResult {
        TfgridModule::set_node_rent_terms(signed(who), node_id, RentTerms { surcharge, whole_only })
    }

    #[test]
    fn stores_the_terms() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node_in_a_farm();
            let terms = RentTerms { surcharge: MAX_SURCHARGE, whole_only: true };
            assert_ok!(TfgridModule::set_node_rent_terms(signed(FARMER), node_id, terms));
            assert_eq!(Nodes::<Test>::get(node_id).unwrap().rent, terms);
            assert_eq!(last_event(), Event::NodeRentTermsSet { node_id, terms });
        });
    }

    #[test]
    fn whole_only_refuses_contracts_but_no_rent() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node_in_a_farm();
            assert_ok!(set(FARMER, node_id, 0, true));
            let nothing = Capacity::default();
            assert_noop!(TfgridModule::reserve_capacity(node_id, &nothing), Error::<Test>::NodeWholeOnly);
            assert_ok!(TfgridModule::rent_node(node_id, RENT));
        });
    }

    #[test]
    fn whole_only_leaves_the_contracts_there_are() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node_in_a_farm();
            assert_ok!(TfgridModule::reserve_capacity(node_id, &percent(10)));
            assert_ok!(set(FARMER, node_id, 0, true));
            assert_ok!(TfgridModule::change_capacity(node_id, &percent(10), &percent(20)));
            assert_ok!(TfgridModule::release_capacity(node_id, &percent(20)));
        });
    }

    #[test]
    fn fails_above_a_thousand_per_cent() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node_in_a_farm();
            for surcharge in [MAX_SURCHARGE + 1, u16::MAX] {
                assert_noop!(set(FARMER, node_id, surcharge, false), Error::<Test>::SurchargeTooHigh);
            }
        });
    }

    #[test]
    fn is_for_the_farmer_alone() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node_in_a_farm();
            assert_noop!(set(AGENT, node_id, 0, true), Error::<Test>::NoTwin);
            assert_noop!(set(MACHINE, node_id, 0, true), Error::<Test>::NotFarmOwner);
            assert_noop!(set(FARMER, UNKNOWN, 0, true), Error::<Test>::NodeNotFound);
        });
    }
}

mod rent_node {
    use super::*;

    #[test]
    fn takes_everything() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node_in_a_farm();
            assert_eq!(TfgridModule::renter_of(node_id), None);
            assert_eq!(TfgridModule::rent_node(node_id, RENT), Ok(CAPACITY));
            assert_eq!(used(node_id), (CAPACITY, 1));
            assert_eq!(TfgridModule::renter_of(node_id), Some(RENT));
        });
    }

    #[test]
    fn keeps_all_others_out() {
        ExtBuilder::default().build_and_execute(|| {
            let (node_id, nothing) = (rented_node(), Capacity::default());
            assert_noop!(TfgridModule::reserve_capacity(node_id, &nothing), Error::<Test>::NodeRented);
            assert_noop!(TfgridModule::change_capacity(node_id, &CAPACITY, &nothing), Error::<Test>::NodeRented);
            assert_noop!(TfgridModule::rent_node(node_id, RENT + 1), Error::<Test>::NodeRented);
            assert_noop!(TfgridModule::rent_node(node_id, RENT), Error::<Test>::NodeRented);
        });
    }

    #[test]
    fn is_not_given_back_by_another_way() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = rented_node();
            assert_noop!(TfgridModule::release_capacity(node_id, &CAPACITY), Error::<Test>::Inconsistent);
        });
    }

    #[test]
    fn keeps_its_capacity() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = rented_node();
            let smaller = NodeSpec { capacity: percent(99), ..spec() };
            assert_noop!(TfgridModule::update_node(signed(MACHINE), node_id, smaller), Error::<Test>::CapacityReserved);
            assert_ok!(TfgridModule::unrent_node(node_id, RENT));
        });
    }

    #[test]
    fn needs_an_empty_node() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node_in_a_farm();
            assert_ok!(TfgridModule::reserve_capacity(node_id, &Capacity::default()));
            assert_noop!(TfgridModule::rent_node(node_id, RENT), Error::<Test>::NodeHasContracts);
        });
    }

    #[test]
    fn needs_a_node_that_stays_and_is_up() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = rented_node();
            assert_ok!(TfgridModule::delete_node(signed(FARMER), node_id));
            assert_noop!(TfgridModule::rent_node(node_id, RENT), Error::<Test>::NodeClosing);
            assert_noop!(TfgridModule::count_contract(node_id), Error::<Test>::NodeClosing);
            assert_noop!(TfgridModule::rent_node(UNKNOWN, RENT), Error::<Test>::NodeNotFound);
        });
    }
}

mod unrent_node {
    use super::*;

    #[test]
    fn frees_the_node() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = rented_node();
            assert_ok!(TfgridModule::unrent_node(node_id, RENT));
            assert_eq!(used(node_id), (Capacity::default(), 0));
            assert_eq!(TfgridModule::renter_of(node_id), None);
            assert_ok!(TfgridModule::reserve_capacity(node_id, &CAPACITY));
        });
    }

    #[test]
    fn keeps_the_signs_of_life() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = rented_node();
            TfgridModule::mark_seen(node_id, START);
            assert_ok!(TfgridModule::unrent_node(node_id, RENT));
            assert_eq!(NodeStatus::<Test>::get(node_id).seen.last, START);
        });
    }

    #[test]
    fn is_for_the_rent_alone_and_once() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = rented_node();
            assert_noop!(TfgridModule::unrent_node(node_id, RENT + 1), Error::<Test>::Inconsistent);
            assert_noop!(TfgridModule::unrent_node(UNKNOWN, RENT), Error::<Test>::Inconsistent);
            assert_ok!(TfgridModule::unrent_node(node_id, RENT));
            assert_noop!(TfgridModule::unrent_node(node_id, RENT), Error::<Test>::Inconsistent);
        });
    }

    #[test]
    fn waits_for_the_contracts_inside() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = rented_node();
            assert_ok!(TfgridModule::count_contract(node_id));
            assert_noop!(TfgridModule::unrent_node(node_id, RENT), Error::<Test>::Inconsistent);
            assert_ok!(TfgridModule::uncount_contract(node_id));
            assert_ok!(TfgridModule::unrent_node(node_id, RENT));
        });
    }
}

mod contracts_inside {
    use super::*;

    #[test]
    fn are_counted_and_reserve_nothing() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = rented_node();
            assert_ok!(TfgridModule::count_contract(node_id));
            assert_ok!(TfgridModule::count_contract(node_id));
            assert_eq!(used(node_id), (CAPACITY, 3));
            assert_ok!(TfgridModule::uncount_contract(node_id));
            assert_eq!(used(node_id), (CAPACITY, 2));
        });
    }

    #[test]
    fn need_a_rent() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = node_in_a_farm();
            assert_ok!(TfgridModule::reserve_capacity(node_id, &percent(10)));
            assert_noop!(TfgridModule::count_contract(node_id), Error::<Test>::Inconsistent);
            assert_noop!(TfgridModule::uncount_contract(node_id), Error::<Test>::Inconsistent);
            assert_noop!(TfgridModule::count_contract(UNKNOWN), Error::<Test>::NodeNotFound);
        });
    }

    #[test]
    fn do_not_uncount_the_rent() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = rented_node();
            assert_noop!(TfgridModule::uncount_contract(node_id), Error::<Test>::Inconsistent);
        });
    }

    #[test]
    fn are_not_made_on_a_node_that_lost_a_part() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = rented_node();
            assert_ok!(TfgridModule::report_degraded(signed(AGENT), percent(50)));
            assert_noop!(TfgridModule::count_contract(node_id), Error::<Test>::CapacityExceeded);
        });
    }
}

mod capacity {
    use super::*;

    fn update(node_id: u32, capacity: Capacity) -> sp_runtime::DispatchResult {
        TfgridModule::update_node(signed(MACHINE), node_id, NodeSpec { capacity, ..spec() })
    }

    #[test]
    fn stays_what_was_rented() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = rented_node();
            let all = used(node_id).0;
            let more = Capacity { cru: all.cru + 1, ..all };
            assert_noop!(update(node_id, more), Error::<Test>::CapacityRented);
            assert_ok!(update(node_id, all));
            assert_ok!(TfgridModule::unrent_node(node_id, RENT));
            assert_ok!(update(node_id, more));
        });
    }

    #[test]
    fn of_a_mended_node_is_that_again() {
        ExtBuilder::default().build_and_execute(|| {
            let node_id = rented_node();
            let all = used(node_id).0;
            assert_ok!(TfgridModule::report_degraded(signed(AGENT), Capacity { sru: 1, ..all }));
            assert_noop!(update(node_id, Capacity { hru: all.hru + 1, ..all }), Error::<Test>::CapacityRented);
            assert_ok!(update(node_id, all));
            assert!(Leaving::<Test>::get(node_id).is_none());
        });
    }
}
