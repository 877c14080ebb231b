use frame_support::{assert_noop, assert_ok};
use sp_runtime::TokenError;

use super::*;
use crate::{Agenda, Error, Event};

#[test]
fn stores_what_was_leased() {
    ExtBuilder::default().build_and_execute(|| {
        let id = lease("shop", 10);
        let contract = NameContracts::<Test>::get(id).unwrap();
        assert_eq!((contract.contract_id, contract.twin_id, &contract.name[..]), (id, USER_TWIN, &b"shop"[..]));
        assert_eq!(contract.lease_until, now() + 10 * DAY);
        assert_eq!(Agenda::<Test>::get(contract.agenda_tick.unwrap(), id).unwrap().task, Task::LeaseEnd);
        let owner = Contracts_::name_owner(input("shop")).unwrap();
        let expected =
            NameOwner { contract_id: id, twin_id: USER_TWIN, account: USER, lease_until: contract.lease_until };
        assert_eq!(owner, expected);
    });
}

#[test]
fn tells_what_happened() {
    ExtBuilder::default().build_and_execute(|| {
        let id = lease("shop", 10);
        let name = LeasedName::truncate_from(b"shop".to_vec());
        let (lease_until, paid) = (now() + 10 * DAY, 10 * PER_DAY);
        let event = Event::NameContractCreated { contract_id: id, twin_id: USER_TWIN, name, lease_until, paid };
        assert_eq!(last_event(), event);
    });
}

#[test]
fn the_price_goes_to_the_foundation_and_the_deposit_is_held() {
    ExtBuilder::default().with_foundation(10).build_and_execute(|| {
        let issued = pallet_balances::TotalIssuance::<Test>::get();
        let before = spendable(USER);
        lease("shop", 10);
        assert_eq!(balance(FOUNDATION), INITIAL + 10 * PER_DAY);
        assert_eq!(held_for_contracts(USER), deposit(4));
        assert_eq!(spendable(USER), before - 10 * PER_DAY - deposit(4));
        assert_eq!(pallet_balances::TotalIssuance::<Test>::get(), issued);
    });
}

#[test]
fn without_a_split_the_price_waits_where_governance_can_move_it() {
    ExtBuilder::default().build_and_execute(|| {
        let before = balance(Contracts_::foundation_account());
        lease("shop", 10);
        assert_eq!(balance(Contracts_::foundation_account()) - before, 10 * PER_DAY);
    });
}

#[test]
fn numbers_are_of_one_sequence_with_contracts() {
    ExtBuilder::default().build_and_execute(|| {
        let (first, second) = (lease("shop", 1), create());
        assert_eq!(second, first + 1);
        assert_eq!(lease("shop-two", 1), second + 1);
    });
}

#[test]
fn needs_a_twin() {
    ExtBuilder::default().build_and_execute(|| {
        assert_noop!(try_lease(STRANGER, "shop", 1), pallet_tfgrid::Error::<Test>::NoTwin);
    });
}

#[test]
fn a_name_has_one_owner() {
    ExtBuilder::default().build_and_execute(|| {
        lease("shop", 1);
        assert_noop!(try_lease(OTHER, "shop", 1), Error::<Test>::NameTaken);
        assert_noop!(try_lease(USER, "shop", 1), Error::<Test>::NameTaken);
        assert_eq!(owner_of("shop"), Some(USER_TWIN));
    });
}

#[test]
fn names_within_the_rules() {
    ExtBuilder::default().build_and_execute(|| {
        for name in ["abc", "a-b", "a1b2", "shop-12a", "x-12-y", "web3", &"z".repeat(40)] {
            lease(name, 1);
        }
    });
}

#[test]
fn names_beyond_the_rules() {
    ExtBuilder::default().build_and_execute(|| {
        let (long, longest_input) = ("z".repeat(41), "z".repeat(256));
        let (short, edges) = (["", "a", "ab"], ["-shop", "shop-", "1shop", "---", "a--b"]);
        let letters = ["shop.org", "shop_1", "sh op", "shöp", "shop\0", "SHOP", "Shop"];
        for name in short.into_iter().chain(edges).chain(letters).chain([&long[..], &longest_input[..]]) {
            assert_noop!(try_lease(USER, name, 1), Error::<Test>::InvalidName);
        }
    });
}

#[test]
fn from_a_day_to_the_limit() {
    ExtBuilder::default().build_and_execute(|| {
        assert_noop!(try_lease(USER, "shop", 0), Error::<Test>::NoDays);
        for days in [LONGEST + 1, u32::MAX] {
            assert_noop!(try_lease(USER, "shop", days), Error::<Test>::LeaseTooLong);
        }
        assert_ok!(try_lease(USER, "shop", LONGEST));
    });
}

#[test]
fn needs_the_money_and_the_deposit() {
    ExtBuilder::default().build_and_execute(|| {
        leave(USER, EXISTENTIAL_DEPOSIT + deposit(4) - 1);
        assert_noop!(try_lease(USER, "shop", 1), TokenError::FundsUnavailable);
        leave(USER, EXISTENTIAL_DEPOSIT + deposit(4) + PER_DAY - 1);
        assert_noop!(try_lease(USER, "shop", 1), Error::<Test>::InsufficientFunds);
        leave(USER, EXISTENTIAL_DEPOSIT + deposit(4) + PER_DAY);
        assert_ok!(try_lease(USER, "shop", 1));
        assert_eq!(spendable(USER), 0);
    });
}

#[test]
fn no_numbers_left() {
    ExtBuilder::default().build_and_execute(|| {
        crate::NextContractId::<Test>::put(u64::MAX);
        assert_noop!(try_lease(USER, "shop", 1), Error::<Test>::NoMoreIds);
    });
}

#[test]
fn costs_at_most_what_the_user_accepts() {
    ExtBuilder::default().build_and_execute(|| {
        let lease = |most| Contracts_::create_name_contract(origin(USER), input("shop"), 10, Some(most));
        assert_noop!(lease(10 * PER_DAY - 1), Error::<Test>::PriceAboveLimit);
        assert_ok!(lease(10 * PER_DAY));
    });
}
