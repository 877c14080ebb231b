//! Money of contracts: gifts, limits, cushions, payables, the split.

use gridchain_runtime::{
    currency::{EXISTENTIAL_DEPOSIT, GRID},
    AccountId, Balances, Runtime, SmartContractModule,
};
use pallet_smart_contract::{
    types::{ContractState, RevenueSplit},
    Call, Payable,
};
use sp_runtime::Permill;

use super::{
    anyone,
    contracts::{contract, payer_of},
    decision, entry, wish, Entry, Wish,
};
use crate::{
    draw::Draw,
    grid::{self, Contract},
};

pub(super) fn entries() -> Vec<Entry> {
    vec![
        entry("fund_contract", 5, fund_contract),
        entry("set_refill_limit", 4, set_refill_limit),
        entry("set_cushion", 5, set_cushion),
        entry("resume_contract", 3, resume_contract),
        entry("claim", 3, claim),
        entry("announce_split", 2, announce_split),
        entry("pay_foundation", 2, pay_foundation),
    ]
}

fn is_paused(contract: &Contract) -> bool {
    matches!(contract.billing.state, ContractState::Grace { .. })
}

/// Anyone may; around what it would take to resume.
fn fund_contract(draw: &mut Draw) -> Wish {
    let (contract_id, _) = contract(draw, |contract| contract.billing.state.can_fund());
    let amount = draw.amount(GRID);
    wish(anyone(draw), Call::<Runtime>::fund_contract { contract_id, amount })
}

fn set_refill_limit(draw: &mut Draw) -> Wish {
    let (contract_id, contract) = contract(draw, |_| true);
    let limit = draw.one_of(&[Some(0), None, Some(1), Some(GRID / 10), Some(u128::MAX)]);
    wish(payer_of(draw, &contract), Call::<Runtime>::set_refill_limit { contract_id, limit })
}

fn set_cushion(draw: &mut Draw) -> Wish {
    let (contract_id, contract) = contract(draw, |contract| contract.billing.state.runs());
    let amount = draw.amount(GRID / 100);
    wish(payer_of(draw, &contract), Call::<Runtime>::set_cushion { contract_id, amount })
}

fn resume_contract(draw: &mut Draw) -> Wish {
    let (contract_id, contract) = contract(draw, is_paused);
    wish(payer_of(draw, &contract), Call::<Runtime>::resume_contract { contract_id })
}

fn claim(draw: &mut Draw) -> Wish {
    let alive = |account: &AccountId| frame_system::Pallet::<Runtime>::account_exists(account);
    let all = grid::sorted(Payable::<Runtime>::iter_keys(), |account| account.clone());
    let account = draw.one_of_fitting(&all, alive).unwrap_or_else(|| anyone(draw));
    wish(anyone(draw), Call::<Runtime>::claim { account })
}

/// Around what the foundation has.
fn pay_foundation(draw: &mut Draw) -> Wish {
    let foundation = SmartContractModule::foundation_account();
    let has = Balances::free_balance(&foundation).saturating_sub(EXISTENTIAL_DEPOSIT);
    let to = if draw.byte() < 240 { anyone(draw) } else { foundation };
    decision(Call::<Runtime>::pay_foundation { to, amount: draw.amount(has) })
}

fn announce_split(draw: &mut Draw) -> Wish {
    let mut share = || Permill::from_percent(u32::from(draw.byte()) / 6);
    let (foundation, sales, author, burn) = (share(), share(), share(), share());
    let (foundation_account, sales_account) = (anyone(draw), anyone(draw));
    let split = RevenueSplit { foundation_account, foundation, sales_account, sales, author, burn };
    decision(Call::<Runtime>::announce_split { split })
}
