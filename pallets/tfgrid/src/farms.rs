//! What the calls about farms do.

use frame_support::pallet_prelude::*;

use crate::{
    pallet::{
        Config, Error, Event, FarmIdByName, Farms, IpClaims, NextFarmId, NodeAuthorizations, NodesByFarm, Pallet,
    },
    types::{AccountIdOf, DepositKey, Farm, FarmOf, NameInput},
};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_create_farm(who: AccountIdOf<T>, name: NameInput, pricing_policy_id: u32) -> DispatchResult {
        let twin_id = Self::twin_of(&who)?;
        let name = Self::check_name(name)?;
        let index = Self::index_name(&name);
        ensure!(!FarmIdByName::<T>::contains_key(&index), Error::<T>::FarmNameTaken);
        Self::policy_of(twin_id, pricing_policy_id)?;

        let id = Self::next_id::<NextFarmId<T>>()?;
        Self::take_deposit(DepositKey::Farm(id), &who)?;
        Self::use_policy(pricing_policy_id)?;
        Self::try_change_links(twin_id, |links| {
            links.farms = links.farms.checked_add(1)?;
            Some(())
        })?;
        FarmIdByName::<T>::insert(index, id);
        let farm = Farm { id, name, twin_id, pricing_policy_id, payout: who, public_ips: 0 };
        Farms::<T>::insert(id, farm);
        Self::deposit_event(Event::FarmCreated { farm_id: id, twin_id, pricing_policy_id });
        Ok(())
    }

    pub(crate) fn do_update_farm(
        who: AccountIdOf<T>,
        farm_id: u32,
        name: NameInput,
        pricing_policy_id: u32,
    ) -> DispatchResult {
        let mut farm = Self::farm_of(&who, farm_id)?;
        let name = Self::check_name(name)?;
        let (old, new) = (Self::index_name(&farm.name), Self::index_name(&name));
        if old != new {
            ensure!(!FarmIdByName::<T>::contains_key(&new), Error::<T>::FarmNameTaken);
            FarmIdByName::<T>::remove(old);
            FarmIdByName::<T>::insert(new, farm_id);
        }
        if farm.pricing_policy_id != pricing_policy_id {
            Self::policy_of(farm.twin_id, pricing_policy_id)?;
            Self::leave_policy(farm.pricing_policy_id)?;
            Self::use_policy(pricing_policy_id)?;
        }
        farm.name = name;
        farm.pricing_policy_id = pricing_policy_id;
        Farms::<T>::insert(farm_id, farm);
        Self::deposit_event(Event::FarmUpdated { farm_id, pricing_policy_id });
        Ok(())
    }

    pub(crate) fn do_set_farm_payout(who: AccountIdOf<T>, farm_id: u32, account: AccountIdOf<T>) -> DispatchResult {
        let mut farm = Self::farm_of(&who, farm_id)?;
        Self::ensure_not_reserved(&account)?;

        farm.payout = account.clone();
        Farms::<T>::insert(farm_id, farm);
        Self::deposit_event(Event::FarmPayoutSet { farm_id, account });
        Ok(())
    }

    pub(crate) fn do_delete_farm(who: AccountIdOf<T>, farm_id: u32) -> DispatchResult {
        let farm = Self::farm_of(&who, farm_id)?;
        ensure!(Self::farm_is_empty(&farm), Error::<T>::FarmInUse);

        Farms::<T>::remove(farm_id);
        FarmIdByName::<T>::remove(Self::index_name(&farm.name));
        Self::leave_policy(farm.pricing_policy_id)?;
        Self::try_change_links(farm.twin_id, |links| {
            links.farms = links.farms.checked_sub(1)?;
            Some(())
        })?;
        Self::return_deposit(DepositKey::Farm(farm_id))?;
        Self::deposit_event(Event::FarmDeleted { farm_id });
        Ok(())
    }

    /// A farm of the signer's twin. 2r.
    ///
    /// Errors: [`Error::NoTwin`], [`Error::FarmNotFound`], [`Error::NotFarmOwner`].
    pub(crate) fn farm_of(who: &AccountIdOf<T>, farm_id: u32) -> Result<FarmOf<T>, Error<T>> {
        let twin_id = Self::twin_of(who)?;
        let farm = Self::farm(farm_id)?;
        ensure!(farm.twin_id == twin_id, Error::NotFarmOwner);
        Ok(farm)
    }

    /// Whether nothing belongs to a farm. 3r: one look at the first key of each index.
    fn farm_is_empty(farm: &FarmOf<T>) -> bool {
        farm.public_ips == 0
            && NodesByFarm::<T>::iter_key_prefix(farm.id).next().is_none()
            && IpClaims::<T>::iter_key_prefix(farm.id).next().is_none()
            && NodeAuthorizations::<T>::iter_key_prefix(farm.id).next().is_none()
    }
}
