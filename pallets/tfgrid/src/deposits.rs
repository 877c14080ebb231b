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
    types::{AccountIdOf, BalanceOf, Deposit, DepositKey, DepositKeyOf, DepositOf},
};

impl HoldReason {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Twin,
        Self::PricingPolicy,
        Self::Farm,
        Self::PublicIp,
        Self::NodeAuthorization,
        Self::Node,
        Self::Entity,
        Self::TwinEntity,
    ];
}

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
            Self::Entity(_) => HoldReason::Entity,
            Self::TwinEntity { .. } => HoldReason::TwinEntity,
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
            Self::Entity(_) => T::EntityDeposit::get(),
            Self::TwinEntity { .. } => T::TwinEntityDeposit::get(),
        }
    }
}

impl<T: Config> Pallet<T> {
    /// Holds the deposit for a new record. 2r 3w.
    ///
    /// Errors: [`Error::CannotPayDeposit`].
    pub(crate) fn take_deposit(key: DepositKeyOf<T>, who: &AccountIdOf<T>) -> DispatchResult {
        let deposit = Self::hold(key.reason(), who, key.price::<T>())?;
        Deposits::<T>::insert(key, deposit);
        Ok(())
    }

    /// Returns the deposit of a record that goes, to whoever gave it. 3r 3w.
    ///
    /// Never fails for want of money: if less is on hold, that much is returned.
    ///
    /// Errors: [`Error::Inconsistent`] if the record has none.
    pub(crate) fn return_deposit(key: DepositKeyOf<T>) -> DispatchResult {
        let deposit = Deposits::<T>::take(&key).ok_or(Error::<T>::Inconsistent)?;
        Self::release(key.reason(), &deposit)
    }

    /// Puts money on hold. 2r 2w.
    ///
    /// Errors: [`Error::CannotPayDeposit`].
    pub(crate) fn hold(
        reason: HoldReason,
        who: &AccountIdOf<T>,
        amount: BalanceOf<T>,
    ) -> Result<DepositOf<T>, DispatchError> {
        let reason = reason.into();
        T::NativeToken::ensure_can_hold(&reason, who, amount).map_err(|_| Error::<T>::CannotPayDeposit)?;
        T::NativeToken::hold(&reason, who, amount)?;
        Ok(Deposit { who: who.clone(), amount })
    }

    /// Gives back what is on hold, as far as it is there. 2r 2w.
    pub(crate) fn release(reason: HoldReason, deposit: &DepositOf<T>) -> DispatchResult {
        T::NativeToken::release(&reason.into(), &deposit.who, deposit.amount, Precision::BestEffort)?;
        Ok(())
    }
}
