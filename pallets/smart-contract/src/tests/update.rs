//! Rule 6, updates. Changes of addresses are in `addresses`.

use frame_support::{assert_noop, assert_ok};
use grid_types::units::{Prices, Report, Resources, GIB, TRAFFIC_UNIT};

use crate::{mock::*, types::*, BillingOf, Contracts, Error, Event};

fn update(who: u64, id: ContractId, resources: Option<Resources>) -> frame_support::pallet_prelude::DispatchResult {
    Contracts_::update_contract(
        origin(who),
        id,
        [2; 32],
        DeploymentData::truncate_from(vec![1; 10]),
        resources,
        None,
        None,
    )
}

#[test]
fn raises_the_version_and_waits_for_the_node() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        assert_ok!(update(USER, id, None));
        let contract = Contracts::<Test>::get(id).unwrap();
        assert_eq!((contract.version, contract.deployed_version), (1, Some(0)));
        assert_eq!(contract.deployment_hash, [2; 32]);
        assert_eq!(contract.data.len(), 10);
        assert_eq!(contract.state, ContractState::Deployed);
        assert_eq!(last_event(), Event::ContractUpdated { contract_id: id, version: 1 });
        assert_ok!(report_deployed(id, 1));
        assert_eq!(Contracts::<Test>::get(id).unwrap().deployed_version, Some(1));
    });
}

#[test]
fn only_the_owner_may() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        for who in [OTHER, FARMER, NODE, STRANGER] {
            assert_noop!(update(who, id, None), Error::<Test>::NotTheOwner);
        }
        assert_noop!(update(USER, 99, None), Error::<Test>::ContractNotFound);
    });
}

#[test]
fn does_not_restart_the_time_to_deploy() {
    ExtBuilder::default().build_and_execute(|| {
        let id = create();
        let tick = BillingOf::<Test>::get(id).unwrap().agenda_tick;
        pass(600);
        assert_ok!(update(USER, id, None));
        assert_eq!(BillingOf::<Test>::get(id).unwrap().agenda_tick, tick);
    });
}

#[test]
fn settles_what_is_owed_first() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        let before = balance(PAYOUT);
        pass(600);
        assert_ok!(update(USER, id, None));
        assert_eq!(balance(PAYOUT) - before, 115_000 / 6);
        assert_eq!(BillingOf::<Test>::get(id).unwrap().paid_until, now());
        assert_ok!(report(id, 600));
        assert_eq!(balance(PAYOUT) - before, 115_000 / 6);
    });
}

#[test]
fn traffic_is_not_free_for_those_who_update_before_each_report() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        pass(590);
        assert_ok!(update(USER, id, None));
        pass(10);
        assert_ok!(send(vec![Report { nru: TRAFFIC_UNIT, ..full_report(id, 600) }]));
        // 6·10^9 bytes an hour allow 10^9 in the ten minutes.
        let traffic: u128 = events()
            .iter()
            .map(|event| if let Event::ContractBilled { bill, .. } = event { bill.traffic } else { 0 })
            .sum();
        assert!(traffic >= 14_999, "{traffic}");
    });
}

#[test]
fn other_resources_come_at_todays_price() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        set_prices(Prices { cu: PRICES.cu * 2, ..PRICES });
        assert_ok!(update(USER, id, None));
        assert_eq!(BillingOf::<Test>::get(id).unwrap().prices, PRICES);
        let more = Resources { cru: 4_000, mru: 8 * GIB, ..wish() };
        assert_ok!(update(USER, id, Some(more)));
        let record = BillingOf::<Test>::get(id).unwrap();
        assert_eq!(record.prices.cu, PRICES.cu * 2);
        assert_eq!(record.resources, more);
        assert_eq!(pallet_tfgrid::NodeStatus::<Test>::get(NODE_ID).reserved, more.capacity());
    });
}

#[test]
fn the_price_limit_speaks_for_updates_too() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        let limit = Some(PriceLimit { max_hourly: 1, max_gb_second: u64::MAX });
        let call = Contracts_::update_contract(origin(USER), id, [2; 32], Default::default(), None, None, limit);
        assert_noop!(call, Error::<Test>::PriceAboveLimit);
    });
}

#[test]
fn more_needs_its_own_escrow() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        // The node as a whole and much traffic: `low` is far above the `high` of what the contract had.
        let nru_per_hour = 200 * TRAFFIC_UNIT;
        let all = Resources { cru: 8_000, mru: 32 * GIB, sru: 1_000 * GIB, hru: 2_000 * GIB, nru_per_hour };
        let low = crate::billing::escrow::Levels::of(&RULES, &PRICES, &all, 0).low;
        let lacking = low - BillingOf::<Test>::get(id).unwrap().escrow;
        leave(USER, EXISTENTIAL_DEPOSIT + deposit(10) - deposit(0) + lacking - 1);
        assert_noop!(update(USER, id, Some(all)), Error::<Test>::InsufficientFunds);
        leave(USER, EXISTENTIAL_DEPOSIT + deposit(10) - deposit(0) + lacking);
        assert_ok!(update(USER, id, Some(all)));
        assert_eq!(BillingOf::<Test>::get(id).unwrap().escrow, low);
    });
}

#[test]
fn holding_much_is_not_paid_as_little() {
    ExtBuilder::default().build_and_execute(|| {
        let id = create();
        pass(900);
        let little = Resources { cru: 1, mru: 1, sru: 0, hru: 0, nru_per_hour: 0 };
        assert_ok!(update(USER, id, Some(little)));
        // A quarter of an hour of half a compute unit, 0.3 storage units and one address.
        assert_eq!(BillingOf::<Test>::get(id).unwrap().billed, 105_000 / 4);
        assert_ok!(report_deployed(id, 1));
        assert_eq!(BillingOf::<Test>::get(id).unwrap().billed, 105_000 / 4);
    });
}

#[test]
fn more_than_the_node_has_is_refused() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        let more = Resources { cru: 8_001, ..wish() };
        assert_noop!(update(USER, id, Some(more)), pallet_tfgrid::Error::<Test>::CapacityExceeded);
        let nothing = Resources::default();
        assert_noop!(update(USER, id, Some(nothing)), Error::<Test>::NothingReserved);
    });
}

#[test]
fn the_deposit_follows_the_data() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        assert_ok!(update(USER, id, None));
        assert_eq!(held_for_contracts(USER), deposit(10));
    });
}

#[test]
fn a_contract_that_is_ending_cannot_be_changed() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        assert_ok!(Contracts_::set_refill_limit(origin(USER), id, Some(0)));
        while BillingOf::<Test>::get(id).unwrap().state == ContractState::Deployed {
            pass(3_600);
            assert_ok!(report(id, 3_600));
        }
        assert_noop!(update(USER, id, None), Error::<Test>::WrongState);
    });
}
