//! Making a contract.

use frame_support::{
    ensure,
    pallet_prelude::DispatchResult,
    traits::{Consideration, Footprint},
};
use grid_types::units::{most_hourly, Prices, Resources, MAX_PUBLIC_IPS};
use pallet_tfgrid::Pallet as Registry;
use sp_runtime::DispatchError;

use crate::{
    billing::escrow::{needed_to_create, Levels},
    types::{
        BillingRecord, Contract, ContractId, ContractKind, ContractMode, ContractState, DeploymentData, PriceLimit,
        Refill, Task,
    },
    BillingOf, Config, Contracts, Error, Event, NextContractId, Pallet, Rules,
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
        let prices = Registry::<T>::prices_of_node(node_id)?;
        Self::ensure_price(&prices, &resources, public_ips, price_limit)?;

        let contract_id = Self::next_id()?;
        Registry::<T>::reserve_capacity(node_id, &resources.capacity())?;
        let public_ips_list = Registry::<T>::reserve_ips(node.farm_id, contract_id, public_ips)?;
        // Before escrow takes what is there.
        let deposit = T::Deposit::new(&owner, footprint(&data))?;

        let needed = needed_to_create(&rules, &prices, &resources, public_ips);
        let wanted = Levels::of(&rules, &prices, &resources, public_ips).high.max(needed);
        let escrow = Self::spendable(&owner).min(wanted);
        ensure!(escrow >= needed, Error::<T>::InsufficientFunds);
        Self::take_in(&owner, escrow)?;

        let mut record = BillingRecord {
            node_id,
            payer: owner,
            state: ContractState::Created,
            prices,
            resources,
            public_ips,
            held_since: now,
            paid_until: now,
            last_use: None,
            nru: 0,
            nru_unused: 0,
            carry: 0,
            traffic_carry: 0,
            escrow,
            billed: 0,
            refill: Refill::default(),
            failed: false,
            agenda_tick: None,
            cushion: 0,
            rent: None,
        };
        Self::file(contract_id, &mut record.agenda_tick, Task::CreateTimeout, now.saturating_add(rules.create_timeout));
        BillingOf::<T>::insert(contract_id, record);
        Self::list(node_id, twin_id, contract_id);
        Contracts::<T>::insert(
            contract_id,
            Contract {
                version: 0,
                contract_id,
                twin_id,
                node_id,
                kind: ContractKind::Capacity,
                deployment_hash,
                data,
                public_ips,
                public_ips_list: public_ips_list.clone(),
                resources,
                mode,
                state: ContractState::Created,
                deployed_version: None,
                deposit,
            },
        );
        Self::deposit_event(Event::ContractCreated {
            contract_id,
            twin_id,
            node_id,
            escrow,
            public_ips: public_ips_list,
        });
        Ok(())
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

/// What a contract's record takes on chain: one item, priced by the bytes of its data.
pub(crate) fn footprint(data: &DeploymentData) -> Footprint {
    Footprint::from_parts(1, data.len())
}
