//! The token's units, and what it costs to exist and to keep things in storage.

use crate::Balance;
use grid_types::units;

/// Decimals of the token.
pub const DECIMALS: u8 = units::DECIMALS;
/// One token: 10^7 base units.
pub const GRID: Balance = units::GRID;
/// A thousandth of a token: 10,000 base units.
pub const MILLI_GRID: Balance = GRID / 1_000;

/// The least an account must hold to exist, base units: 0.001 GRID.
pub const EXISTENTIAL_DEPOSIT: Balance = MILLI_GRID;
/// Deposit for a record of its own in storage, base units: 0.2 GRID.
pub const DEPOSIT_PER_ITEM: Balance = GRID / 5;
/// Deposit for each byte in storage, base units: 0.0001 GRID.
pub const DEPOSIT_PER_BYTE: Balance = GRID / 10_000;

/// The deposit for `items` records that hold `bytes` together, base units.
pub const fn deposit(items: u32, bytes: u32) -> Balance {
    DEPOSIT_PER_ITEM.saturating_mul(items as Balance).saturating_add(DEPOSIT_PER_BYTE.saturating_mul(bytes as Balance))
}
