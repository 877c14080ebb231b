use frame_support::{assert_noop, assert_ok};

use super::*;
use crate::{Error, Event};

#[test]
fn the_deposit_comes_back_and_the_lease_does_not() {
    ExtBuilder::default().build_and_execute(|| {
        let before = balance(USER);
        let id = lease("shop", 10);
        assert_ok!(cancel(id));
        assert_eq!(balance(USER), before - 10 * PER_DAY);
        assert_eq!(held_for_contracts(USER), 0);
        assert!(is_gone(id, "shop"));
        let (twin_id, name) = (USER_TWIN, LeasedName::truncate_from(b"shop".to_vec()));
        let cause = EndCause::CanceledByUser;
        assert_eq!(last_event(), Event::NameContractEnded { contract_id: id, twin_id, name, cause });
    });
}

#[test]
fn the_name_is_free_at_once() {
    ExtBuilder::default().build_and_execute(|| {
        let id = lease("shop", 10);
        assert_ok!(cancel(id));
        assert_ok!(try_lease(OTHER, "shop", 1));
        assert_eq!(Contracts_::name_owner(input("shop")).unwrap().account, OTHER);
        assert_noop!(cancel(id), Error::<Test>::ContractNotFound);
    });
}

#[test]
fn only_the_owner_may() {
    ExtBuilder::default().build_and_execute(|| {
        let id = lease("shop", 1);
        for who in [OTHER, STRANGER, FARMER] {
            assert_noop!(Contracts_::cancel_name_contract(origin(who), id), Error::<Test>::NotTheOwner);
        }
        let root = RuntimeOrigin::root();
        assert_noop!(Contracts_::cancel_name_contract(root, id), sp_runtime::DispatchError::BadOrigin);
    });
}

#[test]
fn needs_a_name_contract() {
    ExtBuilder::default().build_and_execute(|| {
        let contract = create();
        for id in [contract, 0, 99, u64::MAX] {
            assert_noop!(cancel(id), Error::<Test>::ContractNotFound);
        }
    });
}
