//! Making a contract.

use frame_support::{ensure, pallet_prelude::DispatchResult};
use grid_types::units::{most_hourly, Prices, Resources, MAX_PUBLIC_IPS};
use pallet_tfgrid::Pallet as Registry;
use sp_runtime::DispatchError;

use crate::{
    opening::Opening,
    types::{ContractId, ContractKind, ContractMode, DeploymentData, PriceLimit},
    Config, Error, NextContractId, Pallet, Rules,
};

impl<T: Config> Pallet<T> {
    #[allow(clippy::too_many_arguments)] // The call's own arguments.
    pub(crate) fn do_create(
        owner: T::AccountId,
        node_id: u32,
        deployment_hash: [u8; 32],
        data: DeploymentData,
        public_ips: u32,
        resources: Resources,
        mode: ContractMode,
        price_limit: Option<PriceLimit>,
    ) -> DispatchResult {
        let twin_id = Registry::<T>::twin_of(&owner)?;
        let node = Registry::<T>::node(node_id)?;
        ensure!(mode == ContractMode::Reserved, Error::<T>::ModeNotAvailable);
        ensure!(public_ips <= MAX_PUBLIC_IPS, Error::<T>::TooManyPublicIps);
        Self::ensure_reservable(&resources, public_ips)?;
        ensure!(node.state.accepts_contracts(), Error::<T>::NodeClosing);
        let (now, rules) = (Self::now(), Rules::<T>::get());
        ensure!(!Registry::<T>::is_unseen(node_id, now, rules.unseen_after()), Error::<T>::NodeUnseen);
        let rent = Self::rent_around(node_id, &owner)?;
        let prices = Self::prices_for(node_id, rent)?;
        Self::ensure_price(&prices, &resources, public_ips, price_limit)?;

        let contract_id = Self::next_id()?;
        Self::take_capacity(node_id, rent, &resources.capacity())?;
        let public_ips = Registry::<T>::reserve_ips(node.farm_id, contract_id, public_ips)?;
        let kind = ContractKind::Capacity;
        let new = Opening {
            contract_id,
            owner,
            twin_id,
            node_id,
            kind,
            deployment_hash,
            data,
            public_ips,
            resources,
            mode,
            prices,
            rent,
        };
        Self::open(new, &rules, now)
    }

    /// Something is reserved, and nothing beyond what any record may name.
    pub(crate) fn ensure_reservable(resources: &Resources, public_ips: u32) -> DispatchResult {
        ensure!(resources.valid(), Error::<T>::ResourcesTooLarge);
        ensure!(!resources.capacity().is_zero() || public_ips > 0, Error::<T>::NothingReserved);
        Ok(())
    }

    /// The farmer's prices are within what the user accepts.
    pub(crate) fn ensure_price(
        prices: &Prices,
        resources: &Resources,
        public_ips: u32,
        limit: Option<PriceLimit>,
    ) -> DispatchResult {
        let Some(limit) = limit else { return Ok(()) };
        let hourly = most_hourly(prices, resources, public_ips);
        let accepted = hourly <= limit.max_hourly && prices.gb_second <= limit.max_gb_second;
        ensure!(accepted, Error::<T>::PriceAboveLimit);
        Ok(())
    }

    pub(crate) fn next_id() -> Result<ContractId, DispatchError> {
        let contract_id = NextContractId::<T>::get();
        let next = contract_id.checked_add(1).ok_or(Error::<T>::NoMoreIds)?;
        NextContractId::<T>::put(next);
        Ok(contract_id)
    }
}
