//! A node as a whole: making a rent, and the beginning of its end.
//!
//! What a rent has is shared among the contracts inside it in `placing`; its end takes them along in `winddown`.

use frame_support::{ensure, pallet_prelude::DispatchResult};
use grid_types::units::{Capacity, Prices, Resources};
use pallet_tfgrid::{is_machine, Pallet as Registry};
use sp_runtime::DispatchError;

use crate::{
    billing::rent::whole_node,
    opening::Opening,
    types::{
        ContractId, ContractKind, ContractMode, ContractState, DeploymentData, EndCause, PriceLimit, PublicIpList,
        RentUse,
    },
    BillingOf, Config, EndingRents, Error, Event, Pallet, RentUsage, Rules,
};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_create_rent(owner: T::AccountId, node_id: u32, price_limit: Option<PriceLimit>) -> DispatchResult {
        let twin_id = Registry::<T>::twin_of(&owner)?;
        let prices = Self::rent_prices(node_id)?;
        let (now, rules) = (Self::now(), Rules::<T>::get());
        ensure!(!Registry::<T>::is_unseen(node_id, now, rules.unseen_after()), Error::<T>::NodeUnseen);

        let contract_id = Self::next_id()?;
        let free = Registry::<T>::rent_node(node_id, contract_id)?;
        // What is left of a broken node may be nothing, and a rent of nothing would cost nothing.
        ensure!(is_machine(&free), Error::<T>::NotAMachine);
        let resources = whole(&free);
        Self::ensure_price(&prices, &resources, 0, price_limit)?;
        RentUsage::<T>::insert(contract_id, RentUse { free, contracts: 0 });
        let new = Opening {
            contract_id,
            owner,
            twin_id,
            node_id,
            kind: ContractKind::Rent,
            deployment_hash: [0; 32],
            data: DeploymentData::default(),
            public_ips: PublicIpList::default(),
            resources,
            mode: ContractMode::Reserved,
            prices,
            rent: None,
        };
        Self::open(new, &rules, now)
    }

    /// What a rent of a node costs today.
    pub(crate) fn rent_prices(node_id: u32) -> Result<Prices, DispatchError> {
        let node = Registry::<T>::node(node_id)?;
        Ok(whole_node(&Registry::<T>::prices_of_farm(node.farm_id)?, node.rent.surcharge))
    }

    /// A rent with contracts inside ends after them: from now on it costs nothing, and the wind-down does the rest.
    pub(crate) fn begin_end_of_rent(rent_id: ContractId, cause: EndCause) -> DispatchResult {
        ensure!(!EndingRents::<T>::contains_key(rent_id), Error::<T>::WrongState);
        let mut record = BillingOf::<T>::get(rent_id).ok_or(Error::<T>::ContractNotFound)?;
        let cause = Self::charge_to_end(rent_id, &mut record, cause)?;
        Self::unfile(rent_id, &mut record.agenda_tick);
        Self::set_state(rent_id, &mut record, ContractState::Ending { cause });
        EndingRents::<T>::insert(rent_id, record.node_id);
        BillingOf::<T>::insert(rent_id, record);
        Self::deposit_event(Event::RentEnding { contract_id: rent_id, cause });
        Ok(())
    }

    /// Whether contracts live inside a rent.
    pub(crate) fn has_contracts_inside(rent_id: ContractId) -> bool {
        RentUsage::<T>::get(rent_id).is_some_and(|used| used.contracts > 0)
    }
}

/// All of a node. Traffic is the business of the contracts inside.
pub(crate) const fn whole(capacity: &Capacity) -> Resources {
    Resources { cru: capacity.cru, mru: capacity.mru, sru: capacity.sru, hru: capacity.hru, nru_per_hour: 0 }
}
