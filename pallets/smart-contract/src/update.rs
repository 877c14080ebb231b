//! Changing a running contract.

use frame_support::{ensure, pallet_prelude::DispatchResult, traits::Consideration};
use grid_types::units::Resources;
use pallet_tfgrid::Pallet as Registry;

use crate::{
    billing::escrow::{drawable, drawn, needed_to_create, Levels},
    create::footprint,
    types::{BillingRecord, Contract, ContractId, ContractState, DeploymentData, PriceLimit, Seconds},
    BillingOf, Config, Contracts, Deposits, Error, Event, Pallet, Rules,
};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_update(
        owner: T::AccountId,
        contract_id: ContractId,
        deployment_hash: [u8; 32],
        data: DeploymentData,
        resources: Option<Resources>,
        price_limit: Option<PriceLimit>,
    ) -> DispatchResult {
        let mut contract = Contracts::<T>::get(contract_id).ok_or(Error::<T>::ContractNotFound)?;
        let mut record = BillingOf::<T>::get(contract_id).ok_or(Error::<T>::ContractNotFound)?;
        ensure!(record.payer == owner, Error::<T>::NotTheOwner);
        ensure!(contract.state.can_update(), Error::<T>::WrongState);
        // Before escrow takes what is there.
        let ticket = Deposits::<T>::take(contract_id).ok_or(Error::<T>::ContractNotFound)?;
        Deposits::<T>::insert(contract_id, ticket.update(&owner, footprint(&data))?);
        let now = Registry::<T>::now();
        match record.state {
            ContractState::Deployed => Self::settle(contract_id, &mut record, now)?,
            // What was held so far is charged as what it was: nobody holds much and pays for little.
            _ => Self::charge_holding(contract_id, &mut record, now),
        }
        match resources {
            Some(resources) if resources != contract.resources => {
                Self::change_resources(&mut contract, &mut record, resources, price_limit, now)?;
            },
            // The prices stay; the limit still speaks for them.
            _ => Self::ensure_price(&record.prices, &record.resources, record.public_ips, price_limit)?,
        }

        contract.version = contract.version.saturating_add(1);
        contract.deployment_hash = deployment_hash;
        contract.data = data;
        record.failed = false;
        let version = contract.version;
        BillingOf::<T>::insert(contract_id, record);
        Contracts::<T>::insert(contract_id, contract);
        Self::deposit_event(Event::ContractUpdated { contract_id, version });
        Ok(())
    }

    /// Other resources: the node's free capacity, the farmer's prices of now, and escrow for them.
    fn change_resources(
        contract: &mut Contract,
        record: &mut BillingRecord<T::AccountId>,
        resources: Resources,
        price_limit: Option<PriceLimit>,
        now: Seconds,
    ) -> DispatchResult {
        Self::ensure_reservable(&resources, contract.public_ips)?;
        let prices = Registry::<T>::prices_of_node(contract.node_id)?;
        Self::ensure_price(&prices, &resources, contract.public_ips, price_limit)?;
        Registry::<T>::change_capacity(contract.node_id, &contract.resources.capacity(), &resources.capacity())?;
        contract.resources = resources;
        record.resources = resources;
        record.prices = prices;
        // Use of the old resources says nothing about the new ones.
        record.last_use = None;

        Self::fund_changed(record, now)
    }

    /// The new resources need their own `low`; before deployment, what deployment may cost too.
    fn fund_changed(record: &mut BillingRecord<T::AccountId>, now: Seconds) -> DispatchResult {
        let rules = Rules::<T>::get();
        let mut levels = Levels::of_record(&rules, record);
        if record.state == ContractState::Created {
            levels.low = needed_to_create(&rules, &record.prices, &record.resources, record.public_ips);
            levels.high = levels.high.max(levels.low);
        }
        if record.escrow >= levels.low {
            return Ok(());
        }
        let amount = drawable(&levels, record.escrow, Self::spendable(&record.payer), &record.refill, now);
        record.escrow = record.escrow.saturating_add(amount);
        ensure!(record.escrow >= levels.low, Error::<T>::InsufficientFunds);
        record.refill = drawn(&record.refill, amount, now);
        Self::take_in(&record.payer, amount)
    }
}
