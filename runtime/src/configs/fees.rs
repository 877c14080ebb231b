//! What a transaction costs, and who gets it.
//!
//! **Weight**: 40 base units for a microsecond of execution. A transfer or another call with a handful of reads and writes
//! takes 200 to 350 µs by its weight and so costs about 0.001 GRID. **Length**: 10 base units a byte; filling a block with
//! bytes then costs as much as filling it with work, to the order of magnitude (4 and 6 GRID at a slot of 6 s).
//!
//! **Load**: while ordinary transactions fill more than a quarter of their share of blocks, the weight fee rises, by at
//! most 3.5 % an hour at a slot of 6 s; it falls back when there is room again, never below the prices above.
//!
//! Fees and tips go to the block's author. They are burnt if the author's account does not exist and they would not be
//! enough to create it.

use crate::{AccountId, Authorship, Balance, Balances, Runtime, RuntimeEvent};
use frame_support::{
    parameter_types,
    traits::{
        fungible::{Balanced, Credit},
        ConstU8, OnUnbalanced,
    },
    weights::{constants::WEIGHT_REF_TIME_PER_MICROS, ConstantMultiplier, Weight},
};
use pallet_transaction_payment::{FungibleAdapter, Multiplier, TargetedFeeAdjustment};
use sp_runtime::{traits::Bounded, FixedPointNumber, Perquintill};

/// Base units for a microsecond of execution.
const FEE_PER_MICROSECOND: Balance = 40;

parameter_types! {
    /// Base units for a byte of a transaction.
    pub const FeePerByte: Balance = 10;
    /// How full blocks may be, of the share of ordinary transactions, before fees rise.
    pub const TargetFullness: Perquintill = Perquintill::from_percent(25);
    /// How fast fees follow: with all blocks full they grow by about 0.0056 % a block.
    pub AdjustmentVariable: Multiplier = Multiplier::saturating_from_rational(75, 1_000_000);
    /// Fees never fall below the prices of this file.
    pub MinimumMultiplier: Multiplier = Multiplier::saturating_from_integer(1);
    /// No ceiling.
    pub MaximumMultiplier: Multiplier = Bounded::max_value();
}

/// Fee for a transaction's weight.
pub struct WeightToFee;

impl frame_support::weights::WeightToFee for WeightToFee {
    type Balance = Balance;

    fn weight_to_fee(weight: &Weight) -> Balance {
        let per_microsecond = Balance::from(WEIGHT_REF_TIME_PER_MICROS);
        Balance::from(weight.ref_time())
            .saturating_mul(FEE_PER_MICROSECOND)
            .checked_div(per_microsecond)
            .unwrap_or(Balance::MAX)
    }
}

/// Fee for a transaction's bytes.
pub type LengthToFee = ConstantMultiplier<Balance, FeePerByte>;

/// How fees follow the load.
pub type Adjustment =
    TargetedFeeAdjustment<Runtime, TargetFullness, AdjustmentVariable, MinimumMultiplier, MaximumMultiplier>;

/// Gives fees and tips to the author of the block.
pub struct ToAuthor;

impl OnUnbalanced<Credit<AccountId, Balances>> for ToAuthor {
    fn on_nonzero_unbalanced(fees: Credit<AccountId, Balances>) {
        let Some(author) = Authorship::author() else { return };
        // What cannot be paid out is dropped, which burns it.
        let _unpaid = Balances::resolve(&author, fees);
    }
}

impl pallet_transaction_payment::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type OnChargeTransaction = FungibleAdapter<Balances, ToAuthor>;
    type OperationalFeeMultiplier = ConstU8<5>;
    type WeightToFee = WeightToFee;
    type LengthToFee = LengthToFee;
    type FeeMultiplierUpdate = Adjustment;
    type WeightInfo = pallet_transaction_payment::weights::SubstrateWeight<Runtime>;
}
