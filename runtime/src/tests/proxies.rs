//! What each kind of proxy may do.

use super::account;
use crate::{configs::ProxyType, Address, RuntimeCall};
use frame_support::traits::InstanceFilter;
use sp_keyring::Sr25519Keyring;

fn transfer() -> RuntimeCall {
    let dest = Address::Id(account(Sr25519Keyring::Bob));
    RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive { dest, value: 1 })
}

fn vote() -> RuntimeCall {
    RuntimeCall::Council(pallet_collective::Call::vote { proposal: Default::default(), index: 0, approve: true })
}

fn fund_contract() -> RuntimeCall {
    RuntimeCall::SmartContractModule(pallet_smart_contract::Call::fund_contract { contract_id: 1, amount: 1 })
}

fn redirect_income() -> RuntimeCall {
    let account = account(Sr25519Keyring::Bob);
    RuntimeCall::TfgridModule(pallet_tfgrid::Call::set_farm_payout { farm_id: 1, account })
}

fn delete_twin() -> RuntimeCall {
    RuntimeCall::TfgridModule(pallet_tfgrid::Call::delete_twin {})
}

#[test]
fn any_may_do_everything() {
    for call in [transfer(), vote(), fund_contract(), redirect_income(), delete_twin()] {
        assert!(ProxyType::Any.filter(&call));
    }
}

#[test]
fn non_transfer_may_not_give_money_or_income_away() {
    for call in [transfer(), fund_contract(), redirect_income()] {
        assert!(!ProxyType::NonTransfer.filter(&call), "{call:?}");
    }
    for call in [vote(), delete_twin()] {
        assert!(ProxyType::NonTransfer.filter(&call), "{call:?}");
    }
}

#[test]
fn governance_may_vote_and_nothing_else() {
    assert!(ProxyType::Governance.filter(&vote()));
    for call in [transfer(), fund_contract(), redirect_income(), delete_twin()] {
        assert!(!ProxyType::Governance.filter(&call), "{call:?}");
    }
}

#[test]
fn a_proxy_hands_on_no_more_than_it_has() {
    use ProxyType::{Any, Governance, NonTransfer};
    for (one, other) in [(Any, NonTransfer), (Any, Governance), (NonTransfer, Governance)] {
        assert!(one.is_superset(&other));
        assert!(!other.is_superset(&one));
    }
    for same in [Any, NonTransfer, Governance] {
        assert!(same.is_superset(&same));
    }
}
