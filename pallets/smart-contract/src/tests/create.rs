//! Making a contract: what is stored, reserved and set aside, and who may not. Its money is rule 7's.

use frame_support::{assert_noop, assert_ok};
use grid_types::units::{Resources, GIB, MAX_CAPACITY};

use crate::{
    keys::NewestFirst, mock::*, types::*, BillingOf, Contracts, ContractsOfNode, ContractsOfTwin, Error, Event,
};

#[test]
fn stores_what_was_agreed() {
    ExtBuilder::default().build_and_execute(|| {
        let data = DeploymentData::truncate_from(vec![7; 100]);
        assert_ok!(Contracts_::create_contract(
            origin(USER),
            NODE_ID,
            [9; 32],
            data.clone(),
            2,
            wish(),
            ContractMode::Reserved,
            None
        ));
        let contract = Contracts::<Test>::get(1).unwrap();
        assert_eq!(contract.version, 0);
        assert_eq!(contract.contract_id, 1);
        assert_eq!(contract.twin_id, USER_TWIN);
        assert_eq!(contract.node_id, NODE_ID);
        assert_eq!(contract.deployment_hash, [9; 32]);
        assert_eq!(contract.data, data);
        assert_eq!(contract.public_ips, 2);
        assert_eq!(contract.public_ips_list.len(), 2);
        assert_eq!(contract.resources, wish());
        assert_eq!(contract.state, ContractState::Created);
        assert_eq!(contract.deployed_version, None);
        assert!(ContractsOfNode::<Test>::contains_key(NODE_ID, NewestFirst(1)));
        assert!(ContractsOfTwin::<Test>::contains_key(USER_TWIN, NewestFirst(1)));
    });
}

#[test]
fn numbers_are_never_used_twice() {
    ExtBuilder::default().build_and_execute(|| {
        let first = create();
        assert_ok!(Contracts_::cancel_contract(origin(USER), first));
        assert_eq!(create(), first + 1);
    });
}

#[test]
fn escrow_comes_from_the_owner() {
    ExtBuilder::default().build_and_execute(|| {
        let before = balance(USER);
        let id = create();
        let record = BillingOf::<Test>::get(id).unwrap();
        assert_eq!(record.escrow, quote().high);
        assert_eq!(before - balance(USER), record.escrow);
        assert_eq!(balance(Contracts_::account_id()), EXISTENTIAL_DEPOSIT + record.escrow);
    });
}

#[test]
fn escrow_takes_what_is_there_if_that_is_enough() {
    ExtBuilder::default().build_and_execute(|| {
        let needed = quote().needed;
        leave(USER, needed + 5 + deposit(0) + EXISTENTIAL_DEPOSIT);
        let id = create();
        assert_eq!(BillingOf::<Test>::get(id).unwrap().escrow, needed + 5);
        assert_eq!(spendable(USER), 0);
    });
}

#[test]
fn one_unit_too_little_is_refused() {
    ExtBuilder::default().build_and_execute(|| {
        leave(USER, quote().needed + deposit(0) + EXISTENTIAL_DEPOSIT - 1);
        assert_noop!(try_create(USER, wish(), 1), Error::<Test>::InsufficientFunds);
    });
}

#[test]
fn reserves_capacity_once() {
    ExtBuilder::default().build_and_execute(|| {
        let all = Resources { cru: 8_000, mru: 32 * GIB, sru: 1_000 * GIB, hru: 2_000 * GIB, nru_per_hour: 0 };
        assert_ok!(try_create(USER, all, 0));
        let least = Resources { cru: 1, ..Resources::default() };
        assert_noop!(try_create(OTHER, least, 0), pallet_tfgrid::Error::<Test>::CapacityExceeded);
    });
}

#[test]
fn too_few_addresses_change_nothing() {
    ExtBuilder::default().build_and_execute(|| {
        assert_noop!(try_create(USER, wish(), 5), pallet_tfgrid::Error::<Test>::NotEnoughAddresses);
        assert_ok!(try_create(USER, wish(), 4));
    });
}

#[test]
fn two_contracts_cannot_hold_one_address() {
    ExtBuilder::default().build_and_execute(|| {
        let (first, second) = (create_by(USER, 2), create_by(OTHER, 2));
        let first = Contracts::<Test>::get(first).unwrap().public_ips_list;
        let second = Contracts::<Test>::get(second).unwrap().public_ips_list;
        assert!(first.iter().all(|address| !second.contains(address)));
    });
}

#[test]
fn needs_a_twin() {
    ExtBuilder::default().build_and_execute(|| {
        assert_noop!(try_create(STRANGER, wish(), 0), pallet_tfgrid::Error::<Test>::NoTwin);
    });
}

#[test]
fn needs_a_node() {
    ExtBuilder::default().build_and_execute(|| {
        let call = Contracts_::create_contract(
            origin(USER),
            99,
            [0; 32],
            Default::default(),
            0,
            wish(),
            ContractMode::Reserved,
            None,
        );
        assert_noop!(call, pallet_tfgrid::Error::<Test>::NodeNotFound);
    });
}

