//! A node that broke: the newest contracts end until the rest fits.

use super::*;

#[test]
fn the_newest_end_until_the_rest_fits() {
    ExtBuilder::default().build_and_execute(|| {
        let ids: Vec<_> = (0..4).map(|_| deployed_by(USER)).collect();
        degrade(Capacity { cru: 4_000, ..node_capacity() });
        pass(1);
        assert_eq!(ends(), [(ids[3], EndCause::NodeDegraded), (ids[2], EndCause::NodeDegraded)]);
        assert_eq!(NodeStatus::<Test>::get(NODE_ID).contracts, 2);
        assert_eq!(Leaving::<Test>::iter().count(), 0);
        // The older ones go on.
        pass(600);
        assert_ok!(report(ids[0], 600));
        assert_eq!(bills_of(ids[0]).len(), 2);
    });
}

#[test]
fn those_that_end_are_not_charged_since_their_last_report() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        pass(600);
        assert_ok!(report(id, 600));
        let (before, bills) = (balance(PAYOUT), bills_of(id).len());
        pass(600);
        degrade(Capacity::default());
        pass(1);
        assert!(!Contracts::<Test>::contains_key(id));
        assert_eq!(balance(PAYOUT), before);
        assert_eq!(bills_of(id).len(), bills);
    });
}

#[test]
fn what_was_never_deployed_ends_uncharged_too() {
    ExtBuilder::default().with_foundation(0).build_and_execute(|| {
        let before = balance(USER);
        create_by(USER, 1);
        pass(600);
        degrade(Capacity::default());
        pass(1);
        assert_eq!(balance(USER), before);
    });
}

#[test]
fn what_still_fits_ends_nothing() {
    ExtBuilder::default().build_and_execute(|| {
        deployed_by(USER);
        degrade(Capacity { hru: 0, ..node_capacity() });
        pass(1);
        assert_eq!(ends(), []);
        assert_ok!(try_create(OTHER, wish(), 0));
        let disk = Resources { hru: GIB, ..wish() };
        assert_noop!(try_create(OTHER, disk, 0), RegistryError::<Test>::CapacityExceeded);
    });
}

#[test]
fn nothing_is_free_until_the_rest_fits() {
    ExtBuilder::default().build_and_execute(|| {
        deployed_by(USER);
        deployed_by(USER);
        degrade(Capacity { cru: 3_000, ..node_capacity() });
        let address_only = Resources::default();
        assert_noop!(try_create(OTHER, address_only, 1), RegistryError::<Test>::CapacityExceeded);
        pass(1);
        assert_ok!(try_create(OTHER, address_only, 1));
    });
}

#[test]
fn a_running_contract_takes_nothing_more_until_the_rest_fits() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(1);
        deployed_by(USER);
        degrade(Capacity { cru: 3_000, ..node_capacity() });
        let update = |add| {
            let change = Some(PublicIpChange { add, ..Default::default() });
            Contracts_::update_contract(origin(USER), id, [2; 32], Default::default(), None, change, None)
        };
        assert_noop!(update(1), RegistryError::<Test>::CapacityExceeded);
        assert_ok!(update(0));
        pass(1);
        assert_ok!(update(1));
    });
}

#[test]
fn nothing_grows_inside_a_rent_whose_node_broke() {
    ExtBuilder::default().build_and_execute(|| {
        rent_by(USER);
        let id = deployed(1);
        degrade(Capacity { hru: 0, ..node_capacity() });
        let more = Some(Resources { cru: 4_000, ..wish() });
        assert_noop!(try_update(id, more), RegistryError::<Test>::CapacityExceeded);
        assert_ok!(try_update(id, None));
    });
}

#[test]
fn a_rented_node_that_broke_is_not_what_was_rented() {
    ExtBuilder::default().build_and_execute(|| {
        let rent = rent_by(USER);
        let id = deployed(1);
        pass(600);
        degrade(Capacity { hru: 0, ..node_capacity() });
        assert_noop!(try_create(USER, wish(), 0), RegistryError::<Test>::CapacityExceeded);
        pass(1);
        assert_eq!(ends(), [(id, EndCause::NodeDegraded), (rent, EndCause::NodeDegraded)]);
        assert_eq!(balance(PAYOUT), INITIAL);
        assert_ok!(try_rent(OTHER));
    });
}
