//! What the calls about public addresses do: claims, verified records, the index of free ones.

use frame_support::{pallet_prelude::*, traits::Contains};

use crate::{
    pallet::{AutoVerifyIps, Config, Error, Event, Farms, FreeIps, IpClaims, Pallet, PublicIps},
    types::{AccountIdOf, DepositKey, FarmOf, IpClaim, Ipv4Cidr, PublicIp},
};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_add_farm_ip(who: AccountIdOf<T>, farm_id: u32, address: Ipv4Cidr, gateway: u32) -> DispatchResult {
        let farm = Self::farm_of(&who, farm_id)?;
        Self::check_address(&address, gateway)?;
        let Ipv4Cidr { address, prefix_len } = address;
        ensure!(!PublicIps::<T>::contains_key(address), Error::<T>::AddressTaken);
        ensure!(!IpClaims::<T>::contains_key(farm_id, address), Error::<T>::AddressClaimed);

        Self::take_deposit(DepositKey::PublicIp { farm_id, address }, &who)?;
        let claim = IpClaim { prefix_len, gateway };
        let verified = AutoVerifyIps::<T>::get();
        if verified {
            Self::insert_verified(farm, address, claim)?;
        } else {
            IpClaims::<T>::insert(farm_id, address, claim);
        }
        Self::deposit_event(Event::FarmIpAdded { farm_id, address, verified });
        Ok(())
    }

    pub(crate) fn do_verify_farm_ip(farm_id: u32, address: u32, seen: IpClaim) -> DispatchResult {
        let farm = Self::farm(farm_id)?;
        let claim = IpClaims::<T>::get(farm_id, address).ok_or(Error::<T>::ClaimNotFound)?;
        ensure!(claim == seen, Error::<T>::ClaimChanged);
        ensure!(!PublicIps::<T>::contains_key(address), Error::<T>::AddressTaken);

        IpClaims::<T>::remove(farm_id, address);
        Self::insert_verified(farm, address, claim)?;
        Self::deposit_event(Event::FarmIpVerified { farm_id, address });
        Ok(())
    }

    pub(crate) fn do_remove_farm_ip(who: AccountIdOf<T>, farm_id: u32, address: u32) -> DispatchResult {
        Self::remove_address(Self::farm_of(&who, farm_id)?, address)
    }

    pub(crate) fn do_force_remove_farm_ip(farm_id: u32, address: u32) -> DispatchResult {
        Self::remove_address(Self::farm(farm_id)?, address)
    }

    /// Removes what the farm has of an address: the verified record or the claim.
    fn remove_address(farm: FarmOf<T>, address: u32) -> DispatchResult {
        let farm_id = farm.id;
        match PublicIps::<T>::get(address).filter(|record| record.farm_id == farm_id) {
            Some(record) => {
                ensure!(record.contract_id.is_none(), Error::<T>::AddressReserved);
                Self::remove_verified(farm, address)?;
            },
            None => {
                IpClaims::<T>::take(farm_id, address).ok_or(Error::<T>::AddressNotFound)?;
            },
        }
        Self::return_deposit(DepositKey::PublicIp { farm_id, address })?;
        Self::deposit_event(Event::FarmIpRemoved { farm_id, address });
        Ok(())
    }

    fn insert_verified(mut farm: FarmOf<T>, address: u32, claim: IpClaim) -> Result<(), Error<T>> {
        let IpClaim { prefix_len, gateway } = claim;
        farm.public_ips = farm.public_ips.checked_add(1).ok_or(Error::Inconsistent)?;
        PublicIps::<T>::insert(address, PublicIp { farm_id: farm.id, prefix_len, gateway, contract_id: None });
        FreeIps::<T>::insert(farm.id, address, ());
        Farms::<T>::insert(farm.id, farm);
        Ok(())
    }

    fn remove_verified(mut farm: FarmOf<T>, address: u32) -> Result<(), Error<T>> {
        farm.public_ips = farm.public_ips.checked_sub(1).ok_or(Error::Inconsistent)?;
        PublicIps::<T>::remove(address);
        FreeIps::<T>::remove(farm.id, address);
        Farms::<T>::insert(farm.id, farm);
        Ok(())
    }

    /// Errors: [`Error::InvalidPrefix`], [`Error::AddressNotAllowed`], [`Error::InvalidAddress`],
    /// [`Error::InvalidGateway`]. With [`Error::AddressNotAllowed`] it may be the gateway that is meant.
    pub(crate) fn check_address(address: &Ipv4Cidr, gateway: u32) -> DispatchResult {
        ensure!(address.prefix_is_valid(), Error::<T>::InvalidPrefix);
        ensure!(T::AllowedAddresses::contains(&address.address), Error::<T>::AddressNotAllowed);
        ensure!(address.has_host(address.address), Error::<T>::InvalidAddress);
        ensure!(gateway != address.address && address.has_host(gateway), Error::<T>::InvalidGateway);
        // A subnet may reach over the edge of a range, and its gateway with it.
        ensure!(T::AllowedAddresses::contains(&gateway), Error::<T>::AddressNotAllowed);
        Ok(())
    }
}
