//! Rule 13: a node as a whole.

use frame_support::{assert_noop, assert_ok};
use grid_types::units::{Prices, Resources, GIB};
use pallet_tfgrid::{Error as RegistryError, NodeStatus, PowerState, RentTerms};

use crate::{mock::*, rent::whole, types::*, BillingOf, Contracts, Error, Event, RentUsage};

/// CU 8, SU 6 2/3 of the mock's node, at the golden table's prices, an hour.
const WHOLE: Balance = 800_000 + 333_333;

#[test]
fn an_empty_node_is_rented_with_all_it_has() {
    ExtBuilder::default().build_and_execute(|| {
        let id = rent_by(USER);
        let contract = Contracts::<Test>::get(id).unwrap();
        assert_eq!(contract.kind, ContractKind::Rent);
        assert_eq!(contract.state, ContractState::Deployed);
        assert_eq!(contract.deployed_version, Some(0));
        assert_eq!(contract.resources, whole(&node_capacity()));
        assert_eq!(contract.public_ips, 0);
        let status = NodeStatus::<Test>::get(NODE_ID);
        assert_eq!((status.rented_by, status.contracts), (Some(id), 1));
        assert_eq!(status.reserved, contract.resources.capacity());
        assert_eq!(RentUsage::<Test>::get(id), Some(RentUse { free: status.reserved, contracts: 0 }));
        let escrow = BillingOf::<Test>::get(id).unwrap().escrow;
        assert_eq!(
            last_event(),
            Event::ContractCreated {
                contract_id: id,
                twin_id: USER_TWIN,
                node_id: NODE_ID,
                escrow,
                public_ips: Default::default()
            }
        );
    });
}

#[test]
fn a_rent_costs_the_whole_node_from_the_start() {
    ExtBuilder::default().build_and_execute(|| {
        let id = rent_by(USER);
        let before = balance(PAYOUT);
        pass(3_600);
        // Use does not matter: nobody else can have the rest.
        assert_ok!(send(vec![grid_types::units::Report { cru: 0, mru: 0, sru: 0, hru: 0, ..full_report(id, 3_600) }]));
        assert_eq!(balance(PAYOUT) - before, WHOLE);
    });
}

#[test]
fn the_surcharge_is_on_compute_and_storage() {
    ExtBuilder::default().build_and_execute(|| {
        set_surcharge(50);
        let id = rent_by(USER);
        let before = balance(PAYOUT);
        pass(3_600);
        assert_ok!(report(id, 3_600));
        assert_eq!(balance(PAYOUT) - before, 1_200_000 + 500_000);
    });
}

#[test]
fn a_farmers_low_min_use_does_not_hold_for_a_rent() {
    ExtBuilder::default().build_and_execute(|| {
        set_prices(Prices { min_use: 0, ..PRICES });
        let id = rent_by(USER);
        assert_eq!(BillingOf::<Test>::get(id).unwrap().prices.min_use, 100);
    });
}

#[test]
fn a_farmer_who_raises_the_surcharge_does_not_change_a_running_rent() {
    ExtBuilder::default().build_and_execute(|| {
        let id = rent_by(USER);
        set_surcharge(1_000);
        set_prices(Prices { cu: PRICES.cu * 2, ..PRICES });
        let before = balance(PAYOUT);
        pass(3_600);
        assert_ok!(report(id, 3_600));
        assert_eq!(balance(PAYOUT) - before, WHOLE);
    });
}

#[test]
fn escrow_covers_low_and_is_filled_to_high() {
    ExtBuilder::default().build_and_execute(|| {
        let quote = Contracts_::quote_rent(NODE_ID).unwrap();
        assert_eq!(quote.hourly, WHOLE + 1);
        let id = rent_by(USER);
        assert_eq!(BillingOf::<Test>::get(id).unwrap().escrow, quote.high);
        assert_ok!(Contracts_::cancel_contract(origin(USER), id));

        leave(USER, quote.needed + deposit(0) + EXISTENTIAL_DEPOSIT - 1);
        assert_noop!(try_rent(USER), Error::<Test>::InsufficientFunds);
        leave(USER, quote.needed + deposit(0) + EXISTENTIAL_DEPOSIT);
        assert_eq!(BillingOf::<Test>::get(rent_by(USER)).unwrap().escrow, quote.needed);
    });
}

#[test]
fn a_price_limit_counts_with_the_surcharge() {
    ExtBuilder::default().build_and_execute(|| {
        set_surcharge(100);
        let limit = |max_hourly| Some(PriceLimit { max_hourly, max_gb_second: PRICES.gb_second });
        let rent = |limit| Contracts_::create_rent_contract(origin(USER), NODE_ID, limit);
        assert_noop!(rent(limit(2_266_666)), Error::<Test>::PriceAboveLimit);
        assert_noop!(
            rent(Some(PriceLimit { max_hourly: Balance::MAX, max_gb_second: 0 })),
            Error::<Test>::PriceAboveLimit
        );
        assert_ok!(rent(limit(2_266_667)));
    });
}

#[test]
fn a_twin_with_a_rent_is_not_deleted() {
    ExtBuilder::default().build_and_execute(|| {
        let id = rent_by(USER);
        let delete = || Registry::delete_twin(origin(USER));
        assert_noop!(delete(), RegistryError::<Test>::TwinInUse);
        assert_ok!(Contracts_::cancel_contract(origin(USER), id));
        assert_ok!(delete());
    });
}

