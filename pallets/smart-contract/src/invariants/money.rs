//! What must hold of money.

use alloc::collections::BTreeMap;

use codec::{Decode, Encode};
use frame_support::{
    ensure,
    traits::fungible::{Inspect, InspectHold},
};
use grid_types::units::{traffic_allowance, MICRO, TRAFFIC_UNIT};

use super::Checked;
use crate::{
    billing::{charge, window::Window},
    types::{Balance, BillingRecord, ContractState},
    BillingOf, Config, Contracts, HoldReason, NameContracts, Pallet, Payable, Rules, TotalEscrow, TotalPayable,
};

impl<T: Config> Pallet<T> {
    /// 1 to 3.
    pub(super) fn money_is_covered() -> Checked {
        let escrow: Balance = BillingOf::<T>::iter_values().map(|record| record.escrow).sum();
        ensure!(escrow == TotalEscrow::<T>::get(), "1: the escrows do not sum up to their total");
        let payable: Balance = Payable::<T>::iter_values().sum();
        ensure!(payable == TotalPayable::<T>::get(), "2: the payables do not sum up to their total");
        let owed = escrow.saturating_add(payable).saturating_add(T::Money::minimum_balance());
        ensure!(T::Money::balance(&Self::account_id()) >= owed, "3: the account does not cover what it owes");
        Ok(())
    }

    /// 15.
    pub(super) fn pauses_are_paid(record: &BillingRecord<T::AccountId>) -> Checked {
        let covered = record.escrow >= record.cushion;
        ensure!(!record.state.runs() || covered, "15: escrow is below its cushion");
        let ContractState::Grace { until } = record.state else { return Ok(()) };
        let rules = Rules::<T>::get();
        let seconds = until.saturating_sub(record.paid_until);
        ensure!(seconds <= rules.max_grace, "15: a pause is longer than the rules allow");
        let whole = Window { from: record.paid_until, until, seconds };
        let bill = charge::holding(&mut record.clone(), &rules, &whole);
        ensure!(bill.total() <= record.escrow, "15: escrow does not pay for a pause");
        Ok(())
    }

    /// 16.
    pub(super) fn remainders_are_small(record: &BillingRecord<T::AccountId>) -> Checked {
        let unit = MICRO.saturating_mul(3_600);
        ensure!(record.carry < unit, "16: a base unit was carried over");
        ensure!(record.traffic_carry < TRAFFIC_UNIT.into(), "16: a base unit of traffic was carried over");
        let most = traffic_allowance(record.resources.nru_per_hour, Rules::<T>::get().max_window);
        ensure!(record.nru_unused <= most, "16: more traffic is saved than a window allows");
        let within = record.last_use.is_none_or(|used| used.within(&record.resources.capacity()));
        ensure!(within, "16: the last use is above the reservation");
        Ok(())
    }

    /// 17. A deposit is an amount, as it is in [`frame_support::traits::fungible::HoldConsideration`].
    pub(super) fn deposits_are_held() -> Checked {
        let mut sums = BTreeMap::<u32, Balance>::new();
        let mut add = |twin_id: u32, deposit: &T::Deposit| {
            let amount = Balance::decode(&mut &deposit.encode()[..]).map_err(|_| "17: a deposit is no amount")?;
            let sum = sums.entry(twin_id).or_default();
            *sum = sum.saturating_add(amount);
            Checked::Ok(())
        };
        Contracts::<T>::iter_values().try_for_each(|contract| add(contract.twin_id, &contract.deposit))?;
        NameContracts::<T>::iter_values().try_for_each(|name| add(name.twin_id, &name.deposit))?;
        for (twin_id, twin) in pallet_tfgrid::Twins::<T>::iter() {
            let held = T::Money::balance_on_hold(&HoldReason::ContractDeposit.into(), &twin.account_id);
            let sum = sums.remove(&twin_id).unwrap_or_default();
            ensure!(held == sum, "17: what is on hold is not the sum of the deposits");
        }
        ensure!(sums.is_empty(), "17: a deposit's owner is gone");
        Ok(())
    }
}
