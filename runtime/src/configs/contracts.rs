//! Agreements and money: where escrow lies, what a contract's record costs, how much of a block free reports may take.

use crate::{
    currency::{DEPOSIT_PER_BYTE, DEPOSIT_PER_ITEM},
    weights, AccountId, Authorship, Balance, Balances, Runtime, RuntimeHoldReason,
};
use frame_support::{
    parameter_types,
    traits::{fungible::HoldConsideration, LinearStoragePrice},
    weights::Weight,
    PalletId,
};
use pallet_smart_contract::HoldReason;

/// The part of a block that reports which pay no fee may take: one in this many.
const FREE_REPORT_PARTS: u64 = 4;

parameter_types! {
    /// The account that holds all escrow is derived from this.
    pub const ContractsPalletId: PalletId = PalletId(*b"grid/con");
    /// Why a contract's deposit is held.
    pub const ContractHold: RuntimeHoldReason = RuntimeHoldReason::SmartContractModule(HoldReason::ContractDeposit);
    /// Held for a contract's record, base units.
    pub const ContractDepositBase: Balance = DEPOSIT_PER_ITEM;
    /// Held for each byte of a contract's data, base units.
    pub const ContractDepositPerByte: Balance = DEPOSIT_PER_BYTE;
    /// Who made this block.
    pub BlockAuthor: Option<AccountId> = Authorship::author();
    /// The most work of a block that reports may take without paying.
    pub FreeReportWeight: Weight = weights::max_block().saturating_div(FREE_REPORT_PARTS);
}

impl pallet_smart_contract::Config for Runtime {
    type Money = Balances;
    type Deposit = HoldConsideration<
        AccountId,
        Balances,
        ContractHold,
        LinearStoragePrice<ContractDepositBase, ContractDepositPerByte, Balance>,
    >;
    type BlockAuthor = BlockAuthor;
    type PalletId = ContractsPalletId;
    type FreeReportWeight = FreeReportWeight;
    type WeightInfo = pallet_smart_contract::weights::MeasuredWeight<Runtime>;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = crate::benchmarks::FirstAuthor;
}