#[test]
fn needs_a_node_that_lives() {
    ExtBuilder::default().build_and_execute(|| {
        pass_dark(RULES.unseen_after() + 1);
        assert_noop!(try_create(USER, wish(), 0), Error::<Test>::NodeUnseen);
        pass(1);
        pass(1);
        assert_ok!(try_create(USER, wish(), 0));
    });
}

#[test]
fn nothing_cannot_be_reserved() {
    ExtBuilder::default().build_and_execute(|| {
        assert_noop!(try_create(USER, Resources::default(), 0), Error::<Test>::NothingReserved);
        let traffic = Resources { nru_per_hour: 1, ..Resources::default() };
        assert_noop!(try_create(USER, traffic, 0), Error::<Test>::NothingReserved);
    });
}

#[test]
fn an_address_alone_can_be_reserved() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(try_create(USER, Resources::default(), 1));
    });
}

#[test]
fn resources_beyond_all_bounds_are_refused() {
    ExtBuilder::default().build_and_execute(|| {
        let above = Resources { cru: MAX_CAPACITY.cru + 1, ..wish() };
        assert_noop!(try_create(USER, above, 0), Error::<Test>::ResourcesTooLarge);
        let above = Resources { cru: u64::MAX, mru: u64::MAX, sru: u64::MAX, hru: u64::MAX, nru_per_hour: u64::MAX };
        assert_noop!(try_create(USER, above, 0), Error::<Test>::ResourcesTooLarge);
        assert_noop!(try_create(USER, wish(), u32::MAX), Error::<Test>::TooManyPublicIps);
    });
}

#[test]
fn pay_per_call_is_not_available() {
    ExtBuilder::default().build_and_execute(|| {
        let call = Contracts_::create_contract(
            origin(USER),
            NODE_ID,
            [0; 32],
            Default::default(),
            0,
            wish(),
            ContractMode::PerCall,
            None,
        );
        assert_noop!(call, Error::<Test>::ModeNotAvailable);
    });
}

#[test]
fn a_price_above_the_limit_is_refused() {
    ExtBuilder::default().build_and_execute(|| {
        let limited = |max_hourly| {
            Contracts_::create_contract(
                origin(USER),
                NODE_ID,
                [0; 32],
                Default::default(),
                1,
                wish(),
                ContractMode::Reserved,
                Some(PriceLimit { max_hourly, max_gb_second: PRICES.gb_second }),
            )
        };
        let hourly = quote().hourly;
        assert_noop!(limited(hourly - 1), Error::<Test>::PriceAboveLimit);
        assert_ok!(limited(hourly));
    });
}

#[test]
fn a_price_raised_in_the_same_block_does_not_catch_the_user() {
    ExtBuilder::default().build_and_execute(|| {
        let limit = PriceLimit { max_hourly: quote().hourly, max_gb_second: PRICES.gb_second };
        set_prices(grid_types::units::Prices { cu: PRICES.cu + 1, ..PRICES });
        let call = Contracts_::create_contract(
            origin(USER),
            NODE_ID,
            [0; 32],
            Default::default(),
            1,
            wish(),
            ContractMode::Reserved,
            Some(limit),
        );
        assert_noop!(call, Error::<Test>::PriceAboveLimit);
    });
}

#[test]
fn a_new_price_never_changes_a_running_contract() {
    ExtBuilder::default().build_and_execute(|| {
        let id = deployed(0);
        set_prices(grid_types::units::Prices { cu: PRICES.cu * 10, ..PRICES });
        pass(600);
        assert_ok!(report(id, 600));
        // c2 m2 s60: 115,000 an hour.
        assert_eq!(BillingOf::<Test>::get(id).unwrap().billed, holding_of_creation() + 115_000 / 6);
    });
}

#[test]
fn tells_what_happened() {
    ExtBuilder::default().build_and_execute(|| {
        let id = create_by(USER, 1);
        let contract = Contracts::<Test>::get(id).unwrap();
        assert_eq!(
            last_event(),
            Event::ContractCreated {
                contract_id: id,
                twin_id: USER_TWIN,
                node_id: NODE_ID,
                escrow: quote().high,
                public_ips: contract.public_ips_list,
            }
        );
    });
}

#[test]
fn the_deposit_grows_with_the_data() {
    ExtBuilder::default().build_and_execute(|| {
        let data = DeploymentData::truncate_from(vec![0; 1_000]);
        let created =
            Contracts_::create_contract(origin(USER), NODE_ID, [0; 32], data, 0, wish(), ContractMode::Reserved, None);
        assert_ok!(created);
        assert_eq!(held_for_contracts(USER), deposit(1_000));
    });
}

#[test]
fn asking_for_more_addresses_than_there_can_be_weighs_no_more_than_the_most() {
    use frame_support::dispatch::GetDispatchInfo;
    let weight = |public_ips| {
        let call = crate::Call::<Test>::create_contract {
            node_id: NODE_ID,
            deployment_hash: [1; 32],
            data: Default::default(),
            public_ips,
            resources: wish(),
            mode: ContractMode::Reserved,
            price_limit: None,
        };
        call.get_dispatch_info().call_weight
    };
    // Or it would be refused for the block it does not fit, and not for what is wrong with it.
    assert_eq!(weight(u32::MAX), weight(grid_types::units::MAX_PUBLIC_IPS));
}
