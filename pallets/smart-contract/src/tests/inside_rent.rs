//! Rule 13: the contracts inside a rent.

use frame_support::{assert_noop, assert_ok};
use grid_types::units::{Capacity, Report, Resources, GIB, TRAFFIC_UNIT};
use pallet_tfgrid::{NodeStatus, RentTerms};

use crate::{mock::*, types::*, BillingOf, Contracts, Error, RentUsage};

fn free(rent: ContractId) -> Capacity {
    RentUsage::<Test>::get(rent).unwrap().free
}

#[test]
fn only_the_renter_makes_contracts_on_a_rented_node() {
    ExtBuilder::default().build_and_execute(|| {
        let rent = rent_by(USER);
        assert_noop!(try_create(OTHER, wish(), 0), Error::<Test>::NodeRentedByOther);
        let id = create_by(USER, 1);
        assert_eq!(BillingOf::<Test>::get(id).unwrap().rent, Some(rent));
        assert_eq!(Contracts::<Test>::get(id).unwrap().kind, ContractKind::Capacity);
    });
}

#[test]
fn they_share_what_the_rent_has() {
    ExtBuilder::default().build_and_execute(|| {
        let rent = rent_by(USER);
        let whole = free(rent);
        let id = create_by(USER, 0);
        assert_eq!(free(rent), whole.checked_sub(&wish().capacity()).unwrap());
        let status = NodeStatus::<Test>::get(NODE_ID);
        assert_eq!((status.reserved, status.contracts), (whole, 2));
        assert_ok!(Contracts_::cancel_contract(origin(USER), id));
        assert_eq!(RentUsage::<Test>::get(rent), Some(RentUse { free: whole, contracts: 0 }));
        assert_eq!(NodeStatus::<Test>::get(NODE_ID).contracts, 1);
    });
}

#[test]
fn together_they_cannot_have_more_than_the_rent() {
    ExtBuilder::default().build_and_execute(|| {
        rent_by(USER);
        let most = Resources { cru: 6_001, ..wish() };
        create_by(USER, 0);
        assert_noop!(try_create(USER, most, 0), Error::<Test>::RentCapacityExceeded);
        assert_ok!(try_create(USER, Resources { cru: 6_000, ..most }, 0));
    });
}

#[test]
fn an_update_stays_within_the_rent() {
    ExtBuilder::default().build_and_execute(|| {
        let rent = rent_by(USER);
        create_by(USER, 0);
        let id = create_by(USER, 0);
        assert_noop!(try_update(id, Some(Resources { cru: 6_001, ..wish() })), Error::<Test>::RentCapacityExceeded);
        assert_ok!(try_update(id, Some(Resources { cru: 6_000, ..wish() })));
        assert_eq!(free(rent).cru, 0);
        // What the update charges from now on is still no compute and no storage.
        let prices = BillingOf::<Test>::get(id).unwrap().prices;
        assert_eq!((prices.cu, prices.su, prices.ipu, prices.nu), (0, 0, PRICES.ipu, PRICES.nu));
    });
}

#[test]
fn they_pay_addresses_and_traffic_only() {
    ExtBuilder::default().build_and_execute(|| {
        rent_by(USER);
        let id = deployed(2);
        let before = balance(PAYOUT);
        pass(3_600);
        assert_ok!(send(vec![Report { nru: 3 * TRAFFIC_UNIT, ..full_report(id, 3_600) }]));
        assert_eq!(balance(PAYOUT) - before, 2 * u128::from(PRICES.ipu) + 3 * u128::from(PRICES.nu));
    });
}

#[test]
fn without_addresses_and_traffic_they_cost_nothing() {
    ExtBuilder::default().build_and_execute(|| {
        rent_by(USER);
        let before = spendable(USER);
        assert_ok!(try_create(USER, Resources { nru_per_hour: 0, ..wish() }, 0));
        assert_eq!(before - spendable(USER), deposit(0));
    });
}

#[test]
fn a_quote_on_a_rented_node_is_for_the_inside() {
    ExtBuilder::default().build_and_execute(|| {
        rent_by(USER);
        assert_eq!(quote().hourly, u128::from(PRICES.ipu));
    });
}

#[test]
fn time_before_deployment_costs_addresses_only() {
    ExtBuilder::default().with_foundation(0).build_and_execute(|| {
        rent_by(USER);
        let id = create_by(USER, 1);
        let before = balance(USER);
        pass(900);
        let foundation = balance(FOUNDATION);
        assert_ok!(report_deployed(id, 0));
        assert_eq!(balance(FOUNDATION) - foundation, u128::from(PRICES.ipu) / 4);
        assert_eq!(balance(USER), before, "it was in escrow");
    });
}

#[test]
fn one_that_is_out_of_funds_ends_alone() {
    ExtBuilder::default().build_and_execute(|| {
        let rent = rent_by(USER);
        let (poor, other) = (deployed(1), deployed(1));
        assert_ok!(Contracts_::set_refill_limit(origin(USER), poor, Some(0)));
        run_until_gone(poor);
        assert!(Contracts::<Test>::contains_key(rent));
        assert!(Contracts::<Test>::contains_key(other));
    });
}

#[test]
fn the_node_may_cancel_one() {
    ExtBuilder::default().build_and_execute(|| {
        let rent = rent_by(USER);
        let id = deployed(1);
        assert_ok!(Contracts_::cancel_contract(origin(NODE), id));
        assert!(Contracts::<Test>::contains_key(rent));
        assert_eq!(RentUsage::<Test>::get(rent).unwrap().contracts, 0);
    });
}

#[test]
fn terms_of_the_farmer_do_not_concern_the_renter() {
    ExtBuilder::default().build_and_execute(|| {
        rent_by(USER);
        let terms = RentTerms { surcharge: 500, whole_only: true };
        assert_ok!(Registry::set_node_rent_terms(origin(FARMER), NODE_ID, terms));
        assert_ok!(try_create(USER, Resources { mru: GIB, ..wish() }, 1));
    });
}