#[test]
fn an_account_without_twin_cannot_rent() {
    ExtBuilder::default().build_and_execute(|| {
        assert_noop!(try_rent(STRANGER), RegistryError::<Test>::NoTwin);
    });
}

#[test]
fn only_a_node_that_is_there_can_be_rented() {
    ExtBuilder::default().build_and_execute(|| {
        let call = Contracts_::create_rent_contract(origin(USER), 99, None);
        assert_noop!(call, RegistryError::<Test>::NodeNotFound);
        pass_dark(RULES.unseen_after() + 1);
        assert_noop!(try_rent(USER), Error::<Test>::NodeUnseen);
    });
}

#[test]
fn a_node_that_is_switched_off_cannot_be_rented() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(Registry::change_power_target(origin(FARMER), NODE_ID, PowerState::Down));
        assert_noop!(try_rent(USER), RegistryError::<Test>::NodePoweredDown);
    });
}

#[test]
fn a_rented_node_is_not_switched_off() {
    ExtBuilder::default().build_and_execute(|| {
        rent_by(USER);
        let off = Registry::change_power_target(origin(FARMER), NODE_ID, PowerState::Down);
        assert_noop!(off, RegistryError::<Test>::NodeHasContracts);
    });
}

#[test]
fn only_an_empty_node_can_be_rented() {
    ExtBuilder::default().build_and_execute(|| {
        let id = create_by(OTHER, 0);
        assert_noop!(try_rent(USER), RegistryError::<Test>::NodeHasContracts);
        assert_noop!(try_rent(OTHER), RegistryError::<Test>::NodeHasContracts);
        assert_ok!(Contracts_::cancel_contract(origin(OTHER), id));
        assert_ok!(try_rent(USER));
    });
}

#[test]
fn a_rented_node_cannot_be_rented_again() {
    ExtBuilder::default().build_and_execute(|| {
        rent_by(USER);
        assert_noop!(try_rent(OTHER), RegistryError::<Test>::NodeRented);
        assert_noop!(try_rent(USER), RegistryError::<Test>::NodeRented);
    });
}

#[test]
fn a_node_that_is_whole_only_takes_rents_only() {
    ExtBuilder::default().build_and_execute(|| {
        let terms = RentTerms { surcharge: 0, whole_only: true };
        assert_ok!(Registry::set_node_rent_terms(origin(FARMER), NODE_ID, terms));
        assert_noop!(try_create(USER, wish(), 0), RegistryError::<Test>::NodeWholeOnly);
        rent_by(USER);
        // Inside his rent the renter makes what he likes.
        assert_ok!(try_create(USER, wish(), 0));
    });
}

#[test]
fn a_rent_is_not_updated() {
    ExtBuilder::default().build_and_execute(|| {
        let id = rent_by(USER);
        assert_noop!(try_update(id, Some(wish())), Error::<Test>::WrongKind);
        assert_noop!(try_update(id, None), Error::<Test>::WrongKind);
    });
}

#[test]
fn a_rent_has_no_cushion() {
    ExtBuilder::default().build_and_execute(|| {
        let id = rent_by(USER);
        assert_noop!(Contracts_::set_cushion(origin(USER), id, 1), Error::<Test>::WrongKind);
    });
}

#[test]
fn there_is_nothing_to_deploy() {
    ExtBuilder::default().build_and_execute(|| {
        let id = rent_by(USER);
        assert_noop!(report_deployed(id, 0), Error::<Test>::AlreadyReported);
    });
}

#[test]
fn a_rent_can_be_funded_and_limited_like_any_contract() {
    ExtBuilder::default().build_and_execute(|| {
        let id = rent_by(USER);
        assert_ok!(Contracts_::set_refill_limit(origin(USER), id, Some(0)));
        let before = BillingOf::<Test>::get(id).unwrap().escrow;
        assert_ok!(Contracts_::fund_contract(origin(OTHER), id, 5));
        assert_eq!(BillingOf::<Test>::get(id).unwrap().escrow, before + 5);
    });
}

#[test]
fn a_rent_without_contracts_inside_ends_at_once() {
    ExtBuilder::default().build_and_execute(|| {
        let (user, farmer) = (balance(USER), balance(PAYOUT));
        let id = rent_by(USER);
        pass(900);
        assert_ok!(Contracts_::cancel_contract(origin(USER), id));
        assert_eq!(user - balance(USER), balance(PAYOUT) - farmer);
        assert_eq!(balance(PAYOUT) - farmer, (800_000 + 333_333) / 4);
        assert_eq!(held_for_contracts(USER), 0);
        assert!(RentUsage::<Test>::get(id).is_none());
        assert_eq!(NodeStatus::<Test>::get(NODE_ID).rented_by, None);
        // The node is everybody's again.
        assert_ok!(try_create(OTHER, Resources { mru: 32 * GIB, ..wish() }, 0));
    });
}

#[test]
fn what_is_left_of_a_broken_node_is_not_rented_unless_it_is_a_machine() {
    ExtBuilder::default().build_and_execute(|| {
        let degrade = |capacity| Registry::report_degraded(origin(NODE), capacity);
        assert_ok!(degrade(grid_types::units::Capacity { hru: 0, ..node_capacity() }));
        let id = rent_by(USER);
        assert_ok!(Contracts_::cancel_contract(origin(USER), id));
        for capacity in [grid_types::units::Capacity { sru: 0, hru: 0, ..node_capacity() }, Default::default()] {
            assert_ok!(degrade(capacity));
            // It would cost less than a machine, or nothing, and keep everybody else away.
            assert_noop!(try_rent(USER), Error::<Test>::NotAMachine);
        }
    });
}
