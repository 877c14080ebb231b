//! Lists of contracts: newest first, in pages.

use frame_support::assert_ok;
use grid_types::units::Resources;

use crate::{mock::*, types::*, ContractsOfNode, MAX_PAGE};

fn pages_of_node(limit: u32) -> Vec<ContractId> {
    let mut all = Vec::new();
    loop {
        let page = Contracts_::contracts_of_node(NODE_ID, all.last().copied(), limit);
        assert!(page.len() <= limit as usize);
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

#[test]
fn a_nodes_contracts_come_newest_first() {
    ExtBuilder::default().build_and_execute(|| {
        let ids: Vec<_> = [USER, OTHER, USER].into_iter().map(|who| create_by(who, 0)).collect();
        let newest_first: Vec<_> = ids.into_iter().rev().collect();
        assert_eq!(Contracts_::contracts_of_node(NODE_ID, None, 10), newest_first);
        assert_eq!(ContractsOfNode::<Test>::iter_prefix_values(NODE_ID).next(), newest_first.first().copied());
    });
}

#[test]
fn pages_name_each_contract_once() {
    ExtBuilder::default().build_and_execute(|| {
        let mut ids: Vec<_> = (0..7).map(|_| deployed_small()).collect();
        ids.reverse();
        for limit in [1, 2, 3, 7, 8] {
            assert_eq!(pages_of_node(limit), ids);
        }
    });
}

#[test]
fn a_page_goes_on_after_a_contract_that_is_gone() {
    ExtBuilder::default().build_and_execute(|| {
        let ids: Vec<_> = (0..4).map(|_| create_by(USER, 0)).collect();
        assert_ok!(Contracts_::cancel_contract(origin(USER), ids[2]));
        assert_eq!(Contracts_::contracts_of_node(NODE_ID, Some(ids[2]), 10), [ids[1], ids[0]]);
        assert_eq!(Contracts_::contracts_of_twin(USER_TWIN, Some(ids[2]), 10), [ids[1], ids[0]]);
    });
}

#[test]
fn a_twin_sees_its_own_only() {
    ExtBuilder::default().build_and_execute(|| {
        let first = create_by(USER, 0);
        let others = create_by(OTHER, 0);
        let last = create_by(USER, 0);
        assert_eq!(Contracts_::contracts_of_twin(USER_TWIN, None, 10), [last, first]);
        assert_eq!(Contracts_::contracts_of_twin(USER_TWIN + 1, None, 10), [others]);
        assert!(Contracts_::contracts_of_twin(99, None, 10).is_empty());
    });
}

#[test]
fn a_page_has_a_limit() {
    ExtBuilder::default().build_and_execute(|| {
        let tiny = Resources { cru: 10, mru: 1 << 20, ..Default::default() };
        for _ in 0..=MAX_PAGE {
            assert_ok!(try_create(USER, tiny, 0));
        }
        assert_eq!(Contracts_::contracts_of_node(NODE_ID, None, u32::MAX).len(), MAX_PAGE as usize);
        assert_eq!(Contracts_::contracts_of_twin(USER_TWIN, None, u32::MAX).len(), MAX_PAGE as usize);
        assert!(Contracts_::contracts_of_node(NODE_ID, None, 0).is_empty());
    });
}

#[test]
fn lists_of_before_are_made_anew() {
    use frame_support::{pallet_prelude::OptionQuery, storage_alias, Twox64Concat};
    // As version 1 kept them: by hash, without a value.
    #[storage_alias]
    type ContractsOfNode =
        StorageDoubleMap<SmartContractModule, Twox64Concat, u32, Twox64Concat, ContractId, (), OptionQuery>;
    #[storage_alias]
    type ContractsOfTwin =
        StorageDoubleMap<SmartContractModule, Twox64Concat, u32, Twox64Concat, ContractId, (), OptionQuery>;

    ExtBuilder::default().build_and_execute(|| {
        let ids = [create_by(USER, 0), create_by(OTHER, 0), create_by(USER, 0)];
        let _ = crate::ContractsOfNode::<Test>::clear(u32::MAX, None);
        let _ = crate::ContractsOfTwin::<Test>::clear(u32::MAX, None);
        for (id, twin) in ids.into_iter().zip([USER_TWIN, USER_TWIN + 1, USER_TWIN]) {
            ContractsOfNode::insert(NODE_ID, id, ());
            ContractsOfTwin::insert(twin, id, ());
        }
        crate::migrations::v2::list_newest_first::<Test>();
        assert_eq!(pages_of_node(2), [ids[2], ids[1], ids[0]]);
        assert_eq!(Contracts_::contracts_of_twin(USER_TWIN, None, 10), [ids[2], ids[0]]);
    });
}
