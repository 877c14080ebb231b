//! What the calls about pricing policies and the price floor do.

use frame_support::pallet_prelude::*;
use grid_types::units::Prices;

use crate::{
    pallet::{
        Config, Error, Event, FarmsOfPolicy, NextPricingPolicyId, Pallet, PriceFloor, PricingPolicies,
        PricingPolicyIdByName,
    },
    types::{AccountIdOf, DepositKey, NameInput, PricingPolicy, LEAST_PRICES},
};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_create_pricing_policy(who: AccountIdOf<T>, name: NameInput, prices: Prices) -> DispatchResult {
        let twin_id = Self::twin_of(&who)?;
        let name = Self::check_name(name)?;
        Self::check_prices(&prices)?;
        let index = Self::index_name(&name);
        ensure!(!PricingPolicyIdByName::<T>::contains_key(twin_id, &index), Error::<T>::PolicyNameTaken);

        let id = Self::next_id::<NextPricingPolicyId<T>>()?;
        Self::take_deposit(DepositKey::PricingPolicy(id), &who)?;
        Self::try_change_links(twin_id, |links| {
            links.policies = links.policies.checked_add(1)?;
            Some(())
        })?;
        PricingPolicyIdByName::<T>::insert(twin_id, index, id);
        PricingPolicies::<T>::insert(id, PricingPolicy { id, name, twin_id, prices });
        Self::deposit_event(Event::PricingPolicyCreated { policy_id: id, twin_id, prices });
        Ok(())
    }

    pub(crate) fn do_update_pricing_policy(who: AccountIdOf<T>, policy_id: u32, prices: Prices) -> DispatchResult {
        let mut policy = Self::policy_of(Self::twin_of(&who)?, policy_id)?;
        Self::check_prices(&prices)?;

        policy.prices = prices;
        PricingPolicies::<T>::insert(policy_id, policy);
        Self::deposit_event(Event::PricingPolicyUpdated { policy_id, prices });
        Ok(())
    }

    pub(crate) fn do_delete_pricing_policy(who: AccountIdOf<T>, policy_id: u32) -> DispatchResult {
        let policy = Self::policy_of(Self::twin_of(&who)?, policy_id)?;
        ensure!(!FarmsOfPolicy::<T>::contains_key(policy_id), Error::<T>::PolicyInUse);

        PricingPolicies::<T>::remove(policy_id);
        PricingPolicyIdByName::<T>::remove(policy.twin_id, Self::index_name(&policy.name));
        Self::try_change_links(policy.twin_id, |links| {
            links.policies = links.policies.checked_sub(1)?;
            Some(())
        })?;
        Self::return_deposit(DepositKey::PricingPolicy(policy_id))?;
        Self::deposit_event(Event::PricingPolicyDeleted { policy_id });
        Ok(())
    }

    pub(crate) fn do_set_price_floor(prices: Prices) -> DispatchResult {
        ensure!(prices.valid(), Error::<T>::PricesTooHigh);
        ensure!(is_at_least(&prices, &LEAST_PRICES), Error::<T>::FloorTooLow);
        PriceFloor::<T>::put(prices);
        Self::deposit_event(Event::PriceFloorSet { prices });
        Ok(())
    }

    /// A policy of this twin. 1r.
    ///
    /// Errors: [`Error::PolicyNotFound`], [`Error::NotPolicyOwner`].
    pub(crate) fn policy_of(twin_id: u32, policy_id: u32) -> Result<PricingPolicy, Error<T>> {
        let policy = PricingPolicies::<T>::get(policy_id).ok_or(Error::PolicyNotFound)?;
        ensure!(policy.twin_id == twin_id, Error::NotPolicyOwner);
        Ok(policy)
    }

    /// One farm more uses a policy. 1r 1w.
    pub(crate) fn use_policy(policy_id: u32) -> Result<(), Error<T>> {
        FarmsOfPolicy::<T>::try_mutate(policy_id, |farms| {
            *farms = farms.checked_add(1).ok_or(Error::Inconsistent)?;
            Ok(())
        })
    }

    /// One farm less uses a policy. 1r 1w.
    pub(crate) fn leave_policy(policy_id: u32) -> Result<(), Error<T>> {
        FarmsOfPolicy::<T>::try_mutate_exists(policy_id, |farms| {
            let left = farms.and_then(|farms| farms.checked_sub(1)).ok_or(Error::Inconsistent)?;
            *farms = (left > 0).then_some(left);
            Ok(())
        })
    }

    fn check_prices(prices: &Prices) -> DispatchResult {
        ensure!(prices.valid(), Error::<T>::PricesTooHigh);
        ensure!(is_at_least(prices, &PriceFloor::<T>::get()), Error::<T>::PricesBelowFloor);
        Ok(())
    }
}

/// Whether every item of `prices` is at least the same item of `floor`.
pub(crate) const fn is_at_least(prices: &Prices, floor: &Prices) -> bool {
    prices.su >= floor.su
        && prices.cu >= floor.cu
        && prices.nu >= floor.nu
        && prices.ipu >= floor.ipu
        && prices.gb_second >= floor.gb_second
        && prices.min_use >= floor.min_use
}

/// A floor that is nowhere below the lowest one.
pub(crate) fn above_nothing(floor: Prices) -> Prices {
    Prices {
        su: floor.su.max(LEAST_PRICES.su),
        cu: floor.cu.max(LEAST_PRICES.cu),
        nu: floor.nu.max(LEAST_PRICES.nu),
        ipu: floor.ipu.max(LEAST_PRICES.ipu),
        gb_second: floor.gb_second.max(LEAST_PRICES.gb_second),
        min_use: floor.min_use,
    }
}
