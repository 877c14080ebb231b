//! What users do beside the grid: money to and fro, accounts that act for others.

use frame_support::traits::fungible::Inspect;
use gridchain_runtime::{configs::ProxyType, currency::EXISTENTIAL_DEPOSIT, AccountId, Balances, Runtime};
use pallet_balances::Call;
use sp_keyring::Sr25519Keyring;
use sp_runtime::MultiAddress;

use super::{anyone, entry, wish, Entry, Wish};
use crate::draw::Draw;

pub(super) fn entries() -> Vec<Entry> {
    vec![
        entry("transfer_keep_alive", 5, transfer_keep_alive),
        entry("transfer_allow_death", 2, transfer_allow_death),
        entry("transfer_all", 1, transfer_all),
        entry("burn", 1, burn),
        entry("add_proxy", 2, add_proxy),
        entry("remove_proxies", 1, |draw| wish(anyone(draw), pallet_proxy::Call::<Runtime>::remove_proxies {})),
    ]
}

/// Anyone's, one of the pallet's own, or Dave's sub-account.
fn payee(draw: &mut Draw) -> AccountId {
    match draw.byte() {
        0..=199 => anyone(draw),
        200..=219 => gridchain_runtime::SmartContractModule::account_id(),
        220..=239 => gridchain_runtime::SmartContractModule::foundation_account(),
        _ => pallet_utility::derivative_account_id(Sr25519Keyring::Dave.to_account_id(), 0),
    }
}

fn transfer_keep_alive(draw: &mut Draw) -> Wish {
    let (dest, value) = (MultiAddress::Id(payee(draw)), draw.amount(EXISTENTIAL_DEPOSIT));
    wish(anyone(draw), Call::<Runtime>::transfer_keep_alive { dest, value })
}

/// Around all that the account has: some of it is left as dust.
fn transfer_allow_death(draw: &mut Draw) -> Wish {
    let (dest, by) = (MultiAddress::Id(payee(draw)), anyone(draw));
    let all = <Balances as Inspect<AccountId>>::total_balance(&by);
    wish(by, Call::<Runtime>::transfer_allow_death { dest, value: draw.amount(all) })
}

fn transfer_all(draw: &mut Draw) -> Wish {
    let (dest, by) = (MultiAddress::Id(payee(draw)), anyone(draw));
    wish(by, Call::<Runtime>::transfer_all { dest, keep_alive: draw.byte() < 128 })
}

fn burn(draw: &mut Draw) -> Wish {
    let (by, value) = (anyone(draw), draw.amount(EXISTENTIAL_DEPOSIT));
    wish(by, Call::<Runtime>::burn { value, keep_alive: draw.byte() < 200 })
}

fn add_proxy(draw: &mut Draw) -> Wish {
    let (delegate, by) = (MultiAddress::Id(anyone(draw)), anyone(draw));
    let proxy_type = draw.one_of(&[ProxyType::Any, ProxyType::NonTransfer, ProxyType::Governance]);
    wish(by, pallet_proxy::Call::<Runtime>::add_proxy { delegate, proxy_type, delay: 0 })
}
