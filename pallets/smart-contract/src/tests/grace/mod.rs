//! Rule 8, grace: the pause of a contract that is out of funds and has a cushion.
//!
//! The contract of these tests costs 155,000 an hour, 105,000 while it is held, and is paused with 725,000 and its cushion in
//! escrow.

mod begin;
mod end;
mod gifts;
mod resume;

use crate::{mock::*, types::*};

/// One hour of holding.
const HOUR_HELD: Balance = 105_000;
/// One hour at the full rate.
const HOUR_FULL: Balance = 155_000;
/// What is above the cushion when the contracts of these tests are paused.
const ABOVE_CUSHION: Balance = 725_000;

fn until(id: ContractId) -> Seconds {
    match record(id).state {
        ContractState::Grace { until } => until,
        state => panic!("it is {state:?}"),
    }
}

fn high(id: ContractId) -> Balance {
    Contracts_::funding_of(id).unwrap().high
}

fn earned() -> Balance {
    balance(PAYOUT) - INITIAL
}
