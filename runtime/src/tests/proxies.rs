//! What each kind of proxy may do.

use super::{account, chain};
use crate::{configs::ProxyType, Address, Runtime, RuntimeCall, RuntimeOrigin, System};
use codec::Decode;
use frame_support::{
    assert_ok,
    traits::{GetCallIndex, GetCallName, InstanceFilter},
};
use sp_genesis_builder::DEV_RUNTIME_PRESET;
use sp_keyring::Sr25519Keyring;
use sp_runtime::traits::TrailingZeroInput;

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

/// What a NonTransfer proxy may do in the pallets of the grid. A new call must come into one of the two lists.
const KEEP_THE_MONEY: &[&str] = &[
    "accept_agent",
    "add_farm_ip",
    "add_twin_entity",
    "authorize_node",
    "cancel_contract",
    "change_power_state",
    "change_power_target",
    "claim",
    "create_farm",
    "create_pricing_policy",
    "create_twin",
    "delete_entity",
    "delete_farm",
    "delete_node",
    "delete_pricing_policy",
    "delete_twin",
    "delete_twin_entity",
    "force_remove_farm_ip",
    "remove_farm_ip",
    "report_uptime",
    "resign_agent",
    "revoke_node_authorization",
    "set_node_certification",
    "set_node_public_config",
    "update_entity",
    "update_node",
    "update_twin",
    "verify_farm_ip",
    "withdraw_sponsorship",
];

/// What it may not do, since it pays somebody, decides what is earned or paid, or is governance's.
const COULD_GIVE_IT_AWAY: &[&str] = &[
    "add_certifier",
    "add_reports",
    "announce_split",
    "cancel_name_contract",
    "create_contract",
    "create_entity",
    "create_name_contract",
    "create_node",
    "create_rent_contract",
    "fund_contract",
    "move_node",
    "pay_foundation",
    "remove_certifier",
    "renew_name_contract",
    "report_degraded",
    "report_deployment",
    "resume_contract",
    "set_cushion",
    "set_farm_payout",
    "set_name_price",
    "set_node_agent",
    "set_node_rent_terms",
    "set_price_floor",
    "set_refill_limit",
    "sponsor_twin",
    "update_contract",
    "update_farm",
    "update_pricing_policy",
];

/// Every call of a pallet, by name, with arguments of zeros.
fn calls_of<C: GetCallName + GetCallIndex + Decode + Into<RuntimeCall>>() -> Vec<(&'static str, RuntimeCall)> {
    let indices = C::get_call_indices().iter();
    let of_zeros = |index: &u8| C::decode(&mut TrailingZeroInput::new(&[*index])).unwrap().into();
    C::get_call_names().iter().copied().zip(indices.map(of_zeros)).collect()
}

#[test]
fn every_call_of_the_grid_is_either_safe_for_the_money_or_not_for_non_transfer() {
    let registry = calls_of::<pallet_tfgrid::Call<Runtime>>();
    let contracts = calls_of::<pallet_smart_contract::Call<Runtime>>();
    assert_eq!(registry.len() + contracts.len(), KEEP_THE_MONEY.len() + COULD_GIVE_IT_AWAY.len());
    for (name, call) in registry.into_iter().chain(contracts) {
        let (keeps, gives) = (KEEP_THE_MONEY.contains(&name), COULD_GIVE_IT_AWAY.contains(&name));
        assert!(keeps != gives, "{name} must be in one of the lists");
        assert_eq!(ProxyType::NonTransfer.filter(&call), keeps, "{name}");
    }
}

/// In somebody else's name the filter does not count: a multisig of the account, or an account that it is the proxy of.
#[test]
fn non_transfer_does_not_act_in_other_names() {
    let real = Address::Id(account(Sr25519Keyring::Bob));
    let others = [
        RuntimeCall::Proxy(pallet_proxy::Call::proxy { real, force_proxy_type: None, call: Box::new(transfer()) }),
        RuntimeCall::Multisig(pallet_multisig::Call::as_multi_threshold_1 {
            other_signatories: vec![account(Sr25519Keyring::Bob)],
            call: Box::new(transfer()),
        }),
    ];
    for call in others {
        assert!(!ProxyType::NonTransfer.filter(&call), "{call:?}");
    }
}

/// As the chain does it, with a batch around it.
#[test]
fn a_non_transfer_proxy_makes_no_contract_in_its_principals_name() {
    chain(DEV_RUNTIME_PRESET).execute_with(|| {
        System::set_block_number(1);
        let (real, proxy) = (account(Sr25519Keyring::Alice), account(Sr25519Keyring::Eve));
        let by = RuntimeOrigin::signed(real.clone());
        let add = crate::Proxy::add_proxy(by, Address::Id(proxy.clone()), ProxyType::NonTransfer, 0);
        assert_ok!(add);
        let rent = pallet_smart_contract::Call::create_rent_contract { node_id: 1, price_limit: None };
        let batch = pallet_utility::Call::batch_all { calls: vec![rent.into()] };
        let call = Box::new(RuntimeCall::Utility(batch));
        assert_ok!(crate::Proxy::proxy(RuntimeOrigin::signed(proxy), Address::Id(real), None, call));
        let refused = frame_system::Error::<Runtime>::CallFiltered.into();
        System::assert_last_event(pallet_proxy::Event::ProxyExecuted { result: Err(refused) }.into());
    });
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
