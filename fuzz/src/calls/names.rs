//! Leases of names.

use gridchain_runtime::{currency::GRID, AccountId, Runtime};
use pallet_smart_contract::{types::NameContractOf, Call};

use super::{anyone, decision, entry, text, twin_owner, wish, Entry, Wish};
use crate::{draw::Draw, grid};

pub(super) fn entries() -> Vec<Entry> {
    vec![
        entry("create_name_contract", 5, create_name_contract),
        entry("renew_name_contract", 4, renew_name_contract),
        entry("cancel_name_contract", 2, cancel_name_contract),
        entry("set_name_price", 1, |draw| {
            decision(Call::<Runtime>::set_name_price { per_day: draw.amount(GRID / 100) })
        }),
    ]
}

fn days(draw: &mut Draw) -> u32 {
    draw.one_of(&[1, 1, 2, 10, 29, 31, 0, 729, u32::MAX])
}

fn max_price(draw: &mut Draw) -> Option<u128> {
    draw.one_of(&[None, None, Some(u128::MAX), Some(0)])
}

fn create_name_contract(draw: &mut Draw) -> Wish {
    let next = pallet_smart_contract::NextContractId::<Runtime>::get();
    let name = match draw.byte() {
        0..=219 => format!("shop-{next}x"),
        220..=229 => format!("shop-{next}"),
        230..=239 => "Shop".into(),
        byte => "s".repeat(usize::from(byte)),
    };
    let (by, days, max_price) = (twin_owner(draw), days(draw), max_price(draw));
    wish(by, Call::<Runtime>::create_name_contract { name: text(name), days, max_price })
}

fn lease(draw: &mut Draw, fits: impl Fn(&NameContractOf<Runtime>) -> bool) -> (u64, AccountId) {
    let name = draw.one_of_fitting(&grid::names(), fits);
    let by = name.as_ref().map_or_else(|| anyone(draw), |name| grid::account_of(name.twin_id));
    (draw.id(name.map_or(1, |name| name.contract_id)), by)
}

fn renew_name_contract(draw: &mut Draw) -> Wish {
    let (contract_id, by) = lease(draw, |_| true);
    wish(by, Call::<Runtime>::renew_name_contract { contract_id, days: days(draw), max_price: max_price(draw) })
}

fn cancel_name_contract(draw: &mut Draw) -> Wish {
    let (contract_id, by) = lease(draw, |_| true);
    wish(by, Call::<Runtime>::cancel_name_contract { contract_id })
}
