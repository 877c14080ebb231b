//! What all new contracts have in common: deposit, escrow and records.

use frame_support::{
    ensure,
    pallet_prelude::DispatchResult,
    traits::{Consideration, Footprint},
};
use grid_types::units::{Prices, Resources};
use pallet_tfgrid::Pallet as Registry;

use crate::{
    billing::escrow::{needed_to_create, Levels},
    types::{
        BillingRecord, Contract, ContractId, ContractKind, ContractMode, ContractState, DeploymentData, Parameters,
        PublicIpList, Refill, Seconds, Task,
    },
    BillingOf, Config, Contracts, Error, Event, Pallet,
};

/// A contract whose capacity and addresses are taken.
pub(crate) struct Opening<AccountId> {
    pub contract_id: ContractId,
    pub owner: AccountId,
    pub twin_id: u32,
    pub node_id: u32,
    pub kind: ContractKind,
    pub deployment_hash: [u8; 32],
    pub data: DeploymentData,
    pub public_ips: PublicIpList,
    pub resources: Resources,
    pub mode: ContractMode,
    pub prices: Prices,
    pub rent: Option<ContractId>,
}

impl<T: Config> Pallet<T> {
    /// Takes the deposit and the escrow, and writes the contract down. A rent needs no deployment and no time for it.
    pub(crate) fn open(new: Opening<T::AccountId>, rules: &Parameters, now: Seconds) -> DispatchResult {
        let public_ips = Self::count_of(&new.public_ips)?;
        let levels = Levels::of(rules, &new.prices, &new.resources, public_ips);
        let (state, deployed_version, needed) = match new.kind {
            ContractKind::Rent => (ContractState::Deployed, Some(0), levels.low),
            ContractKind::Capacity => {
                let needed = needed_to_create(rules, &new.prices, &new.resources, public_ips);
                (ContractState::Created, None, needed)
            },
        };
        // Before escrow takes what is there.
        let deposit = T::Deposit::new(&new.owner, footprint(&new.data))?;
        let escrow = Self::spendable(&new.owner).min(levels.high.max(needed));
        ensure!(escrow >= needed, Error::<T>::InsufficientFunds);
        Self::take_in(&new.owner, escrow)?;

        let (contract_id, node_id, twin_id) = (new.contract_id, new.node_id, new.twin_id);
        let mut record = BillingRecord {
            node_id,
            payer: new.owner,
            state,
            prices: new.prices,
            resources: new.resources,
            public_ips,
            held_since: now,
            dark_before: Registry::<T>::dark_seconds(node_id, now),
            paid_until: now,
            reported_until: now,
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
            rent: new.rent,
        };
        if state == ContractState::Created {
            let due = now.saturating_add(rules.create_timeout);
            Self::file(contract_id, &mut record.agenda_tick, Task::CreateTimeout, due);
        }
        BillingOf::<T>::insert(contract_id, record);
        Self::list(node_id, twin_id, contract_id);
        let contract = Contract {
            version: 0,
            contract_id,
            twin_id,
            node_id,
            kind: new.kind,
            deployment_hash: new.deployment_hash,
            data: new.data,
            public_ips,
            public_ips_list: new.public_ips.clone(),
            resources: new.resources,
            mode: new.mode,
            state,
            deployed_version,
            deposit,
        };
        Contracts::<T>::insert(contract_id, contract);
        let public_ips = new.public_ips;
        Self::deposit_event(Event::ContractCreated { contract_id, twin_id, node_id, escrow, public_ips });
        Ok(())
    }
}

/// What a contract's record takes on chain: one item, priced by the bytes of its data.
pub(crate) fn footprint(data: &DeploymentData) -> Footprint {
    Footprint::from_parts(1, data.len())
}
