//! Changing a running contract: rule 6.

use alloc::vec::Vec;

use frame_support::{ensure, pallet_prelude::DispatchResult, traits::Consideration};
use grid_types::units::{traffic_allowance, Resources, MAX_PUBLIC_IPS};
use pallet_tfgrid::{Error as RegistryError, Pallet as Registry};
use sp_runtime::DispatchError;

use crate::{
    billing::escrow::{needed_to_create, Levels},
    opening::footprint,
    types::{
        BillingRecord, ContractId, ContractKind, ContractState, DeploymentData, PriceLimit, PublicIpChange,
        PublicIpList, Seconds,
    },
    BillingOf, Config, ContractOf, Contracts, Error, Event, Pallet, Rules,
};

impl<T: Config> Pallet<T> {
    #[allow(clippy::too_many_arguments)] // The call's own arguments.
    pub(crate) fn do_update(
        owner: T::AccountId,
        contract_id: ContractId,
        deployment_hash: [u8; 32],
        data: DeploymentData,
        resources: Option<Resources>,
        public_ips: Option<PublicIpChange>,
        price_limit: Option<PriceLimit>,
    ) -> DispatchResult {
        let mut contract = Contracts::<T>::get(contract_id).ok_or(Error::<T>::ContractNotFound)?;
        let mut record = BillingOf::<T>::get(contract_id).ok_or(Error::<T>::ContractNotFound)?;
        ensure!(record.payer == owner, Error::<T>::NotTheOwner);
        ensure!(contract.kind == ContractKind::Capacity, Error::<T>::WrongKind);
        ensure!(contract.state.can_update(), Error::<T>::WrongState);
        Self::ensure_open(&record)?;
        // Before escrow takes what is there.
        contract.deposit = contract.deposit.update(&owner, footprint(&data))?;
        let now = Self::now();
        match record.state {
            ContractState::Deployed => Self::settle(contract_id, &mut record, now)?,
            // What was held so far is charged as what it was: nobody holds much and pays for little.
            _ => Self::charge_holding(contract_id, &mut record, now),
        }
        let resources = resources.unwrap_or(contract.resources);
        let public_ips = public_ips.unwrap_or_default();
        let changed = resources != contract.resources || !public_ips.is_empty();
        if changed {
            Self::ensure_may_take(&contract, &record, &resources, &public_ips, now)?;
            Self::change_addresses(&mut contract, &mut record, public_ips)?;
            Self::change_resources(&mut contract, &mut record, resources)?;
        }
        // Where nothing changed the prices stay; the limit still speaks for them.
        Self::ensure_price(&record.prices, &record.resources, record.public_ips, price_limit)?;
        Self::fund_update(contract_id, &mut record, changed, now)?;

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

    /// Whoever takes more needs a node that lives and has what its contracts reserve, as for a new contract. On a dark node
    /// nothing is billed: it would be free, and addresses are the whole farm's. On a broken one nothing is free.
    fn ensure_may_take(
        contract: &ContractOf<T>,
        record: &BillingRecord<T::AccountId>,
        resources: &Resources,
        public_ips: &PublicIpChange,
        now: Seconds,
    ) -> DispatchResult {
        let takes_more = public_ips.add > 0 || !resources.capacity().within(&contract.resources.capacity());
        if !takes_more {
            return Ok(());
        }
        let limit = Rules::<T>::get().unseen_after();
        ensure!(!Registry::<T>::is_unseen(record.node_id, now, limit), Error::<T>::NodeUnseen);
        ensure!(Registry::<T>::has_room(record.node_id), RegistryError::<T>::CapacityExceeded);
        Ok(())
    }

    /// Takes the addresses to be added first: a user who swaps one gets another.
    fn change_addresses(
        contract: &mut ContractOf<T>,
        record: &mut BillingRecord<T::AccountId>,
        change: PublicIpChange,
    ) -> DispatchResult {
        if change.is_empty() {
            return Ok(());
        }
        let contract_id = contract.contract_id;
        let farm_id = Registry::<T>::node(contract.node_id)?.farm_id;
        ensure!(change.add <= MAX_PUBLIC_IPS, Error::<T>::TooManyPublicIps);
        // Before others come: one of those would be the contract's too, but is not on its list.
        ensure!(holds_each_once(&contract.public_ips_list, &change.give_back), RegistryError::<T>::AddressNotHeld);
        let added = Registry::<T>::reserve_ips(farm_id, contract_id, change.add)?;
        Registry::<T>::release_ips(farm_id, contract_id, &change.give_back)?;

        let kept = contract.public_ips_list.iter().filter(|address| !change.give_back.contains(address));
        let held = kept.chain(added.iter()).copied().collect::<Vec<_>>();
        contract.public_ips_list = PublicIpList::try_from(held).map_err(|_| Error::<T>::TooManyPublicIps)?;
        contract.public_ips = Self::count_of(&contract.public_ips_list)?;
        record.public_ips = contract.public_ips;
        Self::deposit_event(Event::PublicIpsChanged { contract_id, added, given_back: change.give_back });
        Ok(())
    }

    pub(crate) fn count_of(addresses: &PublicIpList) -> Result<u32, DispatchError> {
        Ok(u32::try_from(addresses.len()).map_err(|_| Error::<T>::TooManyPublicIps)?)
    }

    /// The node's free capacity, and the farmer's prices of now.
    fn change_resources(
        contract: &mut ContractOf<T>,
        record: &mut BillingRecord<T::AccountId>,
        resources: Resources,
    ) -> DispatchResult {
        Self::ensure_reservable(&resources, contract.public_ips)?;
        record.prices = Self::prices_for(contract.node_id, record.rent)?;
        if resources == contract.resources {
            return Ok(());
        }
        let (old, new) = (contract.resources.capacity(), resources.capacity());
        Self::swap_capacity(contract.node_id, record.rent, &old, &new)?;
        contract.resources = resources;
        record.resources = resources;
        // Use of the old resources says nothing about the new ones, and traffic saved under a higher ceiling is not agreed.
        record.last_use = None;
        record.held_since = Self::now();
        let saved = traffic_allowance(resources.nru_per_hour, Rules::<T>::get().max_window);
        record.nru_unused = record.nru_unused.min(saved);
        Ok(())
    }

    /// Any update must leave `low` in escrow. Other resources or addresses that are not deployed yet need what a new
    /// contract needs: `low`, and the time that deployment may take.
    fn fund_update(
        contract_id: ContractId,
        record: &mut BillingRecord<T::AccountId>,
        changed: bool,
        now: Seconds,
    ) -> DispatchResult {
        let rules = Rules::<T>::get();
        let levels = Levels::of_record(&rules, record);
        let mut least = levels.low;
        if changed && record.state == ContractState::Created {
            let needed = needed_to_create(&rules, &record.prices, &record.resources, record.public_ips);
            least = needed.saturating_add(record.cushion);
        }
        Self::draw_at_least(contract_id, record, least, levels.high.max(least), now)
    }
}

/// Whether all of `addresses` are among those `held`, none of them twice.
fn holds_each_once(held: &[u32], addresses: &[u32]) -> bool {
    addresses.iter().enumerate().all(|(position, address)| {
        let before = addresses.iter().take(position);
        held.contains(address) && !before.into_iter().any(|other| other == address)
    })
}
