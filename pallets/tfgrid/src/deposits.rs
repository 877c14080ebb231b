//! Deposits: taken when a record is made, returned when it goes. The only place that moves money.

use frame_support::{
    pallet_prelude::*,
    traits::{
        fungible::{InspectHold, MutateHold},
        tokens::Precision,
    },
};

use crate::{
    pallet::{Config, Deposits, Error, HoldReason, Pallet},
    types::{AccountIdOf, BalanceOf, Deposit, DepositKey, DepositKeyOf},
};

impl<AccountId> DepositKey<AccountId> {
    /// The reason under which this record's deposit is held.
    pub const fn reason(&self) -> HoldReason {
        match self {
            Self::Twin(_) => HoldReason::Twin,
            Self::PricingPolicy(_) => HoldReason::PricingPolicy,
            Self::Farm(_) => HoldReason::Farm,
            Self::PublicIp { .. } => HoldReason::PublicIp,
            Self::NodeAuthorization { .. } => HoldReason::NodeAuthorization,
            Self::Node(_) => HoldReason::Node,
        }
    }

    /// What a record of this kind costs today.
    pub fn price<T: Config>(&self) -> BalanceOf<T> {
        match self {
            Self::Twin(_) => T::TwinDeposit::get(),
            Self::PricingPolicy(_) => T::PricingPolicyDeposit::get(),
            Self::Farm(_) => T::FarmDeposit::get(),
            Self::PublicIp { .. } => T::PublicIpDeposit::get(),
            Self::NodeAuthorization { .. } => T::NodeAuthorizationDeposit::get(),
            Self::Node(_) => T::NodeDeposit::get(),
        }
    }
}

impl<T: Config> Pallet<T> {
    /// Holds the deposit for a new record. 2r 3w.
    ///
    /// Errors: [`Error::CannotPayDeposit`].
    pub(crate) fn take_deposit(key: DepositKeyOf<T>, who: &AccountIdOf<T>) -> DispatchResult {
        let (reason, amount) = (key.reason().into(), key.price::<T>());
        T::NativeToken::ensure_can_hold(&reason, who, amount).map_err(|_| Error::<T>::CannotPayDeposit)?;
        T::NativeToken::hold(&reason, who, amount)?;
        Deposits::<T>::insert(key, Deposit { who: who.clone(), amount });
        Ok(())
    }

    /// Returns the deposit of a record that goes, to whoever gave it. 3r 3w.
    ///
    /// Never fails for want of money: if less is on hold, that much is returned.
    pub(crate) fn return_deposit(key: DepositKeyOf<T>) -> DispatchResult {
        let Some(Deposit { who, amount }) = Deposits::<T>::take(&key) else { return Ok(()) };
        T::NativeToken::release(&key.reason().into(), &who, amount, Precision::BestEffort)?;
        Ok(())
    }
}
